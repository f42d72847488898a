"""The picture page under the hands of a visitor: the stamp played, stepped and dragged, and the other parts."""

import dataclasses
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from calculator.derivation import product
from calculator.findings import overlap_finding, tensor_finding
from calculator.settings import Settings
from calculator.tensor import tensor_view
from tests import reference
from tests.browser.conftest import Pages
from tests.browser.page import PHONE, ROOT, rerun, settled
from tests.browser.visitor import box, click, enter, linked, open_tab, press, rows, screen, slider, switch, table

# A cell is in the frame when its middle is. A volume has a frame for each slice.
STAMP = """
() => {
  const root = document.querySelector(".st-key-stamp [data-testid=stBidiComponentIsolated]").shadowRoot;
  const find = name => root.querySelector(`.${name}`);
  const whole = text => Number((text || "0").replaceAll(",", "").replace("→ ", "").replace("+", ""));
  const frames = [...root.querySelectorAll(".output .kept")].map(frame => frame.getBoundingClientRect());
  const cells = name => [...root.querySelectorAll(`.${name} .cell`)].map(cell => {
    const {x, y, width, height} = cell.querySelector("rect").getBoundingClientRect();
    const [across, down] = [x + width / 2, y + height / 2];
    const texts = kind => [...cell.querySelectorAll("text")].filter(text => text.getAttribute("class") === kind);
    return {
      value: whole(texts(null)[0].textContent),
      product: texts("product").map(text => whole(text.textContent))[0],
      added: texts("added").map(text => whole(text.textContent))[0],
      kept: frames.some(at => at.left < across && across < at.right && at.top < down && down < at.bottom),
      now: cell.classList.contains("now"),
      told: cell.querySelector("title")?.textContent ?? "",
    };
  });
  const one = cells("input").length && root.querySelector(".input .cell rect").getBoundingClientRect().width;
  const scale = root.querySelector(".output .cell rect").getBoundingClientRect().width;
  return {
    names: ["input", "kernel", "output"].map(name => find(`${name}-name`).textContent),
    told: ["input", "kernel", "output"].map(name => find(name).ariaLabel),
    input: cells("input"), kernel: cells("kernel"), output: cells("output"),
    frames: frames.map(at => [Math.round(at.height / scale), Math.round(at.width / scale)]),
    step: Number(find("range").value), said: find("range").getAttribute("aria-valuetext"),
    count: find("count").textContent, play: find("play").textContent,
    words: find("words").textContent, products: find("products").textContent,
    off: ["first", "back", "next", "last"].filter(name => find(name).disabled),
  };
}
"""

BEAT = int(re.findall(r"BEAT = (\d+)", (ROOT / "calculator/ui/stamp.js").read_text())[0])
"""Milliseconds from one step to the next."""
