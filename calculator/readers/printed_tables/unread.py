"""Tables of layers that are not read, by name, and what to paste instead.

- A count that a table rounds, or that stands beside no class of layer, would be a guess.
- The tables are told apart by their line of titles, which no library does.

Sources: lightning/pytorch/utilities/model_summary/model_summary.py, torchsummaryX/torchsummaryX.py,
flax/linen/summary.py, haiku/_src/summarise.py, fvcore/nn/print_model_statistics.py, torchscan/utils.py,
mxnet/gluon/block.py and mxnet/visualization.py, tf_slim/model_analyzer.py, torchstat/reporter.py.
"""

import re

from calculator.readers.model import Model, ReadError
from calculator.readers.printed_counts import MAX_WIDTH

MAX_SEARCHED = 20_000
"""The number of characters at the beginning of a text in which the titles must be."""

_PRINT = "Paste print(model) instead, or open its state_dict()."
_ROUNDED = "Its counts are rounded, so that no exact number follows from them."
_JAX = "Save the parameters as .safetensors and open that file, or type a table of layers."
_GAP = r"[\s|│┃]{1,80}"

_TABLES = (
    (rf"Name{_GAP}Type{_GAP}Params", f"This is the model summary of Lightning. {_ROUNDED} {_PRINT}"),
    (
        rf"Kernel Shape{_GAP}Output Shape{_GAP}Params{_GAP}Mult-Adds",
        f"This is a table of torchsummaryX. {_ROUNDED} {_PRINT}",
    ),
    (
        rf"path{_GAP}(?:module|type){_GAP}(?:inputs|outputs|\w{{1,40}})",
        f"This is a table of tabulate of Flax, which is not read. {_JAX}",
    ),
    (
        rf"Module{_GAP}Config{_GAP}Module params",
        f"This is a table of tabulate of Haiku, which is not read. {_JAX}",
    ),
    (
        r"\|\s{0,80}(?:name|module)\s{0,80}\|\s{0,80}#(?:elements|parameters) or shape",
        f"This is a table of fvcore. {_ROUNDED} {_PRINT}",
    ),
    (
        rf"Layer{_GAP}Type{_GAP}Output Shape{_GAP}Param #",
        f"This is a table of torchscan, which is not read. {_PRINT}",
    ),
    (
        r"from\s{1,80}n\s{1,80}params\s{1,80}module\s{1,80}arguments",
        f"This is a table of Ultralytics (YOLO), whose rows are blocks and not layers. {_PRINT}",
    ),
    (
        rf"Modules?(?: name)?{_GAP}(?:Parameters|Params)",
        "This is a table of counts by name, which has neither classes nor shapes. Paste print(model) "
        "instead, or a list of the name and the shape of each parameter.",
    ),
    (
        r"module name\s{1,80}input shape\s{1,80}output shape\s{1,80}params",
        f"This is a table of torchstat, which is not read. {_PRINT}",
    ),
    (
        r"Layer \(type\)\s{1,80}Output Shape\s{1,80}Param #\s{1,80}Previous Layer",
        "This is a summary of MXNet, which is not read. Export the model to ONNX and open that file.",
    ),
    (
        r"(?:Variables: name \(type shape\) \[size\]|Operations: name -> \(type shapes\) \[size\])",
        "This is a list of variables of TF-Slim, which is not read: it does not say which of them belong to "
        "transposed layers. Type a table of layers.",
    ),
)
"""Patterns of a line of titles, none with a group, each with the sentence about the table."""

_TITLES = re.compile("|".join(f"({pattern})" for pattern, _ in _TABLES))
_GLUON = re.compile(r"Parameters in forward computation graph|-[0-9]{1,9}\s{1,80}(?:<Symbol |\([0-9])")
_GLUON_SENTENCE = (
    "This is a summary of MXNet's Gluon, which is not read. Export the model to ONNX and open that file."
)


def explain(data: str) -> str:
    """Return the sentence about a table that is not read, or "" for any other text.

    >>> explain("  | Name | Type            | Params | Mode")[:44]
    'This is the model summary of Lightning. Its '
    >>> explain("name,type,in,out")
    ''
    """
    begin = data[:MAX_SEARCHED]
    if "Layer (type)" in begin and _GLUON.search(data[: 20 * MAX_SEARCHED]):
        return _GLUON_SENTENCE
    for line in begin.splitlines():
        text = line.strip(" \t|│┃")[:MAX_WIDTH]
        titles = _TITLES.match(text) or (text != line and _TITLES.match(line.lstrip()[:MAX_WIDTH]))
        if titles and titles.lastindex:
            return _TABLES[titles.lastindex - 1][1]
    return ""


def recognises(data: str) -> bool:
    """Return whether a text is a table of layers that is not read.

    >>> recognises("  | Name | Type            | Params | Mode"), recognises("name,type,in,out")
    (True, False)
    """
    return explain(data) != ""


def refuse(data: str, *, name: str = "") -> Model:
    """Raise ``ReadError`` with the name of the table and what to paste instead."""
    raise ReadError(explain(data))
