"""The model that the settings choose: a built-in network or a table of one's own, with an input size."""

from dataclasses import dataclass, replace
from functools import lru_cache

from calculator.networks.builtin import network
from calculator.readers.layer_table.sizes import chain_rank
from calculator.readers.layer_table.table import read_table, table_lines
from calculator.readers.model import Model, ReadError


@dataclass(frozen=True)
class SelectedModel:
    """The model, whether it is the table's, and what could not be used.

    ``rank`` is how many axes an input size has, 0 where none can be chosen: the rows are no chain, or begin
    without axes. ``size`` is the one that the table itself says, () for none.
    """

    model: Model
    own: bool
    rank: int = 0
    size: tuple[int, ...] = ()
    problem: str = ""


@lru_cache(maxsize=64)  # a rerun asks for the same one again
def selected_model(key: str, layers: str = "", size: tuple[int, ...] = ()) -> SelectedModel:
    r"""Return the model of a table of layers, or of the built-in network ``key`` where the table is empty.

    Nothing of a table or an input size raises: what cannot be used is told, and left out.

    >>> selected_model("dcgan", size=(2,)).model.rows[-1].output_size
    (80, 80)
    >>> selected_model("dcgan", "type,in,out\nLinear,3").problem
    'Row 1 (Linear 1): Linear needs out, and the cell is empty.'
    """
    try:
        lines = table_lines(layers) if layers else network(key).lines()
        plain = _model(key, layers, ())
    except ReadError as error:
        return SelectedModel(network(key).model(), own=False, problem=str(error))
    first = lines[0]
    found = SelectedModel(plain, bool(layers), chain_rank(lines), first.size if first.type == "Input" else ())
    if not size:
        return found
    if not found.rank:
        return replace(found, problem="These layers are no chain that an image goes through.")
    try:
        fitted = size * found.rank if len(size) == 1 else size
        return replace(found, model=_model(key, layers, fitted))
    except ReadError as error:
        return replace(found, problem=str(error))


def _model(key: str, layers: str, size: tuple[int, ...]) -> Model:
    if not layers:
        return network(key).model(size)
    return read_table(layers, name="Your own layers", input_size=size)
