"""An address in a text of somebody else is never a link: in no part of a page, whatever the text."""

from urllib.parse import urlencode

from playwright.sync_api import Page

from calculator.ui.shell.pages import PAGES
from tests.browser.browser_visitor import go_to
from tests.browser.conftest import Pages
from tests.browser.page import rerun
from tests.helpers.addresses import ADDRESSES, EVERY_ADDRESS
from tests.helpers.extreme_pages import VIEWS

HOST = "example.org"
SHELF = "~".join(f"in{number}.{text[:40]}" for number, text in enumerate(ADDRESSES[:6], start=1))
TABLE = "~".join(
    f"ConvTranspose2d_in{number}_out4_k4_s2_p1.{text}" for number, text in enumerate(ADDRESSES, 1)
)
LINKS = (
    {"shelf": SHELF, "table": TABLE, "title": ADDRESSES[9]},
    dict.fromkeys(ADDRESSES, "1") | {"k": EVERY_ADDRESS, "net": EVERY_ADDRESS, "shelf": EVERY_ADDRESS},
    {
        "table": "Linear_https://example.org_in1_out1.a~Own_in3.www.example.org",
        "title": "https://example.org/" + "x" * 70,
        "net": "www.example.org",
    },
)
VIEWED = {
    "pages/compare.py": ("shelf",),
    "pages/model.py": ("where", "layers", "advice", "difference"),
    "pages/learn.py": ("lesson", "worksheet"),
}
"""The views that show texts of a link."""
PRINT = "\n".join(
    [
        "Sequential(",
        *(
            f"  ({text.replace('(', '').replace(')', '')}): Linear(in_features=2, out_features=3)"
            for text in ADDRESSES
        ),
        "  (own): www.example.org()",
        ")",
    ]
)
PASTES = {
    "a print": PRINT,
    "no model": EVERY_ADDRESS,
    "a wrong table": f"type,in,out,name\nLinear,2,3,{ADDRESSES[0]}\nLinear,{EVERY_ADDRESS},3,a\n",
}

FOREIGN = """() => {
  const roots = [document], found = [];
  while (roots.length) {
    const root = roots.pop();
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      for (const name of ["href", "xlink:href", "src", "action"]) {
        if (!element.hasAttribute(name)) continue;
        const address = new URL(element.getAttribute(name), document.baseURI);
        const host = /(^|[.])(example[.]org|a[.]b|b[.]org|b[.]c|d[.]e)$/i.test(address.hostname);
        if (host || /^(mailto|xmpp|ftp):/.test(address.protocol)) found.push(element.outerHTML.slice(0, 200));
      }
    }
  }
  return found;
}"""


def foreign_links(page: Page) -> list[str]:
    """Return the elements that lead to one of the addresses."""
    found: list[str] = page.evaluate(FOREIGN)
    return found


def test_no_page_makes_a_link_of_an_address_in_its_link(open_page: Pages) -> None:
    page = open_page()
    for script in reversed(VIEWS):
        name = next(one.name for one in PAGES if one.script == script)
        with rerun(page):
            page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
        seen = set()
        for number, link in enumerate(LINKS):
            for view in VIEWED.get(script, ("",)):
                go_to(page, urlencode({**link, VIEWS[script]: view} if view else link))
                assert foreign_links(page) == [], (script, number, view)
                if HOST in page.locator('[data-testid="stApp"]').inner_text():
                    seen.add(number)
        assert 1 in seen, script  # What cannot be used is on every page, as text.
    # An address that is not escaped would be found.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<a href=\"https://example.org/x\">x</a>')")
    assert len(foreign_links(page)) == 1


def test_the_model_page_makes_no_link_of_an_address_in_a_paste(open_page: Pages) -> None:
    page = open_page("/model?model=layers")
    for kind, text in PASTES.items():
        page.locator("textarea").fill(text)
        with rerun(page):
            page.get_by_role("button", name="Read it").click()
        assert HOST in page.locator('[data-testid="stApp"]').inner_text(), kind
        assert foreign_links(page) == [], kind
