# `make run` and `make test` are all you need; each makes what it stands on first.
# Another Python: make run PYTHON=python3.13
# With uv, which installs the same in a tenth of the time: make test UV=uv

PYTHON ?= python3
UV ?=
ARGS ?=
ONLY ?= tests/core

APP := .venv
ORACLE := .venv-oracle
ORACLE_MODELS := .venv-oracle-models
BENCH := .venv-bench

# A stamp says that a virtual environment holds what its requirements ask for. The version is in its name, so that
# another PYTHON installs anew; so does a virtual environment whose own Python has gone.
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
version_in = $(shell $(1)/bin/python -c 'import sys, pip; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
stamp = $(1)/$(2)-$(VERSION).stamp
APP_READY := $(call stamp,$(APP),app)
TEST_READY := $(call stamp,$(APP),test)
DEPLOY_READY := $(call stamp,$(APP),deploy)
ORACLE_READY := $(call stamp,$(ORACLE),oracle)
ORACLE_MODELS_READY := $(call stamp,$(ORACLE_MODELS),oracle-models)
BENCH_READY := $(call stamp,$(BENCH),bench)
stale = $(if $(filter $(VERSION),$(call version_in,$(1))),,FORCE)

# Two makes at once (`make run` beside `make test`) take turns, where flock exists.
LOCK := $(if $(shell command -v flock 2>/dev/null),flock requirements.txt)
PIP := -m pip --disable-pip-version-check --no-input install --quiet
installer = $(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python,$(1)/bin/python $(PIP))

# What `make test` checks before it runs the tests, two at a time, the longest first: a browser may have to be fetched.
# Where make can do that, each prints all its lines at once. What takes longer is checked beside the tests, in the time
# that they wait.
CHECKS := check-browser check-collection check-examples check-style
BESIDE := check-types check-duplicates
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync)

.DELETE_ON_ERROR:
.PHONY: help run test test-install quick fuzz mutants crash deploy-test lock oracle oracle-install oracle-models \
  record bench fmt clean python FORCE $(CHECKS) $(BESIDE) check-tests

help:
	@echo "make run     open the calculator in a browser"
	@echo "make test    everything that must hold: style, types, tests, a real browser"
	@echo "make quick   style, types and the tests named by ONLY=tests/core, without a browser: about ten seconds"
	@echo "make fmt     put the style right"
	@echo "make mutants plant small faults in the code and list those that no test notices"
	@echo "make fuzz    100,000 damaged models for every reader, damaged links and uploads, and as many exercises"
	@echo "make oracle  compare with the real PyTorch, Keras, Flax and onnxruntime (a large download)"
	@echo "make oracle-models  hold the readers against files and texts of 25 real libraries (a very large download)"
	@echo "make record  record anew what those frameworks answer"
	@echo "make crash   kill the server or the database under a class of 300 phones, fifty times a store"
	@echo "make deploy-test   two replicas behind the real proxy, killed and restarted under visitors"
	@echo "make lock    every version the app needs, with hashes, into requirements.lock"
	@echo "make bench   measure the speed (needs PyTorch, a large download)"
	@echo "make clean   remove everything these commands made"

run: $(APP_READY)
	$(APP)/bin/python server.py $(ARGS)

test: $(TEST_READY)
	@$(MAKE) --no-print-directory --jobs 2 $(SYNC) $(CHECKS)
	@$(MAKE) --no-print-directory --jobs 3 check-tests $(BESIDE)

check-tests:
	$(APP)/bin/python -m pytest tests --numprocesses auto --dist loadgroup $(ARGS)

check-types:
	nice -n 19 $(APP)/bin/python -m mypy

check-duplicates:
	nice -n 19 $(APP)/bin/python -m pylint calculator

# Pytest prepares all tests here and keeps them, once for all processes that run them.
check-collection:
	@found=$$($(APP)/bin/python -m pytest tests --collect-only --quiet) || { echo "$$found" | tail -n 60; exit 1; }

check-examples:
	$(APP)/bin/python -m pytest --quiet --doctest-modules calculator benchmarks/report.py

check-style:
	$(APP)/bin/python -m ruff check .
	$(APP)/bin/python -m ruff format --check .

check-browser:
	$(APP)/bin/python -m tests.browser.chromium

# The doctests of tests/a/test_b.py or of tests/a are those of calculator/a/b.py or of calculator/a, where it exists.
quick: $(TEST_READY)
	$(APP)/bin/python -m ruff check .
	$(APP)/bin/python -m ruff format --check .
	$(APP)/bin/python -m mypy
	$(APP)/bin/python -m pytest --quiet --doctest-modules $(ONLY) \
	  $(wildcard $(subst /test_,/,$(ONLY:tests/%=calculator/%))) -m "not browser" $(ARGS)

mutants: $(TEST_READY)
	nice -n 10 $(APP)/bin/python -m tests.mutants $(ARGS)

fuzz: $(TEST_READY)
	$(APP)/bin/python -m tests.fuzz $(ARGS)

crash: $(TEST_READY)
	$(APP)/bin/python -m tests.crash $(ARGS)

deploy-test: $(DEPLOY_READY)
	$(APP)/bin/python -m tests.deploy $(ARGS)

# Keeps the versions that the lock has and that still fit.
lock: $(DEPLOY_READY)
	$(APP)/bin/python -m tests.deploy.lock $(ARGS)

# What `make test` needs; CI installs it beside the browser.
test-install: $(TEST_READY)

# What `make oracle` needs; CI installs it while the tests run.
oracle-install: $(ORACLE_READY)

oracle: $(ORACLE_READY)
	$(ORACLE)/bin/python -m tests.oracle.live $(ARGS)

# ARGS=--record writes anew what `make test` replays of it.
oracle-models: $(ORACLE_MODELS_READY)
	$(ORACLE_MODELS)/bin/python -m tests.oracle.models.live $(ARGS)

record: $(ORACLE_READY)
	$(ORACLE)/bin/python -m tests.oracle.record $(ARGS)

bench: $(BENCH_READY)
	$(BENCH)/bin/python -m benchmarks $(ARGS)

fmt: $(TEST_READY)
	$(APP)/bin/python -m ruff check --fix .
	$(APP)/bin/python -m ruff format .

clean:
	rm -rf $(APP) $(ORACLE) $(ORACLE_MODELS) $(BENCH) .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is $(VERSION)." \
	    "Install a newer one and name it: make PYTHON=python3.13" >&2; exit 1; }

FORCE:

# $(call install,folder,what): a folder that cannot be used is made anew. A Python without ensurepip (Debian's without
# python3-venv) fills the new folder with its own pip.
define install
	@echo "Installing what is needed into $(1) (about a minute the first time) …"
	@$(LOCK) sh -ec '\
	  if ! $(1)/bin/python -c "import pip, sys; sys.exit(not sys.version.startswith(\"$(VERSION).\"))" 2>/dev/null; then \
	    $(PYTHON) -m venv --clear $(1) >/dev/null 2>&1 \
	    || { $(PYTHON) -m venv --clear --without-pip $(1) 2>/dev/null \
	         && $(PYTHON) -m pip --python $(1)/bin/python install --quiet pip 2>/dev/null; } \
	    || { echo "$(PYTHON) cannot make a virtual environment with pip. On Debian: apt-get install python3-venv" >&2; \
	         exit 1; }; \
	  fi; \
	  $(call installer,$(1)) $(2); \
	  touch $@'
endef

$(APP_READY): requirements.txt $(call stale,$(APP)) | python
	$(call install,$(APP),-r requirements.txt)

$(TEST_READY): tests/requirements.txt deploy/requirements-postgres.txt $(APP_READY) | python
	$(call install,$(APP),-r tests/requirements.txt)

$(DEPLOY_READY): tests/deploy/requirements.txt $(TEST_READY) | python
	$(call install,$(APP),-r tests/deploy/requirements.txt)

# What is installed after all else, without a build environment of its own: it asks for the torch that is there.
define install_alone
	@rm $@
	@echo "Installing the libraries that are installed alone …"
	@$(call installer,$(1)) --no-build-isolation $(2)
	@touch $@
endef

# No extension of DeepSpeed is compiled.
$(ORACLE_READY) $(ORACLE_MODELS_READY): export DS_BUILD_OPS := 0
$(ORACLE_READY): $(wildcard tests/oracle/requirements*.txt) $(call stale,$(ORACLE)) | python
	$(call install,$(ORACLE),-r tests/oracle/requirements.txt)
	$(call install_alone,$(ORACLE),-r tests/oracle/requirements-alone.txt)

$(ORACLE_MODELS_READY): $(wildcard tests/oracle/models/requirements*.txt) $(call stale,$(ORACLE_MODELS)) | python
	$(call install,$(ORACLE_MODELS),-r tests/oracle/models/requirements.txt)
	$(call install_alone,$(ORACLE_MODELS),--no-deps -r tests/oracle/models/requirements-alone.txt)

$(BENCH_READY): benchmarks/requirements.txt tests/requirements.txt deploy/requirements-postgres.txt \
  requirements.txt $(call stale,$(BENCH)) | python
	$(call install,$(BENCH),-r benchmarks/requirements.txt)
