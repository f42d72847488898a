"""The time from a key press on the kernel slider until the answer and all other changes are on the screen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page, ViewportSize

from benchmarks.recorder import SCRIPTS, Press, press
from benchmarks.report import aim, median, p95, ratio_range, table, three_digits
from benchmarks.serving import chromium, serving
from benchmarks.views import CALCULATOR, COMPARE, LINKS, PICTURE, WANTED_SIZE
from tests.browser.page import LAPTOP, PHONE, settled

WALK = ["ArrowRight"] * 8 + ["ArrowLeft"] * 8
"""One block of presses, from 4 to 12 and back, so that no answer was on the screen just before."""

SLIDER = "input[type=range]"
KERNEL = f"[class*=st-key-kernel_size-slider] {SLIDER}"
INPUT_SIZE = f"[class*=st-key-input_size-slider] {SLIDER}"
"""The slider of the view that looks for kernels."""

PAGES = {"floor": ("floor", "/", f".st-key-floor {SLIDER}")} | {
    view: ("server", LINKS[view], INPUT_SIZE if view == WANTED_SIZE else KERNEL)
    for view in (*CALCULATOR, *PICTURE, *COMPARE)
}
BY_PLOTLY = ("growth", "plane", "alternatives", "budget")
"""The views with a chart that Plotly draws on a laptop. All other charts are drawn lightly everywhere."""

THROTTLE = 4
"""How many times slower the processor of a phone is."""


@dataclass
class OpenPage:
    """One open page, and the blocks of presses on it."""

    page: Page
    devtools: CDPSession
    throttle: int = 1
    blocks: list[list[Press]] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def block(self) -> None:
        """Press every key of the walk and keep the results."""
        # A slower processor is made by keeping it busy, so the pages that wait must not be slowed down.
        self.devtools.send("Emulation.setCPUThrottlingRate", {"rate": self.throttle})
        self._walk()
        self.devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})

    def _walk(self) -> None:
        self.page.bring_to_front()
        press(self.page, WALK[0])
        press(self.page, WALK[-1])
        before = self._task_time()
        self.blocks.append([press(self.page, key) for key in WALK])
        self.busy.append((self._task_time() - before) / len(WALK))

    def _task_time(self) -> float:
        """Return the processor time of the page's main thread so far, in milliseconds."""
        metrics = self.devtools.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(item["value"] for item in metrics if item["name"] == "TaskDuration"))

    @property
    def presses(self) -> list[Press]:
        return [each for block in self.blocks for each in block]


def open_page(browser: Browser, url: str, slider: str, phone: bool) -> OpenPage:
    """Open a page with the recorder and the focus on its slider, and press some keys to warm it up."""
    size: ViewportSize = PHONE if phone else LAPTOP
    context = browser.new_context(viewport=size, is_mobile=phone, has_touch=phone)
    for script in SCRIPTS:
        context.add_init_script(script)
    page = context.new_page()
    page.goto(url)
    page.locator(slider).first.wait_for()
    settled(page).locator(slider).first.focus()
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    for key in ("ArrowRight", "ArrowLeft") * 2:
        press(page, key)
    return OpenPage(page, devtools, THROTTLE if phone else 1)


@contextmanager
def open_pages(phone: bool) -> Iterator[dict[str, OpenPage]]:
    """Open all pages in one browser, on a laptop or as on a phone, until the block ends."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        names = {server for server, _, _ in PAGES.values()}
        servers = {name: stack.enter_context(serving(name, Path(folder))) for name in sorted(names)}
        browser = stack.enter_context(chromium())
        yield {
            name: open_page(browser, servers[server].url + path, slider, phone)
            for name, (server, path, slider) in PAGES.items()
        }


def measure(rounds: int) -> str:
    """Return the figures and the aims as markdown."""
    sections = []
    for phone in (False, True):
        with open_pages(phone) as pages:
            for _ in range(rounds):
                for opened in pages.values():
                    opened.block()
        sections.append(report(pages, phone))
    return "\n\n".join(sections)


def report(pages: dict[str, OpenPage], phone: bool) -> str:
    """Return the figures and the aims as markdown."""
    floor = median(each.drawn for each in pages["floor"].presses)
    head = ["", "answer, ms", "p95", "× floor", "all drawn, ms", "p95", "× floor", "rounds lie within"]
    head += ["browser CPU, ms", "messages", "kB"]
    rows = [row(name, opened, pages["floor"], floor) for name, opened in pages.items()]
    views = [name for name in pages if name != "floor"]
    plotly = [] if phone else list(BY_PLOTLY)
    lightly = [name for name in views if name not in plotly]
    answers = {name: median(each.answer for each in pages[name].presses) / floor for name in views}
    drawn = {name: median(each.drawn for each in pages[name].presses) / floor for name in views}
    place = "As on a phone" if phone else "On a laptop"
    lines = [
        f"**{place}.** Medians of {len(pages['floor'].presses)} presses on each.\n",
        table(head, rows),
        "",
        aim("Answer on the screen", answers, 1.1, "× floor"),
        aim("Everything redrawn, lightly", _only(drawn, lightly), 1.5, "× floor"),
    ]
    if plotly:
        lines.append(aim("Everything redrawn, a chart by Plotly", _only(drawn, plotly), 2, "× floor"))
    return "\n".join(lines)


def _only(figures: dict[str, float], names: list[str]) -> dict[str, float]:
    return {name: figures[name] for name in names}


def row(name: str, opened: OpenPage, floor_page: OpenPage, floor: float) -> list[str]:
    """Return the figures of one page."""
    answers = [each.answer for each in opened.presses]
    drawn = [each.drawn for each in opened.presses]
    pairs = zip(opened.blocks, floor_page.blocks, strict=True)
    ratios = [median(e.drawn for e in block) / median(e.drawn for e in under) for block, under in pairs]
    return [
        name,
        *(three_digits(median(answers)), three_digits(p95(answers)), f"{median(answers) / floor:.2f}"),
        *(three_digits(median(drawn)), three_digits(p95(drawn)), f"{median(drawn) / floor:.2f}"),
        ratio_range(ratios),
        three_digits(median(opened.busy)),
        three_digits(median(each.messages for each in opened.presses)),
        three_digits(median(each.bytes for each in opened.presses) / 1000),
    ]
