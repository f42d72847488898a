"""The picture page under the hands of a visitor: the stamp played, stepped and dragged, and the other parts."""

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from calculator.derivation import product
from calculator.findings import matrices_finding, overlap_finding, tensor_finding
from calculator.matrices import convolution_matrix, line_layer
from calculator.settings import Settings
from calculator.tensor import tensor_view
from tests import reference
from tests.browser.conftest import Pages
from tests.browser.page import PHONE, ROOT, settled
from tests.browser.visitor import (
    click,
    enter,
    linked,
    open_tab,
    press,
    rows,
    screen,
    slider,
    switch,
    table,
)

BEAT = int(re.findall(r"BEAT = (\d+)", (ROOT / "calculator/ui/stamp.js").read_text(encoding="utf-8"))[0])
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
  const side = box(all(".output .cell rect")[0]).width;
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
    words: find("words").textContent,
    products: find("products").textContent,
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
    def most(self) -> int:
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

    lines = ("; ".join(" ".join(f"{number:,.0f}" for number in line) for line in output.reshape(-1, wide)),)
    assert seen.alternatives == [
        f"{seen.names[0]}: {' '.join(map(str, image))}",
        f"{seen.names[1]}: {' '.join(map(str, values(seen.kernel)))}",
        f"{seen.names[2]}. {lines[0]}",
    ]
    products = [f"{value}·{weight} = {value * weight}" for weight in values(seen.kernel)]
    more = f"   … and {len(products) - 16} more" if len(products) > 16 else ""
    assert seen.products == "   ".join(products[:16]) + more
    if len(products) <= 36:
        assert [cell.product for cell in seen.kernel] == [value * cell.value for cell in seen.kernel]
    place = np.unravel_index(seen.step, size(seen.names[0]))
    axes = ("position",) if held.dimensions == 1 else ("depth", "row", "column")[-held.dimensions :]
    where = ", ".join(f"{axis} {index}" for axis, index in zip(axes, place, strict=True))
    weights = f"{len(products)} weight{'s' * (len(products) != 1)}"
    assert seen.words.startswith(f"The input value {value} at {where} multiplies {weights} and ")
    lost = sum(cell.now and not cell.kept for cell in seen.output)
    said = re.findall(r"(\d+) products? of them falls? outside", seen.words)
    assert said == ([str(lost)] if lost else [])
    assert ("That was the last one" in seen.words) == (seen.step == seen.most)
    assert (seen.said, seen.count) == (
        f"step {seen.step + 1} of {seen.most + 1}",
        f"{seen.step + 1} / {seen.most + 1}",
    )


# The stamp

LINKS = (
    "",
    "dim=1&k=5&s=3&p=2&op=2&n=6",
    "dim=1&k=3&s=2&d=3&p=1&n=4",
    "dim=3&k=2x3x2&s=2x1x2&p=0x1x0&op=1x0x0&n=2",
    "k=3x5&s=3x2&p=1x2&op=2x1&d=1x2&n=3x4&in=6&out=6&g=2&ci=4&co=6",
    "k=2&s=3&p=0&n=3&fill=ones",
    "dim=1&k=1&s=4&p=0&op=3&n=3",
    "k=7&s=1&p=4&n=5",
)


def test_every_frame_is_what_numpy_makes_of_it(open_page: Pages) -> None:
    page = open_page(f"/picture?{LINKS[-1]}")
    for link in LINKS:
        page.goto(f"/picture?{link}")
        held = screen(settled(page)).settings
        seen = stamp(page)
        assert seen.step == 0
        assert all(shown <= whole for shown, whole in zip(size(seen.names[0]), held.spatial("input_size"), strict=True))
        for step in range(seen.most + 1):
            seen = stamp(page)
            assert seen.step == step
            holds(seen, held)
            if step < seen.most:
                button(page, "next").click()
        if held.fill == "ones":
            assert set(values(seen.input) + values(seen.kernel)) == {1}


def test_the_stamp_is_stepped_by_buttons_keys_and_dragging(open_page: Pages) -> None:
    page = open_page("/picture")
    held = screen(page).settings
    last = stamp(page).most
    assert last == 15

    def at(step: int) -> None:
        seen = stamp(page)
        assert seen.step == step
        assert seen.off == ["first", "back"] * (step == 0) + ["next", "last"] * (step == last)
        assert not seen.playing
        holds(seen, held)

    at(0)
    for name, step in (("next", 1), ("next", 2), ("back", 1), ("last", 15), ("back", 14), ("first", 0)):
        button(page, name).click()
        at(step)
    range_ = page.get_by_role("slider", name="Step")
    range_.focus()
    for key, step in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 15), ("Home", 0)):
        page.keyboard.press(key)
        at(step)

    track = range_.bounding_box()
    assert track
    middle = track["y"] + track["height"] / 2
    passed = []
    page.mouse.move(track["x"] + 8, middle)
    page.mouse.down()
    for part in range(1, 9):
        page.mouse.move(track["x"] + track["width"] * part / 8, middle)
        passed.append(stamp(page).step)
    page.mouse.up()
    assert passed == sorted(passed)
    assert len(set(passed)) == 8
    at(15)

    grid = page.locator(".stamp .input .cell")
    page.mouse.move(*middle_of(grid.nth(0)))
    page.mouse.down()
    for step in (0, 5, 10, 11, 7):
        page.mouse.move(*middle_of(grid.nth(step)))
        at(step)
    page.mouse.up()
    page.mouse.move(*middle_of(grid.nth(2)))
    at(7)
    grid.nth(12).click()
    at(12)
    assert page.evaluate("window.__watch.asked") == asked(page)
    assert screen(page).query == {}


def middle_of(target: Locator) -> tuple[float, float]:
    """Return the middle of a part of the page."""
    found = target.bounding_box()
    assert found
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def asked(page: Page) -> int:
    """Return how often the page has asked the server for a run."""
    count: int = page.evaluate("window.__watch.asked")
    return count


def passed(page: Page) -> int:
    """Return how many messages have passed between page and server."""
    count: int = page.evaluate("window.__watch.passed")
    return count
