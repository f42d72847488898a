"""What reading a model gives: a row for each layer with parameters, exact totals, what was assumed."""

from dataclasses import dataclass

from calculator.core.layer import ConvTranspose

MAX_TEXT = 20_000_000
"""Characters of a text that are read; the print of a model of 10,000 layers has under two million."""

MAX_LINES = 200_000
MAX_DEPTH = 200
"""How deep modules may be nested."""

MAX_ROWS = 200_000
MAX_COUNT = 10**18
"""A size or count above this is taken for a mistake, or for an attack."""


class ReadError(ValueError):
    """Something that cannot be read as a model. The message is a sentence for whoever gave it."""


@dataclass(frozen=True)
class Row:
    """One layer: its path, its type as the framework calls it, and its exact counts.

    ``weight_shape`` is as the framework stores it, ``None`` where there is none or it cannot be known.
    ``other_count`` holds parameters that are neither weights nor biases, such as the running statistics
    that Keras counts. ``frozen_count`` of all of them are not trained. A row that is not ``known`` is of a
    class whose parameters nobody can tell: it adds nothing to a total, and is listed for that reason.
    ``layer`` is the transposed convolution where all its arguments are known.

    >>> Row("up", "ConvTranspose2d", (64, 32, 4, 4), weight_count=32768, bias_count=32).parameter_count
    32800
    """

    name: str
    type: str
    weight_shape: tuple[int, ...] | None = None
    weight_count: int = 0
    bias_count: int = 0
    other_count: int = 0
    trainable: bool = True
    frozen_count: int = 0
    note: str = ""
    layer: ConvTranspose | None = None
    known: bool = True
    transposed: bool = False
    input_size: tuple[int, ...] | None = None
    output_size: tuple[int, ...] | None = None
    multiply_accumulates: int | None = None

    @property
    def title(self) -> str:
        """Return the name; the parameters of the model itself have no path, and are called so."""
        return self.name or "(model)"

    @property
    def parameter_count(self) -> int:
        """Weights, biases and all others."""
        return self.weight_count + self.bias_count + self.other_count

    @property
    def trainable_count(self) -> int:
        """The parameters that are trained."""
        return self.parameter_count - self.frozen_count if self.trainable else 0


@dataclass(frozen=True)
class Model:
    """A model as it was read: its rows in order, what it was read as, and what had to be assumed.

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

    @property
    def parameter_count(self) -> int:
        """All parameters."""
        return sum(row.parameter_count for row in self.rows)

    @property
    def weight_count(self) -> int:
        """All weights."""
        return sum(row.weight_count for row in self.rows)

    @property
    def bias_count(self) -> int:
        """All biases."""
        return sum(row.bias_count for row in self.rows)

    @property
    def transposed_count(self) -> int:
        """The parameters in transposed convolutions."""
        return sum(row.parameter_count for row in self.rows if row.transposed)

    @property
    def trainable_count(self) -> int:
        """The parameters that are trained."""
        return sum(row.trainable_count for row in self.rows)

    @property
    def multiply_accumulates(self) -> int | None:
        """The work of all rows that know theirs, ``None`` where none does."""
        known = [row.multiply_accumulates for row in self.rows if row.multiply_accumulates is not None]
        return sum(known) if known else None

    @property
    def unknown(self) -> tuple[Row, ...]:
        """The rows whose parameters nobody can tell."""
        return tuple(row for row in self.rows if not row.known)
