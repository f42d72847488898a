"""Mistakes in counting backwards: every number calculated again, whole numbers only."""

from tests.helpers.expected_mistakes import check_mistakes, in_inverse, sample_exercises


def test_backwards() -> None:
    for one in sample_exercises(3):
        if not one.listing:
            wholes = {key: int(value) for key, value in in_inverse(one) if value == int(value)}
            check_mistakes(
                one,
                wholes,
                frozenset({"bias-per-kernel"}) if one.quantity == "output channels" else frozenset(),
            )
