"""The steps from one kernel to the biases: every answer counted by allocating the weights."""

import numpy as np
from hypothesis import given

from calculator.core.formatting import plural
from calculator.learn.lesson.lesson import lesson_step
from calculator.learn.lesson.step import LessonStep
from calculator.settings import Settings
from tests.helpers.lesson_layers import allocated, small_layers


@given(small_layers)
def test_the_first_four_answers_are_what_is_allocated(held: Settings) -> None:
    kernel = np.zeros(held.spatial("kernel_size"))
    assert lesson_step(held, 1).answer == kernel.size
    assert lesson_step(held, 2).answer == np.stack([kernel] * held.in_channels).size
    assert lesson_step(held, 3).answer == allocated(held, bias=False)
    assert lesson_step(held, 4).answer == allocated(held, bias=held.bias)
    assert lesson_step(held, 6).answer == allocated(held, groups=held.used_groups, bias=held.bias)


def test_every_number_in_the_words_is_counted() -> None:
    step: LessonStep = lesson_step(Settings(in_channels=6, out_channels=10, kernel_size=(3,)), 4)
    assert plural(540, "weight") in step.conclusion
    assert step.question == "6 → 10 channels, kernels of 3 × 3, bias=True. How many parameters?"


def test_one_axis_is_a_length() -> None:
    for kernel, words in (((5,), "a kernel of length 5"), ((5, 3), "a kernel of 5 × 3")):
        settings = Settings(dimensions=len(kernel), kernel_size=kernel)
        asked = lesson_step(settings, 1).question
        assert asked == f"How many weights does one {words.removeprefix('a ')} have?"
