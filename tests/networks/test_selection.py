"""The model that the settings select: which models take an input size, and what a refused size changes."""

import pytest

from calculator.networks.builtin import network
from calculator.networks.selection import selected_model
from calculator.readers.layer_table.sizes import chain_rank
from calculator.readers.layer_table.table import table_lines


@pytest.mark.parametrize(
    ("key", "rank"),
    [("dcgan", 2), ("fsrcnn", 2), ("cyclegan", 2), ("vae", 0), ("unet", 0), ("fcn-8s", 0), ("hifi-gan", 0)],
)
def test_which_networks_take_another_size(key: str, rank: int) -> None:
    assert chain_rank(network(key).lines()) == selected_model(key).rank == rank


def test_the_size_of_a_table_without_an_input() -> None:
    table = "type,in,out,kernel,stride\nConvTranspose1d,3,4,5,2\n"
    assert chain_rank(table_lines(table)) == 1
    assert selected_model("vae", table).model.rows[0].output_size is None
    assert selected_model("vae", table, (10,)).model.rows[0].output_size == (23,)
    refused = selected_model("vae", table, (10, 10))
    assert refused.model == selected_model("vae", table).model
    assert "input_size" in refused.problem
