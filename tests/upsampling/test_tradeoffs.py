"""The advantage and the cost of each way to upsample: sentences, whatever the settings are."""

import re
from typing import Any

from hypothesis import given

from tests.helpers.upsampling_cases import alternative_arguments, alternatives_by_key


@given(wish=alternative_arguments())
def test_sentences_do_not_depend_on_the_settings(wish: Any) -> None:
    arguments, named = wish
    usual = {way.key: (way.gets, way.pays) for way in alternatives_by_key(8, 8, (2, 2)).values()}
    for way in alternatives_by_key(*arguments, **named).values():
        for sentence in (way.gets, way.pays):
            assert re.fullmatch(r"[A-Z].*\.", sentence)
        if way.key in usual and not way.key.startswith("transposed"):
            assert (way.gets, way.pays) == usual[way.key]


def test_a_transposed_layer_is_told_by_its_overlap() -> None:
    def pays(scale: tuple[int, ...], kernel: tuple[int, ...]) -> str:
        key = f"transposed-{'x'.join(map(str, kernel))}"
        found = alternatives_by_key(1, 1, scale, kernel_size=kernel)
        return (found.get(key) or found["yours"]).pays

    assert "a single input position" in pays((2, 2), (2, 2))
    assert "favours a checkerboard" in pays((2, 2), (3, 3))
    assert "favours a checkerboard" in pays((2, 1), (3, 3))
    assert "favours a checkerboard" in pays((2, 2), (4, 5))
    assert "does not rule out a checkerboard" in pays((2, 2), (4, 4))
    assert "does not rule out a checkerboard" in pays((1, 1), (3, 3))
    assert "does not rule out a checkerboard" in pays((2, 2), (2, 4))
    assert "no product at all" in pays((3, 2), (2, 3))
