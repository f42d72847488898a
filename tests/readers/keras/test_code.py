"""Keras code: what follows from its literals is counted, everything else is said and never guessed."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculator.readers import read
from calculator.readers.keras.code import (
    FROZEN,
    MAX_CODE,
    SUMMARY,
    TWO_READINGS,
    WRITTEN,
    read_keras_code,
    recognises,
)
from calculator.readers.model import ReadError
from calculator.readers.totals import trainable_text

GENERATOR = """import tensorflow as tf
from tensorflow.keras import layers

def make_generator():
    model = tf.keras.Sequential()
    model.add(layers.Dense(7*7*256, use_bias=False, input_shape=(100,)))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Reshape((7, 7, 256)))
    assert model.output_shape == (None, 7, 7, 256)
    model.add(layers.Conv2DTranspose(128, (5, 5), strides=(1, 1), padding='same', use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2DTranspose(64, (5, 5), strides=(2, 2), padding='same', use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2DTranspose(1, (5, 5), strides=(2, 2), padding='same', use_bias=False,
                                     activation='tanh'))
    return model
"""
# The recorded summaries of this network (keras3_generator.txt): 2,330,944 with 1,025,600 transposed.


def test_a_generator_in_a_function_has_the_counts_of_its_summary() -> None:
    prompts = "".join(f">>> {line}\n" for line in GENERATOR.replace("    ", "...     ").splitlines()[:2])
    for text in (
        GENERATOR,
        "```python\n" + GENERATOR + "```\n",
        prompts + GENERATOR[GENERATOR.index("def") :],
    ):
        model = read(text)
        assert (model.parameter_count, model.transposed_count) == (2330944, 1025600)
        assert (model.trainable_count, model.complete, model.format) == (2305472, True, "Keras code")
        assert model.assumptions[0] == WRITTEN


@pytest.mark.parametrize(
    "code",
    [
        "m = Sequential([Input((8, 8, 64)), Conv2DTranspose(32, 4)])",
        "m = keras.Sequential([keras.layers.Conv2DTranspose(32, (4, 4), input_shape=(8, 8, 64))])",
        "m = Sequential()\nm.add(InputLayer(input_shape=(8, 8, 64)))\n"
        "m.add(Conv2DTranspose(filters=32, kernel_size=4))",
        "m = tf.keras.models.Sequential(layers=[\n  layers.Input(shape=[None, None, 64]),\n"
        "  layers.Conv2DTranspose(32, 4, 2, 'same', activation=act, kernel_initializer=init(0.02)),\n])",
        "nf = 32\ndef f():\n"
        "  return Sequential([Input(batch_shape=(1, 8, 8, nf * 2)), Conv2DTranspose(nf, [4, 4])])",
        "m = Sequential()\nm.add(Conv2DTranspose(32, 4))\nm.build((None, 8, 8, 64))",
        "shape = (8, 8, 64)\nm = Sequential([Input(shape), Conv2DTranspose(33 - 2 // 2, 4)])",
        "if __name__ == '__main__':\n  with strategy.scope():\n"
        "    m = Sequential([Input((8, 8, 64)), Conv2DTranspose(32, 4)])",
        "!pip install keras\n%matplotlib inline\n"
        "m = Sequential([Input((8, 8, 64)), Conv2DTranspose(32, 4)])\nm.summary()",
    ],
)  # fmt: skip
def test_ways_to_write_one_layer(code: str) -> None:
    model = read(code)  # 64·32·4·4 + 32.
    assert (model.parameter_count, model.transposed_count, model.complete) == (32800, 32800, True)


FIRST = "m = Sequential([Input((8, 8, 3)), Conv2D(4, 3)])\n"  # 3·4·9 + 4 = 112.


VALUE = "The value of {} is not a number that is written in the code."
ELSEWHERE = "What it receives is not written in a Sequential."
FOREIGN = "It is not a layer of Keras itself, or contains another one: the code is not run."


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (FIRST + "m.add(Conv2DTranspose(ngf * 8, 4))", VALUE.format("filters")),
        (FIRST + "ngf = 8\nngf = 9\nm.add(Conv2DTranspose(ngf, 4))", VALUE.format("filters")),
        (FIRST + "def f(ngf):\n  pass\nngf = 8\nm.add(Conv2DTranspose(ngf, 4))", VALUE.format("filters")),
        (FIRST + "m.add(Conv2DTranspose(**options))", "Its arguments come from a variable."),
        (FIRST + "m.add(Conv2DTranspose(*sizes))", "Its arguments come from a variable."),
        (
            FIRST + "m.add(Conv2DTranspose(8, 4, 2, 'same', 1))",
            "Only the first 4 of its arguments are known without names.",
        ),
        (FIRST + "m.add(Conv2DTranspose(8, 4, use_bias=flag))", VALUE.format("use_bias")),
        (FIRST + "m.add(Conv2DTranspose(8 / 1, 4))", VALUE.format("filters")),
        (FIRST + "m.add(Conv2DTranspose(~-9, 4))", VALUE.format("filters")),
        (FIRST + "for i in range(3):\n  m.add(Conv2DTranspose(8, 4))", "It stands in a loop or a condition."),
        (FIRST + "if big:\n  m.add(Conv2DTranspose(8, 4))", "It stands in a loop or a condition."),
        (FIRST + "[m.add(Conv2DTranspose(8, 4)) for i in range(3)]", ELSEWHERE),
        (f"{FIRST}m.add(Conv2D(2, 1))\nif big:\n  m.pop()", "The code removes a layer here."),
        (FIRST + "add_block(m)\nm.add(Conv2DTranspose(8, 4))", "The model may get other layers here."),
        (FIRST + "m = other()\nm.add(Conv2DTranspose(8, 4))", ELSEWHERE),
        (FIRST + "m.add(upsample(64, 4))", FOREIGN),
        (FIRST + "m.add(up)", "It is not written as a layer of Keras."),
        (FIRST + "m.add(TimeDistributed(Conv2DTranspose(8, 4)))", FOREIGN),
        (FIRST + "class Conv2DTranspose: pass\nm.add(Conv2DTranspose(8, 4))", FOREIGN),
        (FIRST + "from mine import Conv2DTranspose\nm.add(Conv2DTranspose(8, 4))", FOREIGN),
        (
            FIRST + "from keras.layers import X as Conv2DTranspose\nm.add(Conv2DTranspose(8, 4))",
            FOREIGN,
        ),
        (FIRST + "x = Conv2DTranspose(8, 4)(inputs)", ELSEWHERE),
        (
            FIRST + "m.add(Flatten())\nm.add(Conv2DTranspose(8, 4))",
            "Its input has 2 axes, but Keras needs 4, as (batch, …, channels).",
        ),
        (FIRST + "m.add(Reshape((n, n, 4)))\nm.add(Conv2DTranspose(8, 4))", VALUE.format("target_shape")),
        (FIRST + "k = Sequential([Conv2D(2, 1)] + more)", "Its layers are not written as a list."),
        (FIRST + "m.add(m)", "Keras"),
    ],
)
def test_what_does_not_follow_is_not_counted(code: str, said: str) -> None:
    if said == "Keras":
        with pytest.raises(ReadError, match="Keras code"):
            read(code)
        return
    model = read(code)
    assert (model.parameter_count, model.transposed_count, model.complete) == (112, 0, False)
    assert said in [row.note for row in model.unknown]


def test_two_models_one_inside_the_other_and_one_used_twice() -> None:
    encoder = "e = Sequential([Input((8, 8, 3)), Conv2D(4, 3)])\nd = Sequential([Conv2DTranspose(3, 3)])\n"
    both = read(encoder + "model = Sequential([e, d])")
    # 112 and 4·3·9 + 3 = 111.
    assert [(row.name, row.parameter_count) for row in both.rows] == [
        ("e/conv2d_2", 112), ("d/conv2d_transpose_1", 111),
    ]  # fmt: skip
    twice = read(encoder + "model = Sequential([e, d, d])")
    assert [row.known for row in twice.rows] == [True, True, False]
    apart = read(encoder.replace("[Conv2DT", "[Input((6, 6, 4)), Conv2DT"))
    assert (apart.parameter_count, [row.name.partition("/")[0] for row in apart.rows]) == (223, ["e", "d"])
    assert any("has 2 models" in said for said in apart.assumptions)


def test_layers_that_are_frozen() -> None:
    assert read(FIRST.replace("4, 3)", "4, 3, trainable=False)")).trainable_count == 0
    later = read(FIRST + "m.trainable = False")
    assert FROZEN in later.assumptions


@pytest.mark.parametrize(
    "code",
    [
        "x = Conv2DTranspose(8, 3)(x)\nx = Dense(4)(x)",
        "class G(Model):\n  def __init__(self):\n    self.up = layers.Conv2DTranspose(8, 3)",
        "model = Sequential()\nmodel.add(Conv2DTranspose(ngf, 4))",
        "model = Sequential()\nmodel.add(Dense(8)",
        "model.add(Dense(8))\n  model.add(Dense(8))",
        "m = Sequential([Dense(" + "(" * 300 + "8" + ")" * 300 + ")])",
        "m = Sequential([Dense(" + "9" * 5000 + ")])",
        "m = Sequential([Dense(" + "-" * 5000 + "8)])",
        "m = Sequential([Dense(8" + " + 1" * 5000 + ")])",
        "m = Sequential([Dense(8)])\0",
        "m.add(Dense(8))\n" * 20_000,
    ],
)
def test_code_that_does_not_say_its_layers_is_refused_as_keras_code(code: str) -> None:
    assert recognises(code)
    with pytest.raises(ReadError, match=r"^This (is )?Keras code.*summary\(\)\.$"):
        read_keras_code(code)


def test_models_inside_each_other_do_not_take_exponential_time() -> None:
    code = "m0 = Sequential([Input((4,)), Dense(1)])\n"
    code += "".join(f"m{n + 1} = Sequential([m{n}, m{n}])\n" for n in range(60))
    started = time.process_time()
    assert read(code).parameter_count == 5
    deep = "m0 = Sequential([Input((4,)), Dense(1)])\n" + "".join(
        f"m{n + 1} = Sequential([m{n}])\n" for n in range(2000)
    )
    with pytest.raises(ReadError, match="Keras"):
        read(deep)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "text",
    [
        "self.up = nn.ConvTranspose2d(64, 32, 4)",
        "Net(\n  (up): Conv2DTranspose(64, 32)\n)",
        "paddle.nn.Conv2D(3, 8, 3)",
        "up (Conv2DTranspose)  (None, 8, 8, 32)  32,800",
        "Embedding(10, 3)",
        "",
    ],
)
def test_other_texts_are_not_taken_for_keras_code(text: str) -> None:
    assert not recognises(text)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5), st.booleans())
def test_a_layer_has_the_count_of_its_formula(channels: int, filters: int, kernel: int, bias: bool) -> None:
    code = (
        f"m = Sequential([Input((4, 4, {channels})), Conv2DTranspose({filters}, {kernel}, use_bias={bias})])"
    )
    assert read(code).parameter_count == channels * filters * kernel**2 + bias * filters
    # Longer code is refused before it is parsed; the longest is read.
    longest = code + "\n#" + "x" * (MAX_CODE - len(code) - 2)
    assert read(longest).parameter_count == read(code).parameter_count
    with pytest.raises(
        ReadError,
        match=f"code of {MAX_CODE + 1:,} characters; at most {MAX_CODE:,} are parsed. Paste the output of",
    ):
        read_keras_code(longest + "x")


@pytest.mark.parametrize(
    "call",
    [
        "Convolution2D(8, 3, 5)",
        "Conv2D(8, 3, 3)",
        "Conv2D([8], 3, 3)",
        "Conv2D(8, 3, 5, padding='same')",
        "Convolution3D(8, 3, 5, 7)",
    ],
)
def test_whole_numbers_after_the_filters_may_be_sizes_of_the_kernel_or_strides(call: str) -> None:
    # Convolution2D(8, 3, 5) has a kernel of 3 by 5 in Keras 1, and one of 3 by 3 with stride 5 in Keras 3.
    before = "m = Sequential([Input((64,)), Dense(64), Reshape((8, 8, 1)), "
    model = read(f"{before}{call}, Dense(2)])")
    assert [row.note for row in model.unknown][:1] == [TWO_READINGS]
    assert model.parameter_count == 65 * 64
    with pytest.raises(ReadError, match="two readings"):
        read(f"m = Sequential(); m.add(Input((8, 8, 8, 1))); m.add({call})")


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("Conv2D(8, 3, 2, 'same')", 8 * 9 + 8),
        ("Conv2D(8, (3, 5), 2)", 8 * 15 + 8),
        ("Conv2D(8, 3, (2, 2))", 8 * 9 + 8),
        ("Conv2D(8, 3)", 8 * 9 + 8),
    ],
)
def test_other_arguments_of_a_convolution_have_one_reading(call: str, count: int) -> None:
    model = read(f"m = Sequential(); m.add(Input((16, 16, 1))); m.add({call})")
    assert (model.complete, model.parameter_count) == (True, count)


def test_an_embedding_may_come_first() -> None:
    model = read("m = Sequential([Embedding(1000, 16), Bidirectional(LSTM(8)), Dense(1)])")
    assert (model.parameter_count, model.complete) == (16000, False)
    assert not recognises("self.e = nn.Embedding(3, 4)")


@pytest.mark.parametrize(
    "module", ["keras", "tensorflow.keras", "tf_keras", "tf.keras", "tensorflow.python.keras"]
)
def test_a_class_from_keras_is_that_of_keras(module: str) -> None:
    model = read_keras_code(
        f"{FIRST}from {module}.layers import Conv2DTranspose\nm.add(Conv2DTranspose(8, 4))"
    )
    assert (model.complete, model.rows[-1].type) == (True, "Conv2DTranspose")


@pytest.mark.parametrize(
    "call",
    [
        *("Dropout(0.5)", "SpatialDropout1D(0.5)", "SpatialDropout2D(0.5)", "GaussianNoise(0.1)"),
        *("Activation('relu')", "LeakyReLU(0.2)", "ReLU(6)", "ELU(1.0)", "Rescaling(0.1)", "Softmax(-1)"),
    ],
)
def test_a_layer_without_parameters_may_have_one_argument_without_a_name(call: str) -> None:
    model = read(f"{FIRST}m.add({call})")
    assert (model.parameter_count, model.complete) == (112, True)


# The order of the arguments in Keras 3.15, by inspect.signature.
@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        *(
            (f"{pool}Pooling2D", {"pool_size": 3, "strides": 1, "padding": "'same'"})
            for pool in ("Max", "Average")
        ),
        ("DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "padding": "'same'"}),
        ("UpSampling2D", {"size": 3}),
        ("ZeroPadding2D", {"padding": 2}),
        ("Cropping2D", {"cropping": 2}),
        ("Dense", {"units": 5, "activation": "'relu'"}),
        ("RepeatVector", {"n": 5}),
        ("Permute", {"dims": "(3, 1, 2)"}),
        ("Reshape", {"target_shape": "(3, 3, 36)"}),
        ("LayerNormalization", {"axis": 1}),
        ("Dropout", {"rate": 0.5}),
    ],
)
def test_arguments_without_names_stand_in_the_order_of_keras(kind: str, arguments: dict[str, object]) -> None:
    named = ", ".join(f"{name}={value}" for name, value in arguments.items())
    bare = ", ".join(map(str, arguments.values()))
    first = "Input((4,))" if kind == "RepeatVector" else "Input((9, 9, 4))"
    end = "Flatten(), Dense(1)"  # It has a weight for each value that is left.
    rows = [
        read_keras_code(f"m = Sequential([{first}, {kind}({given}), {end}])").rows for given in (named, bare)
    ]
    assert rows[0] == rows[1]
    assert rows[0][-1].parameter_count > 1


@pytest.mark.parametrize(
    "gap", ["# ... more layers", "# ...", "    # ... (as before)", "# 3 more blocks", "..."]
)
def test_lines_that_are_left_out_make_a_minimum(gap: str) -> None:
    added = "m.add(Conv2DTranspose(8, 4, input_shape=(7, 7, 16)))\n"
    model = read(f"m = Sequential()\n{added}{gap}\n")
    assert (model.parameter_count, [row.type for row in model.unknown]) == (2056, ["lines left out"])
    assert model.unknown[0].note.startswith("Line 3 says that others were left out: “")


@pytest.mark.parametrize(
    "more",
    ["# upsample", "def call(x):\n    ...", "x = y[..., 0]", ">>> for i in j:\n...     print(i)\n..."],
)
def test_other_comments_and_dots_leave_nothing_out(more: str) -> None:
    assert read(f"m = Sequential()\nm.add(Conv2DTranspose(8, 4, input_shape=(7, 7, 16)))\n{more}\n").complete


def test_layers_that_are_added_to_a_model_from_above_the_code() -> None:
    # 3 · 3 · 32 + 32 = 320, and 26 · 26 · 32 · 10 + 10 = 216,330, as Keras 3.15 counts.
    code = "m.add(Conv2D(32, 3, input_shape=(28, 28, 1)))\nm.add(Flatten())\nm.add(Dense(10))\n"
    model = read(code)
    assert ([row.parameter_count for row in model.rows], model.complete) == ([320, 216_330], True)
    # Without an input shape there may be layers before these.
    with pytest.raises(ReadError, match="do not follow"):
        read(code.replace(", input_shape=(28, 28, 1)", ""))
    for begin in ("m = load()\n", "def f(m):\n    pass\n", "import m\n", "global m\n"):
        with pytest.raises(ReadError, match="do not follow"):
            read(begin + code)


def test_a_layer_that_is_removed_again_is_not_counted() -> None:
    # 16 · 8 · 4 · 4 + 8 = 2,056, and 8 · 8 · 4 · 4 + 8 = 1,032.
    code = "model = Sequential()\nmodel.add(Input(shape=(7, 7, 16)))\nmodel.add(Conv2DTranspose(8, 4))\n"
    code += "model.add(Conv2DTranspose(8, 4))\n"
    assert read_keras_code(code).parameter_count == 2056 + 1032
    removed = read_keras_code(code + "model.pop()\n")
    assert (removed.parameter_count, removed.complete) == (2056, True)
    # What a condition may remove is not part of the minimum.
    perhaps = read_keras_code(code + "if small:\n    model.pop()\n")
    assert (perhaps.parameter_count, perhaps.complete) == (2056, False)
    used = read_keras_code(code + "print(model.pop())\nmodel.add(Conv2DTranspose(1, 1))\n")
    assert (used.parameter_count, used.complete) == (2056, False)
    # Keras 3.15 counts the same: 2,056 and 8 + 1.
    again = read_keras_code(code + "model.pop()\nmodel.add(Conv2DTranspose(1, 1))\n")
    assert (again.parameter_count, again.complete) == (2056 + 9, True)


def test_a_zero_character_is_refused_alike_by_every_python() -> None:
    # Until 3.11.3 Python raises ValueError for it, and SyntaxError since.
    with pytest.raises(ReadError, match="line 1 is not valid Python"):
        read_keras_code("m = Sequential([Dense(8, input_dim=4)])\nx = '\0'\n")


def test_code_that_sets_trainable_later_leaves_open_how_many_are_trained() -> None:
    code = "m = keras.Sequential([layers.Input((8,)), layers.Dense(4), layers.Dense(2)])\n"
    assert read(code).trained_known
    for line in ("m.layers[0].trainable = False", "m.trainable = False"):
        model = read(f"{code}{line}\n")
        assert (model.parameter_count, trainable_text(model)) == (46, "?")


@pytest.mark.parametrize("call", ["m.quantize('int8')", "m.layers[0].enable_lora(2)"])
def test_calls_that_change_the_parameters_are_refused(call: str) -> None:
    code = "m = keras.Sequential([layers.Input((8,)), layers.Dense(4), layers.Dense(2)])\n"
    name = call.partition("(")[0].rpartition(".")[2]
    said = f"This Keras code calls {name}(), which changes the parameters of layers. "
    with pytest.raises(ReadError, match=f"^{re.escape(said + SUMMARY)}$"):
        read(code + call)
