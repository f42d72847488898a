"""The layers of a model that was read as a table of layers, and the sizes along them for an input size."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, join_words
from calculator.core.parsing import count_numbers, parse_spatial
from calculator.readers.layer_table.cells import MAX_NAME, axes_cell
from calculator.readers.layer_table.line import TYPES, Line, row_of
from calculator.readers.layer_table.link_form import fits_link, layer_cells, write_table
from calculator.readers.layer_table.sizes import Step, chain_steps, input_rank, ranks_before
from calculator.readers.layer_table.table import read_table, table_lines
from calculator.readers.model import ANOTHER_PART, MAX_COUNT, Chain, Model, ReadError, Row, Shape
from calculator.readers.readable import with_article

MAX_CHAIN = 2_000
"""The maximum number of layers of a chain. The deepest published chains have a few hundred."""

CONDITION = "if the layers run one after the other, as listed, with nothing between them"
"""What the sizes depend on where the source does not state how the layers are connected."""

ONE_SAMPLE = "Sizes and multiply–accumulates are of one sample"


@dataclass
class ChainBuilder:
    """A chain that is built layer by layer. The first ``problem`` is kept, and later layers are ignored."""

    proven: bool = True
    problem: str = ""
    _rows: list[dict[str, str]] = field(default_factory=list)
    _left_out: dict[str, None] = field(default_factory=dict)
    _unrounded: list[int] = field(default_factory=list)
    _ranks: dict[int, int] = field(default_factory=dict)

    def add(self, cells: dict[str, str], *, unrounded: bool = False, rank: int | None = None) -> None:
        """Add a row, which is column → text; ``unrounded`` is whether its rounding is not stated.

        ``rank`` is the only number of spatial axes for which the row is valid.
        """
        if len(self._rows) >= MAX_CHAIN:
            self.refuse(f"It has more than {format_count(MAX_CHAIN)} layers.")
        elif len(cells.get("name", "")) > MAX_NAME:
            self.refuse(f"The name of a layer has more than {MAX_NAME} characters.")
        elif not self.problem:
            if rank is not None:
                self._ranks[len(self._rows)] = rank
            self._rows.append(cells)
            self._unrounded += [len(self._rows)] if unrounded else []

    @property
    def empty(self) -> bool:
        """Return whether no row was added yet."""
        return not self._rows

    def leave_out(self, what: str) -> None:
        """Note that a table has no row or column for ``what``, which changes neither counts nor sizes."""
        self._left_out[what] = None

    def refuse(self, problem: str) -> None:
        """Note why the layers are not a table. Only the first reason is kept."""
        self.problem = self.problem or problem

    def chain(self, rows: Sequence[Row]) -> Chain:
        r"""Return the chain of a model with these ``rows``, whose counts must be those of the table.

        >>> builder = ChainBuilder()
        >>> builder.add(layer_cells("Linear", name="fc", **{"in": 8, "out": 2}))
        >>> builder.chain([Row("fc", "Linear", (2, 8), 16, 2)]).table
        'name,type,in,out\n,Input,,8\nfc,Linear,8,2\n'
        >>> builder.chain([Row("fc", "Linear", (2, 9), 18, 2)]).problem
        'fc (Linear): a table of layers gives it 16 weights, and the model has 18.'
        """
        problem = self._problem_of(rows)
        if problem:
            return Chain(problem=problem)
        added = _input_row(self._rows)
        unrounded = tuple(number + len(added) for number in self._unrounded)
        table = write_table([*added, *self._rows])
        return Chain(table, self.proven, "", tuple(self._left_out), unrounded)

    def _problem_of(self, rows: Sequence[Row]) -> str:
        """Return why ``rows`` are not those of the table, or ""."""
        for row in rows:
            if not row.known and row.type != ANOTHER_PART:
                return f"{row.title} ({row.type}) is not counted, so its output size is not known."
            if row.times > 1:
                return f"{row.title} ({row.type}) stands for {format_count(row.times)} equal layers."
            if row.undecided:
                return f"{row.title} ({row.type}) may be a transposed convolution, or not."
        if self.problem or not self._rows:
            return self.problem or "It has no layers with sizes."
        try:
            lines = table_lines(write_table(self._rows))
            before = ranks_before(lines) if self._ranks else []
            for index, rank in self._ranks.items():
                if before[index] != rank:
                    return f"{lines[index].name}: its dim is not known to be the axis of the channels."
            _matched([Step(line, (), row_of(line)) for line in lines], rows)
        except ReadError as error:
            return str(error)
        return ""


def _input_row(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the row of an input that is a vector of features, or [] for an input with spatial axes."""
    needed = 0
    for row in rows:
        category = TYPES[row["type"]].category
        needed = needed or int(row.get("in") or (row.get("out") or 0 if category == "norm" else 0))
        if category == "input":
            return []
        if category in ("linear", "reshape") and needed:
            return [layer_cells("Input", out=needed)]
        if category not in ("flatten", "norm", "slopes") or row.get("size"):
            return []
    return []


def _matched(steps: Sequence[Step], rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a model with the sizes of a chain. Raises ``ReadError`` where the two differ."""
    found = [step.row for step in steps if step.row is not None]
    for row, mine in zip(rows, found, strict=False):
        if row.weight_count != mine.weight_count:
            raise ReadError(
                f"{row.title} ({row.type}): a table of layers gives it {format_count(mine.weight_count)} "
                f"weights, and the model has {format_count(row.weight_count)}."
            )
    if len(found) != len(rows):
        raise ReadError(_other_number(found, rows))
    return [
        replace(
            row,
            input_size=mine.input_size,
            output_size=mine.output_size,
            multiply_accumulates=mine.multiply_accumulates,
        )
        for row, mine in zip(rows, found, strict=True)
    ]


def read_typed_table(data: str, *, name: str = "") -> Model:
    r"""Return the model of a table of layers that was typed, with the table as its chain.

    Raises ``ReadError`` as ``read_table`` does.

    >>> with_input_size(read_typed_table("type,in,out,kernel\nConv1d,2,3,3"), (5,)).multiply_accumulates
    54
    """
    model = read_table(data, name=name)
    if len(model.rows) > MAX_CHAIN:
        return replace(model, chain=Chain(problem=f"It has more than {format_count(MAX_CHAIN)} layers."))
    return replace(model, chain=Chain(data, proven=True))


def _chain_lines(model: Model) -> tuple[Line, ...]:
    """Return the lines of the chain of a model. Raises ``ReadError`` with the reason if it has none."""
    if model.chain is None or not model.chain.table:
        problem = _without_chain(model) if model.chain is None else model.chain.problem
        raise ReadError(f"Sizes cannot be computed. {problem}")
    return _lines_of(model.chain.table)


@lru_cache(maxsize=8)  # A rerun of the page asks several times for the lines of the same chain.
def _lines_of(table: str) -> tuple[Line, ...]:
    """Return the lines of a generated table, without row numbers, which would mean nothing to the user."""
    return tuple(replace(line, number=0) for line in table_lines(table))


@lru_cache(maxsize=8)  # Every rerun of the page asks whether the same chain can be edited.
def _model_of(table: str) -> Model:
    return read_table(table)


def _without_chain(model: Model) -> str:
    """Return why a format has no chains."""
    return (
        f"The strides and the order of the layers are not read from {with_article(model.format)}. "
        "Paste print(model) of a PyTorch model, or open a Keras model."
    )


def size_problem(model: Model) -> str:
    """Return why a model cannot have sizes, or "".

    >>> size_problem(Model((), "", chain=Chain(problem="up (Own) is not counted.")))
    'Sizes cannot be computed. up (Own) is not counted.'
    """
    try:
        _chain_lines(model)
    except ReadError as error:
        return str(error)
    return ""


def size_hint(model: Model) -> str:
    """Return an input size that fits the form of a model's input, such as "64x64"; "" where it has none.

    A number of features is the only input of a model that begins with a Linear.
    """
    if size_problem(model):
        return ""
    lines = _chain_lines(model)
    if lines[0].type == "Input":
        return axes_cell(lines[0].size or (lines[0].outputs,))
    return "x".join(["64"] * max(input_rank(lines), 1))


def parse_size(model: Model, text: str, label: str = "input_size", maximum: int = MAX_COUNT) -> Shape:
    """Return the input size in ``text`` for a model. Raises ``LayerError`` and ``ReadError``."""
    first, rank = _chain_lines(model)[0], input_rank(_chain_lines(model))
    if not rank:  # Features, or layers that take any number of axes.
        rank = 1 if first.type == "Input" else min(max(count_numbers(text), 1), 3)
    return parse_spatial(text, label, rank=rank, minimum=1, maximum=maximum)


def with_input_size(model: Model, size: Shape) -> Model:
    r"""Return ``model`` with sizes and multiply–accumulates for the input size, or number of features.

    A model whose chain is not proven has ``CONDITION`` as its condition. Raises ``ReadError`` with the first
    layer that does not fit.

    >>> chain = Chain("type,in,out,kernel,stride\nConvTranspose1d,2,3,4,2\n", proven=True)
    >>> model = with_input_size(Model((Row("up", "ConvTranspose1d", None, 24, 3),), "", chain=chain), (5,))
    >>> model.rows[0].output_size, model.multiply_accumulates, model.condition
    ((12,), 120, '')
    """
    lines = _chain_lines(model)
    assert model.chain is not None  # _chain_lines has raised otherwise.
    first = lines[0]
    # Rounded up, a window may be larger than the input: what is rounded down fits too.
    lines = tuple(
        replace(line, ceil_mode=line.ceil_mode or number in model.chain.unrounded)
        for number, line in enumerate(lines, 1)
    )
    given: Shape | None = size * max(input_rank(lines), 1) if len(size) == 1 else size
    if first.type == "Input" and not first.size:
        if set(size) != {first.outputs}:
            raise ReadError(
                f"The input of this model is {format_count(first.outputs)} features, not "
                f"{format_product(size)}."
            )
        given = None
    try:
        steps = []
        for number, step in enumerate(chain_steps(lines, given), 1):
            if number in model.chain.unrounded:
                _check_rounding(step)
            steps.append(step)
    except LayerError as error:
        raise ReadError(str(error)) from None
    sentence = ONE_SAMPLE
    if not model.chain.proven:
        sentence += ". What was read does not show how its layers are connected"
    return replace(
        model,
        rows=tuple(_matched(steps, model.rows)),
        assumptions=(f"{sentence}.", *(each for each in model.assumptions if ONE_SAMPLE not in each)),
        condition="" if model.chain.proven else CONDITION,
    )


def _check_rounding(step: Step) -> None:
    """Raise ``ReadError`` for pooling whose size depends on a rounding that is not known."""
    line = step.line
    for i, k, s, p in zip(step.input_size, line.kernel, line.stride, line.padding, strict=True):
        if (i + 2 * p - k) % s:
            raise line.error(
                f"a print does not show its ceil_mode, on which its output for a size of "
                f"{format_product(step.input_size)} depends."
            )


def edit_problem(model: Model) -> str:
    """Return why a model cannot be edited as a table of layers that is in the link, or "".

    The table must have the same counts as the model.
    """
    chain = model.chain
    if chain is None or not chain.table:
        return _without_chain(model) if chain is None else chain.problem
    try:
        table = _model_of(chain.table)
    except ReadError as error:
        return str(error)
    if len(table.rows) != len(model.rows):
        return _other_number(table.rows, model.rows)
    for row, mine in zip(model.rows, table.rows, strict=True):
        if row.parameter_count != mine.parameter_count:
            return (
                f"{row.title} ({row.type}) has {format_count(row.parameter_count)} parameters, and a table "
                f"of layers would give it {format_count(mine.parameter_count)}."
            )
        if row.trainable_count != mine.trainable_count:
            return f"{row.title} ({row.type}) is trained in part, which a table of layers cannot say."
    if model.surplus:
        return "Its rows add up to more than the total that is stated beside them."
    if table.trainable_count != model.trainable_count or not model.trained_known:
        return "Which of its layers are trained is not known."
    if not fits_link(chain.table):
        return f"With {format_count(len(table.rows))} layers the table is too long for a link."
    return ""


def _other_number(found: Sequence[Row], rows: Sequence[Row]) -> str:
    """Return the sentence for a table that gives ``found`` instead of the ``rows`` of the model."""
    return (
        f"A table of layers has {format_count(len(found))} layers with parameters, the model "
        f"{format_count(len(rows))}."
    )


def left_out_sentence(chain: Chain) -> str:
    """Return what the table of a chain leaves out or assumes, or "".

    >>> left_out_sentence(Chain(left_out=("ReLU", "Tanh")))
    'The table leaves out what changes neither counts nor sizes: ReLU and Tanh.'
    """
    sentences = []
    if chain.left_out:
        names = join_words(chain.left_out)
        sentences.append(f"The table leaves out what changes neither counts nor sizes: {names}.")
    if chain.unrounded:
        sentences.append("The table rounds the sizes of average pooling down, as ceil_mode=False does.")
    return " ".join(sentences)
