"""The table of the advice on a model."""

from calculator.comparison.advice import Advice
from calculator.comparison.lighter_block import Costs
from calculator.tables.advice import advice_table


def test_advice_is_exported_with_its_size() -> None:
    table = advice_table((Advice("a rule", "A sentence.", (1, 2), 7),))
    assert table.values.tolist() == [["a rule", 7, *[None] * 6, "A sentence."]]
    changed = Advice("a rule", "A sentence.", (1,), 3, Costs(9, 8, None), Costs(6, 10, None))
    assert advice_table((changed,)).to_dict("records") == [
        {
            "rule": "a rule",
            "parameters": 3,
            "parameters, before": 9,
            "parameters, after": 6,
            "multiply–accumulates, before": 8,
            "multiply–accumulates, after": 10,
            "activations kept, before": None,
            "activations kept, after": None,
            "advice": "A sentence.",
        }
    ]
