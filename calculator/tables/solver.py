"""Tables of the answers of the solver: single layers, and chains of layers."""

from collections.abc import Sequence

import pandas as pd

from calculator.core.formatting import collapse_axes, format_count, format_product
from calculator.frameworks import FRAMEWORKS
from calculator.geometry.layer_solver import Answer
from calculator.geometry.size_solver import FrameworkSolution
from calculator.tables.compare import format_ranges
from calculator.tables.exact_frame import exact_frame

OTHERS = tuple(framework.title for name, framework in FRAMEWORKS.items() if name != "pytorch")
"""The frameworks whose arguments are not the numbers of the layer."""

COSTS = ("parameters", "multiply–accumulates", "overlap of products")
KEPT = "activations kept to train"


def layers_table(answers: Sequence[Answer], *, complete: bool = False) -> pd.DataFrame:
    """Return single layers, one row for each, with the arguments of each framework.

    The column "layer" has PyTorch's numbers. A ``complete`` table has each setting in a column, the values
    kept to train, all arguments of each framework instead of the first, and its remarks: why it has no
    arguments, or where its output differs.

    >>> from calculator.geometry.layer_solver import LayerSpec, solve_layers
    >>> found = solve_layers(7, 112, LayerSpec(64, 32)).answers
    >>> layers_table(found)[["layer", "parameters", "Keras"]].values.tolist()[1]
    ['k32, s16, p8', 2097184, "padding='same'"]
    """
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation") if complete else ()
    rows = [
        (
            answer.text,
            *(getattr(answer.layers[0], name) for name in names),
            *_costs(answer),
            *((answer.kept_activations,) if complete else ()),
            *_framework_cells(answer, complete),
        )
        for answer in answers
    ]
    settings = [name.replace("_", " ") for name in names]
    kept = (KEPT,) if complete else ()
    return exact_frame(rows, ("layer", *settings, *COSTS, *kept, *_framework_columns(complete)))


def chains_table(answers: Sequence[Answer], *, complete: bool = False) -> pd.DataFrame:
    """Return chains of layers, one row for each, with sizes and channels.

    A ``complete`` table has the arguments and the remarks of each framework too, as in ``layers_table``.

    >>> from calculator.geometry.chain_solver import solve_chains
    >>> from calculator.geometry.layer_solver import LayerSpec
    >>> chains_table(solve_chains(7, 28, LayerSpec(64, 32)).answers)[["layers", "sizes"]].values.tolist()[0]
    ['2 × (k2, s2)', '7 → 14 → 28']
    """
    rows = [
        (
            answer.text,
            *_costs(answer),
            answer.kept_activations,
            " → ".join(_size(size) for size in answer.sizes),
            " → ".join(map(format_count, channels)),
            *(_framework_cells(answer, complete) if complete else ()),
        )
        for answer in answers
        for channels in [(answer.layers[0].in_channels, *(one.out_channels for one in answer.layers))]
    ]
    frameworks = _framework_columns(complete) if complete else ()
    columns = ("layers", *COSTS, KEPT, "sizes", "channels", *frameworks)
    return exact_frame(rows, columns)


def _size(size: tuple[int, ...]) -> str:
    """Return a size for a column of sizes: one number where all axes agree."""
    return format_product(collapse_axes(size), compact=True)


def _costs(answer: Answer) -> tuple[object, ...]:
    """Return the cells of the columns ``COSTS``."""
    overlap = f"{format_ranges(answer.overlap)}, {answer.kind}"
    return answer.parameter_count, answer.multiply_accumulates, overlap


def _framework_columns(complete: bool) -> tuple[str, ...]:
    return (*OTHERS, *(f"remark, {title}" for title in OTHERS)) if complete else OTHERS


def _framework_cells(answer: Answer, complete: bool) -> tuple[str, ...]:
    """Return the arguments of each framework, and with ``complete`` its remarks."""
    layers = answer.ways()
    by_title = [[[way for way in ways if way.framework == title] for ways in layers] for title in OTHERS]
    cells = tuple(_arguments(layers, complete) for layers in by_title)
    return (*cells, *map(_remarks, by_title)) if complete else cells


def _arguments(layers: list[list[FrameworkSolution]], complete: bool) -> str:
    """Return the first, or all, arguments of one framework for each layer; once if all layers agree."""
    most = None if complete else 1
    texts = [" or ".join([way.how for way in ways if way.how][:most]) for ways in layers]
    if not all(texts):
        return "not possible"
    return " → ".join(texts if len(set(texts)) > 1 else texts[:1])


def _remarks(layers: list[list[FrameworkSolution]]) -> str:
    """Return the reasons and the notes of one framework, each once."""
    return " ".join(dict.fromkeys(way.problem or way.note for ways in layers for way in ways)).strip()
