"""The model page: totals, layers that are searched and opened, advice, and models that visitors give."""

from typing import Any

import pytest

from calculator.advice import advice
from calculator.derivation import number
from calculator.layer_settings import layer_values
from calculator.networks import NETWORKS, Network, network
from calculator.settings import FIELD
from calculator.ui.model import SHOWN
from tests.pages.conftest import MODEL, Visit

DCGAN = """Generator(
  (main): Sequential(
    (0): ConvTranspose2d(100, 512, kernel_size=(4, 4), stride=(1, 1), bias=False)
    (1): BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (2): ReLU(inplace=True)
    (3): ConvTranspose2d(512, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
    (4): Tanh()
  )
)"""
COUNT = 100 * 512 * 16 + 2 * 512 + 512 * 3 * 16 + 3


def model(link: dict[str, Any] | None = None, view: str = "where") -> Visit:
    return Visit(link, page=MODEL, view=view)


def paste(page: Visit, text: str) -> Visit:
    [area] = page.all("text_area")
    area.set_value(text)
    return page.press("model.read")


def headline(page: Visit) -> str:
    return next(
        line for line in page.text.split("\n") if " transposed layer" in line and " parameters · " in line
    )


def total(page: Visit) -> int:
    """Return the total that the page begins with."""
    return int(headline(page).split(" ")[0].replace(",", ""))


@pytest.mark.parametrize("one", NETWORKS, ids=lambda one: one.key)
def test_every_network_has_its_published_totals(one: Network) -> None:
    page = model({"net": one.key} if one.key != FIELD["network"].default else {})
    assert headline(page).startswith(f"{number(one.published)} parameters · {number(one.transposed)} in ")
    trained = "all trained" if one.trainable == one.published else f"{number(one.trainable)} trained"
    assert trained in headline(page)
    assert one.name in page.text
    assert {"treemap", "bars"} <= page.charts.keys()
    figure = page.charts["treemap"].figure
    assert figure["data"][0]["values"][0] == one.published
    shown = page.tab("Layers").table("layers")
    place = shown.columns.index("parameters")
    assert sum(int(row[place].replace(",", "")) for row in shown.rows) == one.published


def test_picking_a_network_is_in_the_link() -> None:
    page = model().choose("network", "unet")
    assert page.query == {"net": "unet"}
    assert total(page) == 31_037_633


def test_a_link_with_no_such_network_keeps_the_usual_one() -> None:
    page = model({"net": "resnet"})
    assert total(page) == 3_576_704
    assert "net='resnet' was ignored" in page.warnings[0]


def test_a_pasted_model_is_read_and_stays_out_of_the_link() -> None:
    page = paste(model({"net": "unet"}), DCGAN)
    assert page.errors == []
    assert total(page) == COUNT
    assert page.query == {"net": "unet"}
    assert total(page.go("app.py").go(MODEL)) == COUNT
    # Picking a network shows that instead.
    assert total(page.choose("network", "vae")) == 65_089


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "There is nothing in it."),
        ("hello", "No model was found in this text."),
        ("<!DOCTYPE html><html></html>", "This is a web page, not a model"),
    ],
)
def test_what_cannot_be_read_is_said_and_loses_nothing(text: str, told: str) -> None:
    page = paste(model({"net": "unet"}), text)
    assert told in page.errors[0]
    assert total(page) == 31_037_633
    assert total(paste(page, DCGAN)) == COUNT
    assert page.errors == []
    assert told in paste(page, text).errors[0]
    assert total(page) == COUNT


def test_a_file_is_opened() -> None:
    page = model()
    [box] = page.all("file_uploader")
    box.set_value(("net.txt", DCGAN.encode(), "text/plain"))
    assert total(page.run()) == COUNT
    assert "net.txt" in page.text
    [box] = page.all("file_uploader")
    box.set_value(("net.bin", b"\x89PNG\r\n", "application/octet-stream"))
    assert "This is a picture" in page.run().errors[0]
    assert total(page) == COUNT


def test_markup_in_a_model_is_text() -> None:
    page = paste(
        model(),
        "Evil(\n  (a): **Bold**[link](http://x)\n  (<b>x</b>): Linear(in_features=2, out_features=3)\n)",
    )
    for element in page.at.markdown:
        assert not element.allow_html
    assert "<b>x</b>" not in [element.value for element in page.at.markdown]


def search(page: Visit, words: str) -> list[list[str]]:
    """Return the rows of the table for the words that are typed."""
    [box] = [box for box in page.all("text_input") if box.key == "model.search"]
    box.set_value(words)
    return page.run().table("layers").rows


def test_layers_are_searched_and_filtered() -> None:
    page = model({"net": "unet"}, "layers")
    everything = page.table("layers").rows
    [row] = search(page, "up1 TRANSPOSE")
    assert row[:2] == ["up1.up", "ConvTranspose2d"]
    assert search(page, "") == everything
    rows = page.choose("model.kind", "transposed").table("layers").rows
    assert rows == [row for row in everything if row[1] == "ConvTranspose2d"]
    assert "4 of 41 layers, 2,786,240 parameters" in page.text
    page.choose("model.kind", "all").flip("model.heavy")
    counts = [int(row[2].replace(",", "")) for row in page.table("layers").rows]
    assert counts == sorted(counts, reverse=True)


def test_a_transposed_layer_opens_in_the_calculator() -> None:
    page = model({"net": "unet", "in": "5"}, "layers")
    table = page.table("layers")
    rows = network("unet").model().rows
    assert [action is not None for action in table.actions] == [row.layer is not None for row in rows]
    place = next(n for n, row in enumerate(rows) if row.name == "up2.up")
    page.take("layers", place)
    layer = rows[place].layer
    assert layer
    assert page.page == "app.py"
    assert page.answer == (524_544, 524_288, 256)
    assert {name: getattr(page.settings, name) for name in layer_values(layer)} == layer_values(layer)


def test_a_late_press_on_a_row_that_has_no_layer_does_nothing() -> None:
    page = model({"net": "unet"}, "layers")
    for row in (0, 1000, -1, "1", None):
        assert page.send_row("layers", row).page == MODEL


@pytest.mark.parametrize("key", ["vae", "unet", "dcgan"])
def test_all_advice_is_shown_with_its_size(key: str) -> None:
    page = model({"net": key} if key != "dcgan" else {}, "advice")
    for one in advice(next(net for net in NETWORKS if net.key == key).model()):
        assert one.sentence in page.text
        assert not one.parameters or number(one.parameters) in page.text


def test_memory_by_number_type() -> None:
    rows = {row[0]: row for row in model(view="memory").table("memory").rows}
    assert rows["float32"][1] == number(4 * 3_576_704)
    assert rows["float32"][3] == number(16 * 3_576_704)


def test_a_model_of_ten_thousand_layers() -> None:
    lines = [f"  ({n}): ConvTranspose2d(8, 8, kernel_size=(4, 4), stride=(2, 2))" for n in range(10_000)]
    page = paste(model(view="layers"), "\n".join(["Large(", *lines, ")"]))
    assert total(page) == 10_000 * (8 * 8 * 16 + 8)
    assert len(page.table("layers").rows) == SHOWN
    assert f"the first {SHOWN} are drawn" in page.text
    assert total(page.tab("Where they are")) == 10_000 * (8 * 8 * 16 + 8)
