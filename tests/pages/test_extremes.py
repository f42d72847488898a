"""No link and no paste takes memory or time without a limit, on any page and view, whatever values it has."""

import json
import subprocess
import sys

import pytest

from calculator.networks.selection import selected_model
from calculator.readers.layer_table.link_form import MAX_LINKED, read_linked
from tests.helpers.extreme_pages import MAX_SECONDS, PASTES, TABLES, VIEWS, links
from tests.helpers.paths import ROOT


def visited(what: str) -> list[list[object]]:
    """Return what a process of its own visited, and what was wrong with it."""
    command = [sys.executable, "-m", "tests.helpers.extreme_pages", what]
    # The process has its own limit on processor time; this one is for a machine that is busy.
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=10 * MAX_SECONDS, check=False
    )
    *lines, end = done.stdout.splitlines() or [""]
    last = lines[-1] if lines else "nothing"
    assert end == "done", f"It ended after {last}, with status {done.returncode}: {done.stderr[-2_000:]}"
    return [json.loads(line) for line in lines]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limits on memory")
@pytest.mark.parametrize("what", ["links", "pastes"])
def test_every_view_is_shown_within_its_limits(what: str) -> None:
    lines = visited(what)
    assert [line for line in lines if line[1]] == []
    assert len(lines) >= (len(list(links())) if what == "links" else 6 * len(PASTES))


def test_every_page_and_view_is_among_the_links() -> None:
    seen = {(page, link[VIEWS[page]]) for page, link in links()}
    assert {page for page, _ in seen} == VIEWS.keys()
    assert len(seen) > 20


def test_every_table_but_the_last_is_read_and_one_is_as_long_as_a_link_may_be() -> None:
    tables = [read_linked(table) for table in TABLES]
    assert [ignored for _, ignored in tables if ignored] == []
    refused = [table for table, _ in tables if selected_model("dcgan", table).problem]
    assert refused == [tables[-1][0]]
    assert MAX_LINKED - 300 < max(map(len, TABLES)) <= MAX_LINKED
