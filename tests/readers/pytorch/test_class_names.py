"""The tables of classes: each class is in one of them."""

from calculator.readers.pytorch.class_names import (
    ALIASES,
    CONTAINERS,
    LAZY,
    PARAMETER_FREE,
    PARAMETER_LISTS,
    SIGNATURES,
    is_known_class,
)
from calculator.readers.pytorch.layer_rules import RULES


def test_every_class_is_in_one_place() -> None:
    sets = [set(RULES), CONTAINERS, LAZY, PARAMETER_LISTS, PARAMETER_FREE, ALIASES.keys()]
    assert sum(map(len, sets)) == len(set().union(*sets))
    assert RULES.keys() == SIGNATURES.keys()
    assert set(ALIASES.values()) <= RULES.keys()
    assert all(map(is_known_class, set().union(*sets)))
    assert not is_known_class("Scale")
