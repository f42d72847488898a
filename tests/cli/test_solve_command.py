"""The layers from one size to another in the shell are those of the solver."""

import csv
import json
from typing import Any

import pytest

from calculator import ConvTranspose
from calculator.geometry.chain_solver import solve_chains
from calculator.geometry.layer_solver import Bounds, LayerSpec, solve_layers
from tests.cli.test_report import opened
from tests.helpers.command_line import run_command


def test_both_kinds_are_listed(capsys: Any) -> None:
    bounds = Bounds(listed=10)
    found = [*solve_layers(7, 112, bounds=bounds).answers, *solve_chains(7, 112, bounds=bounds).answers]
    status, out, _ = run_command(capsys, "solve", "7", "112")
    assert status == 0
    assert all(answer.text in out and f"{answer.parameter_count:,}" in out for answer in found)
    assert "Not listed by their overlap: 15 uneven" in out
    _, out, _ = run_command(capsys, "solve", "7", "112", "--csv")
    assert out.isascii()
    rows = list(csv.DictReader(out.splitlines()))
    assert [int(row["multiply_accumulates"]) for row in rows] == [a.multiply_accumulates for a in found]
    assert rows[0]["sizes"] == "7x7 112x112"


def test_json_has_the_settings_and_every_way(capsys: Any) -> None:
    _, out, _ = run_command(capsys, "solve", "7x9", "14x27", "--json", "--in-channels", "8", "--no-bias")
    document = json.loads(out)
    assert document["layers"]["answers"]
    for answer in document["layers"]["answers"] + document["chains"]["answers"]:
        size = tuple(answer["sizes"][0])
        for number, part in enumerate(answer["layers"], start=1):
            layer = ConvTranspose(**part["settings"])
            size = layer.output_size(size)
            assert list(size) == answer["sizes"][number]
            assert not layer.bias
            assert {way["framework"] for way in part["ways"]} == {"PyTorch", "Keras", "Flax", "ONNX"}
        assert size == (14, 27)


def test_bounds_are_those_of_the_options(capsys: Any) -> None:
    options = ("--overlap", "any", "-k", "5", "-s", "3", "--output-padding", "2", "-d", "2", "--listed", "30")
    bounds = Bounds(kernel_size=5, stride=3, output_padding=2, dilation=2, overlap="any", listed=30)
    expected = solve_layers((9,), (20,), LayerSpec(rank=1), bounds).answers
    _, out, _ = run_command(capsys, "solve", "9", "20", "--dimensions", "1", *options, "--json")
    assert [a["text"] for a in json.loads(out)["layers"]["answers"]] == [a.text for a in expected]
    assert expected


def test_no_answer_has_a_reason(capsys: Any) -> None:
    status, out, _ = run_command(capsys, "solve", "7", "6")
    assert status == 0
    assert "none" in out or "No " in out
    status, _, err = run_command(capsys, "solve", "112", "7", "--link")
    assert status == 2
    assert "There is no answer that the page could open." in err


def test_links_open_a_layer_on_picture_and_a_chain_on_model(capsys: Any) -> None:
    _, out, _ = run_command(capsys, "solve", "7", "112", "--link")
    assert out.startswith("http://localhost:8501/picture?")
    settings = opened(out)
    assert settings.layer().output_size(settings.spatial("input_size")) == (112, 112)
    assert (settings.picture_view, settings.wanted_size) == ("size", (112,))
    _, out, _ = run_command(capsys, "solve", "7", "112", "-k", "4", "-s", "2", "--link")
    assert out.startswith("http://localhost:8501/model?")
    assert opened(out).chain_size == (7,)
    assert opened(out).layers.count("ConvTranspose2d") == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("7", "x"), "wanted must be"),
        (("7", "0"), "wanted must be a whole number from 1"),
        (("7", "112", "--layers", "99"), "The bound on layers must be at most 10"),
        (("7", "112", "--listed", "0"), "listed must be a whole number from 1"),
        (("7", "112", "-g", "2"), "groups must divide"),
        (("7x7", "112x112x112"), "input_size must be"),
        (("7",), "required: WANTED"),
    ],
)
def test_refusals(capsys: Any, arguments: tuple[str, ...], words: str) -> None:
    status, out, err = run_command(capsys, "solve", *arguments)
    assert (status, out) == (2, "")
    assert words in err
