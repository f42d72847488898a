"""Published exercises: the counts of the course, from the exercise to its mistakes."""

import pytest

from calculator.learn.exercises.generator import exercises
from calculator.learn.exercises.published import CSC413, PUBLISHED
from calculator.learn.mistakes.diagnosis import diagnose
from tests.helpers import question_parser

# The layers and the published counts, by what `source` names.
SETS = {
    "University of Toronto Mississauga, CSC413, 2024, week 10, exercise 2": {
        "nn.ConvTranspose2d(3, 2, 3, stride=1)": 56,
        "nn.ConvTranspose2d(3, 10, 3, stride=2)": 280,
        "nn.ConvTranspose2d(3, 2, 4, stride=5)": 98,
        "nn.ConvTranspose2d(3, 4, 3, stride=23)": 112,
    },
}
LEVEL, SEED = next(place for place, published in PUBLISHED.items() if published is CSC413)


@pytest.mark.parametrize("place", PUBLISHED)
def test_a_published_exercise(place: tuple[int, int]) -> None:
    published, (level, seed) = PUBLISHED[place], place
    counts = SETS[published.source]
    made = exercises(seed, level, len(counts))
    for one, (code, count) in zip(made, counts.items(), strict=True):
        assert f" {code}. " in one.question
        assert one.answer == count == question_parser.oracle(one)
        assert diagnose(one, count).correct
    assert published.answers == tuple(counts.values())


@pytest.mark.parametrize(("number", "answer", "words"), [
    (1, 54, "the biases forgotten"),
    (2, 270, "the biases forgotten"),
    (3, 48, "in_channels"),
    (4, 108 * 23 * 23 + 4, "the weights multiplied by the stride squared"),
    (1, 20, "the input channels forgotten, or with one side of the kernel only: 3 instead of 3 × 3"),
])  # fmt: skip
def test_their_mistakes_are_known(number: int, answer: int, words: str) -> None:
    one = exercises(SEED, LEVEL, number)[-1]
    if answer == 48:
        assert not diagnose(one, answer).correct
        return
    assert words in diagnose(one, answer).sentence


def test_more_exercises_follow_in_the_same_form() -> None:
    made = exercises(SEED, LEVEL, 30)
    assert len({one.question.partition(", stride")[0] for one in made}) == 30
    assert exercises(SEED + 1, LEVEL, 1)[0].question not in {one.question for one in made[:4]}
