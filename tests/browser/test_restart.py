"""A page outlives its server: what a new session lost is said, and the browser gives back what it kept."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from calculator.learn.exercises.generator import exercise
from tests.browser.conftest import Pages
from tests.browser.page import rerun, settled
from tests.browser.server import Server
from tests.browser.test_model import PRINT, headline, paste

WHILE_DOWN = ("ERR_CONNECTION_REFUSED", "/_stcore/", "Streamlit server is not responding")
"""Parts of the faults that a browser reports while no server answers."""

AGAIN = "The server was restarted or the page was loaded again"
NO_STORAGE = """
Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("", "SecurityError"); } });
"""
SMALL_STORAGE = """
const setItem = Storage.prototype.setItem;
Storage.prototype.setItem = function (name, value) {
  if (value.length > 300) throw new DOMException("", "QuotaExceededError");
  return setItem.call(this, name, value);
};
"""


Start = Callable[..., Server]


def restart(pages: Pages, server: Server, start: Start) -> Server:
    """Kill the server and start it again. What the browser reports about the time between is not a fault."""
    again = start(port=server.kill())
    for page, faults, _ in pages.opened:
        expect(page.get_by_text(AGAIN)).to_be_visible(timeout=60_000)
        settled(page)
        faults.seen[:] = [one for one in faults.seen if not any(part in one for part in WHILE_DOWN)]
    return again


def box(page: Page) -> str:
    return page.get_by_role("textbox", name="Or paste a model").input_value()


def read_again(page: Page) -> None:
    with rerun(page):
        page.get_by_role("button", name="Read it").click()
    assert headline(page).startswith("at least 844,803 parameters")
    expect(page.get_by_text(AGAIN)).to_be_hidden()


def test_a_restart_loses_neither_the_text_nor_the_score(open_page: Pages, fresh_server: Start) -> None:
    server = fresh_server()
    page = open_page("/model", server=server)
    paste(page, PRINT)
    made = exercise(3, 1, 1)
    learner = open_page("/learn?learn=exercises&seed=3", server=server)
    learner.get_by_role("textbox").first.fill(str(made.answer))
    with rerun(learner):
        learner.get_by_role("button", name="Check").click()
    score = "1 of 1 solved: 1 on the first try."
    assert score in headline(learner)
    server = restart(open_page, server, fresh_server)
    assert headline(page).startswith("3,576,704 parameters")
    expect(page.get_by_role("alert")).to_contain_text(f"{AGAIN}, so the pasted model is no longer there.")
    assert box(page) == PRINT
    assert score in headline(learner)
    expect(learner.get_by_text(f"Right: {made.answer:,}")).to_be_visible()
    # A second restart before the text was read again loses nothing either.
    restart(open_page, server, fresh_server)
    expect(page.get_by_role("alert")).to_contain_text(f"{AGAIN}, so the pasted model is no longer there.")
    assert score in headline(learner)
    read_again(page)
    # The tab gives the same back to a page that was loaded again.
    page.reload()
    expect(page.get_by_text(AGAIN)).to_be_visible(timeout=60_000)
    assert box(settled(page)) == PRINT
    read_again(page)


def test_blocked_storage_breaks_nothing_and_an_open_page_gives_back_text_not_read(
    open_page: Pages, fresh_server: Start
) -> None:
    server = fresh_server()
    page = open_page("/model", server=server)
    page.add_init_script(NO_STORAGE)
    page.reload()
    settled(page).get_by_role("textbox", name="Or paste a model").fill(PRINT)
    restart(open_page, server, fresh_server)
    expect(page.get_by_text("in the box, which is not read yet")).to_be_visible()
    assert box(page) == PRINT
    read_again(page)


def test_a_text_that_the_storage_does_not_take_is_said_to_be_lost(open_page: Pages) -> None:
    page = open_page("/model", own_tab=True)
    page.add_init_script(SMALL_STORAGE)
    page.reload()
    settled(page)
    paste(page, PRINT)
    page.reload()
    lost = page.get_by_text("Your browser did not keep the text: paste it again.")
    expect(lost).to_be_visible(timeout=60_000)
    assert box(settled(page)) == ""


def test_another_link_in_the_same_tab_is_not_disturbed(open_page: Pages) -> None:
    page = open_page("/model")
    paste(page, PRINT)
    page.goto("/model?net=unet")
    settled(page)
    assert headline(page).startswith("31,037,633 parameters")
    assert box(page) == ""
    expect(page.get_by_text(AGAIN)).to_be_hidden()


def test_a_changed_record_breaks_nothing(open_page: Pages) -> None:
    page = open_page("/learn?learn=exercises")
    for record in ("{", "null", "7", '{"visit": "other", "beside": "", "value": [[1, 2], "x"]}'):
        page.goto("/_stcore/health")  # An address of the storage that does not write into it.
        page.evaluate("text => sessionStorage.setItem('transposed-convolutions.1.learn.kept', text)", record)
        page.goto("/learn?learn=exercises")
        expect(settled(page).get_by_text("Nothing tried yet.")).to_be_visible()
    expect(page.get_by_text("2 exercises could not be read.")).to_be_visible(timeout=60_000)
