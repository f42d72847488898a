"""The count by hand: without a mistake, it is the derivation of the core."""

from calculator.core.derivation import derive_parameters
from calculator.learn.mistakes.hand_count import correct_count, working
from tests.helpers.expected_mistakes import sample_exercises


def test_the_right_count_is_the_derivation() -> None:
    for level in (1, 2):
        for one in sample_exercises(level):
            assert one.layer is not None
            assert working(correct_count(one.layer)) == derive_parameters(one.layer) == one.working
