"""Damaged links: the codec always has an answer that it can write and read again, and so has every page."""

import pytest

from tests.fuzz.links import faults, page_faults


@pytest.mark.parametrize("seed", range(4))
def test_the_codec_takes_any_link(seed: int) -> None:
    assert faults(1_000, seed) == []


def test_every_page_takes_any_link() -> None:
    assert page_faults(50, 0) == []
