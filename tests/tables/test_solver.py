"""Tables of the solver: every answer, every number and every remark of a framework."""

from calculator.core.layer import ConvTranspose
from calculator.frameworks import FRAMEWORKS
from calculator.geometry.chain_solver import solve_chains
from calculator.geometry.layer_solver import Answer, Bounds, LayerSpec, solve_layers
from calculator.tables.solver import chains_table, layers_table

SPEC = LayerSpec(64, 32)


def test_single_layers_in_every_framework() -> None:
    answers = solve_layers(7, 112, SPEC).answers
    frame = layers_table(answers)
    assert list(frame.columns) == [
        *("layer", "parameters", "multiply–accumulates", "overlap of products", "Keras", "Flax", "ONNX"),
    ]
    assert frame.values.tolist()[1] == [
        "k32, s16, p8",
        2_097_184,
        102_760_448,
        "2 × 2, even",
        "padding='same'",
        "padding='SAME'",
        "pads=[8, 8, 8, 8], output_padding=[0, 0]",
    ]
    complete = layers_table(answers, complete=True).to_dict("records")[1]
    assert complete["kernel size"] == (32, 32)
    assert complete["activations kept to train"] == 64 * 49
    assert complete["Flax"] == "padding='SAME' or padding=((23, 23), (23, 23))"
    assert complete["remark, Flax"] == ""
    assert {f"remark, {one.title}" for one in FRAMEWORKS.values()} - set(complete) == {"remark, PyTorch"}


def test_a_framework_without_arguments_says_why() -> None:
    grouped = solve_layers(7, 14, LayerSpec(4, 4, groups=2)).answers[:1]
    row = layers_table(grouped, complete=True).to_dict("records")[0]
    assert row["Keras"] == row["Flax"] == "not possible"
    assert "groups" in row["remark, Keras"]
    assert row["remark, ONNX"] == ""


def test_chains_with_their_sizes_and_channels() -> None:
    bounds = Bounds(stride=2, overlap="covered")
    frame = chains_table(solve_chains((7, 4), (14, 16), LayerSpec(64, 32), bounds).answers)
    first = frame.to_dict("records")[0]
    assert list(frame.columns)[-3:] == ["activations kept to train", "sizes", "channels"]
    assert first["sizes"].startswith("7×4 → ")
    assert first["sizes"].endswith(" → 14×16")
    assert first["channels"].startswith("64 → 32")
    assert first["layers"] == "(k1×2, s1×2) → (k2, s2)"
    complete = chains_table(solve_chains(7, 100, SPEC, Bounds(stride=2)).answers, complete=True)
    row = complete.to_dict("records")[0]
    assert row["layers"] == "2 × (k2, s2, p1, op1) → 2 × (k2, s2)"
    # 64 · 49 + 32 · (13² + 25² + 50²)
    assert row["activations kept to train"] == 64 * 49 + 32 * (169 + 625 + 2500)
    assert row["ONNX"].count("pads=") == row["ONNX"].count("output_shape=") == 4
    assert "cropped on axis 0 and axis 1" in row["remark, Keras"]


def test_equal_arguments_stand_once() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=4, stride=2, padding=1)
    row = chains_table([Answer((layer, layer), (5, 5))], complete=True).to_dict("records")[0]
    assert row["Keras"] == "padding='same'"
    assert row["overlap of products"] == "4 × 4, even"
    assert row["layers"] == "2 × (k4, s2, p1)"
