"""Mistakes in counting decoders: every number calculated again from the listing."""

from calculator import ConvTranspose
from calculator.learn.exercise import DecoderLayer
from calculator.learn.mistakes.decoder import CountingRule, correct_counts, decoder_steps
from tests.helpers.expected_mistakes import RENAMED, check_mistakes, in_decoder, sample_exercises


def test_decoders() -> None:
    for one in sample_exercises(3):
        if one.listing:
            check_mistakes(one, dict(in_decoder(one)), frozenset(RENAMED))


def test_a_mistake_in_layers_with_different_kernels_has_no_size_in_its_name() -> None:
    names = {mistake.name for one in sample_exercises(3) if one.listing for mistake in one.mistakes}
    assert "one side of the kernel only" in names
    assert not [name for name in names if "×" in name or ":" in name]


def test_the_puzzle_of_three_numbers() -> None:
    """The layers of the puzzle 99,360, 101,472, 103,584 are counted as there."""
    layers = [
        ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1)),
        ConvTranspose(in_channels=1024, out_channels=32, kernel_size=(1, 1)),
    ]
    units = [DecoderLayer(place, part, part.out_channels) for place, part in zip((0, 3), layers, strict=True)]
    units += [
        DecoderLayer(place, None, part.out_channels) for place, part in zip((1, 4), layers, strict=True)
    ]
    puzzle = tuple(sorted(units, key=lambda unit: unit.index))
    totals = [
        decoder_steps(puzzle, correct_counts(puzzle), CountingRule(norm), "parameters")[-1].value
        for norm in (0, 2, 4)
    ]
    assert totals == [99_360, 101_472, 103_584]
