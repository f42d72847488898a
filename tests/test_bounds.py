"""Nothing outside the readers allocates or loops by a value from outside without a limit that has a name.

Each place where a number can set how much is allocated or how often something runs is listed here with its
bound. A new place, or one that was changed, fails the test until somebody has found its bound. The readers
run in a process with limits of their own (``tests/readers/test_isolation.py``) and are fed by ``tests/fuzz``.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

SETTINGS = (
    "a setting of the page or what follows from it: 65,536 positions, 128 for every other spatial setting"
)
DRAWN = "what is drawn: a part of the layer that constants of the program limit"

BOUNDS = {
    "charts.compare: range(1, MAX_CORNERS)": "MAX_CORNERS",
    "charts.descriptions: while 2 * summed < total": "the rows of the model, each taken once",
    "charts.heatmap: [''] * columns": DRAWN,
    "charts.heatmap: [1.0] * cells": DRAWN,
    "charts.heatmap: [None] * columns": DRAWN,
    "charts.heatmap: range(column, column + width)": DRAWN,
    "charts.heatmap: range(row, row + height)": DRAWN,
    "charts.heatmap: range(rows)": DRAWN,
    "charts.model: range(1, len(path))": "MAX_DEPTH",
    "charts.picture: [1.0] * (left + (rows if across else longer))": DRAWN,
    "charts.picture: [1.0] * (longer if across else top + columns)": DRAWN,
    "charts.split: while True": "the decimal digits by which a share is small",
    "charts.ticks: range(int(maximum // step) + 1)": "the ticks wanted, a constant",
    "charts.ticks: range(low, high + 1, stride)": "the decimal powers between two numbers, thinned out",
    "charts.ticks: range(math.floor(math.log10(minimum)), math.ceil(m": "the digits of a number",
    "charts.votes: range(rounds)": "2",
    "charts.weight_grid: [1.0] * height": "MAX_CELLS",
    "charts.weight_grid: [1.0] * width": "MAX_CELLS",
    "charts.weight_grid: range(1, count + 1)": "MAX_CELLS",
    "charts.weight_grid: range(height)": SETTINGS,
    "charts.weight_grid: range(in_row)": "MAX_CELLS",
    "charts.weight_grid: range(rows)": "MAX_CELLS",
    "charts.weight_grid: range(width)": SETTINGS,
    "classroom.limits: while more and len(body) <= MAX_FORM": "MAX_FORM",
    "classroom.location: while True": "one turn every SWEEP_SECONDS in a thread of its own",
    "classroom.questions: range(1, STEP_COUNT + 1)": "STEP_COUNT",
    "classroom.questions: range(last, last - 2, -1)": "2",
    "classroom.store: range(CODE_LENGTH)": "CODE_LENGTH",
    "classroom.store: range(MAX_CODES_TRIED)": "MAX_CODES_TRIED",
    "classroom.weights_drawing: range(1, height)": "MAX_CELLS",
    "classroom.weights_drawing: range(1, width)": "MAX_CELLS",
    "cli.compare_command: '<'.ljust": "a text of the program",
    "cli.model_command: '<<<<'.ljust": "a text of the program",
    "cli.model_command: ' ' * (width - length)": "MAX_NAME",
    "upsampling.alternative: range(scale)": "MAX_REACHED or by halves",
    "upsampling.alternatives: range(len(axes) + 1)": "the number of axes",
    "upsampling.alternatives: range(len(steps) + 1)": "the number of axes",
    "upsampling.form_code: range(start, end)": "the layers of a form",
    "upsampling.form_code: while start > 0 and _is_depthwise(layers[start])": "the layers of a form",
    "upsampling.form_search: range(1, min(math.isqrt(number), MAX_DIVISOR) + 1)": "MAX_DIVISOR",
    "upsampling.form_search: while begun": "MAX_TRIED",
    "upsampling.form_search: self.ones": "MAX_TRIED",
    "upsampling.form_search: while end < len(self.ones) and self.twos[end] >= t": "MAX_TRIED",
    "upsampling.forms: '-grouped' * (groups > 1)": "1",
    "upsampling.forms: '-grouped' * grouped": "1",
    "upsampling.forms: [min(inputs, outputs)] * (layers - 1)": "the number of axes",
    "upsampling.forms: range(len(rest) ** 2)": "the layers of a form",
    "upsampling.forms: range(max(row) + 1)": "the number of axes",
    "comparison.budget: while inputs <= limit and (outputs := ((room - per": "MAX_CHANNELS",
    "comparison.lighter_block: ' transposed' * block.transposed": "1",
    "comparison.lighter_block: range(len(groups), -1, -1)": "the number of axes",
    "upsampling.operations: range(first, first + (2 if between else 1))": "2",
    "upsampling.operations: range(first, first + 1)": "1",
    "upsampling.operations: range(first, first + len(kernel_indices) * (d // c": "MAX_REACHED",
    "upsampling.operations: range(position - op.kernel_size[axis] + 1, positio": "MAX_REACHED",
    "upsampling.operations: range(position - half, position + half + 1)": "MAX_REACHED",
    "upsampling.operations: range(position // common * pow(d // common, -1, st": "MAX_REACHED",
    "core.layer: range(1, math.isqrt(common) + 1)": "MAX_SEARCHED",
    "geometry.chain_solver: range(2, self.bounds.layers + 1)": "MAX_LAYERS",
    "geometry.chain_solver: range(MAX_PATHS)": "MAX_PATHS",
    "geometry.chain_solver: range(layers - 1)": "MAX_LAYERS",
    "geometry.chain_solver: range(self.stride if size > 1 else 1, 0, -1)": "MAX_BOUND",
    "geometry.inverse: range(max(minimum, 1), max(minimum + layer.stride[": "never counted out",
    "geometry.layer_solver: [False] * ((i - 1) * s + extent)": "MAX_STEPS",
    "geometry.layer_solver: range(0, extent, d)": "MAX_BOUND",
    "geometry.layer_solver: range(0, i * s, s)": "MAX_STEPS",
    "geometry.layer_solver: range(1, bounds.dilation + 1 if k > 1 else 2)": "MAX_BOUND",
    "geometry.layer_solver: range(1, bounds.largest_kernel(input_size, wanted)": "MAX_BOUND",
    "geometry.layer_solver: range(1, self.stride + 1)": "MAX_BOUND",
    "geometry.layer_solver: range(largest + 1, MAX_BOUND + 1)": "MAX_BOUND",
    "geometry.layer_solver: range(max(wanted // input_size, 1), max(-(-wanted ": "two strides",
    "geometry.layer_solver: range(most)": "MAX_LISTED",
    "geometry.overlap: [0] * (length + s)": "MAX_POSITIONS",
    "geometry.overlap: range(0, extent, layer.dilation[axis])": "never counted out",
    "geometry.overlap: range(length)": "MAX_POSITIONS",
    "geometry.size_solver: range(1, full + maximum + 1)": "never counted out",
    "geometry.size_solver: range(2 - full % 2, full + 1, 2)": "never counted out",
    "geometry.size_solver: range(max(-surplus, surplus % 2), most + 1, 2)": "MAX_SOLUTIONS",
    "geometry.stamp: (1,) * layer.kernel_volume": "MAX_CELLS",
    "geometry.stamp: (1,) * math.prod(size)": "MAX_CELLS",
    "geometry.stamp: [0] * math.prod(canvas_size)": "MAX_CELLS",
    "geometry.stamp: range(0, extent, d)": "MAX_CELLS",
    "geometry.stamp: range(0, i * s, s)": "MAX_CELLS",
    "geometry.stamp: range(layer.kernel_volume)": "MAX_CELLS",
    "geometry.stamp: range(math.prod(size))": "MAX_CELLS",
    "geometry.stamp: range(start, end)": "MAX_CELLS",
    "geometry.weight_grid: range(count)": DRAWN,
    "geometry.weight_grid: range(first, first + places - 1)": DRAWN,
    "geometry.weight_grid: range(maximum - 2)": DRAWN,
    "geometry.weight_grid: range(maximum - 3)": DRAWN,
    "geometry.weight_grid: range(maximum - 4)": DRAWN,
    "learn.calculation: while (sign := self._take(f'+{_MINUS}'))": "MAX_CHARS",
    "learn.calculation: while self._take(_TIMES)": "MAX_CHARS",
    "learn.exercises.generator: range(1, count + 1)": "the maximum of the setting questions, 30",
    "learn.exercises.generator: range(MAX_CANDIDATES)": "MAX_CANDIDATES",
    "learn.exercises.layer_questions: (rng.pick(KERNELS),) * rng.pick((1, 2, 2))": "2",
    "learn.worksheet.html: '<i></i>' * (LISTING_LINES if exercise.listing els": "LISTING_LINES",
    "networks.repeated_blocks: ',' * (4 - spatial.count(','))": "4",
    "settings.shelf: while fresh in taken": "SHELF_ROOM",
    "tables.export.markdown: '-' * (width - 1)": "MAX_ALIGNED",
    "tables.export.markdown: cell.ljust": "MAX_ALIGNED",
    "tables.export.markdown: cell.rjust": "MAX_ALIGNED",
    "tables.sweeps: range(1, maximum + 1, step)": "MAX_KERNEL_SIZES",
    "tables.sweeps: while len(values) < MIN_PLANE_VALUES or values[-1]": "the binary digits of a count",
    "tables.sweeps: while value <= maximum": "the binary digits of a count",
    "ui.classroom.lead: range(1, present.round + 1)": "LAST_ROUND",
    "ui.compare.budget: ['Open'] * min(len(pairs), MAX_ROWS)": "MAX_ROWS",
    "ui.learn.exercises: range(1, FIELD['exercise'].maximum + 1)": "the exercises of a seed",
    "ui.learn.lesson: range(1, len(STAGES) + 1)": "the parts of the lesson",
    "ui.picture.weights: range(line.kernel_volume)": SETTINGS,
    "ui.session.callbacks: while True": "the newer events of one visitor while a callback runs",
    "ui.session.models: while self.total > self.maximum": "the models that are held",
    "web.connections: while LimitedMessages.receiving > MAX_RECEIVING an": "the connections that are open",
    "web.compressed_files: while True": "the installed files, each compressed once",
    "web.messages: while parts": "MAX_FIELDS",
    "web.request_limits: while len(body) > PIECE": "what the app answers",
    "web.request_limits: while received <= maximum": "the maximum size of an upload",
    "web.start_page: while waiting": "the files of Streamlit, each taken once",
}
"""What limits each place."""

LENGTH = 50
"""The characters of a place by which it is known here."""

OF_AXES = ("rank", "axes")
"""The names of numbers of axes, which are at most 3."""


def places(root: Path) -> Iterator[str]:
    """Yield each place outside the readers where a number sets how much is done: its module and source."""
    for file in sorted((root / "calculator").rglob("*.py")):
        module = ".".join(file.relative_to(root).with_suffix("").parts)
        if module.startswith("calculator.readers."):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if is_place(node):
                source = ast.unparse(node).split("\n")[0].removesuffix(":")
                yield f"{module.removeprefix('calculator.')}: {source[:LENGTH]}"


def is_place(node: ast.AST) -> bool:
    """Return whether a number may set how much is allocated, or how often something runs, in a node."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        return (len(node.args) > 1 and not constant(node.args)) or not small(node.args[0])
    if isinstance(node, ast.While):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        pair = node.left, node.right
        return any(map(is_sequence, pair)) and not any(map(small, pair))
    return isinstance(node, ast.Attribute) and node.attr in ("repeat", "zeros", "ones", "ljust", "rjust")


def constant(nodes: Sequence[ast.expr]) -> bool:
    """Return whether all of the numbers are written in the source."""
    return all(isinstance(node, ast.Constant | ast.UnaryOp) for node in nodes)


def small(node: ast.expr) -> bool:
    """Return whether a number is written in the source, the length of what exists, or a number of axes."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "len"
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in OF_AXES or (isinstance(node, ast.Constant) and isinstance(node.value, int))


def is_sequence(node: ast.expr) -> bool:
    """Return whether a factor is a list, a tuple or a text."""
    text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return text or isinstance(node, ast.List | ast.Tuple | ast.ListComp | ast.JoinedStr)


def test_every_place_has_a_bound() -> None:
    found = set(places(ROOT))
    assert sorted(found - BOUNDS.keys()) == []
    assert sorted(BOUNDS.keys() - found) == []


def test_a_bound_that_is_a_name_exists() -> None:
    sources = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "calculator").rglob("*.py"))
    names = {word for bound in BOUNDS.values() for word in bound.split() if word.isupper()}
    assert [
        name for name in sorted(names) if f"\n{name} = " not in sources and f", {name} = " not in sources
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        "taps = list(range(layer.stride[0]))",
        "counts = [0] * (length + s)",
        "for n in range(1, count): pass",
        "text = '-' * width",
        "while value < wanted: value += 1",
        "line = name.ljust(width)",
    ],
)
def test_a_new_place_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "calculator").mkdir()
    (tmp_path / "calculator" / "new.py").write_text(line, encoding="utf-8")
    assert len(list(places(tmp_path))) == 1


@pytest.mark.parametrize(
    "line",
    ["range(8)", "range(len(rows))", "range(8, 0, -1)", "(0,) * layer.rank", "[''] * len(rows)", "a * b"],
)
def test_what_is_small_in_itself_needs_no_bound(tmp_path: Path, line: str) -> None:
    (tmp_path / "calculator").mkdir()
    (tmp_path / "calculator" / "new.py").write_text(line, encoding="utf-8")
    assert list(places(tmp_path)) == []
