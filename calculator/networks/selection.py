"""The model that the settings select: a built-in network or a table of layers, with an input size."""

from dataclasses import dataclass, replace
from functools import lru_cache

from calculator.networks.builtin import network
from calculator.readers.layer_table.sizes import chain_rank
from calculator.readers.layer_table.table import read_table, table_lines
from calculator.readers.model import Model, ReadError


@dataclass(frozen=True)
class SelectedModel:
    """The selected model, and the problem if a part of the selection is invalid.

    ``own`` is true for the table of layers and false for a built-in network. ``rank`` is the number of axes
    of an input size, or 0 if the layers form no chain or their input has no axes. ``size`` is the input size
    in the table, or () if it has none.
    """

    model: Model
    own: bool
    rank: int = 0
    size: tuple[int, ...] = ()
    problem: str = ""


@lru_cache(maxsize=64)  # Every rerun of a page selects the same model again.
def selected_model(key: str, layers: str = "", size: tuple[int, ...] = ()) -> SelectedModel:
    r"""Return the model of a table of layers, or of the built-in network ``key`` where the table is empty.

    The function does not raise ``ReadError`` for an invalid table or input size. An invalid table is replaced
    by the built-in network, an invalid input size is ignored, and ``problem`` has the reason.

    >>> selected_model("dcgan", size=(2,)).model.rows[-1].output_size
    (80, 80)
    >>> selected_model("dcgan", "type,in,out\nLinear,3").problem
    'Row 1 (Linear 1): Linear needs out, but the cell is empty.'
    """
    try:
        lines = table_lines(layers) if layers else network(key).lines()
        model = _model(key, layers, ())
    except ReadError as error:
        return SelectedModel(network(key).model(), own=False, problem=str(error))
    first = lines[0]
    selected = SelectedModel(
        model, bool(layers), chain_rank(lines), first.size if first.type == "Input" else ()
    )
    if not size:
        return selected
    if not selected.rank:
        return replace(
            selected, problem="These layers do not form a chain, so an input size cannot be applied."
        )
    try:
        fitted = size * selected.rank if len(size) == 1 else size
        return replace(selected, model=_model(key, layers, fitted))
    except ReadError as error:
        return replace(selected, problem=str(error))


def _model(key: str, layers: str, size: tuple[int, ...]) -> Model:
    """Return the model of the table or of the built-in network. Raises ``ReadError``."""
    if not layers:
        return network(key).model(size)
    return read_table(layers, name="Your own layers", input_size=size)
