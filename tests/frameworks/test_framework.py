"""What every framework promises, whichever it is."""

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS
from tests.frameworks.strategies import layers, layers_and_sizes
from tests.helpers.paths import FRAMEWORKS_RECORDED
from tests.oracle.settings import Setting, computed

RECORDED = FRAMEWORKS_RECORDED
NAMES = ("pytorch", "keras", "flax", "onnx")
every_framework = pytest.mark.parametrize("name", NAMES)
UNKNOWN = ["reflect", "", b"same", bytearray(2), 1.5, {"p": 1}, [None], True, [[[]]]]
INPUT = {"pytorch": 0, "keras": -1, "flax": -2, "onnx": 0}
"""Where the input channels stand in the weight shape."""


def test_order_names_and_titles() -> None:
    assert tuple(FRAMEWORKS) == NAMES
    assert [framework.name for framework in FRAMEWORKS.values()] == list(NAMES)
    assert [framework.title for framework in FRAMEWORKS.values()] == ["PyTorch", "Keras", "Flax", "ONNX"]


def test_the_mapping_is_read_only() -> None:
    with pytest.raises(TypeError):
        FRAMEWORKS["tensorflow"] = FRAMEWORKS["keras"]  # type: ignore[index]


@given(layer=layers(), name=st.sampled_from(NAMES))
def test_shapes_hold_exactly_the_counted_parameters(layer: ConvTranspose, name: str) -> None:
    framework = FRAMEWORKS[name]
    if layer.groups > 1 and name in ("keras", "flax"):
        with pytest.raises(LayerError, match="no groups"):
            framework.weight_shape(layer)
        return
    shape = framework.weight_shape(layer)
    assert math.prod(shape) == layer.weight_count
    assert sorted(shape) == sorted(layer.weight_shape)
    assert shape[INPUT[name]] == layer.in_channels
    assert framework.bias_shape(layer) == ((layer.out_channels,) if layer.bias else None)


@given(drawn=layers_and_sizes(most_groups=1), name=st.sampled_from(NAMES))
def test_words_for_a_layer_give_its_size(drawn: tuple[ConvTranspose, tuple[int, ...]], name: str) -> None:
    layer, size = drawn
    framework = FRAMEWORKS[name]
    assume(not framework.problems(layer))
    padding, output_padding = framework.layer_padding(layer)
    words = {"padding": padding, "output_padding": output_padding}
    try:
        expected = layer.output_size(size)
    except LayerError:
        assume(False)
    if name == "onnx" and 0 in expected:
        with pytest.raises(LayerError, match="at least 1"):
            framework.output_size(layer, size, **words)
    else:
        assert framework.output_size(layer, size, **words) == expected


@given(layer=layers(), name=st.sampled_from(NAMES))
def test_a_problem_stands_in_the_way_everywhere(layer: ConvTranspose, name: str) -> None:
    framework = FRAMEWORKS[name]
    problems, code = framework.problems(layer), framework.code(layer)
    compile(code, "<snippet>", "exec")
    statements = [line for line in code.splitlines() if not line.startswith("#")]
    if not problems:
        assert any(line.startswith(("layer = ", "model = ")) for line in statements)
        assert f"{layer.weight_count:,} weights + {layer.bias_count:,} biases" in code
        return
    assert statements == []
    assert all(problem in code and problem.endswith(".") and "received" in problem for problem in problems)
    with pytest.raises(LayerError) as refusal:
        framework.layer_padding(layer)
    assert str(refusal.value) == problems[0]


@every_framework
def test_code_of_a_large_layer_shows_exact_numbers(name: str) -> None:
    layer = ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,), bias=False)
    assert "549,755,813,888 weights + 0 biases = 549,755,813,888 parameters" in FRAMEWORKS[name].code(layer)


@every_framework
@pytest.mark.parametrize("size", [0, -1, 2.5, "7", (7, 7, 7), None, True])
def test_a_bad_input_size_is_refused(name: str, size: Any) -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3)
    with pytest.raises(LayerError, match="input_size must be"):
        FRAMEWORKS[name].output_size(layer, size)


@every_framework
@pytest.mark.parametrize("kernel", [(3,), (3, 3)])
@pytest.mark.parametrize(
    "padding", ["reflect", "", b"same", bytearray(2), 1.5, {"p": 1}, [None], True, [[[]]]]
)
def test_unknown_words_are_refused_in_a_sentence(name: str, padding: Any, kernel: tuple[int, ...]) -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=kernel)
    with pytest.raises(LayerError, match=r", received .+\.$"):
        FRAMEWORKS[name].output_size(layer, 5, padding=padding)


@every_framework
def test_long_values_stay_out_of_the_sentence(name: str) -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,))
    with pytest.raises(LayerError) as refusal:
        FRAMEWORKS[name].output_size(layer, 5, padding=[10**5000])
    assert len(str(refusal.value)) < 300


def recorded(name: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return held


@every_framework
def test_recorded_settings_of_the_real_framework(name: str) -> None:
    held = recorded(name)
    wrong = []
    for line in held["settings"]:
        setting = Setting(line["layer"], line["input_size"], line["padding"], line["output_padding"])
        answer = computed(name, setting)
        said = {"refused": True} if answer is None else answer._asdict()
        if said != {key: value for key, value in line.items() if key not in vars(setting)}:
            wrong.append((setting, said, line))
    assert wrong == []


@every_framework
def test_enough_was_recorded_and_from_which_versions(name: str) -> None:
    held = recorded(name)
    expected = {
        "pytorch": {"torch": "2.13.0"},
        "keras": {"keras": "3.15.1", "torch": "2.13.0"},
        "flax": {"flax": "0.12.8", "jax": "0.10.2", "jaxlib": "0.10.2"},
        "onnx": {"onnx": "1.23.2", "onnxruntime": "1.32.0"},
    }
    assert {package: version.split("+")[0] for package, version in held["versions"].items()} == expected[name]
    assert isinstance(held["seed"], int)
    different = {json.dumps(line) for line in held["settings"]}
    refused = sum("refused" in line for line in held["settings"])
    assert len(different) >= 500
    assert len(different) / 20 < refused < len(different) / 2
