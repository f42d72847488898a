"""Labels beside points: none covers another or a point, and none is left out that has room."""

import itertools

from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.charts.labels import SIDES, label_sides
from tests.helpers.reading import Box, label_box

SIZE = (600.0, 300.0)
FONT = 13


def box(place: tuple[float, float], mark: float, label: str, side: str) -> Box:
    """Return where Plotly writes a label, with pixels counted downwards."""
    return label_box((place[0], SIZE[1] - place[1]), f"<b>{label}</b>", side, FONT, mark)


def point(place: tuple[float, float], mark: float) -> Box:
    x, y, half = place[0], SIZE[1] - place[1], mark / 2
    return Box(x - half, y - half, x + half, y + half)


def lines(label: str) -> list[str]:
    return label.split("<br>") if label else []


PLACES = st.tuples(st.floats(8, SIZE[0] - 8), st.floats(8, SIZE[1] - 8))
NAMES = st.sampled_from(
    ["a", "transposed, kernel 4", "transposed,<br>kernel 4", "separable transposed, 4×1 then 1×4", ""]
)


@configured(max_examples=200, deadline=None)
@given(st.lists(st.tuples(PLACES, st.sampled_from([9, 13]), NAMES), max_size=15))
def test_labels_keep_apart(made: list[tuple[tuple[float, float], int, str]]) -> None:
    places, marks, labels = [one[0] for one in made], [one[1] for one in made], [one[2] for one in made]
    found = label_sides(places, marks, [lines(label) for label in labels], SIZE)
    assert len(found) == len(made)
    boxes = [
        box(place, mark, label, side) for (place, mark, label), side in zip(made, found, strict=True) if side
    ]
    for one, other in itertools.combinations(boxes, 2):
        assert not one.meets(other)
    for one, (place, mark, _) in itertools.product(boxes, made):
        assert not one.meets(point(place, mark))
    for one in boxes:
        assert one.inside(Box(0, 0, *SIZE))
    for label, side in zip(labels, found, strict=True):
        assert label or not side


@given(PLACES, st.sampled_from([9, 13]))
def test_a_point_alone_has_its_label_on_the_first_side_with_room(
    place: tuple[float, float], mark: int
) -> None:
    label = "transposed, kernel 4"
    [found] = label_sides([place], [mark], [[label]], SIZE)
    fitting = [side for side in SIDES if box(place, mark, label, side).inside(Box(0, 0, *SIZE))]
    # A letter gets a little more room than it takes.
    wider = [
        side
        for side in SIDES
        if box(place, mark, label + "mmm", side).inside(Box(4, 4, SIZE[0] - 4, SIZE[1] - 4))
    ]
    assert found in fitting if found else not wider
    if wider:
        assert list(SIDES).index(found) <= list(SIDES).index(wider[0])


def test_points_on_one_another_take_one_side_after_the_other() -> None:
    found = label_sides([(300, 150)] * 9, [9] * 9, [["m"]] * 9, SIZE)
    assert found == ["middle right", "middle left", "top center", "bottom center", *[""] * 5]
    assert set(SIDES) == {
        f"{down} {across}"
        for down, across in itertools.product(("top", "middle", "bottom"), ("left", "center", "right"))
    } - {"middle center"}


def test_the_largest_points_choose_first() -> None:
    places = [(300.0, 150.0), (310.0, 150.0)]
    assert label_sides(places, [9, 13], [["one"], ["two"]], SIZE) == ["middle left", "middle right"]
    # In a narrow drawing only one of them has room.
    small, large = (22.0, 12.0), (20.0, 12.0)
    assert label_sides([small, large], [9, 13], [["four"], ["four"]], (80, 24)) == ["", "middle right"]
    assert label_sides([large, small], [13, 9], [["four"], ["four"]], (80, 24)) == ["middle right", ""]
    assert label_sides([small, large], [9, 13], [["four"], []], (80, 24)) == ["middle right", ""]


def test_nothing_to_label() -> None:
    assert label_sides([], [], [], SIZE) == []
    assert label_sides([(300, 150)], [9], [[]], SIZE) == [""]
    assert label_sides([(300, 150)], [9], [["m" * 200]], SIZE) == [""]
