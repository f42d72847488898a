"""The HTML that the browser gets first: Streamlit's own start page with a first screen and preloads.

Streamlit's start page is empty until 2 MB of scripts have arrived and run. This start page shows the title at
once, where the app draws the title later. It also

- names the other scripts that the page needs, so that the browser fetches them before it runs the first;
- tells Streamlit the address of its server, so that Streamlit connects at once. By default Streamlit asks two
  addresses before, and on every page but the first two more that do not exist;
- hides what is below the answer until everything is drawn, so that nothing moves while somebody reads.

The names of the files contain a hash. They are read from the ``manifest.json`` of Vite, which builds
Streamlit's pages: https://vite.dev/guide/backend-integration.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from calculator.palette import DARK, LIGHT
from calculator.ui.shell.pages import DESCRIPTION, ICON, PAGES, PRODUCT, Page
from calculator.ui.shell.style import CSS
from calculator.web.compressed_files import accepts_gzip

FRAME = ("Html", "BidiComponent")
INPUTS = ("ButtonGroup", "Checkbox", "Slider", "TextInput")

CHUNKS = {
    "app.py": (*FRAME, *INPUTS, "rehype-katex"),
    "pages/picture.py": (*FRAME, *INPUTS),
    "pages/compare.py": (*FRAME, *INPUTS),
    "pages/model.py": (*FRAME, "Selectbox", "TextArea", "TextInput", "FileUploader"),
    "pages/learn.py": (*FRAME, "Checkbox", "Slider", "TextInput"),
    "pages/sources.py": FRAME,
}
"""The parts of Streamlit that each page loads as it opens. A browser test compares them."""

FONTS = ("MaterialSymbols-Rounded",)
"""The fonts that every page needs, without the font that Streamlit's start page names."""

CACHED = "no-cache"
"""The browser asks each time whether the start page has changed: an update renames the scripts."""

PATIENCE = 5000
"""Milliseconds after the answer, after which all is shown even if something is not yet drawn."""

NOSCRIPT = (
    "The calculator needs JavaScript. Without a browser, the command <code>python -m calculator</code> "
    "gives the same counts."
)

# `client.allowedOrigins` is empty, so that no other page can control the app. Streamlit connects at once only
# if a host is named, so the script names a host that cannot exist (RFC 2606). The function ends the first
# screen, and then shows everything when everything is drawn.
SCRIPT = """
window.__streamlit = {
  BACKEND_BASE_URL: new URL("./", location.href).href,
  HOST_CONFIG: { allowedOrigins: ["https://nobody.invalid"], useExternalAuthToken: false },
};
(() => {
  let still = 0, answered;
  const look = now => {
    const app = document.querySelector('[data-testid="stApp"]');
    if (app?.querySelector("h1, [role=dialog]")) document.querySelector("#first")?.remove();
    if (app?.querySelector(".st-key-answer")) answered ??= now;
    const drawn = app?.dataset.testScriptState === "notRunning"
      && app.querySelector(".st-key-menu, [role=dialog]")
      && !app.querySelector('[data-testid="stSkeleton"]')
      && [...app.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].every(
        component => component.shadowRoot && !component.shadowRoot.querySelector(".table:empty, svg:empty"));
    still = drawn ? still + 1 : 0;
    if (still < 3 && !(now - answered > PATIENCE)) requestAnimationFrame(look);
    else document.documentElement.removeAttribute("data-loading");
  };
  requestAnimationFrame(look);
})();
""".replace("PATIENCE", str(PATIENCE))


STYLE = f"""
#first {{ font: 700 1.35rem/1.25 "Source Sans", sans-serif; }}
#first {{
  position: absolute; z-index: 1; top: .6rem; left: 5rem; right: 5rem; display: flex; flex-wrap: wrap;
  align-items: center; column-gap: 1rem; min-height: 2.1rem; color: {LIGHT.text};
}}
#first h1 {{ font: inherit; margin: 0; padding: 0; }}
#first p {{ font-size: 1rem; font-weight: 400; margin: 0; color: {LIGHT.muted}; }}
[data-loading] {{ background: {LIGHT.background}; }}
[data-loading] [data-testid="stMainBlockContainer"] {{ visibility: hidden; }}
[data-loading] [data-testid="stMainBlockContainer"] * {{ visibility: hidden !important; }}
[data-loading] .st-key-answer, [data-loading] :is(h1, .st-key-answer) * {{ visibility: visible !important; }}
[data-loading] [class*="st-key-examples"] {{ min-height: 2.4rem; }}
@media (max-width: 760px) {{
  #first {{ left: 1rem; right: 6.6rem; font-size: 1rem; align-items: flex-start; }}
}}
@media (prefers-color-scheme: dark) {{
  [data-loading] {{ background: {DARK.background}; color-scheme: dark; }}
  #first {{ color: {DARK.text}; }}
  #first p {{ color: {DARK.muted}; }}
}}
"""
"""The CSS of the first screen, which ends with the attribute ``data-loading``."""


def start_page(page: Page, index: str, manifest: Mapping[str, Any]) -> str:
    """Return the start page of ``page``, made from Streamlit's ``index`` and the ``manifest`` of its files.

    Raises ``ValueError`` if a place in ``index`` or a chunk is missing, as it may be in another version.
    """
    title, description = escape(page.title), escape(DESCRIPTION)
    head = [
        f'<meta name="description" content="{description}" />',
        f'<meta property="og:title" content="{title}" />',
        f'<meta property="og:description" content="{description}" />',
        f'<meta property="og:site_name" content="{escape(PRODUCT)}" />',
        '<meta property="og:type" content="website" />',
        *(_preload(path) for path in preloads(page, index, manifest)),
        f"<script>{SCRIPT}</script>",
    ]
    loading = f"{escape(PRODUCT)}. Loading\N{NO-BREAK SPACE}…"
    first = f'<div id="first"><h1>{escape(page.question)}</h1><p>{loading}</p></div>'
    style = f"<style>{CSS}{STYLE}</style>"  # After the head, where Streamlit's styles go.
    text = index
    for pattern, replacement in (
        (r'<html lang="en">', '<html lang="en" data-loading>'),
        (r'<link rel="shortcut icon" href="[^"]*" />', f'<link rel="shortcut icon" href="{_icon()}" />'),
        (r"<title>[^<]*</title>", f"<title>{title}</title>"),
        (r'<link rel="service-desc" href="[^"]*" />', ""),
        (r"(?s)<noscript>.*?</noscript>", f"<noscript><p>{NOSCRIPT}</p></noscript>"),
        (r"</head>", "\n".join([*head, "</head>"])),
        (r'<div id="root"></div>', f'{style}\n<div id="root"></div>\n{first}'),
    ):
        found = re.findall(pattern, text)
        if len(found) != 1:
            raise ValueError(f"Streamlit's start page has {pattern} {len(found)} times.")
        text = text.replace(found[0], replacement)
    return text


def preloads(page: Page, index: str, manifest: Mapping[str, Any]) -> list[str]:
    """Return the files that ``page`` needs as it opens and that ``index`` does not name.

    Raises ``ValueError`` for a chunk that ``manifest`` does not have.
    """
    entries = {chunk["name"]: key for key, chunk in manifest.items() if chunk.get("isDynamicEntry")}
    entries["rehype-katex"] = "../node_modules/rehype-katex/index.js"
    found: dict[str, None] = {}

    def add(key: str) -> None:
        file = manifest[key]["file"]
        if f"./{file}" not in index and file not in found:
            found[file] = None
            for needed in manifest[key].get("imports", ()):
                add(needed)

    for name in CHUNKS[page.script]:
        if name not in entries:
            raise ValueError(f"Streamlit has no chunk {name}.")
        add(entries[name])
    fonts = (chunk["file"] for chunk in manifest.values() if Path(chunk["file"]).name.startswith(FONTS))
    return [*found, *fonts]


def _preload(path: str) -> str:
    if path.endswith(".js"):
        return f'<link rel="modulepreload" crossorigin href="./{path}" />'
    return f'<link rel="preload" as="font" type="font/woff2" crossorigin href="./{path}" />'


def _icon() -> str:
    """Return the icon of the browser's tab as an address, drawn by the font of the system."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<text y=".9em" font-size="90">{ICON}</text></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def start_pages(static: Path) -> dict[str, str]:
    """Return the start page of every page of the app by its address. Raises as ``start_page`` does."""
    index = (static / "index.html").read_text("utf-8")
    manifest = json.loads((static / "manifest.json").read_text("utf-8"))
    return {page.address: start_page(page, index, manifest) for page in PAGES}


def start_routes(pages: Mapping[str, str], base: str) -> list[Route]:
    """Return the routes that answer with ``pages`` below the path ``base``."""
    return [Route(f"{base}/{address}", _answer(html.encode("utf-8"))) for address, html in pages.items()]


def _answer(content: bytes) -> Callable[[Request], Awaitable[Response]]:
    """Return a function that answers with ``content``, compressed or not, or that nothing has changed."""
    compressed = gzip.compress(content, 9, mtime=0)
    tag = hashlib.sha256(content).hexdigest()[:20]

    async def answer(request: Request) -> Response:
        packed = accepts_gzip(request.headers)
        headers = {"cache-control": CACHED, "vary": "Accept-Encoding", "etag": f'W/"{tag}"'}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if packed:
            headers["content-encoding"] = "gzip"
        return Response(compressed if packed else content, headers=headers, media_type="text/html")

    return answer
