"""A model as JSON and back: nothing is lost."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculator.networks.builtin import NETWORKS
from calculator.readers import Row
from calculator.readers.model import Model
from calculator.readers.model_json import read_model, write_model


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
    # A row that is not known has no counts.
    rows = [row if row.known else replace(row, weight_count=0) for row in rows]
    model = Model(tuple(rows), "a test", ("One.", "Two."), "name")
    assert read_model(write_model(model)) == model
