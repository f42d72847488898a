"""The arguments of a layer as values, without evaluating them."""

import pytest

from calculator.readers.model import ReadError
from calculator.readers.pytorch.argument_values import Unparsed, parse_arguments


@pytest.mark.parametrize(
    ("text", "unnamed", "named"),
    [
        ("", [], {}),
        ("64, 32", [64, 32], {}),
        ("64, kernel_size=(4, 4), bias=False,", [64], {"kernel_size": (4, 4), "bias": False}),
        ("(10,), eps=1e-05", [(10,)], {"eps": 1e-05}),
        ("(3), [4], (), [5, -6,]", [3, (4,), (), (5, -6)], {}),
        (
            "mode='a, (b', p=0.5, n=None, t=torch.float32",
            [],
            {"mode": "a, (b", "p": 0.5, "n": None, "t": "torch.float32"},
        ),
        ("size=((1, 2), (3, 4))", [], {"size": "( ( 1 , 2 ) , ( 3 , 4 ) )"}),
        ("{1: 2, 3: 4}, [5, 6], 7", ["{ 1 : 2 , 3 : 4 }", (5, 6), 7], {}),
        ("f(x, 3), 2 * 3", ["f ( x , 3 )", "2 * 3"], {}),
        ("1_000, 1.2.3, 1__0, 1e400", [1000, "1.2.3", "1__0", float("inf")], {}),
        ("'open, 3", ["' open", 3], {}),
        ("np.int64(64), numpy.int32(-3), np.float32(0.1), array(3), tensor(4)", [64, -3, 0.1, 3, 4], {}),
        ("array(3, dtype=int64), (np.int64(3), np.int64(4)), np.True_", [3, (3, 4), True], {}),
        ("torch.Size([256]), size=Size([2, 3])", [(256,)], {"size": (2, 3)}),
        ("np.int64(64", ["np.int64 ( 64"], {}),
        ("my_array(3)", ["my_array ( 3 )"], {}),
        ("a=, =, ,,", ["a =", "="], {}),
    ],
)
def test_arguments(text: str, unnamed: list[object], named: dict[str, object]) -> None:
    assert parse_arguments(text) == (unnamed, named)


def test_what_is_written_otherwise_is_marked() -> None:
    [value], _ = parse_arguments("2 * 3")
    assert isinstance(value, Unparsed)


@pytest.mark.parametrize(
    ("text", "words"), [("9" * 41, "is too long for a layer"), ("1, " * 4000, "too many for a layer")]
)
def test_arguments_that_are_too_long(text: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        parse_arguments(text)
