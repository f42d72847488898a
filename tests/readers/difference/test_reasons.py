"""Each reason where the numbers fit it exactly, and none where they do not."""

import pytest

from calculator.readers import Model, Row
from calculator.readers.difference import Reason, Status, compare_models
from calculator.readers.difference.reasons import explain_pair, pair_status
from calculator.readers.model import left_out_row

CONV = Row("c", "Conv2d", (8, 3, 3, 3), 216)
UP = Row("up", "ConvTranspose2d", (8, 4, 4, 4), 512, 4, transposed=True)
NORM = Row("n", "BatchNorm2d", (8,), 8, 8)
DENSE = Row("d", "Linear", (5, 6), 30)
BIASED = Row("c", "Conv", (8, 3, 3, 3), 216, 8)


@pytest.mark.parametrize(
    ("left", "right", "reason"),
    [
        (NORM, Row("n", "BatchNormalization", None, 8, 8, 16), Reason.STATISTICS),
        (NORM, Row("n", "BatchNorm2d", (8,), 8, 8, 16), Reason.STATISTICS),
        # Without the parts, 32 may be two layers of 16 as well: no reason is proven.
        (NORM, Row("n", "BatchNorm2d", None, 0, 0, 32), Reason.UNEXPLAINED),
        (NORM, Row("n", "BatchNorm2d", (8,), 8, 8, 8), Reason.UNEXPLAINED),
        (Row("n", "LayerNorm", (8,), 8, 8), Row("n", "LayerNorm", (8,), 8, 8, 15), Reason.UNEXPLAINED),
        (CONV, BIASED, Reason.BIAS),
        (DENSE, Row("d", "Linear", None, 0, 0, 35), Reason.BIAS),
        (Row("d", "Dense", (6, 5), 30), Row("d", "Dense", None, 0, 0, 35), Reason.BIAS),
        (Row("c", "Conv2D", (3, 3, 2, 5), 90), Row("c", "Conv2D", None, 0, 0, 95), Reason.BIAS),
        (Row("c", "Conv2D", (3, 3, 2, 5), 90), Row("c", "Conv2D", None, 0, 0, 93), Reason.UNEXPLAINED),
        (Row("c", "Conv2d", (8, 3, 5, 5), 600), Row("c", "Conv2d", None, 0, 0, 608), Reason.BIAS),
        # 6 is the number of inputs: that is not a bias.
        (DENSE, Row("d", "Linear", None, 0, 0, 36), Reason.UNEXPLAINED),
        (UP, Row("up", "ConvTranspose2d", None, 0, 0, 524, transposed=True), Reason.WEIGHT_NORM),
        (UP, Row("up", "ConvTranspose", None, 520, 4, transposed=True), Reason.WEIGHT_NORM),
        (UP, Row("up", "ConvTranspose2d", None, 0, 0, 523, transposed=True), Reason.UNEXPLAINED),
        (DENSE, Row("d", "Linear", (5, 6), 90), Reason.SEVERAL_TIMES),
        (DENSE, Row("d", "Linear", None, 90, times=3), Reason.SEVERAL_TIMES),
        # The larger layer may have three times as many outputs.
        (DENSE, Row("d", "Linear", None, 0, 0, 90), Reason.UNEXPLAINED),
        (DENSE, Row("d", "Linear", (5, 7), 35), Reason.SIZE),
        (DENSE, Row("d", "Linear", (2, 15), 30), Reason.SIZE),
        (Row("l", "LSTM", None, 48, 8), Row("l", "LSTM", None, 48, 9), Reason.UNEXPLAINED),
    ],
)
def test_a_reason_needs_numbers_that_fit(left: Row, right: Row, reason: Reason) -> None:
    there, back = explain_pair(left, right), explain_pair(right, left)
    assert (there[0], back[0]) == (reason, reason)
    assert there[1].endswith(".")
    assert back[1].endswith(".")


def test_the_sentence_names_the_side() -> None:
    assert explain_pair(CONV, BIASED)[1] == "Only the right has a bias here: 8 parameters."
    assert explain_pair(BIASED, CONV)[1] == "Only the left has a bias here: 8 parameters."
    more = Row("up", "ConvTranspose2d", None, 0, 0, 524, transposed=True)  # 8 more than 512 + 4.
    assert (
        explain_pair(UP, more)[1] == "The right counts the 8 magnitudes that weight norm adds to the weight."
    )


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Row("d", "Linear", None, 90, times=3), ", as it counts 3 equal layers here."),
        (Row("d", "Linear", (5, 6), 90), ": it counts the layer 3 times."),
        (
            Row("d", "Linear", None, 0, 0, 90),
            ": either it counts the layer 3 times, or the layer is larger there.",
        ),
    ],
)
def test_a_multiple_is_explained_as_far_as_the_rows_show_it(row: Row, sentence: str) -> None:
    assert explain_pair(DENSE, row)[1] == f"The right has exactly 3 times as many{sentence}"
    assert explain_pair(row, DENSE)[1] == f"The left has exactly 3 times as many{sentence}"


def test_status() -> None:
    assert pair_status(CONV, None) is Status.ONLY_LEFT
    assert pair_status(None, CONV) is Status.ONLY_RIGHT
    assert pair_status(CONV, Row("c", "Own", known=False)) is Status.UNKNOWN
    assert pair_status(CONV, Row("c", "Conv2D", (3, 3, 3, 8), 216)) is Status.SAME
    assert pair_status(DENSE, Row("d", "Linear", (2, 15), 30)) is Status.DIFFERENT


def reasons(left: Model, right: Model) -> dict[str, Reason | None]:
    there = {pair.title: pair.reason for pair in compare_models(left, right).pairs}
    back = {pair.title: pair.reason for pair in compare_models(right, left).pairs}
    assert sorted(map(str, there.values())) == sorted(map(str, back.values()))
    return there


def test_a_merged_normalisation_and_the_bias_in_its_place() -> None:
    ours = Model((CONV, NORM), "PyTorch's print")
    assert reasons(ours, Model((BIASED,), "ONNX file")) == {"c": Reason.MERGED, "n": Reason.MERGED}
    merged = compare_models(ours, Model((BIASED,), "ONNX file")).pairs
    assert {pair.title: pair.explanation for pair in merged} == {
        "c": "The right has the normalisation after it merged into it.",
        "n": "The right has it merged into c, with its bias.",
    }
    assert reasons(ours, Model((BIASED,), "a table")) == {"c": Reason.MERGED, "n": Reason.MERGED}
    # With a bias before and after, only an exporter is known to merge.
    biased = Model((Row("c", "Conv2d", (8, 3, 3, 3), 216, 8), NORM), "PyTorch's print")
    assert reasons(biased, Model((BIASED,), "ONNX file"))["n"] is Reason.MERGED
    assert reasons(biased, Model((BIASED,), "a table"))["n"] is Reason.UNEXPLAINED
    other = Row("n", "BatchNorm2d", (9,), 9, 9)
    assert reasons(Model((CONV, other), ""), Model((BIASED,), "ONNX file")) == {
        "c": Reason.BIAS,
        "n": Reason.UNEXPLAINED,
    }


def test_shared_weights() -> None:
    embedding, head = Row("e", "Embedding", (50, 8), 400), Row("head", "Linear", (50, 8), 400)
    whole, tied = Model((embedding, DENSE, head), ""), Model((embedding, DENSE), "")
    assert reasons(whole, tied)["head"] is Reason.SHARED
    biased = Row("head", "Linear", (50, 8), 400, 50)
    bias = Model((embedding, DENSE, Row("head", "Linear", None, 0, 50)), "")
    assert reasons(Model((embedding, DENSE, biased), ""), bias)["head"] is Reason.SHARED
    # A last layer of another size, or one more equal layer, is not a sign of sharing.
    assert reasons(Model((embedding, DENSE, Row("head", "Linear", (49, 8), 392)), ""), tied)["head"] is (
        Reason.UNEXPLAINED
    )
    twice = Model((DENSE, Row("d2", "Linear", (5, 6), 30)), "")
    assert reasons(twice, Model((DENSE,), ""))["d2"] is Reason.UNEXPLAINED
    stated = Model((DENSE,), "", ("Shared parameters are counted once: d2.weight is d.weight.",))
    assert reasons(twice, stated)["d2"] is Reason.SHARED
    # A transposed convolution that uses the weight of an ordinary one, as the file of its state dict shows.
    conv, up = Row("enc", "Conv2d", (8, 3, 4, 4), 384), Row("dec", "ConvTranspose2d", (8, 3, 4, 4), 384)
    stated = Model((conv,), "", ("Shared parameters are counted once: dec.weight is enc.weight.",))
    assert reasons(Model((conv, up), ""), stated)["dec"] is Reason.SHARED
    assert reasons(Model((conv, up), ""), Model((conv,), ""))["dec"] is Reason.UNEXPLAINED


def test_a_layer_that_runs_again() -> None:
    twice = (Row("Linear-1", "Linear", None, 0, 0, 35), Row("Linear-2", "Linear", None, 0, 0, 35))
    once = Model((Row("d", "Linear", (5, 6), 30, 5),), "PyTorch's print")
    assert Reason.SEVERAL_TIMES in reasons(once, Model(twice, "torchsummary table")).values()
    assert Reason.SEVERAL_TIMES not in reasons(once, Model(twice, "a table")).values()


def test_what_is_not_counted_or_left_out() -> None:
    ours = Model((Row("head.fc", "Linear", (5, 6), 30), Row("up.0.c", "Conv2d", (8, 3, 3, 3), 216)), "")
    theirs = Model((Row("head", "MyHead", known=False), left_out_row("up", "3 lines")), "")
    found = {pair.title: (pair.reason, pair.explanation) for pair in compare_models(ours, theirs).pairs}
    assert found["head.fc"] == (
        Reason.NOT_COUNTED,
        "It belongs to head (MyHead), which the right does not count.",
    )
    assert found["up.0.c"] == (Reason.LEFT_OUT, "The right leaves lines out here.")
    assert found["head"] == (Reason.NOT_COUNTED, "Only the right has it, and does not count it.")
    assert found["up"] == (Reason.LEFT_OUT, "The right leaves lines out here.")
