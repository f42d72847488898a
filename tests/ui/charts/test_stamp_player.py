"""The data of a stamp that is sent to the browser, and the sentences beside the stamp."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.charts.figure import PROJECTED_TEXT
from calculator.geometry.stamp import stamp
from calculator.ui.charts import stamp_player as module
from calculator.ui.charts.stamp_player import ending, frames, output_name, rest
from tests.helpers import reference
from tests.pages.conftest import PICTURE, Visit

SCRIPT = Path(module.__file__).with_suffix(".js")


def layer(kernel: Any = (3,), **more: Any) -> ConvTranspose:
    return ConvTranspose(**{"in_channels": 1, "out_channels": 1, "kernel_size": kernel, **more})


@given(reference.settings(crop=2), st.integers(4, 5), st.sampled_from(["numbers", "ones"]))
def test_frames_lose_nothing_on_the_way(settings: dict[str, Any], size: int, values: str) -> None:
    made = stamp(ConvTranspose(**settings), size, values=values)
    sent = json.loads(json.dumps(frames(made)))
    assert tuple(sent["input"]) == made.input
    assert tuple(sent["kernel"]) == made.kernel
    assert tuple(sent["input_size"]) == made.input_size
    assert tuple(sent["kernel_size"]) == made.layer.kernel_size
    assert tuple(sent["canvas_size"]) == made.canvas_size
    assert tuple(map(tuple, sent["kept"])) == made.kept
    assert len(sent["steps"]) == len(made.steps) == len(made.input)
    for frame, step in zip(sent["steps"], made.steps, strict=True):
        assert tuple(frame["position"]) == step.position
        assert (frame["value"], tuple(frame["cells"])) == (step.value, step.cells)
        assert (tuple(frame["products"]), tuple(frame["canvas"])) == (step.products, step.canvas)
    sent_sums = [[tuple(term) for term in terms] for terms in sent["sums"]]
    assert sent_sums == [[(term.step, term.tap) for term in terms] for terms in made.sums]


@pytest.mark.parametrize(
    ("made", "size", "name"),
    [
        (layer(), 3, "Output 5"),
        (layer(padding=1), 3, "Output 3 (framed), cut out of 5"),
        (layer((4, 4), stride=2, padding=1), 4, "Output 8 × 8 (framed), cut out of 10 × 10"),
        (layer((2, 3), padding=(0, 1)), (3, 5), "Output 4 × 5 (framed), cut out of 4 × 7"),
        # output_padding moves the end beyond the last product: the canvas grows with it.
        (layer((1,), stride=3, output_padding=2), 2, "Output 6"),
        (layer((3, 3, 3)), 2, "Output 4 × 4 × 4"),
    ],
)
def test_the_output_is_named_with_what_is_cropped(made: ConvTranspose, size: Any, name: str) -> None:
    assert output_name(stamp(made, size)) == name


@pytest.mark.parametrize(
    ("settings", "pair", "added"),
    [
        ({"bias": False}, (0, 0), ""),
        ({}, (0, 0), "channel 1 the layer adds one bias, the same at every position."),
        (
            {"in_channels": 2, "bias": False},
            (1, 0),
            "channel 1 the layer adds the stamps of the other input channel.",
        ),
        (
            {"in_channels": 3, "out_channels": 64},
            (2, 40),
            "channel 41 the layer adds the stamps of the other 2 input channels and "
            "one bias, the same at every position.",
        ),
        # Only the channels of the same group are added.
        ({"in_channels": 64, "out_channels": 64, "groups": 64, "bias": False}, (5, 5), ""),
        (
            {"in_channels": 65_536, "out_channels": 65_536, "bias": False},
            (0, 65_535),
            "channel 65,536 the layer adds the stamps of the other 65,535 input channels.",
        ),
    ],
)
def test_the_end_says_what_else_the_layer_adds(
    settings: dict[str, Any], pair: tuple[int, int], added: str
) -> None:
    said = ending(layer(**settings), pair)
    first = "That was the last stamp: the frame now holds exactly a transposed convolution of this input."
    assert said == first + (f" To finish output {added}" if added else "")
    assert rest(layer(**settings), pair) == (f"To finish output {added}" if added else "")


def given_to(link: dict[str, str], **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = Visit(link, page=PICTURE, **more).given["stamp"]
    return data


def test_the_script_reads_only_fields_that_are_sent() -> None:
    data, text = given_to({}), SCRIPT.read_text(encoding="utf-8")
    read = set(re.findall(r"\bdata\.(\w+)", text))
    assert read <= set(data)
    assert {"input", "kernel", "steps", "sums", "canvas_size", "kept", "ending", "rest", "finding"} <= read
    # `cell.value` is a DOM node; the names after `now.` are fields of a step.
    assert set(re.findall(r"\bnow\.(\w+)", text)) <= set(data["steps"][0])


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ({}, "Input 4 × 4, a corner of 16 × 16"),
        ({"n": "3"}, "Input 3 × 3"),
        ({"dim": "1", "n": "2"}, "Input 2"),
    ],
)
def test_the_input_says_when_it_is_a_corner(link: dict[str, str], name: str) -> None:
    assert given_to(link)["input_name"] == name


def test_the_look_follows_the_window() -> None:
    usual, phone = given_to({}), given_to({}, width="narrow")
    wide = given_to({}, width="wide")
    assert [one["narrow"] for one in (usual, phone, wide)] == [False, True, False]
    assert phone["zoom"] < usual["zoom"] < wide["zoom"]
    light, dark = given_to({})["colours"], given_to({}, theme="dark")["colours"]
    assert set(light) == set(dark)
    assert all(light[name] != dark[name] for name in light)


def test_on_a_wall_no_number_may_be_small() -> None:
    assert given_to({"present": "1"}, width="wide")["least"] == PROJECTED_TEXT == 24
    # A link of a presenter that is opened on a phone has the usual stamp.
    assert given_to({"present": "1"}, width="narrow")["least"] == 0
    assert given_to({}, width="wide")["least"] == 0
