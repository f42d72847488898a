"""The colours: readable on their background, apart for every common colour blindness, the theme's own."""

import dataclasses
import itertools
import re
import tomllib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from calculator.palette import DARK, LIGHT, PALETTES, Mode, Palette
from tests.helpers.paths import ROOT

Floats = npt.NDArray[np.float64]

READABLE = 4.5
"""Contrast of ordinary text: WCAG 2.2, success criterion 1.4.3."""

SEEN = 3.0
"""Contrast of what is not text, such as a line of a chart: WCAG 2.2, success criterion 1.4.11."""

APART = 25.0
"""CIE 1976 colour difference; from about 10 on, two colours no longer look alike at a glance."""

# Severity 1 of Machado, Oliveira & Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", IEEE TVCG 15(6), 2009; tables at
# https://www.inf.ufrgs.br/~oliveira/pubs_files/CVD_Simulation/CVD_Simulation.html. They work on linear RGB.
SIMULATED = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

both = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def linear(colour: str) -> Floats:
    """Return the linear RGB values of #RRGGBB."""
    assert re.fullmatch("#[0-9A-F]{6}", colour)
    encoded = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Return the relative luminance of https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: Floats) -> Floats:
    """Return CIE L*a*b* (D65) of linear RGB."""
    xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    ) @ np.clip(rgb, 0, 1)
    scaled = xyz / np.array([0.95047, 1.0, 1.08883])
    f = np.where(scaled > (6 / 29) ** 3, np.cbrt(scaled), scaled / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: str, other: str, vision: str) -> float:
    seen = [lab(SIMULATED[vision] @ linear(colour)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_the_measures_themselves() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert difference("#000000", "#FFFFFF", "normal") == pytest.approx(100, abs=0.1)
    # Red and green of equal lightness are what protanopia and deuteranopia confuse.
    for vision in ("protanopia", "deuteranopia"):
        assert difference("#C05A00", "#6E7F00", vision) < APART < difference("#C05A00", "#6E7F00", "normal")
    for matrix in SIMULATED.values():
        assert matrix.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


@both
@pytest.mark.parametrize("name", ["text", "muted", "weights", "biases", "here"])
def test_text_can_be_read(palette: Palette, name: str) -> None:
    assert contrast(getattr(palette, name), palette.background) >= READABLE


@both
@pytest.mark.parametrize("name", ["weights_fill", "biases_fill", "grid"])
def test_text_can_be_read_on_what_lies_under_it(palette: Palette, name: str) -> None:
    assert contrast(palette.text, getattr(palette, name)) >= READABLE


@both
def test_labels_of_the_plane_can_be_read(palette: Palette) -> None:
    for end in palette.scale:
        assert contrast(palette.text, end) >= READABLE
        assert contrast(palette.here, end) >= READABLE
        assert contrast(palette.muted, end) >= 2


@both
@pytest.mark.parametrize("part", ["weights", "biases"])
def test_an_edge_is_seen_on_its_fill(palette: Palette, part: str) -> None:
    assert contrast(getattr(palette, part), getattr(palette, f"{part}_fill")) >= SEEN


@both
@pytest.mark.parametrize("vision", SIMULATED)
@pytest.mark.parametrize("kind", ["", "_fill"])
def test_weights_and_biases_are_apart_in_every_eye(palette: Palette, vision: str, kind: str) -> None:
    weights, biases = (getattr(palette, f"{part}{kind}") for part in ("weights", "biases"))
    assert difference(weights, biases, vision) >= APART


@both
def test_fills_are_apart_from_the_background(palette: Palette) -> None:
    for vision, name in itertools.product(SIMULATED, ("weights_fill", "biases_fill")):
        assert difference(getattr(palette, name), palette.background, vision) >= 10


def test_every_colour_is_a_colour() -> None:
    assert PALETTES == {"light": LIGHT, "dark": DARK}
    for palette in PALETTES.values():
        for field in dataclasses.fields(palette):
            value = getattr(palette, field.name)
            for colour in value if isinstance(value, tuple) else (value,):
                linear(colour)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_has_the_same_colours(mode: Mode) -> None:
    config: dict[str, Any] = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    theme, palette = config["theme"][mode], PALETTES[mode]
    same = {
        "backgroundColor": palette.background,
        "textColor": palette.text,
        "blueColor": palette.weights,
        "blueTextColor": palette.weights,
        "orangeColor": palette.biases,
        "orangeTextColor": palette.biases,
        "grayTextColor": palette.muted,
    }
    assert {name: theme[name] for name in same} == same
    for name in ("textColor", "blueTextColor", "orangeTextColor", "grayTextColor", "linkColor"):
        for under in ("backgroundColor", "secondaryBackgroundColor"):
            assert contrast(theme[name], theme[under]) >= READABLE
    assert contrast(theme["borderColor"], theme["backgroundColor"]) >= SEEN
