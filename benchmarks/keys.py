"""From a key press on the kernel slider to the new answer, and to all that it changes, on the screen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.recorder import SCRIPTS, Press, press
from benchmarks.report import aim, median, p95, short, spread, table
from benchmarks.serving import chromium, serving
from benchmarks.views import COMPARE, LINKS, PICTURE
from tests.browser.page import LAPTOP, settled

WALK = ["ArrowRight"] * 8 + ["ArrowLeft"] * 8
"""One block of presses: from 4 to 12 and back, so that no answer is one that was just on the screen."""

SLIDER = "input[type=range]"
KERNEL = f"[class*=st-key-kernel_size-slider] {SLIDER}"
ON_CALCULATOR = ("growth", "plane")
"""Views of the calculator that are measured here: those with charts of the sweeps."""

PLACES = {"floor": ("floor", "/", f".st-key-floor {SLIDER}")} | {
    view: ("page", LINKS[view], KERNEL) for view in (*ON_CALCULATOR, *PICTURE, *COMPARE)
}


@dataclass
class Place:
    """One open page, and the blocks of presses made on it."""

    page: Page
    devtools: CDPSession
    blocks: list[list[Press]] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def block(self) -> None:
        """Press every key of a walk."""
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


def open_place(browser: Browser, url: str, slider: str) -> Place:
    """Open a page with the recorder in it and the focus on its slider, warmed up."""
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
    return Place(page, devtools)


@contextmanager
def open_places() -> Iterator[dict[str, Place]]:
    """Open all places side by side in one browser, until the block ends."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        names = {server for server, _, _ in PLACES.values()}
        servers = {name: stack.enter_context(serving(name, Path(folder))) for name in sorted(names)}
        browser = stack.enter_context(chromium())
        yield {
            name: open_place(browser, servers[server].url + path, slider)
            for name, (server, path, slider) in PLACES.items()
        }


def measure(rounds: int) -> str:
    """Return the figures and the aims as markdown."""
    with open_places() as places:
        for _ in range(rounds):
            for place in places.values():
                place.block()
    return report(places)


def report(places: dict[str, Place]) -> str:
    """Return what was measured as markdown."""
    floor = median(each.drawn for each in places["floor"].presses)
    head = ["", "answer, ms", "p95", "× floor", "all drawn, ms", "p95", "× floor", "rounds lie within"]
    head += ["browser CPU, ms", "messages", "kB"]
    rows = [row(name, place, places["floor"], floor) for name, place in places.items()]
    answers = {name: median(each.answer for each in place.presses) / floor for name, place in places.items()}
    drawn = {name: median(each.drawn for each in place.presses) / floor for name, place in places.items()}
    return "\n".join(
        [
            f"Medians of {len(places['floor'].presses)} presses on each.\n",
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


def row(name: str, place: Place, floor_place: Place, floor: float) -> list[str]:
    """Return the figures of one page."""
    answers = [each.answer for each in place.presses]
    drawn = [each.drawn for each in place.presses]
    pairs = zip(place.blocks, floor_place.blocks, strict=True)
    ratios = [median(e.drawn for e in block) / median(e.drawn for e in under) for block, under in pairs]
    return [
        name,
        *(short(median(answers)), short(p95(answers)), f"{median(answers) / floor:.2f}"),
        *(short(median(drawn)), short(p95(drawn)), f"{median(drawn) / floor:.2f}"),
        spread(ratios),
        short(median(place.busy)),
        short(median(each.messages for each in place.presses)),
        short(median(each.bytes for each in place.presses) / 1000),
    ]
