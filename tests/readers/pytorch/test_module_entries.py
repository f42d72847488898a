"""Rows of modules whose classes and parameters are stated."""

import pytest

from calculator.readers.model import ReadError
from calculator.readers.pytorch.module_entries import ModuleEntry, ParameterEntry, rows_of_modules

SETTINGS = {
    "in_channels": 8,
    "out_channels": 4,
    "kernel_size": (4, 4),
    "stride": (2, 2),
    "padding": (1, 1),
    "output_padding": (0, 0),
    "dilation": (1, 1),
    "groups": 1,
    "bias": False,
}


def parameter(name: str, *shape: int, number: int = 0, trained: bool = True) -> ParameterEntry:
    return ParameterEntry(name, shape, trained, number)


def test_a_transposed_convolution_has_its_layer() -> None:
    entry = ModuleEntry("up", "ConvTranspose2d", [parameter("weight", 8, 4, 4, 4)], SETTINGS)
    [row], shared = rows_of_modules([entry], "The file")
    assert (row.transposed, row.weight_count, row.bias_count, shared) == (True, 512, 0, {})
    assert row.layer is not None
    assert row.layer.parameter_count == 512


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"groups": 2}, "do not fit the shape of its weight"),
        ({"padding": "same"}, "not possible in the calculator"),
        ({"kernel_size": None}, "not possible in the calculator"),
    ],
)
def test_settings_that_do_not_fit_are_said(change: dict[str, object], words: str) -> None:
    entry = ModuleEntry("up", "ConvTranspose2d", [parameter("weight", 8, 4, 4, 4)], SETTINGS | change)
    [row], _ = rows_of_modules([entry], "The file")
    assert (row.layer, row.transposed, row.parameter_count) == (None, True, 512)
    assert words in row.note


def test_a_transposed_convolution_without_settings() -> None:
    entry = ModuleEntry("up", "ConvTranspose1d", [parameter("weight", 8, 4, 3)], transposed=True)
    [row], _ = rows_of_modules([entry], "The file")
    assert (row.transposed, row.layer, row.note) == (True, None, "Stride and padding are not stored.")


def test_a_shared_parameter_is_counted_once() -> None:
    entries = [ModuleEntry(path, "Linear", [parameter("weight", 3, 2, number=7)]) for path in ("a", "b")]
    rows, shared = rows_of_modules(entries, "The file")
    assert [(row.name, row.parameter_count) for row in rows] == [("a", 6)]
    assert shared == {"b.weight": "a.weight"}


def test_what_contradicts_itself_is_refused() -> None:
    differing = [
        ModuleEntry("a", "Linear", [parameter("weight", 3, 2)]),
        ModuleEntry("b", "Linear", [parameter("weight", 3, 3)]),
    ]
    with pytest.raises(ReadError, match="have the same id"):
        rows_of_modules(differing, "The file")
    with pytest.raises(ReadError, match="The file names the module 'a' twice"):
        rows_of_modules([ModuleEntry("a", "Linear"), ModuleEntry("a", "Linear")], "The file")
