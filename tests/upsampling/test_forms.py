"""The rules that build forms: splits of a kernel, kernels that cover inputs, functions that are the same."""

import itertools

import pytest

from calculator.core.layer import ConvTranspose
from calculator.upsampling.forms import (
    Builder,
    does_nothing,
    form_name,
    partitions,
    resize_kernels,
    same_functions,
    transposed_kernels,
)
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool
from tests.helpers import reference_upsampling as oracle


def test_partitions_are_all_ordered_splits() -> None:
    # Ordered set partitions: 1, 3 and 13 (the Fubini numbers).
    assert [len(partitions("abc"[:n])) for n in (1, 2, 3)] == [1, 3, 13]
    for groups in partitions("abc"):
        assert sorted(axis for group in groups for axis in group) == [0, 1, 2]
    # Equal axes: one for each composition of 3.
    assert sorted(tuple(map(len, groups)) for groups in partitions("aaa")) == [
        (1, 1, 1),
        (1, 2),
        (2, 1),
        (3,),
    ]
    assert len(partitions("aab")) == 8


def test_kernels_along_an_axis_that_keeps_its_size_are_odd() -> None:
    assert transposed_kernels((2, 1, 3)) == ((2, 1, 3), (3, 3, 5), (4, 3, 6))


@pytest.mark.parametrize(("scale", "kernel"), [*itertools.product(range(1, 6), range(1, 12))])
def test_a_kernel_after_a_resize_covers_as_many_inputs(scale: int, kernel: int) -> None:
    found = resize_kernels((scale,), [(kernel,)])
    assert found[0] == (3,)
    (size,) = found[-1]
    wanted = -(-kernel // scale)
    # Positions begin … begin + size − 1 lie in so many blocks of ``scale``, for every begin.
    covered = [len({place // scale for place in range(begin, begin + size)}) for begin in range(scale)]
    assert size % 2
    assert min(covered) >= wanted
    if size > 3:
        smaller = [
            len({place // scale for place in range(begin, begin + size - 2)}) for begin in range(scale)
        ]
        assert min(smaller) < wanted


def build(bias: bool = True) -> Builder:
    return Builder(4, 6, (2, 2), bias)


def test_only_the_last_layer_with_weights_has_a_bias() -> None:
    up = build()
    layers = up.operations((up.mix(4, 6), up.depthwise((3, 3), 6), up.resize("nearest")))
    assert [getattr(op, "bias", None) for op in layers] == [False, True, None]
    assert not any(getattr(op, "bias", False) for op in build(False).operations((up.mix(4, 6),)))


def test_names_say_a_word_once() -> None:
    up = build()
    assert (
        form_name(up.factorised_transposed((4, 4), [[0], [1]], 0)) == "1×1 + depthwise transposed 4×1 + 1×4"
    )
    assert form_name(up.factorised_transposed((4, 4), [[0], [1]], 1)) == (
        "depthwise transposed 4×1 + 1×1 + depthwise transposed 1×4"
    )
    assert form_name((*up.convs((3, 3), 4, 6, [[0], [1]]), up.shuffle())) == "conv 3×1 + 1×3 + shuffle"


def test_groups_change_the_channels_where_they_are_fewest() -> None:
    up = Builder(12, 8, (2, 2), bias=False)

    def sizes(inputs: int, outputs: int) -> list[tuple[int, int, int]]:
        steps = up.grouped((3, 3), inputs, outputs, [[0], [1]], transposed=False)
        return [
            (op.in_channels, op.out_channels, op.groups)
            for step in steps
            if isinstance(op := step.layer, Conv)
        ]

    assert sizes(12, 8) == [(12, 8, 4), (8, 8, 8)]
    assert sizes(8, 12) == [(8, 8, 8), (8, 12, 4)]


POINT, DEEP = Conv(4, 6, (1, 1), bias=False), Conv(6, 6, (3, 1), 6, bias=False)
OTHER = Conv(6, 6, (1, 3), 6)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ((POINT, Resize((2, 2), "linear")), (Resize((2, 2), "linear"), POINT), True),
        ((POINT, Resize((2, 2), "nearest")), (Resize((2, 2), "linear"), POINT), False),
        ((DEEP, OTHER), (Conv(6, 6, (1, 3), 6, bias=False), Conv(6, 6, (3, 1), 6)), True),
        ((DEEP, Conv(6, 6, (3, 1), 6)), (Conv(6, 6, (3, 1), 6, bias=False), OTHER), False),
        ((DEEP, Resize((2, 2), "nearest")), (Resize((2, 2), "nearest"), DEEP), False),
        ((POINT, DEEP), (DEEP, POINT), False),
        ((POINT, Blur((1, 1)), Unpool((1, 1))), (POINT,), True),
        ((POINT, Unpool((2, 2))), (Unpool((2, 2)), POINT), False),
        (
            (Conv(4, 8, (3, 3), bias=False), Shuffle((2, 2))),
            (
                ConvTranspose(
                    in_channels=4, out_channels=2, kernel_size=(6, 6), stride=2, padding=2, bias=False
                ),
            ),
            True,
        ),
        (
            (Conv(4, 8, (3, 3)), Shuffle((2, 2))),
            (ConvTranspose(in_channels=4, out_channels=2, kernel_size=(6, 6), stride=2, padding=2),),
            False,
        ),
        (
            (ConvTranspose(in_channels=4, out_channels=6, kernel_size=(3, 3), padding=1),),
            (Conv(4, 6, (3, 3)),),
            True,
        ),
        ((ConvTranspose(in_channels=4, out_channels=6, kernel_size=(3, 3)),), (Conv(4, 6, (3, 3)),), False),
        ((Conv(4, 4, (3, 3)),), (Conv(4, 4, (3, 3), bias=False),), False),
    ],
)
def test_the_same_functions(one: tuple[Operation, ...], two: tuple[Operation, ...], same: bool) -> None:
    assert (same_functions(one) == same_functions(two)) is same


def test_what_commutes_computes_the_same() -> None:
    chain = (POINT, Resize((2, 3), "linear"))
    arrays = [oracle.allocate(op, oracle.mixed(1)) for op in chain]
    values = oracle.mixed(2)((4, 3, 2))
    there, _ = oracle.chain(chain, values, arrays)
    back, _ = oracle.chain(chain[::-1], values, arrays[::-1])
    assert abs(there - back).max() < 1e-9


def test_what_does_nothing() -> None:
    idle: list[Operation] = [Resize((1, 1), "linear"), Shuffle((1,)), Unpool((1, 1, 1)), Blur((1, 1))]
    busy: list[Operation] = [Resize((1, 2), "linear"), Shuffle((2,)), Unpool((1, 2)), Blur((2, 1)), POINT]
    assert [does_nothing(op) for op in (*idle, *busy)] == [True] * 4 + [False] * 5
