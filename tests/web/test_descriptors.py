"""The limit on open files is raised as far as it goes, and read back."""

import subprocess
import sys

import pytest

from calculator.web.descriptors import max_pages
from tests.helpers.paths import ROOT

RAISED = """
import resource, sys
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
from calculator.web.descriptors import raise_descriptor_limit
print(raise_descriptor_limit(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "then"),
    [(200, 900, 600, 600), (200, 900, 2000, 900), (500, 900, 300, 500)],
)
def test_the_limit_is_raised(soft: int, hard: int, wanted: int, then: int) -> None:
    command = [sys.executable, "-c", RAISED, str(soft), str(hard), str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == [str(then)] * 2


def test_at_least_one_page_is_served() -> None:
    assert max_pages(64) == 1
