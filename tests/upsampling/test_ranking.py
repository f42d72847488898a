"""The ways to upsample, judged: which is the layer itself, which stand first, and what the sentence says."""

import itertools
from dataclasses import replace

import pytest

from calculator.core.layer import ConvTranspose
from calculator.upsampling.pareto_front import compared, learned_front
from calculator.upsampling.ranking import ranking, single_layer, verdict
from calculator.upsampling.recommendation import difference_text, inputs_seen, recommend

LAYER = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
AIMS = ("parameters", "work")


@pytest.mark.parametrize("groups", [1, 2, 32])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, (4, 3), 7])
def test_the_layer_is_found_among_the_ways(kernel: int | tuple[int, int], groups: int) -> None:
    layer = ConvTranspose(
        in_channels=64, out_channels=32, kernel_size=kernel, stride=2, groups=groups, bias=False
    )
    every = ranking(layer, 8, AIMS)
    assert every.own is not None
    own = single_layer(every.available[every.own])
    assert own is not None
    assert own.weight_shape == layer.weight_shape
    assert own.parameter_count == layer.parameter_count


def test_a_layer_with_dilation_is_none_of_the_ways() -> None:
    dilated = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, dilation=(1, 2))
    assert ranking(dilated, 8, AIMS).own is None


def test_front_and_recommendation_are_those_of_the_ways() -> None:
    for aims in itertools.combinations(("parameters", "work", "memory", "even", "export"), 2):
        every = ranking(LAYER, 8, aims)
        assert every.compared == compared(every.available)
        assert every.front == learned_front(every.available, 8)
        assert every.recommended == recommend(every.available, aims, inputs_seen(LAYER))


def test_the_first_rows_are_the_recommended_way_the_layer_and_the_front() -> None:
    every = ranking(LAYER, 8, AIMS)
    best = every.recommended
    assert best is not None
    rows = every.shown(False)
    assert rows[0] == best.index
    assert {best.wider, every.own, *every.front} - {None} <= set(rows[: 3 + len(every.front)])
    assert len(set(rows)) == len(rows)
    assert all(every.available[n].usual for n in rows[3 + len(every.front) :])
    assert sorted(every.shown(True)) == list(range(len(every.available)))


def test_the_sentence_names_the_best_way_or_says_that_there_is_none() -> None:
    every = ranking(LAYER, 16, AIMS)
    best = every.recommended
    assert best is not None
    way = every.available[best.index]
    count = len(every.compared)
    sentence = f"is the best of the {count} comparable forms here. It {difference_text(way, LAYER, 16)}."
    assert every.complete
    assert verdict(every, LAYER, 16) == (way.name, sentence)
    stopped = f"{sentence} Not all chains of layers were tried: others may cost less."
    assert verdict(replace(every, complete=False), LAYER, 16) == (way.name, stopped)
    none = replace(every, recommended=None)
    assert verdict(none, LAYER, 16) == ("", f"none of the {count} comparable forms here fits.")
    own = replace(every, own=best.index)
    assert verdict(own, LAYER, 16) == (
        "",
        f"none of the {count} comparable forms here is better than your layer.",
    )
