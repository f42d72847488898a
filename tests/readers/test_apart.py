"""A process of its own: the same answer, and no more memory or time than one model may take."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculator.networks import NETWORKS
from calculator.readers import ReadError, Row, read
from calculator.readers.apart import read_apart
from calculator.readers.codec import read_model, write_model
from calculator.readers.model import Model

PRINT = "ConvTranspose2d(3, 64, kernel_size=(4, 4), stride=(2, 2))"


@pytest.mark.parametrize("data", [PRINT, PRINT.encode(), NETWORKS[0].table])
def test_it_reads_what_this_process_reads(data: str | bytes) -> None:
    assert read_apart(data, name="mine; rm -rf ~") == read(data, name="mine; rm -rf ~")


@pytest.mark.parametrize("data", ["", "<html>", b"\x89PNG", "\ud800 no model \x00"])
def test_its_sentences_are_the_same(data: str | bytes) -> None:
    with pytest.raises(ReadError) as here:
        read(data)
    with pytest.raises(ReadError) as apart:
        read_apart(data)
    assert str(apart.value) == str(here.value)


def test_it_is_stopped_when_it_takes_too_long() -> None:
    with pytest.raises(ReadError, match=r"took longer than 0.001 seconds"):
        read_apart(PRINT, seconds=0.001)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.key)
def test_a_model_survives_as_json(network: object) -> None:
    model = network.model()  # type: ignore[attr-defined]
    assert read_model(write_model(model)) == model


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(
            Row,
            name=st.text(max_size=9),
            type=st.text(max_size=9),
            weight_shape=st.none() | st.lists(st.integers(0, 2**70), max_size=4).map(tuple),
            weight_count=st.integers(0, 10**30),
            note=st.text(max_size=9),
            known=st.booleans(),
        ),
        max_size=5,
    )
)
def test_any_row_survives_as_json(rows: list[Row]) -> None:
    model = Model(tuple(rows), "a test", ("One.", "Two."), "name")
    assert read_model(write_model(model)) == model
