"""The code of a layer in the shell."""

import json
from typing import Any

import pytest

from calculator import ConvTranspose
from calculator.frameworks import SNIPPETS
from tests.helpers.command_line import run_command


@pytest.mark.parametrize("key", SNIPPETS)
def test_the_code_is_that_of_the_framework(capsys: Any, key: str) -> None:
    status, out, err = run_command(capsys, "code", "--framework", key, "3", "64", "4", "2", "1")
    assert (status, err) == (0, "")
    code = SNIPPETS[key][2](ConvTranspose(3, 64, 4, 2, 1))
    assert out == code
    _, out, _ = run_command(capsys, "code", "3", "64", "4", "2", "1", "--json", "--framework", key)
    assert json.loads(out)["code"] == code


def test_sizes_stand_in_a_comment(capsys: Any) -> None:
    _, out, _ = run_command(capsys, "code", "3", "64", "4", "2", "1", "-n", "16x8")
    assert out.endswith("\n# 16 × 8 positions → 32 × 16\n")


def test_what_a_framework_does_not_have_is_a_sentence(capsys: Any) -> None:
    status, out, err = run_command(capsys, "code", "--framework", "keras", "4", "4", "3", "-g", "2")
    assert (status, out) == (2, "")
    assert "Keras cannot express exactly this layer. Keras's transposed convolution has no groups" in err
    status, _, err = run_command(capsys, "code", "--framework", "torch", "4", "4", "3")
    assert status == 2
    assert "invalid choice: 'torch'" in err
