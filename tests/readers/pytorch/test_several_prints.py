"""Several printed modules in one text: which are counted. ``test_printed`` has whole texts."""

from calculator.readers.model import Row
from calculator.readers.pytorch.several_prints import DIFFERENT, is_same_module, rows_of_prints

UP, DOWN = Row("up", "Linear", weight_count=8), Row("down", "Linear", weight_count=4)


def test_one_print_is_counted_without_an_assumption() -> None:
    rows, assumptions = rows_of_prints([("Net", [UP, Row("", "Net", other_count=3)])])
    assert [(row.name, row.parameter_count) for row in rows] == [("Net.up", 8), ("Net", 3)]
    assert assumptions == []


def test_of_two_versions_of_a_model_the_smallest_is_counted() -> None:
    rows, assumptions = rows_of_prints([("Net", [UP, DOWN]), ("Net", [UP])])
    assert [(row.name, row.known) for row in rows] == [("Net", False), ("Net_2.up", True)]
    assert rows[0].note == "It has 12 parameters, which no total contains."
    assert assumptions == [
        "The text has 2 printed modules: one is counted (parameters: Net 12 and Net_2 8).",
        "Net and Net_2 have layers in common. They may be one model before and after a change, or parts of "
        "one model, so only the smallest is counted.",
    ]


def test_models_without_a_common_layer_are_different_and_containers_never_versions() -> None:
    rows, assumptions = rows_of_prints([("Net", [UP]), ("Net", [DOWN])])
    assert (len(rows), assumptions[1:]) == (2, [DIFFERENT])
    rows, assumptions = rows_of_prints([("Sequential", [UP]), ("Sequential", [UP])])
    assert [row.name for row in rows] == ["Sequential.up", "Sequential_2.up"]
    assert len(assumptions) == 1


def test_a_part_is_the_same_as_its_module_in_another_print_but_for_notes() -> None:
    inside = [Row("net.up", "Linear", weight_count=8, note="A note."), Row("other", "Linear", weight_count=1)]
    assert is_same_module([UP], "net", inside)
    assert not is_same_module([UP], "", inside)
    assert not is_same_module([DOWN], "net", inside)
    assert is_same_module([UP], "", [UP])
