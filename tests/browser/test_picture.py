"""The picture page under the hands of a visitor: the stamp played, stepped and dragged; the other parts."""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from calculator.charts.descriptions import matrices_finding, overlap_finding, tensor_finding
from calculator.geometry.weight_grid import example_weight, tensor_view
from calculator.settings import Settings
from tests.browser.browser_visitor import (
    button_of,
    click,
    enter,
    follow,
    linked,
    open_tab,
    press,
    rows,
    screen,
    switch,
    traffic,
)
from tests.browser.conftest import Pages
from tests.browser.page import PHONE, settled
from tests.helpers import reference
from tests.helpers.paths import ROOT

BEAT = int(
    re.findall(r"BEAT = (\d+)", (ROOT / "calculator/ui/charts/stamp_player.js").read_text(encoding="utf-8"))[
        0
    ]
)
"""Milliseconds from one step to the next."""

# A cell is in the frame when its middle is; a volume has a frame for each slice.
STAMP = """
() => {
  const component = document.querySelector(".st-key-stamp [data-testid=stBidiComponentIsolated]");
  const find = name => component.shadowRoot.querySelector(`.${name}`);
  const all = selector => [...component.shadowRoot.querySelectorAll(selector)];
  const whole = text => Number(text?.textContent.replace(/[,+→ ]/g, "") || "0");
  const box = part => part.getBoundingClientRect();
  const frames = all(".output .kept").map(box);
  const side = all(".output .cell rect")[0].width.baseVal.value * find("output").getScreenCTM().a;
  const cells = name => all(`.${name} .cell`).map(cell => {
    const {x, y, width, height} = box(cell.querySelector("rect"));
    const [across, down] = [x + width / 2, y + height / 2];
    return {
      value: whole(cell.querySelector("text:not([class])")),
      product: whole(cell.querySelector(".product")),
      added: whole(cell.querySelector(".added")),
      kept: frames.some(at => at.left < across && across < at.right && at.top < down && down < at.bottom),
      now: cell.classList.contains("now"),
    };
  });
  const panes = ["input", "kernel", "output"];
  return {
    names: panes.map(name => find(`${name}-name`).textContent),
    alternatives: panes.map(name => find(name).ariaLabel),
    input: cells("input"),
    kernel: cells("kernel"),
    output: cells("output"),
    frames: frames.map(at => [Math.round(at.height / side), Math.round(at.width / side)]),
    step: Number(find("range").value),
    said: find("range").getAttribute("aria-valuetext"),
    count: find("count").textContent,
    play: find("play").textContent,
    words: find("words").innerText,
    products: find("products").innerText,
    off: ["first", "back", "next", "last"].filter(name => find(name).disabled),
  };
}
"""


@dataclass(frozen=True)
class Cell:
    """One cell of a pane: its value, below it a product, or above it what was added; 0 for nothing."""

    value: int
    product: int
    added: int
    kept: bool
    now: bool


@dataclass(frozen=True)
class Stamp:
    """All that the stamp shows at one moment."""

    names: list[str]
    alternatives: list[str]
    input: list[Cell]
    kernel: list[Cell]
    output: list[Cell]
    frames: list[list[int]]
    step: int
    said: str
    count: str
    play: str
    words: str
    products: str
    off: list[str]

    @property
    def maximum(self) -> int:
        """The last step, counted from 0."""
        return len(self.input) - 1

    @property
    def playing(self) -> bool:
        return {"❚❚ Pause": True, "▶ Play": False}[self.play]


def stamp(page: Page) -> Stamp:
    """Return what the stamp shows now."""
    seen: dict[str, Any] = page.evaluate(STAMP)
    panes = {name: [Cell(**cell) for cell in seen[name]] for name in ("input", "kernel", "output")}
    return Stamp(**seen | panes)


def button(page: Page, name: str) -> Locator:
    """Return a button of the stamp: ``"play"``, ``"first"``, ``"back"``, ``"next"`` or ``"last"``."""
    return page.locator(f".stamp .bar .{name}")


def size(name: str) -> tuple[int, ...]:
    """Return the first size in the name of a pane: ``"Input 4 × 4, a corner of 16 × 16"``."""
    [first, *_] = re.findall(r"\d+(?: × \d+)*", name)
    return tuple(map(int, first.split(" × ")))


def values(cells: Sequence[Cell]) -> list[int]:
    return [cell.value for cell in cells]


def carried(held: Settings, seen: Stamp, image: Sequence[int], **other: Any) -> reference.Floats:
    """Return what numpy makes of ``image`` and the kernel that is shown, with the settings of the link."""
    held_to = {name: held.spatial(name) for name in ("stride", "padding", "output_padding", "dilation")}
    array = np.array(image, float).reshape(1, *size(seen.names[0]))
    kernel = np.array(values(seen.kernel), float).reshape(1, 1, *held.spatial("kernel_size"))
    output: reference.Floats = reference.carry_out(array, [kernel], **held_to | other).output[0]
    return output


def canvas(held: Settings, seen: Stamp, image: Sequence[int]) -> list[int]:
    """Return all that lands, what padding crops included, on a plane as large as the one that is shown."""
    zeros = (0,) * held.dimensions
    landed = carried(held, seen, image, padding=zeros, output_padding=zeros)
    shown = size(seen.names[2].partition(" cut out of ")[2] or seen.names[2])
    plane = np.zeros(shown)
    plane[tuple(slice(length) for length in landed.shape)] = landed
    return [int(value) for value in plane.ravel()]


def holds(seen: Stamp, held: Settings) -> None:
    """Fail unless a frame shows what numpy makes of the input up to its step, in cells and in words."""
    image = values(seen.input)
    value = image[seen.step]
    so_far = [number if place <= seen.step else 0 for place, number in enumerate(image)]
    assert values(seen.output) == canvas(held, seen, so_far)
    alone = [number if place == seen.step else 0 for place, number in enumerate(image)]
    assert [cell.added for cell in seen.output] == canvas(held, seen, alone)
    assert [cell.now for cell in seen.output] == [cell.added > 0 for cell in seen.output]
    assert [cell.now for cell in seen.input] == [number > 0 for number in alone]

    output = carried(held, seen, so_far)
    *depth, high, wide = (1, *output.shape)[-3:]
    kept = [cell for cell in seen.output if cell.kept]
    assert values(kept) == output.ravel().tolist()
    assert seen.frames == [[high, wide]] * math.prod(depth)
    assert size(seen.names[2]) == output.shape

    lines = "; ".join(" ".join(f"{number:,.0f}" for number in line) for line in output.reshape(-1, wide))
    assert seen.alternatives == [
        f"{seen.names[0]}: {' '.join(map(str, image))}",
        f"{seen.names[1]}: {' '.join(map(str, values(seen.kernel)))}",
        f"{seen.names[2]}. {lines}",
    ]
    products = [f"{value}·{weight} = {value * weight}" for weight in values(seen.kernel)]
    more = f"   … and {len(products) - 16:,} more" if len(products) > 16 else ""
    assert seen.products == "   ".join(products[:16]) + more
    if len(products) <= 36:
        assert [cell.product for cell in seen.kernel] == [value * cell.value for cell in seen.kernel]
    place = np.unravel_index(seen.step, size(seen.names[0]))
    axes = ("position",) if held.dimensions == 1 else ("depth", "row", "column")[-held.dimensions :]
    where = ", ".join(f"{axis} {index}" for axis, index in zip(axes, place, strict=True))
    weights = f"{len(products):,} weight{'s' * (len(products) != 1)}"
    assert seen.words.startswith(f"The input value {value} at {where} multiplies {weights} and ")
    lost = sum(cell.now and not cell.kept for cell in seen.output)
    said = re.findall(r"(\d+) of these products falls? outside", seen.words)
    assert said == ([str(lost)] if lost else [])
    assert ("That was the last stamp" in seen.words) == (seen.step == seen.maximum)
    assert (seen.said, seen.count) == (
        f"step {seen.step + 1} of {seen.maximum + 1}",
        f"{seen.step + 1} / {seen.maximum + 1}",
    )


# The stamp

LINKS = (
    "",
    "dim=1&k=5&s=3&p=2&op=2&d=2&n=6",
    "dim=1&k=1&s=4&p=0&op=3&n=3",
    "dim=3&k=2x3x2&s=2x1x2&p=0x1x0&op=1x0x0&n=2",
    "k=3x5&s=3x2&p=1x2&op=2x1&d=1x2&n=3x4&in=6&out=6&g=2&ci=4&co=6",
    "k=2&s=3&p=0&n=3&fill=ones",
)


def test_the_stamp_is_stepped_by_buttons_keys_and_dragging(open_page: Pages) -> None:
    page = open_page("/picture")
    told_first(page)
    held = screen(page).settings
    before, places = traffic(page), places_of(page)
    last = stamp(page).maximum
    assert last == 15
    assert page.locator(".stamp").evaluate(FADES) != []

    def at(step: int) -> None:
        seen = stamp(page)
        assert (seen.step, seen.playing) == (step, False)
        assert places_of(page) == places
        assert seen.off == ["first", "back"] * (step == 0) + ["next", "last"] * (step == last)
        holds(seen, held)

    at(0)
    for name, step in (("next", 1), ("next", 2), ("back", 1), ("last", 15), ("back", 14), ("first", 0)):
        button(page, name).click()
        at(step)
    track = page.get_by_role("slider", name="Step")
    track.focus()
    for key, step in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 15), ("Home", 0)):
        page.keyboard.press(key)
        at(step)

    along = track.bounding_box()
    assert along
    passed = []
    for part in range(9):
        page.mouse.move(along["x"] + 8 + (along["width"] - 16) * part / 8, middle(track)[1])
        if not part:
            page.mouse.down()
        holds(stamp(page), held)
        passed.append(stamp(page).step)
    page.mouse.up()
    assert passed == sorted(set(passed))
    at(15)

    cells = page.locator(".stamp .input .cell")
    for place, step in enumerate((4, 5, 10, 11, 7)):
        page.mouse.move(*middle(cells.nth(step)))
        if not place:
            page.mouse.down()
        at(step)
    page.mouse.up()
    page.mouse.move(*middle(cells.nth(2)))
    at(7)
    cells.nth(12).click()
    at(12)
    # What a cell is when the pointer rests on it, now and after the next step.
    page.locator(".stamp .kernel .cell").nth(2).hover()
    assert hint(page, "kernel", 2) == "4 × 3 = 12"
    track.press("ArrowRight")
    page.mouse.move(*(place + 2 for place in middle(page.locator(".stamp .kernel .cell").nth(2))))
    assert hint(page, "kernel", 2) == "5 × 3 = 15"
    page.locator(".stamp .output .cell").nth(11).hover()
    assert hint(page, "output", 11) == f"output (0, 0): {stamp(page).output[11].value}"
    cells.nth(12).click()
    page.emulate_media(reduced_motion="reduce")
    assert page.locator(".stamp").evaluate(FADES) == []
    button(page, "next").click()
    at(13)
    assert traffic(page) == before


def told_first(page: Page) -> None:
    """Fail unless the page says on its first screen, above the stamp, that its numbers are made up."""
    told = page.get_by_text("The numbers are made up").bounding_box()
    corner = page.get_by_text("a corner of 16 × 16").bounding_box()
    cells = page.locator(".stamp .input .cell").first.bounding_box()
    window = page.viewport_size
    assert told
    assert corner
    assert cells
    assert window
    assert told["y"] < corner["y"] < cells["y"] < window["height"]


def hint(page: Page, pane: str, place: int) -> str | None:
    """Return what the browser tells where the pointer rests on a cell."""
    return page.locator(f".stamp .{pane} .cell").nth(place).locator("title").text_content()


# The way back: from an output value to what makes it.

TRACE = """
() => {
  const root = document.querySelector(".st-key-stamp [data-testid=stBidiComponentIsolated]").shadowRoot;
  const cells = name => [...root.querySelectorAll(`.${name} .cell`)];
  const sources = name => cells(name).flatMap((cell, place) =>
    cell.classList.contains("source") ? [[place, cell.querySelector(".mark").textContent]] : []);
  const products = cells("kernel").map(cell => cell.querySelector(".product")?.textContent ?? "");
  return {
    chosen: cells("output").findIndex(cell => cell.classList.contains("chosen")),
    input: sources("input"),
    kernel: sources("kernel"),
    products: products.filter(text => text),
    now: cells("input").concat(cells("output")).filter(cell => cell.classList.contains("now")).length,
    words: root.querySelector(".words").innerText,
    around: root.querySelector(".products").innerText,
  };
}
"""


def came_from(held: Settings, seen: Stamp, cell: int) -> list[tuple[int, int]]:
    """Return input value and tap of every product that lands on a cell, by trying all of them."""
    plane = size(seen.names[2].partition(" cut out of ")[2] or seen.names[2])
    place = np.unravel_index(cell, plane)
    stride, dilation = (np.array(held.spatial(name)) for name in ("stride", "dilation"))
    return [
        (step, tap)
        for step, value in enumerate(np.ndindex(*size(seen.names[0])))
        for tap, weight in enumerate(np.ndindex(*held.spatial("kernel_size")))
        if np.array_equal(value * stride + weight * dilation, place)
    ]


def traces(page: Page, held: Settings, cell: int) -> None:
    """Fail unless the stamp shows where an output value comes from, in cells and in words."""
    seen, found = stamp(page), page.evaluate(TRACE)
    image, kernel = values(seen.input), values(seen.kernel)
    pairs = came_from(held, seen, cell)
    letters = "abcdefghijklmnopqrstuvwxyz"[: len(pairs)]
    assert found["chosen"] == cell
    assert found["now"] == 0
    assert found["input"] == sorted([step, letter] for (step, _), letter in zip(pairs, letters, strict=True))
    assert found["kernel"] == sorted([tap, letter] for (_, tap), letter in zip(pairs, letters, strict=True))
    by_tap = sorted(pairs, key=lambda pair: pair[1])
    if len(kernel) <= 36:
        assert found["products"] == [f"→ {image[step] * kernel[tap]:,}" for step, tap in by_tap]
    # The output is the finished one, whatever the step was.
    assert values(seen.output) == canvas(held, seen, image)
    total = seen.output[cell].value
    if pairs:
        terms = [
            f"{letter}{image[step]} × {kernel[tap]}"
            for (step, tap), letter in zip(pairs, letters, strict=True)
        ]
        assert found["words"].endswith(f": {' + '.join(terms)} = {total:,}.")
        assert total == sum(image[step] * kernel[tap] for step, tap in pairs)
    else:
        assert found["words"].endswith("no product lands here, so the sum is 0.")
    assert found["words"].startswith("Output at " if seen.output[cell].kept else "Outside of the output")


def test_every_frame_is_what_numpy_makes_of_it_and_says_where_an_output_comes_from(
    open_page: Pages,
) -> None:
    page = open_page("/picture")
    for link in LINKS:
        held = follow(page, link).settings
        seen = stamp(page)
        assert (seen.step, seen.playing) == (0, False)
        sizes = zip(size(seen.names[0]), held.spatial("input_size"), strict=True)
        assert all(1 <= shown <= whole for shown, whole in sizes)
        if held.fill == "ones":
            assert set(values(seen.input) + values(seen.kernel)) == {1}
        before, places = traffic(page), places_of(page)
        for step in range(seen.maximum + 1):
            seen = stamp(page)
            assert seen.step == step
            holds(seen, held)
            if step < seen.maximum:
                button(page, "next").click()
        button(page, "first").click()
        cells = page.locator(".stamp .output .cell")
        count = cells.count()
        for cell in range(0, count, max(1, count // 9)):
            cells.nth(cell).click()
            traces(page, held, cell)
            assert places_of(page) == places
        # The way forward again: an input value and where it goes.
        page.locator(".stamp .input .cell").nth(1).click()
        holds(stamp(page), held)
        assert page.evaluate(TRACE)["chosen"] == -1
        assert traffic(page) == before
        button(page, "first").click()


def test_the_way_back_by_keys_and_with_a_moving_layer(open_page: Pages) -> None:
    page = open_page("/picture?in=3&out=64")
    held = screen(page).settings
    output = page.get_by_role("application", name=re.compile("Cells of the output"))
    output.focus()
    # The first value of the output lies behind what padding crops.
    for key, cell in (
        ("ArrowRight", 11), ("ArrowRight", 12), ("ArrowDown", 22), ("ArrowLeft", 21), ("ArrowUp", 11),
        ("ArrowUp", 1), ("ArrowUp", 1),
    ):  # fmt: skip
        page.keyboard.press(key)
        traces(page, held, cell)
    assert page.evaluate(TRACE)["words"].startswith(
        "Outside of the output, at row −1, column 0; padding crops"
    )
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    traces(page, held, 41)
    assert page.evaluate(TRACE)["around"] == (
        "2 input values reach this position, each through one weight. To finish output channel 1 the layer "
        "adds the stamps of the other 2 input channels and one bias, the same at every position."
    )
    # The same place of the output stays chosen while the layer changes, and is given up when it is gone.
    held = press(page, "Padding", "ArrowRight").settings
    assert held.padding == (2,)
    traces(page, held, 52)
    traces(page, press(page, "Stride", "ArrowLeft").settings, 37)
    held = follow(page, "k=1&n=2").settings
    assert page.evaluate(TRACE)["chosen"] == -1
    holds(stamp(page), held)
    held = follow(page, "").settings
    output.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.evaluate(TRACE)["chosen"] == -1
    holds(stamp(page), held)
    page.get_by_role("application", name=re.compile("Cells of the input")).focus()
    for key, step in (("ArrowRight", 1), ("ArrowDown", 5), ("ArrowLeft", 4), ("ArrowUp", 0), ("ArrowUp", 0)):
        page.keyboard.press(key)
        assert stamp(page).step == step
        holds(stamp(page), held)
    # A volume: the slices lie side by side, and the arrows lead from one to the next.
    held = follow(page, "dim=3&k=2&s=2&p=0&n=2").settings
    output.focus()
    page.keyboard.press("ArrowRight")
    for cell in (1, 2, 3, 16):
        page.keyboard.press("ArrowRight")
        traces(page, held, cell)


def test_a_finger_leads_the_stamp_and_touches_an_output_value(open_page: Pages) -> None:
    page = open_page("/picture", size=PHONE, touch=True)
    told_first(page)
    held = screen(page).settings
    cells = page.locator(".stamp .input .cell")
    cells.first.scroll_into_view_if_needed()
    scrolled, places = page.evaluate(SCROLLED), places_of(page)
    touch = page.context.new_cdp_session(page)
    for kind, step in (("touchStart", 0), ("touchMove", 4), ("touchMove", 9), ("touchMove", 14)):
        x, y = middle(cells.nth(step))
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        expect(page.locator(".stamp .count")).to_have_text(f"{step + 1} / 16")  # A frame later.
        holds(stamp(page), held)
        assert places_of(page) == places
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert page.evaluate(SCROLLED) == scrolled
    button(page, "play").tap()
    assert stamp(page).playing
    button(page, "play").tap()
    cells.nth(3).tap()
    assert (stamp(page).step, stamp(page).playing) == (3, False)

    cells = page.locator(".stamp .output .cell")
    cells.nth(33).scroll_into_view_if_needed()
    cells.nth(33).tap()
    traces(page, held, 33)
    cells.nth(33).tap()
    assert page.evaluate(TRACE)["chosen"] == -1
    cells.nth(47).tap()
    button(page, "play").tap()
    seen = stamp(page)
    assert seen.playing
    assert page.evaluate(TRACE)["chosen"] == -1


def test_the_stamp_is_read_as_tables(open_page: Pages) -> None:
    page = open_page("/picture?n=3&k=3")
    held = screen(page).settings
    page.get_by_text("The numbers as tables").click()
    tables = page.get_by_role("region", name="The numbers of the stamp").get_by_role("table")
    expect(tables).to_have_count(3)
    seen = stamp(page)

    def numbers(place: int) -> list[int]:
        found: list[str] = tables.nth(place).locator("td").all_inner_texts()
        return [int(text.replace(",", "")) for text in found]

    assert [numbers(0), numbers(1), numbers(2)] == [
        values(seen.input), values(seen.kernel), values(seen.output)
    ]  # fmt: skip
    # Rows and columns are counted as in the sentences: the first value of the output is at row 0, column 0.
    heads = tables.nth(2).locator("tr").first.locator("th").all_inner_texts()
    assert heads[1:4] == ["−1", "0", "1"]
    button(page, "last").click()
    assert numbers(2) == canvas(held, seen, values(seen.input))


# What fades from one colour to another.
FADES = """
stamp => [...stamp.querySelectorAll("*")].filter(part => {
  const { transitionProperty, transitionDuration } = getComputedStyle(part);
  return transitionProperty !== "none" && transitionDuration.split(", ").some(one => parseFloat(one) > 0);
}).map(part => part.outerHTML)
"""


def places_of(page: Page) -> list[float]:
    """Return how far below the top of the stamp its parts and what follows it are."""
    found: list[float] = page.locator(".stamp").evaluate(
        """stamp => {
          const top = part => part.getBoundingClientRect().top;
          const values = document.querySelector('[role=radiogroup][aria-label="Values"]');
          return [stamp.querySelector(".panes"), stamp.querySelector(".bar"), values].map(
            part => top(part) - top(stamp));
        }"""
    )
    return found


SCROLLED = "document.querySelector('[data-testid=\"stMain\"]').scrollTop"


def middle(target: Locator) -> tuple[float, float]:
    """Return the middle of a part of the page."""
    found = target.bounding_box()
    assert found
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


# Playing. What the stamp wants to do a beat later waits here until the test says so; all else goes on.

BEATS = """
beat => {
  const { setTimeout: set, clearTimeout: clear } = window;
  const waiting = new Map();
  let made = 0;
  window.setTimeout = (call, wait, ...rest) => {
    if (wait !== beat) return set(call, wait, ...rest);
    waiting.set(`beat ${made}`, call);
    return `beat ${made++}`;
  };
  window.clearTimeout = id => waiting.delete(id) || clear(id);
  window.__waiting = () => waiting.size;
  window.__beat = () => {
    const calls = [...waiting.values()];
    waiting.clear();
    calls.forEach(call => call());
  };
}
"""


def beat(page: Page) -> None:
    page.evaluate("window.__beat()")


def waiting(page: Page) -> int:
    """Return how many beats are to come."""
    count: int = page.evaluate("window.__waiting()")
    return count


def test_play_goes_on_to_the_end_and_pause_stops_it(open_page: Pages) -> None:
    page = open_page("/picture?n=3")
    page.evaluate(BEATS, BEAT)
    held = screen(page).settings
    before = traffic(page)

    def at(step: int, *, playing: bool) -> None:
        seen = stamp(page)
        assert (seen.step, seen.playing, waiting(page)) == (step, playing, int(playing))
        holds(seen, held)

    at(0, playing=False)
    button(page, "play").click()
    for step in range(8):
        at(step, playing=True)
        beat(page)
    at(8, playing=False)
    button(page, "play").click()  # Again, from the start.
    at(0, playing=True)
    beat(page)
    at(1, playing=True)
    button(page, "play").click()
    at(1, playing=False)
    for name, step in (("next", 2), ("back", 0), ("first", 0), ("last", 8)):
        page.locator(".stamp .input .cell").nth(1).click()
        button(page, "play").click()
        at(1, playing=True)
        button(page, name).click()
        at(step, playing=False)
    page.locator(".stamp .input .cell").nth(1).click()
    button(page, "play").click()
    page.get_by_role("slider", name="Step").press("ArrowRight")
    at(2, playing=False)
    assert traffic(page) == before


def test_a_change_keeps_the_step_and_goes_on_playing(open_page: Pages) -> None:
    page = open_page("/picture")
    page.evaluate(BEATS, BEAT)
    page.get_by_role("slider", name="Step").press("End")
    for _ in range(3):
        button(page, "back").click()

    def at(step: int, *, playing: bool) -> None:
        seen = stamp(page)
        assert (seen.step, seen.playing, waiting(page)) == (step, playing, int(playing))
        holds(seen, screen(page).settings)

    at(12, playing=False)
    press(page, "Kernel size", "ArrowRight")
    at(12, playing=False)
    button(page, "play").click()
    press(page, "Kernel size", "ArrowRight")
    at(12, playing=True)
    beat(page)
    at(13, playing=True)
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        press(page, "Padding", key)
        at(13, playing=True)
    click(page, page.get_by_role("radio", name="ones"))
    at(13, playing=True)
    press(page, "Stride", "ArrowRight")  # The step it was at is gone; the last one there is takes its place.
    at(8, playing=False)
    press(page, "Stride", "ArrowLeft")
    at(8, playing=False)

    # Where it is no longer drawn it no longer plays.
    button(page, "play").click()
    assert waiting(page) == 1
    open_tab(page, "overlap")
    assert waiting(page) == 0
    open_tab(page, "stamp")
    assert (stamp(page).playing, waiting(page)) == (False, 0)
    button(page, "play").click()
    enter(page, "Kernel size", "128")
    assert page.locator(".stamp").count() == 0
    assert waiting(page) == 0
    click(page, page.locator(".st-key-stamp-smaller").get_by_role("button"))
    holds(stamp(page), screen(page).settings)
    button(page, "play").click()
    page.get_by_role("link", name="Sources").click()
    page.wait_for_url("**/sources*")
    settled(page)
    assert waiting(page) == 0


FRAMES = """
() => {
  const component = document.querySelector(".st-key-stamp [data-testid=stBidiComponentIsolated]");
  const range = component.shadowRoot.querySelector(".range");
  window.__frames = [];
  const frame = now => { window.__frames.push([now, Number(range.value)]); requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
}
"""

# What the page does from a click until it knows where everything is, in milliseconds: the quickest of six.
COSTS = """
() => {
  const root = document.querySelector(".st-key-stamp [data-testid=stBidiComponentIsolated]").shadowRoot;
  const cost = name => {
    const start = performance.now();
    root.querySelector(`.bar .${name}`).click();
    root.querySelector(".stamp").getBoundingClientRect();
    return performance.now() - start;
  };
  const rounds = [1, 2, 3, 4, 5, 6].map(() => ["first", "next", "next", "next"].map(cost));
  return rounds[0].map((_, step) => Math.min(...rounds.map(round => round[step])));
}
"""


def gaps(page: Page) -> list[float]:
    """Return the longest wait for a frame at each step since the last time, in milliseconds."""
    frames: list[tuple[float, int]] = page.evaluate("window.__frames.splice(0)")
    longest: dict[int, float] = {}
    for (before, _), (now, step) in itertools.pairwise(frames):
        longest[step] = max(longest.get(step, 0), now - before)
    return list(longest.values())


def test_playing_needs_no_server_and_drops_no_frame_one_can_see(open_page: Pages) -> None:
    page = open_page("/picture?n=2", own_tab=True)
    held = screen(page).settings
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    before = traffic(page)
    page.evaluate(FRAMES)
    page.wait_for_function("() => window.__frames.length > 60")
    idle = max(gaps(page))
    button(page, "play").click()
    expect(page.locator(".stamp .count")).to_have_text("4 / 4", timeout=10 * BEAT)
    page.wait_for_function("() => window.__frames.filter(([_, step]) => step === 3).length > 20")
    played = gaps(page)
    assert len(played) == 4
    # A machine with other work misses a frame now and then; a step that takes too long does so every time.
    assert median(played) <= max(idle, 17) + 100
    assert not stamp(page).playing
    holds(stamp(page), held)
    assert (traffic(page), requests) == (before, [])

    # As large as it gets: 38 × 38 positions, 1,024 weights.
    held = follow(page, "k=32&s=6&n=4").settings
    assert len(stamp(page).output) == 38 * 38
    assert max(page.evaluate(COSTS)) <= 100
    holds(stamp(page), held)


# The other parts


def test_the_framed_kernel_is_the_one_on_the_stamp_and_in_the_matrices(open_page: Pages) -> None:
    page = open_page("/picture?in=4&out=6&g=2&k=3&n=3&see=tensor")
    now = screen(page)
    expect(page.get_by_text("weight_shape = (4, 3, 3, 3)", exact=False)).to_be_visible()
    assert tensor_finding(tensor_view(now.settings.counted_layer(), (0, 0))) in now.figures
    now = enter(page, "Input channel shown", "3")
    assert now.query["ci"] == "3"
    assert (
        "no kernel from input channel 3 to output channel 1; the kernel from 3 to 4 is framed"
        in now.alerts[0]
    )
    now = enter(page, "Output channel shown", "5")
    assert now.alerts == ()
    assert tensor_finding(tensor_view(now.settings.counted_layer(), (2, 4))) in now.figures
    now = open_tab(page, "stamp")
    assert values(stamp(page).kernel) == [example_weight(2, 4, tap) for tap in range(9)]
    holds(stamp(page), now.settings)
    expect(page.get_by_text("from input channel 3 to output channel 5, one of 12.")).to_be_visible()

    now = open_tab(page, "transposed")
    texts = page.locator(".st-key-matrices .drawing").evaluate("drawing => drawing.figure.data[0].text")
    drawn = np.array([[int(text or 0) for text in row] for row in texts])
    ordinary, turned = drawn[:3, :5], drawn[:, -3:]
    assert drawn.sum() == ordinary.sum() + turned.sum()
    assert (turned == ordinary.T).all()
    kernel = np.array([1.0, 2, 3]).reshape(1, 1, 3)
    for place, column in enumerate(turned.T):
        one = np.eye(3)[place].reshape(1, 3)
        carried = reference.carry_out(
            one, [kernel], stride=(2,), padding=(1,), output_padding=(0,), dilation=(1,)
        )
        assert column.tolist() == carried.output[0].tolist()
    assert matrices_finding(ordinary.tolist()) in now.figures


def test_a_click_makes_the_overlap_even_or_reaches_the_wanted_size(open_page: Pages) -> None:
    page = open_page("/picture?k=3&s=2&see=overlap&bias=0")
    before = screen(page)
    verdict = page.locator(".stMarkdown", has_text="away from the borders").first
    assert verdict.inner_text().startswith("Uneven: away from the borders, a position gets 1 to 4 products")
    assert overlap_finding(before.settings.layer()) in before.figures
    now = click(page, page.locator(".st-key-remedy-1").get_by_role("button", name="Kernel size 4"))
    assert now.query == {"p": "2", "op": "1", "see": "overlap", "bias": "0"}
    assert now.headline == before.headline.replace("1,728", "3,072")
    assert now.figures == (
        "The number of products added up in each output position. Away from the borders it is 4: even.",
    )
    assert verdict.inner_text().startswith("Even: away from the borders, every position gets 4 products")
    assert page.locator("[class*=st-key-remedy]").count() == 0
    page.go_back()
    assert linked(page, **before.query) == before

    # A row of the solutions sets both paddings.
    follow(page, "s=4&see=size&want=61")
    assert rows(page, "solutions.0") == [["2", "1"], ["3", "3"]]
    now = click(page, button_of(page, "solutions.0", "3"))
    assert now.query == {"s": "4", "see": "size", "want": "61", "p": "3", "op": "3"}
    assert now.headline.startswith("Output 61 × 61 from input 16 × 16 ")
    click(page, switch(page, "One wanted size per axis"))
    now = enter(page, "Wanted output size, width", "64")
    assert now.query["want"] == "61x64"
    assert rows(page, "solutions.0") == [["2", "1"], ["3", "3"]]
    assert rows(page, "solutions.1") == [["0", "0"], ["1", "2"]]
    now = click(page, button_of(page, "solutions.1", "1"))
    assert (now.query["p"], now.query["op"]) == ("3x1", "3x2")
    assert now.headline.startswith("Output 61 × 64 from input 16 × 16 ")
    now = click(page, button_of(page, "solutions.0", "2"))
    assert (now.query["p"], now.query["op"]) == ("2x1", "1x2")
    enter(page, "Wanted output size, height", "70")
    expect(page.get_by_text("PyTorch reaches at most 67 on axis 0").first).to_be_visible()
    assert page.locator("[class*=st-key-solutions]").count() == 0
