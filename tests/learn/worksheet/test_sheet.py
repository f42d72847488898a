"""The texts that HTML and Markdown share: labels, and the wrong answers of a key."""

from calculator.learn.worksheet.sheet import WrongAnswer, answer_label, wrong_answers
from tests.helpers.sheets import NASTY, PLAIN


def test_wrong_answers_have_one_row_for_each_number() -> None:
    assert wrong_answers(NASTY) == (
        WrongAnswer(77, "k instead of <k²>", "1"),
        WrongAnswer(9_000, "the biases forgotten; or in_channels swapped", "1 or 2"),
    )
    assert wrong_answers(PLAIN) == ()


def test_the_answer_has_a_label() -> None:
    assert (answer_label(NASTY), answer_label(PLAIN)) == ("Trainable parameters =", "Kernel size =")
