"""``model.summary()``: recorded summaries of Keras 2 and 3 and of TensorFlow.js, truncated and changed ones.

``keras3_*.txt`` were printed by Keras 3.15.1, ``keras2_*.txt`` by Keras 2.15.0, ``tfjs4_*.txt`` and
``tfjs1_*.txt`` by TensorFlow.js 4.22.0 and 1.7.4; the totals are those printed.
"""

import pytest

from calculator.readers import read
from calculator.readers.keras.summary import (
    CUT,
    CUT_COUNT,
    FORMAT_IN_JS,
    NESTED_IN_JS,
    SUM_ONLY,
    read_keras_summary,
    recognises,
)
from calculator.readers.model import Model, ReadError, Row
from calculator.readers.printed_counts import AGAIN
from tests.fuzz.fuzz_keras import summaries
from tests.helpers.keras_summary import KERAS_2_SUMMARY
from tests.helpers.paths import READER_FILES


def recorded(name: str) -> Model:
    return read_keras_summary((READER_FILES / f"{name}.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "total", "trained", "transposed"),
    [
        ("keras3_generator", 2330944, 2305472, 1025600),
        ("keras2_generator", 2330944, 2305472, 1025600),
        ("keras3_decoder", 65089, 65089, 55681),
        ("keras2_decoder", 65089, 65089, 55681),
        ("keras3_autoencoder", 28353, 28353, 18496),
        ("keras3_sequence", 175315, 175315, 0),
        ("keras2_sequence", 175315, 175315, 0),
        ("keras3_siamese_expanded", 223, 207, 0),
        ("keras2_siamese_expanded", 223, 207, 0),
        ("keras3_mixed_trainable", 3176, 2996, 0),
    ],
)
def test_totals_are_those_printed(name: str, total: int, trained: int, transposed: int) -> None:
    model = recorded(name)
    assert (model.parameter_count, model.trainable_count, model.transposed_count) == (
        total,
        trained,
        transposed,
    )
    assert model.unknown == ()
    assert len(model.assumptions) == 1  # That a summary shows only sums; all printed numbers agree.
    assert model.name == name.split("_")[1]


@pytest.mark.parametrize("name", ["keras2_siamese_expanded", "keras3_siamese_expanded"])
def test_layers_of_inner_models_have_paths_and_the_inner_model_is_not_counted_again(name: str) -> None:
    assert [(row.name, row.type, row.parameter_count) for row in recorded(name).rows] == [
        ("shared", "Dense", 40),
        ("inner/dense", "Dense", 72),
        ("inner/batch_normalization", "BatchNormalization", 32),
        ("inner/dense_1", "Dense", 36),
        ("tail/layer_normalization", "LayerNormalization", 16),
        ("tail/dense_2", "Dense", 27),
    ]


def test_models_two_deep_and_a_layer_that_is_shown_twice() -> None:
    model = recorded("keras3_deep_expanded")
    # The printed total is 844: the layers of the inner model, 72 + 36, are shown again in nest2.
    assert (model.parameter_count, model.trainable_count, model.complete) == (844, 844, True)
    assert [row.name for row in model.rows if "/" in row.name] == ["inner/in1", "inner/dense", "nest2/nd"]
    assert AGAIN in model.assumptions


def test_text_after_the_totals_is_ignored() -> None:
    after = " more (Dense)                (None, 2)                 7\n"
    assert read_keras_summary(KERAS_2_SUMMARY + after).parameter_count == 2328576


def test_counts_are_split_only_where_there_is_one_possibility() -> None:
    rows = {row.name: row for row in recorded("keras3_generator").rows}
    norm, up = rows["batch_normalization_1"], rows["conv2d_transpose"]
    assert (norm.weight_count, norm.bias_count, norm.other_count, norm.frozen_count) == (128, 128, 256, 256)
    assert (up.weight_count, up.bias_count, up.other_count, up.note) == (0, 0, 819200, SUM_ONLY)
    assert (up.transposed, up.layer, up.weight_shape) == (True, None, None)


@pytest.mark.parametrize("name", ["keras3_siamese", "keras2_siamese"])
def test_models_without_their_layers_are_reported(name: str) -> None:
    model = recorded(name)
    assert [(row.type, row.parameter_count) for row in model.rows] == [
        ("Dense", 40), ("Sequential", 140), ("Functional", 43),
    ]  # fmt: skip
    assert any("models of their own" in said for said in model.assumptions)
    assert any("counts 16 parameters as non-trainable; 0 are known" in said for said in model.assumptions)


def test_an_old_summary_with_names_cut_off() -> None:
    model = read_keras_summary(KERAS_2_SUMMARY)
    assert [row.type for row in model.rows] == [
        "Dense",
        "BatchNormalization",
        "Conv2DTranspose",
        "Conv2DTranspose",
    ]
    assert (model.transposed_count, model.trainable_count) == (1024000, 2303488)


def test_a_batch_normalisation_in_a_column_too_narrow_for_its_class() -> None:
    # Keras 3 prints every functional model so in a window of 80 characters.
    text = """┃ Layer (type)        ┃ Output Shape      ┃    Param # ┃ Connected to      ┃
│ bn_Conv1            │ (None, 112, 112,  │        128 │ Conv1[0][0]       │
│ (BatchNormalizatio… │ 32)               │            │                   │
 Total params: 128 (512.00 B)
 Trainable params: 64 (256.00 B)
 Non-trainable params: 64 (256.00 B)
"""
    model = read_keras_summary(text)
    [norm] = model.rows
    assert norm.type == "BatchNormalization"
    assert (norm.weight_count, norm.bias_count, norm.frozen_count) == (32, 32, 64)
    assert model.trainable_count == 64
    assert not model.assumptions


def test_frozen_parameters_follow_the_totals() -> None:
    head = " Layer (type)      Output Shape     Param #\n"
    lines = f"{head} a (Dense)         (None, 2)        6\n b (Dense)         (None, 2)        8\n"
    every = read_keras_summary(f"{lines}Total params: 14\nTrainable params: 0\nNon-trainable params: 14\n")
    assert (every.trainable_count, [row.trainable for row in every.rows]) == (0, [False, False])
    some = read_keras_summary(f"{lines}Total params: 14\nTrainable params: 8\nNon-trainable params: 6\n")
    assert some.trainable_count == 8
    assert any("does not show which" in said for said in some.assumptions)


def test_the_printed_number_of_trained_parameters_wins_where_rows_do_not_show_it() -> None:
    head = "Layer (type)                 Output Shape              Param #\n"
    text = f"{head}model_1 (Model)              (None, 8)                 100\n"
    text += "Total params: 100\nTrainable params: 80\n"
    model = read_keras_summary(text + "Non-trainable params: 20\n")
    assert (model.parameter_count, model.trainable_count, model.undecided_count) == (100, 80, 100)
    assert read_keras_summary(text).trainable_count == 80


@pytest.mark.parametrize(
    ("layer", "undecided"),
    [("a (Dense)", False), ("a (UpBlock)", True), ("a (Functional)", True), ("a (TimeDistributed)", True),
     ("a (RNN)", False), ("a (Bidirectional)", False), ("a (Conv2D", True), ("conv2d (Conv2D", False),
     ("a (Batc", False), ("a (Zzz", True)],
)  # fmt: skip
def test_classes_that_may_contain_transposed_convolutions_are_undecided(layer: str, undecided: bool) -> None:
    text = f"Layer (type)           Output Shape         Param #\n{layer:<23}(None, 8)            72\n"
    [row] = read_keras_summary(text).rows
    assert (row.undecided, row.parameter_count) == (undecided, 72)


def test_a_summary_without_parameters_needs_its_total() -> None:
    text = (
        "Layer (type)           Output Shape         Param #\nup (UpSampling2D)      (None, 8)            0\n"
    )
    assert read_keras_summary(text + "Total params: 0\n").parameter_count == 0
    with pytest.raises(ReadError, match="no layers with parameters"):
        read_keras_summary(text)


def test_disagreements_are_reported() -> None:
    text = (READER_FILES / "keras3_decoder.txt").read_text(encoding="utf-8")
    said = read_keras_summary(text.replace("18,464", "18,465")).assumptions
    assert any("rows add up to 65,090, the printed total is 65,089" in sentence for sentence in said)
    said = read_keras_summary(
        text.replace("Trainable params: 65,089", "Trainable params: 65,088")
    ).assumptions
    assert any("add up to 65,088, not to 65,089" in sentence for sentence in said)
    said = read_keras_summary(text[: text.index(" Total params")]).assumptions
    assert any("total is missing" in sentence and "65,089" in sentence for sentence in said)
    assert "A second summary follows in this text; only the first was read." in (
        read_keras_summary(text + text).assumptions
    )
    assert read_keras_summary(text + text).parameter_count == 65089


def test_the_state_of_an_optimizer_is_no_parameter_of_the_model() -> None:
    text = (READER_FILES / "keras3_decoder.txt").read_text(encoding="utf-8")
    trained = (
        text.replace("Total params: 65,089", "Total params: 195,269")
        + " Optimizer params: 130,180 (508 KB)\n"
    )
    assert len(read_keras_summary(trained).assumptions) == 1


def test_counts_that_cannot_be_read_are_not_zero() -> None:
    text = (READER_FILES / "keras3_decoder.txt").read_text(encoding="utf-8")
    for cut, words in (("18,4…", "cut off"), ("0 (unbuilt)", "not built")):
        model = read_keras_summary(text.replace("18,464", cut, 1))
        (row,) = model.unknown
        assert (row.transposed, row.parameter_count) == (True, 0)
        assert words in row.note


@pytest.mark.parametrize("data", ["", "Sequential(", "Layer (type)", "Param #", "{}"])
def test_other_texts_are_refused(data: str) -> None:
    assert not recognises(data)
    with pytest.raises(ReadError, match="summary"):
        read_keras_summary(data)


def test_invalid_summaries_are_refused() -> None:
    with pytest.raises(ReadError, match="no layers"):
        read_keras_summary("Layer (type)  Output Shape  Param #\n")
    with pytest.raises(ReadError, match="above 10"):
        read_keras_summary(KERAS_2_SUMMARY.replace("1254400   ", "9" * 25))
    cut = "\n".join(line[:50] for line in KERAS_2_SUMMARY.splitlines())
    assert recognises(cut)
    with pytest.raises(ReadError, match="cut off at the right"):
        read_keras_summary(cut)


def test_classes_that_tensorflow_js_cuts_are_those_of_the_default_names() -> None:
    model = recorded("tfjs4_generator")
    assert [(row.name, row.type, row.parameter_count) for row in model.rows] == [
        ("dense_Dense1", "Dense", 1152),
        ("batch_normalization_BatchNo", "BatchNormalization", 384),
        ("conv2d_transpose_Conv2DTran", "Conv2DTranspose", 1200),
        ("batch_normalization_BatchNo", "BatchNormalization", 32),
        ("conv2d_transpose_Conv2DTran", "Conv2DTranspose", 260),
        ("end", "Conv2DTranspose", 111),
    ]
    assert (model.format, model.transposed_count, model.undecided_count) == (FORMAT_IN_JS, 1571, 0)
    assert (model.parameter_count, model.trainable_count, model.complete) == (3139, 2931, True)


def test_a_name_that_tensorflow_js_cuts_leaves_its_class_open() -> None:
    model = recorded("tfjs4_unet")
    assert [(row.name, row.type, row.parameter_count, row.undecided) for row in model.rows] == [
        ("conv2d_Conv2D1", "Conv2D", 112, False),
        ("separable_conv2d_Separable", "SeparableConv2D", 76, False),
        ("depthwise_conv2d_Depthwise", "DepthwiseConv2D", 160, False),
        ("a_layer_with_a_name_that_i", "", 260, True),
        ("mask", "Conv2D", 9, False),
    ]
    assert (model.parameter_count, model.complete) == (617, True)


def test_models_inside_models_of_tensorflow_js() -> None:
    model = recorded("tfjs1_nested")
    assert [(row.name, row.parameter_count, row.note) for row in model.rows] == [
        ("encoder", 40, NESTED_IN_JS), ("decoder", 74, NESTED_IN_JS),
    ]  # fmt: skip
    assert (model.parameter_count, model.undecided_count) == (114, 114)


def test_a_count_that_tensorflow_js_cuts_is_not_counted() -> None:
    # Printed is 1200100, cut from 120010000 at the edge of the table.
    model = recorded("tfjs4_wide_60")
    assert [(row.parameter_count, row.note) for row in model.rows] == [(0, CUT_COUNT), (30003, SUM_ONLY)]
    assert not model.complete


COPIES = {
    "spaces lost": lambda line: " ".join(line.split()),
    "ends stripped": str.strip,
    "lines of the console": lambda line: f"layer_utils.ts:88 {line}",
    "places in the console": lambda line: f"tf.min.js:17:2301 {line}",
    "comments": lambda line: f"// {line}",
    "no rules": lambda line: line.replace("_____", "").replace("=====", ""),
}


@pytest.mark.parametrize("name", ["tfjs4_generator", "tfjs4_unet", "tfjs1_nested"])
@pytest.mark.parametrize("form", COPIES)
def test_copies_of_a_summary_of_tensorflow_js(form: str, name: str) -> None:
    lines = (READER_FILES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    model, original = read("\n".join(map(COPIES[form], lines))), recorded(name)
    assert [(row.type, row.parameter_count) for row in model.rows] == [
        (row.type, row.parameter_count) for row in original.rows
    ]
    assert (model.format, model.trainable_count) == (FORMAT_IN_JS, original.trainable_count)


def test_a_summary_of_tensorflow_js_as_markdown() -> None:
    model = read("""| Layer (type) | Input Shape | Output shape | Param # | Receives inputs |
|---|---|---|---|---|
| left (InputLayer) | [[null,6]] | [null,6] | 0 | |
| up (Conv2DTranspose) | [[null,4,4,8]],[[null,4,4,8]] | [null,8,8,4] | 516 | left[0][0] |
| norm (BatchNormalization) | [[null,8,8,4]] | [null,8,8,4] | 16 | up[0][0] |

Total params: 532
Trainable params: 524
Non-trainable params: 8
""")
    assert [(row.name, row.parameter_count, row.frozen_count) for row in model.rows] == [
        ("up", 516, 0), ("norm", 16, 8),
    ]  # fmt: skip
    assert (model.parameter_count, model.transposed_count, model.complete) == (532, 516, True)


def test_damaged_summaries_are_read_or_refused() -> None:
    sentences: list[str] = []
    read = 0
    for data in summaries(1000, seed=1):
        recognises(data)
        try:
            model = read_keras_summary(data)
        except ReadError as error:
            sentences.append(str(error))
        else:
            read += 1
            assert all(0 <= row.frozen_count <= row.parameter_count for row in model.rows)
    assert read > 300


def rows_of(*lines: str) -> tuple[Row, ...]:
    return read_keras_summary(f"{'Layer (type)':<40}{'Output Shape':<30}Param #\n" + "\n".join(lines)).rows


def row_of(layer: str, shape: str, count: int | str) -> Row:
    return rows_of(f"{layer:<40}{shape:<30}{count}")[0]


@pytest.mark.parametrize("name", ["LayerNormalization", "GroupNormalization"])
def test_a_norm_with_scale_and_offset_is_split(name: str) -> None:
    # keras/src/layers/normalization: gamma and beta, each with a number for each channel.
    assert row_of(f"n ({name})", "(None, 8)", 16) == Row("n", name, weight_count=8, bias_count=8)
    assert row_of(f"n ({name})", "(None, 6, 5)", 12) == Row("n", name, weight_count=6, bias_count=6)
    for count in (8, 24, 32):
        assert row_of(f"n ({name})", "(None, 8)", count) == Row("n", name, other_count=count, note=SUM_ONLY)


def test_a_batch_norm_with_fewer_parameters() -> None:
    def row(count: int, shape: str = "(None, 8)") -> Row:
        return row_of("n (BatchNormalization)", shape, count)

    kind = "BatchNormalization"
    assert row(32) == Row("n", kind, weight_count=8, bias_count=8, other_count=16, frozen_count=16)
    # Without center or scale, and without both: the moving mean and variance are not trained.
    assert row(24) == Row("n", kind, other_count=24, frozen_count=16, note=SUM_ONLY)
    assert row(16) == Row("n", kind, other_count=16, frozen_count=16, trainable=False, note=SUM_ONLY)
    assert row(8) == Row("n", kind, other_count=8, note=SUM_ONLY)
    # Channels first.
    first = row(32, "(None, 8, 5, 5)")
    assert (first.weight_count, first.frozen_count) == (8, 16)


@pytest.mark.parametrize("name", ["Embedding", "PReLU"])
def test_layers_that_have_only_weights(name: str) -> None:
    assert row_of(f"e ({name})", "(None, 8)", 72) == Row("e", name, weight_count=72)


def test_a_normalization_is_not_trained() -> None:
    row = Row("n", "Normalization", other_count=17, frozen_count=17, trainable=False)
    assert row_of("n (Normalization)", "(None, 8)", 17) == row


@pytest.mark.parametrize(
    ("count", "note"),
    [
        ("32,8…", CUT_COUNT),
        ("32,8...", CUT_COUNT),
        ("0 (unbuilt)", "It was not built yet."),
        ("32.8K", "Its count is not clear: '32.8K'."),
        ("3" + "*3" * 40, f"Its count is not clear: '{'3*' * 20}'."),
    ],
)
def test_the_reason_for_a_count_that_is_not_read(count: str, note: str) -> None:
    row, other = rows_of(
        f"{'up (Conv2DTranspose)':<40}{'(None, 8)':<30}{count}", f"{'d (Dense)':<40}(None, 1)   9"
    )
    assert row == Row("up", "Conv2DTranspose", known=False, note=note, transposed=True)
    assert other.parameter_count == 9


def test_titles_that_begin_late_are_not_recognised() -> None:
    table = KERAS_2_SUMMARY
    assert recognises("x" * 19_000 + table)
    assert not recognises("x" * 20_001 + table)
    # A line that is cut off at the right has no counts, and its totals follow.
    assert recognises("Layer (type)    Output Sha\nTotal params: 9")
    assert not recognises("Layer (type)    Output Sha\n")


def test_a_class_that_is_cut_is_the_one_that_fits() -> None:
    for layer, kind, note in (
        ("a (Batc", "BatchNormalization", ""),
        ("a (BatchNormalizatio…", "BatchNormalization", ""),
        ("conv2d_transpose_12 (Conv2D", "Conv2DTranspose", SUM_ONLY),
        ("conv2d_1 (Conv2D", "Conv2D", SUM_ONLY),
        ("conv2d (Conv2D", "Conv2D", SUM_ONLY),
        ("a (Conv2D", "Conv2D", CUT),
        ("a (Zzz", "Zzz", CUT),
        ("a (", "", CUT),
    ):
        row = row_of(layer, "(None, 8)", 32)
        assert (row.type, row.note) == (kind, note), layer


def test_a_trained_column() -> None:
    text = "Layer (type)           Output Shape     Param #   Trainable\n"
    text += "a (Dense)              (None, 2)        6         N        \n"
    text += "b (BatchNormalization) (None, 2)        8         Y        \n"
    text += "c (BatchNormalization) (None, 2)        8         N        \n"
    model = read_keras_summary(text)
    assert [(row.parameter_count, row.frozen_count) for row in model.rows] == [(6, 6), (8, 4), (8, 8)]
    # The column shows what is trained, so that no sentence says that it is unknown.
    assert not any("trained" in said for said in model.assumptions)
    left_out = read_keras_summary(text + "...\n")
    assert not any("trained" in said for said in left_out.assumptions)
    assert [(row.name, row.note) for row in left_out.unknown] == [
        ("", "Lines of the summary were left out here.")
    ]


def test_a_model_below_lines_left_out_is_not_counted_beside_its_layers() -> None:
    text = f"{'Layer (type)':<20}{'Output Shape':<15}Param #\n...\n"
    for name in ("m (Functional)", "| d (Dense)", "| e (Dense)", "o (Dense)"):
        text += f"{name:<20}{'(None, 8)':<15}72\n"
    assert [row.name for row in read_keras_summary(text).rows] == ["", "m/d", "m/e", "o"]


@pytest.mark.parametrize("width", [65, 70, 80, 100])
def test_names_and_titles_that_keras_2_wraps(width: int) -> None:
    """The network was printed by tf_keras 2.21.0 with ``line_length=width``; counts are computed by hand."""
    model = recorded(f"wrapped_{width}")
    assert [(row.name, row.type, row.parameter_count) for row in model.rows] == [
        ("conv2d_transpose_block_with_a_long_name_abc", "Conv2DTranspose", 4 * 4 * 3 * 8 + 8),
        ("another_conv2d_transpose_block_with_a_very_long_name_abc", "Conv2DTranspose", 4 * 4 * 3 * 8 + 8),
        ("d", "Dense", 8 * 10 + 10),
    ]
    assert model.complete


NOTES = {
    "keras2_sequence": ("  <- trained for 3 days\n", " ^ which (Dense) is this?\n", " # 4*8*(10+20)\n"),
    "keras3_sequence": ("│ <- trained for 3 days │ │ │\n", "│ # note │ │ │\n", "  ^^ wide\n"),
}


@pytest.mark.parametrize(("name", "notes"), NOTES.items(), ids=NOTES)
def test_a_note_below_a_row_is_not_a_part_of_its_class(name: str, notes: tuple[str, ...]) -> None:
    lines = (READER_FILES / f"{name}.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    begins = [place for place, line in enumerate(lines) if "(Dense)" in line or "(LSTM)" in line]
    for note in notes:
        for begin in begins:
            text = "".join([*lines[: begin + 1], note, *lines[begin + 1 :]])
            assert read_keras_summary(text) == recorded(name)


@pytest.mark.parametrize("broken", ["32\n800", "3\n2,800", "3280\n0 "])
def test_a_count_that_a_terminal_broke_is_not_counted(broken: str) -> None:
    text = (
        " Layer (type)           Output Shape         Param #\n" + "=" * 60 + "\n"
        f" up (Conv2DTranspose)   (None, 8, 8, 32)     {broken}\n"
        " d (Dense)              (None, 8)            72\n"
    )
    model = read_keras_summary(text)
    assert (model.parameter_count, model.complete) == (72, False)
    assert model.unknown[0].note == CUT_COUNT
