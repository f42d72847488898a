"""Questions about decoders: the layers of a listing fit together."""

from calculator.learn.exercises.generator import exercises
from tests.helpers import question_parser


def test_a_listing_is_a_chain() -> None:
    for seed in range(200):
        for one in exercises(seed, 3, 2):
            if one.listing:
                channels = None
                for unit in question_parser.listed(one):
                    assert channels in (None, unit.norm or unit.inputs)
                    channels = unit.norm or unit.outputs
