"""The steps about groups, settings that keep the count, and three totals: every answer counted again."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.learn.lesson.layer_steps import unchanged_step, variants
from calculator.learn.lesson.lesson import STEP_COUNT, lesson_step
from calculator.settings import Settings
from calculator.settings.examples import PUZZLE
from tests.helpers import reference
from tests.helpers.lesson_layers import allocated, small_layers
from tests.settings.test_settings import any_settings


@given(small_layers)
def test_groups_divide_the_weights_once(held: Settings) -> None:
    step = lesson_step(held, 5)
    layer = step.layer
    assert layer.groups > 1
    shown = Settings(
        in_channels=layer.in_channels, out_channels=layer.out_channels, kernel_size=layer.kernel_size
    )
    assert step.answer == allocated(shown, groups=layer.groups, bias=layer.bias)
    assert (step.layer_note == "") == (held.used_groups > 1)
    if held.used_groups > 1:
        assert layer == replace(held.counted_layer())
    assert f"groups={layer.groups}" in step.question
    # Without biases there is nothing to say about their number.
    assert step.conclusion.endswith(f"biases stays {layer.bias_count:,}.") is layer.bias


@given(small_layers)
def test_the_last_step_has_keras_total(held: Settings) -> None:
    held = held.change(batch_norm=True)
    # Keras has no groups for transposed layers.
    layers = [allocated(held, bias=held.bias)]
    channels = [held.out_channels]
    if held.second:
        shape = (held.out_channels, held.second_out_channels, *held.spatial("second_kernel_size"))
        layers.append(np.zeros(shape).size + held.second_out_channels * held.bias)
        channels.append(held.second_out_channels)
    assert lesson_step(held, 7).answer == sum(layers) + 4 * sum(channels)


@pytest.mark.parametrize("switched_on", [{}, {"frozen": True}, {"second": True}])
def test_the_puzzle_is_the_last_step_without_a_batch_norm(switched_on: dict[str, Any]) -> None:
    # The question says the number of parameters in the layers, which would then be the answer.
    step = lesson_step(Settings().change(**switched_on), 7)
    assert "99,360 parameters" in step.question
    assert [item.value for item in step.tallies] == [99_360, 101_472, 103_584]
    assert step.answer == 103_584
    assert step.layer_note.startswith("This step shows MuseGAN's temporal network")
    assert lesson_step(PUZZLE.settings, 7).layer_note == ""


@given(any_settings())
@settings(max_examples=50)
def test_what_does_not_matter_really_does_not(held: Settings) -> None:
    try:
        held.layer().output_size(held.spatial("input_size"))
    except LayerError:
        return
    rows = variants(held)
    assert rows[0][0] == "your layer"
    assert {count for *_, count in rows} == {held.layer().parameter_count}
    for _, size, positions, _ in rows:
        assert positions == math.prod(int(part.replace(",", "")) for part in size.split(" × "))


def test_the_output_moves_as_a_real_transposed_convolution_does() -> None:
    held = Settings(in_channels=1, out_channels=1, input_size=(5,))
    found = {label: size for label, size, _, _ in variants(held)}
    for label, changed in (
        ("your layer", {}),
        ("stride 1", {"stride": (1,)}),
        ("stride 4", {"stride": (4,)}),
        ("padding 0", {"padding": (0,)}),
        ("output padding 1", {"output_padding": (1,)}),
        ("dilation 2", {"dilation": (2,)}),
        ("input twice as long", {"input_size": (10,)}),
    ):
        moved = held.change(**changed)
        carried = reference.carry_out(
            np.ones((1, *moved.spatial("input_size"))),
            [np.ones((1, 1, *moved.spatial("kernel_size")))],
            stride=moved.spatial("stride"),
            padding=moved.spatial("padding"),
            output_padding=moved.spatial("output_padding"),
            dilation=moved.spatial("dilation"),
        )
        assert found[label] == " × ".join(map(str, carried.size)), label


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"batch_norm": True},
            "A Keras model has a transposed layer with 3 → 64 channels, a BatchNorm after it. The "
            "transposed layer has 3,136 parameters.",
        ),
        (
            {"batch_norm": True, "frozen": True},
            "A Keras model has a transposed layer with 3 → 64 channels, a BatchNorm after it. The transposed "
            "layer is frozen. The transposed layer has 3,136 parameters.",
        ),
        (
            {
                **{"second": True, "batch_norm": True, "frozen": True},
                **{"second_out_channels": 8, "second_kernel_size": (1,)},
            },
            "A Keras model has transposed layers with 3 → 64 and 64 → 8 channels, a BatchNorm after each. "
            "The transposed layers are frozen. The transposed layers have 3,656 parameters.",
        ),
    ],
)
def test_the_question_about_the_total_agrees_with_its_layers(changes: dict[str, Any], said: str) -> None:
    # 3 · 64 · 16 + 64 = 3,136, and 64 · 8 + 8 = 520 more.
    held = Settings(in_channels=3, out_channels=64, kernel_size=(4,)).change(**changes)
    assert lesson_step(held, STEP_COUNT).question == f"{said} What total does summary() print?"


@given(small_layers)
def test_the_figure_beside_a_question_about_other_settings_shows_the_layer(held: Settings) -> None:
    assert unchanged_step(held).layer == held.counted_layer()


@given(small_layers, st.integers(1, STEP_COUNT))
def test_a_question_is_made_of_sentences(held: Settings, place: int) -> None:
    question = lesson_step(held, place).question
    for sentence in re.split(r"(?<=[.?]) ", question):
        assert re.fullmatch(r"[A-Z0-9].*[.?]", sentence), question
        plain = re.sub(r"\w*(ConvTranspose|BatchNorm|GAN)\w*", "x", sentence)
        assert not re.search(r"[a-z][A-Z]|  ", plain), question
