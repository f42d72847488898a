"""The worked examples: every total against the figure that was published for it."""

import math
from typing import NamedTuple

import pytest

from calculator.core.totals import tally
from calculator.settings import FIELDS, Settings
from calculator.settings.examples import EXAMPLES, PUZZLE, Example
from calculator.settings.link import decode, encode


class Published(NamedTuple):
    """What a source says of the layer or layers: parameters, output size at the example's input, source."""

    parameters: int
    output: tuple[int, ...]
    source: str


PUBLISHED = {
    "3 → 64": Published(3_136, (32, 32), "3 · 64 · 4 · 4 + 64, worked out by hand in texts on the subject"),
    "16 → 8": Published(3_200, (33, 33), "16 · 8 · 5 · 5, worked out by hand in texts on the subject"),
    "6 → 10": Published(550, (18, 18), "6 · 10 · 3 · 3 + 10, worked out by hand in texts on the subject"),
    "DCGAN": Published(819_200, (4, 4), "pytorch/examples, dcgan/main.py: nz 100, ngf 64; noise to 4 × 4"),
    "Vocoder 1-D": Published(2_097_408, (256,), "jik876/hifi-gan, config_v1.json: 512 → 256, k 16, s 8"),
    "3-D U-Net": Published(2_097_152, (16, 16, 16), "Çiçek et al. 2016: 512 → 512, 2 × 2 × 2, without bias"),
    "MuseGAN": Published(99_360, (2, 1), "MuseGAN's temporal network in Keras, a thread of 2021"),
}


def total(settings: Settings) -> int:
    second = settings.second_layer()
    return tally([settings.counted_layer(), *([second] if second else [])])[0].value


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_totals_are_the_published_ones(example: Example) -> None:
    assert total(example.settings) == PUBLISHED[example.name].parameters


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_example_is_a_layer_with_an_output(example: Example) -> None:
    layer = example.settings.layer()
    assert layer.output_size(example.settings.spatial("input_size")) == PUBLISHED[example.name].output


def test_every_example_is_published_and_named_once() -> None:
    assert [example.name for example in EXAMPLES] == list(PUBLISHED)
    assert len({example.about for example in EXAMPLES}) == len(EXAMPLES)
    assert all(example.about.endswith(".") for example in EXAMPLES)


def test_the_first_example_is_where_everybody_starts() -> None:
    assert EXAMPLES[0].settings == Settings()


def test_the_puzzle_has_all_three_numbers() -> None:
    assert EXAMPLES.count(PUZZLE) == 1
    second = PUZZLE.settings.second_layer()
    assert second is not None
    three = tally([PUZZLE.settings.counted_layer(), second], batch_norm=PUZZLE.settings.batch_norm)
    assert [item.value for item in three] == [99_360, 101_472, 103_584]
    assert not PUZZLE.settings.frozen
    for number in ("99,360", "103,584"):
        assert number in PUZZLE.about


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_has_a_link(example: Example) -> None:
    query = encode(example.settings)
    opened = decode({key: [value] for key, value in query.items()})
    assert (opened.settings, opened.ignored) == (example.settings, ())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_sliders_reach_an_example(example: Example) -> None:
    # What is shown first should be within the range that sliders show first, channels of a puzzle apart.
    for field in FIELDS:
        if field.kind in ("whole", "spatial") and field.slider_maximum:
            value = getattr(example.settings, field.name)
            largest = math.inf if example is PUZZLE and field.name == "out_channels" else field.slider_maximum
            assert max(value if isinstance(value, tuple) else (value,)) <= largest
