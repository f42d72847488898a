"""Memory: the sizes are those of numpy arrays and of a ledger of training."""

from typing import Any

import numpy as np
import pytest

from calculator.core import memory
from calculator.core.errors import LayerError


def test_number_types_are_as_wide_as_in_numpy() -> None:
    assert list(memory.NUMBER_TYPES) == ["float64", "float32", "float16", "bfloat16", "int8"]
    for name, size in memory.NUMBER_TYPES.items():
        # numpy has no bfloat16: it is the upper half of a float32.
        assert size == (np.dtype("float32").itemsize // 2 if name == "bfloat16" else np.dtype(name).itemsize)


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "int8"])
def test_bytes_are_those_of_allocated_arrays(name: str) -> None:
    held = np.empty((64, 32, 4, 4), name).nbytes + np.empty(32, name).nbytes
    assert memory.weight_bytes(32_800, name) == held


def test_training_by_a_ledger() -> None:
    # Plain Adam holds the weight, its gradient, m and v, all of one type.
    for name in ("float64", "float32"):
        ledger = [np.empty(1_000, name) for _ in ("weight", "gradient", "m", "v")]
        assert memory.training_bytes(1_000, name) == sum(array.nbytes for array in ledger)
    # Mixed precision, Rajbhandari et al. (2020), section 3.1: 2Ψ + 2Ψ + 12Ψ = 16Ψ.
    for name in ("float16", "bfloat16"):
        assert memory.training_bytes(1_000, name) == 2_000 + 2_000 + 12_000
    # Their example: a model of 1.5 billion parameters needs at least 24 GB.
    assert memory.training_bytes(1_500_000_000, "float16") == 24 * 10**9
    assert memory.training_bytes(1_000, "int8") is None
    assert memory.training_bytes(0, "float32") == 0


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "bfloat16"])
def test_the_parts_add_up_to_the_whole(name: str) -> None:
    terms, total = memory.training_parts(name).split(" = ")
    assert sum(int(term.split()[-1]) for term in terms.split(" + ")) == memory.training_bytes(1, name)
    assert total == f"{memory.training_bytes(1, name)} bytes per parameter"
    assert terms.startswith(f"weight {memory.NUMBER_TYPES[name]} + gradient {memory.NUMBER_TYPES[name]} + ")


def test_parts_in_words() -> None:
    assert memory.training_parts("bfloat16") == (
        "weight 2 + gradient 2 + 32-bit master copy 4 + Adam's first moment 4 + second moment 4 "
        "= 16 bytes per parameter"
    )
    assert (
        memory.training_parts("int8") == "int8 is for running a trained model: layers are not trained in it"
    )


@pytest.mark.parametrize("ask", [memory.weight_bytes, memory.training_bytes])
@pytest.mark.parametrize(("bad", "received"), [("float8", "'float8'"), (None, "None"), ([], "[]")])
def test_refuses_an_unknown_number_type(ask: Any, bad: Any, received: str) -> None:
    sentence = f"number_type must be one of float64, float32, float16, bfloat16, int8, received {received}."
    for call in (lambda: ask(1, bad), lambda: memory.training_parts(bad)):
        with pytest.raises(LayerError) as caught:
            call()
        assert str(caught.value) == sentence
