"""The HTML that the browser gets first, in place of Streamlit's own start page.

Streamlit's start page is empty until 2 MB of scripts have arrived and run. This start page shows the title at
once, where the app draws the title later. It also

- names all scripts that the page needs, so that the browser fetches them before it runs the first, and in an
  order that suits a slow line;
- tells Streamlit the address of its server, so that Streamlit connects at once. By default Streamlit asks two
  addresses before, and on every page but the first two more that do not exist;
- hides what is below the answer until everything is drawn, so that nothing moves while somebody reads;
- gives Streamlit all messages of a frame at once. By default it draws the page for each of some 40 messages.

The names of the files contain a hash. They are read from the ``manifest.json`` of Vite, which builds
Streamlit's pages: https://vite.dev/guide/backend-integration.
"""

import gzip
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
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
from calculator.web.compressed_files import accepts

FRAME = ("Html", "BidiComponent")
INPUTS = ("ButtonGroup", "Checkbox", "Slider", "TextInput")

CHUNKS = {
    "app.py": (*FRAME, *INPUTS, "rehype-katex"),
    "pages/picture.py": (*FRAME, *INPUTS),
    "pages/compare.py": (*FRAME, *INPUTS),
    "pages/model.py": (*FRAME, "ButtonGroup", "Selectbox", "TextArea", "TextInput", "FileUploader"),
    "pages/learn.py": (*FRAME, *INPUTS, "Button", "PageLink"),
    "pages/class.py": (*FRAME, "Button", "ButtonGroup", "PageLink"),
    "pages/sources.py": FRAME,
}
"""The parts of Streamlit that each page loads as it opens. A browser test compares them."""

WITHOUT_CHART = ("pages/class.py", "pages/sources.py")
"""The pages that do not need the script of the charts as they open."""

FONTS = ("SourceSansVF-Upright", "MaterialSymbols-Rounded")
"""The fonts that every page needs: that of the text comes first, that of the icons last."""

PER_SMALL_FILE = 12_000
"""The bytes of a large file that arrive while one small file arrives on the other five connections: at
1.5 Mbit/s and 300 ms, and little more at 20 Mbit/s and 40 ms."""

COMPRESSION = 4
"""Scripts are sent in about a quarter of their size."""

Manifest = Mapping[str, Any]

CACHED = "no-cache"
"""The browser asks each time whether the start page has changed: an update renames the scripts."""

PATIENCE = 5000
"""Milliseconds without a change, after which everything is shown even if a part is not yet drawn."""

LONGEST_FRAME = 100
"""Milliseconds after which messages do not wait for a frame any more."""

NOSCRIPT = (
    "The calculator needs JavaScript. Without a browser, the command <code>python -m calculator</code> "
    "gives the same counts."
)

# `client.allowedOrigins` is empty, so that no other page can control the app. Streamlit connects at once only
# if a host is named, so the script names a host that cannot exist (RFC 2606). The function ends the first
# screen, and then shows everything when everything is drawn for the window that there is, which
# `ui/session/viewport.js` finds out: the page runs again where the guess was wrong.
SCRIPT = """
window.__streamlit = {
  BACKEND_BASE_URL: new URL("./", location.href).href,
  HOST_CONFIG: { allowedOrigins: ["https://nobody.invalid"], useExternalAuthToken: false },
};
// Streamlit draws the page anew for each message. The messages of a frame are given to it together, so that
// it draws once for all of them. A tab that is hidden or out of sight has no frames.
window.WebSocket = class extends WebSocket {
  addEventListener(type, listener, options) {
    if (type !== "message") { super.addEventListener(type, listener, options); return; }
    const arrived = [];
    const give = () => {
      for (const event of arrived.splice(0)) {
        try { listener.call(this, event); } catch (error) { reportError(error); }
      }
    };
    super.addEventListener(type, event => {
      if (arrived.push(event) > 1) return;
      if (document.hidden) { give(); return; }
      requestAnimationFrame(give);
      setTimeout(give, LONGEST_FRAME);
    }, options);
    super.addEventListener("close", give);
  }
};
(() => {
  let still = 0, changed = 0;
  const changes = new MutationObserver(() => { changed = performance.now(); });
  changes.observe(document, { subtree: true, childList: true, attributes: true });
  const look = now => {
    const app = document.querySelector('[data-testid="stApp"]');
    const begun = app?.querySelector("h1, [role=dialog]");
    if (begun) document.querySelector("#first")?.remove();
    const drawn = begun && app.dataset.testScriptState === "notRunning"
      && !app.querySelector('[data-testid="stSkeleton"]')
      && (app.known || !app.querySelector(".st-key-viewport"))
      && [...app.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].every(({ shadowRoot }) =>
        shadowRoot && !shadowRoot.querySelector("nav:empty, .table:empty, svg:empty"))
      && [...app.querySelectorAll(".drawing:not([data-plotly=here]) > svg:empty")].every(
        drawing => !drawing.parentElement.clientWidth);
    still = drawn ? still + 1 : 0;
    const stuck = begun && now - changed > PATIENCE;
    if (still < 3 && !stuck) { requestAnimationFrame(look); return; }
    changes.disconnect();
    document.documentElement.removeAttribute("data-loading");
  };
  requestAnimationFrame(look);
})();
""".replace("PATIENCE", str(PATIENCE)).replace("LONGEST_FRAME", str(LONGEST_FRAME))


STYLE = f"""
#first {{ position: absolute; z-index: 1; inset: 0 0 auto; padding: .6rem 1rem; color: {LIGHT.text}; }}
#first h1, #first p {{ font-family: "Source Sans", sans-serif; margin: 0; }}
#first p {{ color: {LIGHT.muted}; }}
[data-loading] {{ background: {LIGHT.background}; }}
[data-loading] [data-testid="stMainBlockContainer"] {{ visibility: hidden; }}
[data-loading] [data-testid="stMainBlockContainer"] * {{ visibility: hidden !important; }}
[data-loading] .stMain :is(h1, h1 *, .st-key-answer, .st-key-answer *) {{ visibility: visible !important; }}
@media (min-width: calc(736px + 8rem)) {{ #first {{ padding: .6rem 5rem; }} }}
@media (prefers-color-scheme: dark) {{
  [data-loading] {{ background: {DARK.background}; color-scheme: dark; }}
  #first {{ color: {DARK.text}; }}
  #first p {{ color: {DARK.muted}; }}
}}
"""
"""The first screen; the rest of its style is that of the pages, as its title is marked like theirs."""


def start_page(page: Page, manifest: Manifest, size: Callable[[str], int], chart: str) -> str:
    """Return the start page of ``page``; ``size`` returns the number of bytes of a file of the ``manifest``.

    ``chart`` is the name of the script that draws the charts.
    Raises ``ValueError`` if a chunk or a font is missing, as may be in another version of Streamlit.
    """
    entry = manifest["index.html"]
    first, later = scripts(page, manifest)
    fonts = [_font(name, manifest) for name in FONTS]
    own = [] if page.script in WITHOUT_CHART else [chart]
    wanted = [fonts[0], *interleaved(first, size), *own, *interleaved(later, size), *fonts[1:]]
    title, question, description = escape(page.title), escape(page.question), escape(DESCRIPTION)
    return f"""<!DOCTYPE html>
<html lang="en" data-loading>
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1, shrink-to-fit=no">
{"".join(f'<link rel="stylesheet" crossorigin href="./{path}">' for path in entry["css"])}
<title>{title}</title>
<link rel="shortcut icon" href="{_icon()}">
<meta name="description" content="{description}">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{description}">
<meta property="og:site_name" content="{escape(PRODUCT)}">
<meta property="og:type" content="website">
<script>{SCRIPT}</script>
{"".join(map(_preload, wanted))}
<script type="module" crossorigin src="./{entry["file"]}"></script>
</head>
<body>
<noscript><p>{NOSCRIPT}</p></noscript>
<style>{CSS}{STYLE}</style>
<div id="root"></div>
<div id="first" class="stMain">
<div data-testid="stMarkdownContainer"><h1>{question}</h1></div>
<p>{escape(PRODUCT)}. Loading\N{NO-BREAK SPACE}…</p>
</div>
</body>
</html>
"""


def scripts(page: Page, manifest: Manifest) -> tuple[list[str], list[str]]:
    """Return the scripts with which Streamlit begins, and the other scripts that ``page`` needs as it opens.

    Raises ``ValueError`` for a chunk that ``manifest`` does not have.
    """
    entries = {chunk["name"]: key for key, chunk in manifest.items() if chunk.get("isDynamicEntry")}
    entries["rehype-katex"] = "../node_modules/rehype-katex/index.js"
    if missing := set(CHUNKS[page.script]) - set(entries):
        raise ValueError(f"Streamlit has no chunk {', '.join(sorted(missing))}.")
    first = _with_imports(["index.html"], manifest)
    needed = _with_imports([entries[name] for name in CHUNKS[page.script]], manifest)
    return list(first), [file for file in needed if file not in first]


def _with_imports(keys: Iterable[str], manifest: Manifest) -> dict[str, None]:
    """Return the files of the chunks ``keys`` and of all that they import, without duplicates."""
    found: dict[str, None] = {}
    waiting = list(keys)
    while waiting:
        chunk = manifest[waiting.pop(0)]
        if chunk["file"] not in found:
            found[chunk["file"]] = None
            waiting += chunk.get("imports", ())
    return found


def interleaved(files: Iterable[str], size: Callable[[str], int]) -> list[str]:
    """Return ``files`` in an order that uses the line well: small files between the large ones.

    A browser has six connections to a server of HTTP/1.1. Large files side by side keep most of them busy,
    and the small files that are left then cost only waiting. So each large file is followed by as many small
    files as arrive meanwhile.

    >>> sizes = {"a": 1, "b": 2, "c": 3, "large": 3 * PER_SMALL_FILE, "larger": 4 * PER_SMALL_FILE}
    >>> interleaved(sizes, sizes.get)
    ['larger', 'a', 'b', 'c', 'large']
    """
    found = list(files)
    small = [file for file in found if size(file) < PER_SMALL_FILE]
    large = sorted(set(found) - set(small), key=size, reverse=True)
    order = []
    for file in large:
        count = size(file) // PER_SMALL_FILE
        order += [file, *small[:count]]
        small = small[count:]
    return order + small


def _preload(path: str) -> str:
    if path.endswith(".js"):
        return f'<link rel="modulepreload" crossorigin href="./{path}">\n'
    return f'<link rel="preload" as="font" type="font/woff2" crossorigin href="./{path}">\n'


def _font(name: str, manifest: Manifest) -> str:
    """Return the file of the font ``name``. Raises ``ValueError`` if there is none, or more than one."""
    found = [chunk["file"] for chunk in manifest.values() if Path(chunk["file"]).name.startswith(f"{name}.")]
    if len(found) != 1:
        raise ValueError(f"Streamlit has {len(found)} fonts {name}.")
    return str(found[0])


def _icon() -> str:
    """Return the icon of the browser's tab as an address, drawn by the font of the system."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<text y=".9em" font-size="90">{ICON}</text></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def start_pages(static: Path, chart: str) -> dict[str, str]:
    """Return the start page of every page of the app by its address; see ``start_page``."""
    manifest = json.loads((static / "manifest.json").read_text("utf-8"))

    def size(path: str) -> int:
        return len((static / path).read_bytes()) // (COMPRESSION if path.endswith(".js") else 1)

    return {page.address: start_page(page, manifest, size, chart) for page in PAGES}


def start_routes(pages: Mapping[str, str], base: str) -> list[Route]:
    """Return the routes that answer with ``pages`` below the path ``base``."""
    return [Route(f"{base}/{address}", _answer(html.encode("utf-8"))) for address, html in pages.items()]


def _answer(content: bytes) -> Callable[[Request], Awaitable[Response]]:
    """Return a function that answers with ``content``, compressed or not, or that nothing has changed."""
    compressed = gzip.compress(content, 9, mtime=0)
    tag = hashlib.sha256(content).hexdigest()[:20]

    async def answer(request: Request) -> Response:
        packed = accepts(request.headers, "gzip")
        headers = {"cache-control": CACHED, "vary": "Accept-Encoding", "etag": f'W/"{tag}"'}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if packed:
            headers["content-encoding"] = "gzip"
        return Response(compressed if packed else content, headers=headers, media_type="text/html")

    return answer
