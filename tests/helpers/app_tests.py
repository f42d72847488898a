"""What a server keeps from one run of a page to the next, for ``AppTest``, which would make it anew.

Each ``AppTest`` reads the metadata of every installed package, to find components, and compiles the scripts
of a page in each run: that takes longer than the pages themselves. In each run it also mocks the server anew,
with a class of its own for every attribute that the page uses: that takes a quarter of the run. And it walks
through all blocks of a page for every question about it.

Left out is what nobody asks ``AppTest`` for: the hash of every message, by which a browser finds one again,
and a look for a press at every value of the session, not only at every element. A run is waited for, not
asked for a thousand times a second.
"""

from collections.abc import Iterator
from functools import cache
from unittest.mock import MagicMock

from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner_utils import script_run_context
from streamlit.runtime.state import SafeSessionState
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.testing.v1.element_tree import Block, ElementTree, Node

_COMPILED = ScriptCache()
for _module in (app_test, local_script_runner):
    vars(_module)["ScriptCache"] = lambda: _COMPILED

_SERVER = MagicMock(spec=Runtime)
vars(app_test)["MagicMock"] = lambda spec: _SERVER  # Each run gives it the parts that keep something.

vars(script_run_context)["populate_hash_if_needed"] = lambda message: None
vars(script_runner)["SafeSessionState"] = lambda state, yield_callback: SafeSessionState(state, lambda: None)


def _wait(runner: local_script_runner.LocalScriptRunner, timeout: float) -> None:
    """Wait for the end of a run. Raises ``TimeoutError`` after ``timeout`` seconds."""
    assert runner._script_thread
    runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        runner.join()
        raise TimeoutError(f"The page took more than {timeout:g} seconds.")


vars(local_script_runner)["require_widgets_deltas"] = _wait


def _nodes(tree: ElementTree) -> Iterator[Node]:
    """Return the nodes of a tree, which is whole when it is first gone through: each run makes a new one."""
    if "nodes" not in vars(tree):
        vars(tree)["nodes"] = list(Block.__iter__(tree))
    return iter(vars(tree)["nodes"])


ElementTree.__iter__ = _nodes  # type: ignore[method-assign, assignment]


def sharing(at: AppTest) -> AppTest:
    """Return ``at``, which shares the components and the compiled scripts with every other test."""
    at._bidi_component_manager = _components()
    return at


@cache
def _components() -> BidiComponentManager:
    manager = BidiComponentManager()
    manager.discover_and_register_components(start_file_watching=False)
    return manager
