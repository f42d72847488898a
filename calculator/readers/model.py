"""The result of reading a model: a row for each layer, exact totals and assumptions. Shared limits."""

from dataclasses import dataclass, replace
from functools import cached_property

from calculator.core.layer import ConvTranspose

Shape = tuple[int, ...]
"""The sizes of a tensor, or of an input, axis by axis."""

MAX_TEXT = 20_000_000
"""The maximum number of characters of a text; the print of a model of 10,000 layers has under two million."""

MAX_LINES = 200_000
MAX_DEPTH = 200
"""The maximum number of levels of nested modules or brackets."""

MAX_AXES = 64
"""The maximum number of axes of a tensor, which is PyTorch's own limit."""

MAX_ROWS = 50_000
"""The maximum number of rows, and of tensors in a file. Equal layers that a print repeats are one row."""

MAX_COUNT = 10**18
"""The maximum of a size or a count. A larger number is a mistake or an attack."""

MAX_SHOWN, MAX_NAME_SHOWN = 60, 100
"""The maximum number of characters of a line, and of a name, that a sentence repeats."""


MODEL_NAME = "(model)"
"""The name of a layer that is the whole model, and the title of the model's own parameters."""


LEFT_OUT = "lines left out"
"""The type of a row that stands for lines which somebody left out of a text."""

ANOTHER_PART = "another part of the text"
"""The type of a row that stands for a part of a text that is not counted and may be of another model."""

GAPS = (LEFT_OUT, ANOTHER_PART)


class ReadError(ValueError):
    """Data that cannot be read as a model. The message is a sentence for the person who provided the data."""


@dataclass(frozen=True)
class Row:
    """One layer: its path, its type as the framework calls it, and its exact counts.

    ``weight_shape`` is the shape that the framework stores, or ``None`` where the layer has no single weight
    or the shape is unknown. ``other_count`` counts parameters that are neither weights nor biases, such as
    the running statistics that Keras counts. ``frozen_count`` counts the parameters that are not trained. A
    row that is not ``known`` belongs to a class whose parameters are unknown: the row adds nothing to a
    total, and is listed so that readers see what is missing. ``layer`` is the transposed convolution where
    all its arguments are known. An ``undecided`` row may be or contain a transposed convolution, or not.
    ``groups`` are those of a convolution, or ``None`` where the source does not state them.
    A row can stand for several equal layers: ``times`` is their number, and the counts and the
    multiply–accumulates are those of all of them together.

    >>> Row("up", "ConvTranspose2d", (64, 32, 4, 4), weight_count=32768, bias_count=32).parameter_count
    32800
    """

    name: str
    type: str
    weight_shape: Shape | None = None
    weight_count: int = 0
    bias_count: int = 0
    other_count: int = 0
    trainable: bool = True
    frozen_count: int = 0
    note: str = ""
    layer: ConvTranspose | None = None
    known: bool = True
    transposed: bool = False
    undecided: bool = False
    times: int = 1
    input_size: Shape | None = None
    output_size: Shape | None = None
    multiply_accumulates: int | None = None
    groups: int | None = None

    @property
    def title(self) -> str:
        """Return the name, or "(model)" for the parameters of the model itself, which have no path."""
        return self.name or MODEL_NAME

    @property
    def parameter_count(self) -> int:
        """Return the number of weights, biases and all other parameters."""
        return self.weight_count + self.bias_count + self.other_count

    @property
    def trainable_count(self) -> int:
        """Return the number of parameters that are trained."""
        return self.parameter_count - self.frozen_count if self.trainable else 0


def left_out_row(name: str, note: str) -> Row:
    """Return the row of lines that were left out of a text; ``name`` is the path of the module around them.

    >>> left_out_row("decoder", "12 more layers").known
    False
    """
    return Row(name, LEFT_OUT, note=note, known=False)


@dataclass(frozen=True)
class Chain:
    """The layers of a model in their order, as a table of layers, or the ``problem`` that prevents one.

    The table also has the layers without parameters that change sizes. It is ``proven`` where the source
    states that each layer reads the output of the previous one. ``left_out`` names what the table has no row
    or column for, all of which changes neither counts nor sizes. ``unrounded`` are the numbers of the rows,
    from 1, whose source does not state whether a size that does not divide is rounded down.
    """

    table: str = ""
    proven: bool = False
    problem: str = ""
    left_out: tuple[str, ...] = ()
    unrounded: tuple[int, ...] = ()


@dataclass(frozen=True)
class Model:
    """A model that was read: its rows in order, the format it was read from, and the assumptions made.

    The counts are those of the rows that are known. A model with rows that are not known has more parameters.
    ``stated_trainable_count`` is the number of trained parameters that the source states, where the rows do
    not show which parameters these are; without ``trained_known`` their number is not known. ``surplus`` is
    the number by which the rows exceed the total that the source states, for no known reason, or by which
    tensors that may be one are counted again, which is the reason where ``perhaps_tied``: each total may be
    less by that number. ``chain`` is ``None`` where the format has no order of the layers or no strides.
    ``condition`` is what sizes and multiply–accumulates depend on, as the end of a sentence.

    >>> up = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32768, 32, transposed=True)
    >>> norm = Row("norm", "BatchNorm2d", (32,), 32, 32)
    >>> model = Model((up, norm), "PyTorch's print")
    >>> model.parameter_count, model.transposed_count, model.trainable_count
    (32864, 32800, 32864)
    """

    rows: tuple[Row, ...]
    format: str
    assumptions: tuple[str, ...] = ()
    name: str = ""
    stated_trainable_count: int | None = None
    chain: Chain | None = None
    condition: str = ""
    surplus: int = 0
    perhaps_tied: bool = False
    trained_known: bool = True

    @cached_property
    def complete(self) -> bool:
        """Return whether every parameter is counted, and no total may be less."""
        return not self.unknown and not self.surplus

    def minimum(self, count: int) -> int:
        """Return the least that a total with ``count`` parameters in the rows can be."""
        return max(count - self.surplus, 0)

    def with_perhaps_tied(self, count: int) -> "Model":
        """Return this model where ``count`` parameters may be counted again, in tensors that may be one.

        >>> Model((), "a list of tensors").with_perhaps_tied(3).surplus
        3
        """
        return replace(self, surplus=count, perhaps_tied=count > 0)

    def with_surplus(self, count: int) -> "Model":
        """Return this model where a total is stated that is ``count`` less than the rows.

        Where the total is that of the rows or more, nothing changes.

        >>> tied = Model((), "a list of tensors", surplus=3, perhaps_tied=True)
        >>> [tied.with_surplus(count).perhaps_tied for count in (0, 3, 1, 5)]
        [True, True, False, False]
        """
        count = max(count, 0)
        explained = count in (0, self.surplus)
        return replace(self, surplus=max(self.surplus, count), perhaps_tied=self.perhaps_tied and explained)

    @cached_property
    def parameter_count(self) -> int:
        """Return the number of all parameters."""
        return sum(row.parameter_count for row in self.rows)

    @cached_property
    def weight_count(self) -> int:
        """Return the number of all weights."""
        return sum(row.weight_count for row in self.rows)

    @cached_property
    def bias_count(self) -> int:
        """Return the number of all biases."""
        return sum(row.bias_count for row in self.rows)

    @cached_property
    def transposed_count(self) -> int:
        """Return the number of parameters in layers that are certainly transposed convolutions."""
        return sum(row.parameter_count for row in self.rows if row.transposed)

    @cached_property
    def undecided_count(self) -> int:
        """Return the number of parameters in convolutions that may be transposed or not."""
        return sum(row.parameter_count for row in self.rows if row.undecided)

    @cached_property
    def trainable_count(self) -> int:
        """Return the number of parameters that are trained."""
        if self.stated_trainable_count is not None:
            return self.stated_trainable_count
        return sum(row.trainable_count for row in self.rows)

    @cached_property
    def multiply_accumulates(self) -> int | None:
        """Return the sum over the rows whose number is known, or ``None`` where no row has such a number."""
        known = [row.multiply_accumulates for row in self.rows if row.multiply_accumulates is not None]
        return sum(known) if known else None

    @cached_property
    def unknown(self) -> tuple[Row, ...]:
        """Return the rows whose parameters are unknown."""
        return tuple(row for row in self.rows if not row.known)
