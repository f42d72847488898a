"""The time from a key press on the kernel slider until the answer and all other changes are on the screen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.recorder import SCRIPTS, Press, press
from benchmarks.report import aim, median, p95, ratio_range, table, three_digits
from benchmarks.serving import chromium, serving
from benchmarks.views import COMPARE, LINKS, PICTURE
from tests.browser.page import LAPTOP, settled

WALK = ["ArrowRight"] * 8 + ["ArrowLeft"] * 8
"""One block of presses, from 4 to 12 and back, so that no answer was on the screen just before."""

SLIDER = "input[type=range]"
KERNEL = f"[class*=st-key-kernel_size-slider] {SLIDER}"
ON_CALCULATOR = ("growth", "plane")
"""The views of the calculator that are measured here, which have charts of sweeps."""

PAGES = {"floor": ("floor", "/", f".st-key-floor {SLIDER}")} | {
    view: ("page", LINKS[view], KERNEL) for view in (*ON_CALCULATOR, *PICTURE, *COMPARE)
}


@dataclass
class OpenPage:
    """One open page, and the blocks of presses on it."""

    page: Page
    devtools: CDPSession
    blocks: list[list[Press]] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def block(self) -> None:
        """Press every key of the walk and keep the results."""
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


def open_page(browser: Browser, url: str, slider: str) -> OpenPage:
    """Open a page with the recorder and the focus on its slider, and press some keys to warm it up."""
    context = browser.new_context(viewport=LAPTOP)
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
    return OpenPage(page, devtools)


@contextmanager
def open_pages() -> Iterator[dict[str, OpenPage]]:
    """Open all pages in one browser until the block ends."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        names = {server for server, _, _ in PAGES.values()}
        servers = {name: stack.enter_context(serving(name, Path(folder))) for name in sorted(names)}
        browser = stack.enter_context(chromium())
        yield {
            name: open_page(browser, servers[server].url + path, slider)
            for name, (server, path, slider) in PAGES.items()
        }


def measure(rounds: int) -> str:
    """Return the figures and the aims as markdown."""
    with open_pages() as pages:
        for _ in range(rounds):
            for opened in pages.values():
                opened.block()
    return report(pages)


def report(pages: dict[str, OpenPage]) -> str:
    """Return the figures and the aims as markdown."""
    floor = median(each.drawn for each in pages["floor"].presses)
    head = ["", "answer, ms", "p95", "× floor", "all drawn, ms", "p95", "× floor", "rounds lie within"]
    head += ["browser CPU, ms", "messages", "kB"]
    rows = [row(name, opened, pages["floor"], floor) for name, opened in pages.items()]
    answers = {name: median(each.answer for each in opened.presses) / floor for name, opened in pages.items()}
    drawn = {name: median(each.drawn for each in opened.presses) / floor for name, opened in pages.items()}
    return "\n".join(
        [
            f"Medians of {len(pages['floor'].presses)} presses on each.\n",
            table(head, rows),
            "",
            aim("Calculator, answer on the screen", _only(answers, ON_CALCULATOR), 1.3, "× floor"),
            aim("Calculator, everything redrawn", _only(drawn, ON_CALCULATOR), 2, "× floor"),
            aim("Picture, everything redrawn", _only(drawn, PICTURE), 2.5, "× floor"),
            aim("Compare, everything redrawn", _only(drawn, COMPARE), 2.5, "× floor"),
        ]
    )


def _only(figures: dict[str, float], names: tuple[str, ...]) -> dict[str, float]:
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
