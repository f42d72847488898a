"""Published exercises of real courses: their layers and answers, not their words.

A set has a level and a seed of its own, so that a link opens it and a worksheet prints it.
"""

from dataclasses import dataclass

from calculator.core.layer import ConvTranspose


@dataclass(frozen=True)
class PublishedSet:
    """The exercises of one published sheet. ``source`` names it; ``answers`` are the published counts."""

    source: str
    layers: tuple[ConvTranspose, ...]
    answers: tuple[int, ...]


CSC413 = PublishedSet(
    "University of Toronto Mississauga, CSC413, 2024, week 10, exercise 2",
    tuple(
        ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=(side, side), stride=stride)
        for inputs, outputs, side, stride in ((3, 2, 3, 1), (3, 10, 3, 2), (3, 2, 4, 5), (3, 4, 3, 23))
    ),
    (56, 280, 98, 112),
)

PUBLISHED = {(4, 413_2024): CSC413}
"""The published sets, by their level and seed. Their seeds are never given to other exercises."""
