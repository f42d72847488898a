"""The model page: totals, search, layers opened in the calculator, advice, tables, pasted models, files."""

from typing import Any

import pytest

from calculator.comparison.advice import advice
from calculator.core.formatting import format_count
from calculator.networks.builtin import NETWORKS, Network, network
from calculator.settings import FIELD
from calculator.settings.layer import layer_values
from calculator.ui.components import downloads
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.model import source
from calculator.ui.model.views import MAX_ROWS
from calculator.ui.session import models
from calculator.ui.session.received_text import NOT_RECEIVED, SENTENCE
from tests.pages.conftest import MODEL, Visit, name_of

SEQUENTIAL = """Sequential(
  (0): ConvTranspose2d(100, 512, kernel_size=(4, 4), stride=(1, 1), bias=False)
  (1): BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (2): ReLU(inplace=True)
  (3): ConvTranspose2d(512, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
)"""
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
    """Return the total number of parameters in the headline."""
    return int(headline(page).split(" ")[0].replace(",", ""))


@pytest.mark.parametrize("one", NETWORKS, ids=lambda one: one.key)
def test_every_network_has_its_published_totals(one: Network) -> None:
    page = model({"net": one.key} if one.key != FIELD["network"].default else {})
    assert headline(page).startswith(
        f"{format_count(one.published)} parameters · {format_count(one.transposed)} in "
    )
    trainable = "all" if one.trainable == one.published else format_count(one.trainable)
    assert f" · {trainable} trainable" in headline(page)
    assert one.name in page.text
    assert {"treemap", "bars"} <= page.charts.keys()
    figure = page.charts["treemap"].figure
    assert figure["data"][0]["values"][0] == one.published
    shown = page.tab("Layers").table("layers")
    place = shown.columns.index("parameters")
    assert sum(int(row[place].replace(",", "")) for row in shown.rows) == one.published
    assert ("others" in shown.columns) == any(row.other_count for row in one.model().rows)


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
    # A chosen network replaces the pasted model.
    assert total(page.choose("network", "vae")) == 65_089


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text is empty."),
        ("hello", "No model was found in this text."),
        ("<!DOCTYPE html><html></html>", "This is a web page, not a model"),
    ],
)
def test_what_cannot_be_read_is_said_and_loses_nothing(text: str, sentence: str) -> None:
    page = paste(model({"net": "unet"}), text)
    assert sentence in page.errors[0]
    assert total(page) == 31_037_633
    assert total(paste(page, DCGAN)) == COUNT
    assert page.errors == []
    assert sentence in paste(page, text).errors[0]
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


EVIL = "![x](http://example.org/p.png) [Sign in](http://example.org/login) <b>*n*</b>"


def test_markup_in_a_name_is_text_everywhere() -> None:
    link = {"table": f"Input_out3_size9x9~ConvTranspose2d_in3_out4_k3_s2.{EVIL}"}
    for view in ("where", "layers", "advice", "memory", "difference"):
        page = model(link, view)
        for element in (*page.at.markdown, *page.at.caption, *page.at.error):
            assert EVIL not in element.value
            if "Sign in" in element.value:
                assert escape_markdown(EVIL) in element.value
    page = model(link)
    assert escape_markdown(EVIL) in " ".join(element.value for element in page.at.markdown)
    # Plotly interprets HTML tags in names.
    assert "<b>*n*" not in str(page.charts["treemap"].figure) + str(page.charts["bars"].figure)


def test_markup_in_a_model_is_text() -> None:
    page = paste(
        model(),
        "Evil(\n  (a): **Bold**[link](http://x)\n  (<b>x</b>): Linear(in_features=2, out_features=3)\n)",
    )
    for element in page.at.markdown:
        assert not element.allow_html
    assert "<b>x</b>" not in [element.value for element in page.at.markdown]


def search(page: Visit, words: str) -> list[list[str]]:
    """Search for ``words`` and return the rows of the table."""
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
        assert not one.parameters or format_count(one.parameters) in page.text


def test_memory_by_number_type() -> None:
    rows = {row[0]: row for row in model(view="memory").table("memory").rows}
    assert rows["float32"][1] == format_count(4 * 3_576_704)
    assert rows["float32"][3] == format_count(16 * 3_576_704)


def test_a_model_of_ten_thousand_layers() -> None:
    lines = [f"  ({n}): ConvTranspose2d(8, 8, kernel_size=(4, 4), stride=(2, 2))" for n in range(10_000)]
    page = paste(model(view="layers"), "\n".join(["Large(", *lines, ")"]))
    assert total(page) == 10_000 * (8 * 8 * 16 + 8)
    assert len(page.table("layers").rows) == MAX_ROWS
    assert f"the first {MAX_ROWS} are drawn" in page.text
    assert total(page.tab("Where the parameters are")) == 10_000 * (8 * 8 * 16 + 8)


# The visitor's own table


TABLE = (
    "name,type,in,out,kernel,stride,size\n,Input,,8,,,5x7\nup,ConvTranspose2d,8,4,4,2,\n,BatchNorm2d,,4,,,\n"
)
LINK = "Input_out8_size5x7~ConvTranspose2d_in8_out4_k4_s2.up~BatchNorm2d_out4"


def box(page: Visit) -> str:
    [area] = page.all("text_area")
    return str(area.value)


def type_size(page: Visit, text: str) -> Visit:
    [found] = [one for one in page.all("text_input") if name_of(one) == "chain_size"]
    found.set_value(text)
    return page.run()


def sizes(page: Visit) -> list[str]:
    return page.tab("Layers").table("layers").column("output size")


def test_a_table_that_is_typed_is_in_the_link() -> None:
    rows = ("; input; ; 8; ; ; 5x7", "up; convtranspose2d; 8; 4; 4; 2", "; BatchNorm2d; ; 4")
    typed = "\n".join(("# mine", "name; type; in; out; kernel; stride; size", *rows))
    page = paste(model({"net": "unet"}), typed)
    assert page.errors == []
    assert total(page) == 8 * 4 * 16 + 4 + 8
    assert page.query == {"net": "unet", "table": LINK}
    assert box(page) == typed
    assert "up takes 5 × 7 and gives 12 × 16: 17,920 multiply–accumulates in all." in page.text
    fresh = model(dict(page.query))
    assert (total(fresh), box(fresh)) == (total(page), TABLE)
    # After a visit to another page, the table and the text as it was typed are still there.
    assert total(page.go("app.py").go(MODEL)) == total(fresh)
    assert box(page) == typed
    page = page.choose("network", "vae")
    assert (page.query, box(page), total(page)) == ({"net": "vae"}, "", 65_089)


def test_a_network_becomes_a_table_to_be_changed() -> None:
    page = model({"net": "vae"}).press("model.edit")
    assert total(page) == 65_089
    assert "The source states" not in page.text
    changed = box(page).replace(
        "conv2d_transpose_2,Conv2DTranspose,32,1,", "conv2d_transpose_2,Conv2DTranspose,32,3,"
    )
    assert total(paste(page, changed)) == 65_089 + 2 * (32 * 9 + 1)
    assert total(model(dict(page.query))) == total(page)


@pytest.mark.parametrize("one", NETWORKS, ids=lambda one: one.key)
def test_every_network_fits_into_a_link_as_a_table(one: Network) -> None:
    page = model({"net": one.key} if one.key != FIELD["network"].default else {}).press("model.edit")
    assert page.errors == []
    fresh = model(dict(page.query), "layers")
    assert total(fresh) == one.published
    assert fresh.table("layers").rows == model({"net": one.key}, "layers").table("layers").rows


def test_layers_of_the_calculator_are_put_together() -> None:
    page = model({"in": "16", "out": "8", "k": "3"}).press("model.add")
    assert total(page) == 16 * 8 * 9 + 8
    page.go("app.py").type("in_channels", "8").type("out_channels", "1").go(MODEL).press("model.add")
    assert total(page) == 16 * 8 * 9 + 8 + 8 * 9 + 1
    assert page.query["table"] == "ConvTranspose2d_in16_out8_k3_s2_p1~ConvTranspose2d_in8_out1_k3_s2_p1"


def test_a_layer_that_does_not_go_on_is_not_added() -> None:
    page = model({"table": "Input_out5_size28x28~Conv2d_in5_out4_k3"}).press("model.add")
    assert "The layer was not added: Row 3 (ConvTranspose2d 3): it needs 3 channels" in page.errors[0]
    assert page.query == {"table": "Input_out5_size28x28~Conv2d_in5_out4_k3"}
    assert total(page) == 5 * 4 * 9 + 4


@pytest.mark.parametrize("key", ["model.edit", "model.add"])
def test_text_in_the_box_is_not_lost_to_a_button(key: str) -> None:
    page = model()
    [area] = page.all("text_area")
    area.set_value("half a mod")
    page.press(key)
    assert (box(page), page.query) == ("half a mod", {})
    assert page.errors


def test_a_layer_is_added_to_what_stands_in_the_box() -> None:
    page = model()
    [area] = page.all("text_area")
    area.set_value("type,in,out\nLinear,3,4")
    assert total(page.press("model.add")) == 16 + 3_136
    assert page.query == {"table": "Linear_in3_out4~ConvTranspose2d_in3_out64_k4_s2_p1"}


def test_a_table_without_parameters_is_shown() -> None:
    page = model({"table": "Input_out3_size28x28~MaxPool2d_k2"})
    assert total(page) == 0
    assert "No layer of this model has a known number of parameters." in page.infos
    [found] = [one for one in page.all("text_input") if name_of(one) == "chain_size"]
    assert found.placeholder == "28 × 28, as in the table"


@pytest.mark.parametrize("button", ["model.read", "model.add", "model.edit"])
def test_a_text_that_the_server_had_no_room_for_is_asked_for_again(button: str) -> None:
    page = paste(model({"net": "unet"}), DCGAN) if button == "model.edit" else model({"net": "unet"})
    shown, query = total(page), page.query
    [area] = page.all("text_area")
    area.set_value(NOT_RECEIVED)
    page.press(button)
    assert page.errors == [SENTENCE]
    assert (total(page), page.query) == (shown, query)
    assert total(paste(page, TABLE)) != shown
    assert not page.errors


def test_the_way_back_from_a_pasted_model() -> None:
    page = paste(model({"table": LINK}), DCGAN)
    assert total(page) == COUNT
    page.press("model.back")
    assert (total(page), page.query) == (524, {"table": LINK})
    page = paste(model({"net": "unet"}), DCGAN).press("model.back")
    assert total(page) == 31_037_633


def test_a_size_belongs_to_the_model_it_was_typed_for() -> None:
    page = paste(model({"at": "3"}), TABLE)
    assert page.query == {"table": LINK}
    type_size(page, "4")
    assert paste(page, TABLE.replace("up", "above")).query["at"] == "4"


def test_a_size_that_nothing_can_use_is_said() -> None:
    page = model({"net": "unet", "at": "64"})
    assert page.errors == [
        "These layers do not form a chain, so an input size cannot be applied. The input size 64 is ignored."
    ]


def test_a_layer_that_cannot_be_is_not_added() -> None:
    page = model({"op": "5"}).press("model.add")
    assert page.query == {"op": "5"}
    assert total(page) == 3_576_704
    assert page.errors[0].startswith("The layer was not added: output_padding")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("Input_out8_size5x7~ConvTranspose2d_in8_out4_k0.up", "Row 2 (up): kernel must be"),
        ("ConvTransposed_in8_out4_k4.up", "Row 1 (up): its type 'ConvTransposed' is not one of"),
        (
            "Input_out8_size5x7~ConvTranspose2d_in9_out4_k4.up",
            "it needs 9 channels, but the previous row gives 8",
        ),
    ],
)
def test_a_table_in_a_link_that_cannot_be_is_said_and_can_be_mended(table: str, sentence: str) -> None:
    page = model({"net": "vae", "table": table, "in": "5"})
    assert sentence in page.errors[0]
    assert "is shown instead. Your table is still in the box: correct it and read it again." in page.errors[0]
    assert total(page) == 65_089
    assert page.query == {"net": "vae", "table": table, "in": "5"}
    mended = box(page).replace(",0", ",4").replace("Transposed,", "Transpose2d,").replace(",9,", ",8,")
    assert total(paste(page, mended)) == 8 * 4 * 16 + 4
    assert page.errors == []


def test_a_part_of_a_linked_table_that_cannot_be_read_is_said() -> None:
    page = model({"table": f"{LINK}~_in4~Linear_in4_out2_q7.fc"})
    assert "Row 4 of the table was ignored" in page.warnings[0]
    assert "'q7' was ignored" in page.warnings[0]


def test_a_wrong_table_that_is_typed_loses_nothing() -> None:
    page = model({"table": LINK})
    wrong = TABLE.replace(",8,4,", ",9,4,")
    paste(page, wrong)
    assert "it needs 9 channels, but the previous row gives 8" in page.errors[0]
    assert (page.query, box(page), total(page)) == ({"table": LINK}, wrong, 524)
    assert total(paste(page, TABLE.replace(",4,4,", ",4,2,"))) == 8 * 4 * 4 + 4 + 8
    assert page.errors == []


def test_a_table_too_long_for_a_link_is_shown_and_said_to_be_in_none() -> None:
    rows = "".join(f"layer {n},Linear,10,10\n" for n in range(400))
    page = paste(model(), f"name,type,in,out\n{rows}")
    assert total(page) == 400 * 110
    assert page.query == {}
    assert "not part of the link: the link contains only a pasted table of at most" in page.text


def test_a_long_table_is_read_in_a_subprocess(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(text: str) -> str:
        raise AssertionError(f"{len(text)} characters were read in the server")

    monkeypatch.setattr(source, "tidy", never)
    rows = "".join(f"layer {n},Linear,10,10\n" for n in range(2_000))
    assert total(paste(model(), f"name,type,in,out\n{rows}")) == 2_000 * 110


def test_what_is_pasted_stands_before_the_table_until_another_is_chosen() -> None:
    page = paste(model({"table": LINK}), DCGAN)
    assert (total(page), page.query) == (COUNT, {"table": LINK})
    assert total(paste(page, TABLE)) == 524
    assert total(paste(page, DCGAN)) == COUNT
    assert total(paste(page, TABLE.replace("5x7", "7x5"))) == 524


@pytest.mark.parametrize(
    ("net", "text", "last"),
    [
        ("dcgan", "2", "80 × 80"),
        ("dcgan", "1x2", "64 × 80"),
        ("fsrcnn", "8x9", "24 × 27"),
        ("dcgan", "", "64 × 64"),
    ],
)
def test_another_input_size(net: str, text: str, last: str) -> None:
    page = type_size(model({"net": net}), text)
    assert page.errors == []
    assert page.query.get("at", "") == text
    before = total(page)
    assert sizes(page)[-1] == last
    assert f"{network(net).published:,}" in headline(page)
    fresh = model(dict(page.query))
    assert (total(fresh), sizes(fresh)[-1]) == (before, last)


@pytest.mark.parametrize("text", ["0", "-3", "1.5", "four", "3x", "1x2x3", "1,024,1", "9" * 400])
def test_an_input_size_that_cannot_be_is_refused_and_the_old_one_kept(text: str) -> None:
    page = type_size(model({"net": "dcgan", "at": "2"}), text)
    assert page.errors
    assert total(page) == 3_576_704
    assert page.query["at"] == "2"
    assert page.errors[0].startswith("Input size of the model must be ")
    assert page.errors[0].endswith(" 2 is kept.")
    assert sizes(page)[-1] == "80 × 80"


def test_an_input_size_too_small_says_so() -> None:
    page = model({"net": "autoencoder", "at": "1"})
    assert page.errors == []
    page = model({"table": "Input_out3_size9x9~Conv2d_in3_out4_k5.down", "at": "4"})
    assert "its kernel does not fit" in page.errors[0]


def test_another_network_begins_with_its_own_size() -> None:
    page = model({"net": "dcgan", "at": "3"}).choose("network", "musegan")
    assert page.query == {"net": "musegan"}


def test_no_size_is_asked_for_where_the_layers_are_no_chain() -> None:
    for net in ("unet", "hifi-gan", "vae"):
        assert "chain_size" not in [name_of(one) for one in model({"net": net}).all("text_input")]


def test_what_is_not_counted_is_said_where_the_numbers_stand() -> None:
    page = paste(model(), "Net(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4))\n  (own): Mystery()\n)")
    assert headline(page).startswith(
        "at least 32,800 parameters · 1 module not counted · at least 32,800 in 1 transposed layer"
    )
    assert "all that are counted trainable" in headline(page)
    assert "Not counted, so that every total is a minimum: own (Mystery)." in page.text
    assert "half or more of 32,800 parameters that are counted" in page.text
    page = page.tab("Memory")
    assert all(column.startswith("at least: ") for column in page.table("memory").columns[1:])
    page = page.tab("Layers")
    assert "2 of 2 layers, at least 32,800 parameters" in page.text
    assert [row[:3] for row in page.table("layers").rows] == [
        ["up", "ConvTranspose2d", "32,800"],
        ["own", "Mystery", "—"],
    ]


def test_where_nothing_could_be_counted_there_is_no_number() -> None:
    page = paste(model(), "Net(\n  (own): Mystery()\n)")
    [sentence] = page.errors
    assert sentence.startswith("Nothing in this model could be counted. own (Mystery) could not: ")
    assert total(page) == 3_576_704


def test_an_undecided_type_makes_the_transposed_total_a_range() -> None:
    shapes = {"up.weight": (64, 32, 2, 2), "up.bias": (32,), "mid.weight": (8, 8, 4, 4)}
    page = paste(model(), "\n".join(f"{name} torch.Size({list(shape)})" for name, shape in shapes.items()))
    assert headline(page).startswith(
        "9,248 parameters · 8,224 to 9,248 in 1 transposed layer, 1 undecided · all trainable"
    )
    page = page.tab("Layers")
    page.at.session_state["model.kind"] = "undecided"
    assert [row[0] for row in page.run().table("layers").rows] == ["mid"]


def test_equal_layers_are_one_row() -> None:
    print_of_blocks = "Net(\n  (0-199999): 200000 x Up(\n    (up): ConvTranspose2d(2, 3, 2)\n  )\n)"
    page = paste(model(), print_of_blocks).tab("Layers")
    assert headline(page).startswith("5,400,000 parameters · 5,400,000 in 200,000 transposed layers")
    shown = page.table("layers")
    assert shown.rows[0][:4] == [
        "0-199999.up",
        "ConvTranspose2d",
        "200,000",
        "5,400,000",
    ]
    assert shown.columns[2] == "equal layers"


def test_two_models_are_compared() -> None:
    left = "Net(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4))\n  (norm): BatchNorm2d(32)\n)"
    page = paste(model(), left).tab("Two models")
    assert "Why do two tools disagree?" in page.text
    page = page.press("model.keep")
    assert "No layer differs." in page.text
    right = left.replace("(4, 4)", "(4, 4), bias=False")
    page = paste(page, right)
    assert "Parameters: left 32,864, right 32,832. The left has 32 more." in page.text
    assert "Explained by biases that one side has: −32, in 1 layer." in page.text
    shown = page.table("difference")
    assert shown.columns == ["layer", "left", "right", "right − left", "reason"]
    assert shown.rows[0][:4] == ["up", "32,800", "32,768", "−32"]
    assert shown.rows[1][:4] == ["norm", "64", "64", "0"]
    assert "Why do two tools disagree?" in page.press("model.forget").text


def test_a_model_too_large_to_compare_is_met_with_the_command() -> None:
    lines = [f"  ({n}): PReLU(num_parameters={n + 1})" for n in range(5_001)]
    page = paste(model(), "\n".join(["Sequential(", *lines, ")"])).tab("Two models")
    assert "python -m calculator model FILE FILE2" in page.infos[0]


# Chains: sizes of a pasted model, and its layers as a table


CHAIN_LINK = (
    "ConvTranspose2d_in100_out512_k4_bno.main.0~BatchNorm2d_out512.main.1"
    "~ConvTranspose2d_in512_out3_k4_s2_p1.main.3"
)
CHAIN_WORK = 100 * 512 * 16 + 512 * 3 * 16 * 16
"""Multiply–accumulates for an input of 1 x 1, by hand: weights times input positions, 1 and 4 x 4."""


def named(page: Visit, kind: str) -> list[str]:
    return [name_of(one) for one in page.all(kind)]


def type_chain_size(page: Visit, text: str) -> Visit:
    [found] = [one for one in page.all("text_input") if name_of(one) == "model.size"]
    found.set_value(text)
    return page.run()


def listed(page: Visit) -> Visit:
    [toggle] = [one for one in page.all("toggle") if name_of(one) == "model.listed"]
    toggle.set_value(True)
    return page.run()


def test_a_pasted_sequential_has_sizes_for_an_input_size() -> None:
    page = paste(model({"net": "unet"}), SEQUENTIAL)
    assert "model.listed" not in named(page, "toggle")
    assert "multiply–accumulates" not in page.text
    type_chain_size(page, "1")
    assert (
        f"0 takes 1 × 1, 3 gives 8 × 8: {format_count(CHAIN_WORK)} multiply–accumulates in all." in page.text
    )
    assert "one after the other" not in page.text
    # The link is of the network alone, and so is an input size in it.
    assert page.query == {"net": "unet"}
    assert sizes(page) == ["4 × 4", "4 × 4", "8 × 8"]
    type_chain_size(page, "")
    assert "multiply–accumulates" not in page.text


def test_a_model_with_its_own_forward_is_a_chain_only_if_the_visitor_says_so() -> None:
    page = paste(model(), DCGAN)
    assert "model.size" not in named(page, "text_input")
    type_chain_size(listed(page), "1x1")
    work = f"{format_count(CHAIN_WORK)} multiply–accumulates in all"
    assert f"{work}, if the layers run one after the other, as listed" in page.text
    # What was entered belongs to this model alone.
    paste(page, DCGAN)
    assert "model.size" not in named(page, "text_input")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "Input size of the model must be a whole number from 1 to 1,000,000"),
        ("2x2x2", "Input size of the model must be one whole number"),
        ("four", "Input size of the model must be a whole number from 1 to 1,000,000"),
    ],
)
def test_a_wrong_input_size_of_a_pasted_model_is_said(text: str, sentence: str) -> None:
    page = type_chain_size(paste(model(), SEQUENTIAL), "2")
    type_chain_size(page, text)
    assert sentence in page.errors[0]
    assert "2 is kept." in page.errors[0]
    assert "0 takes 2 × 2" in page.text


def test_an_input_size_that_does_not_fit_is_said_and_ignored() -> None:
    page = paste(model(), SEQUENTIAL.replace("512, 3, kernel_size=(4, 4)", "511, 3, kernel_size=(4, 4)"))
    type_chain_size(page, "1")
    assert page.errors == [
        "3: it needs 511 channels, but the previous row gives 512: the rows do not form a chain. "
        "The input size is ignored."
    ]
    assert "multiply–accumulates" not in page.text


def test_a_state_dict_has_no_sizes_and_the_page_says_why() -> None:
    page = paste(model(), "up.weight torch.Size([8, 4, 4, 4])\nup.bias torch.Size([4])")
    assert page.errors == []
    assert "Sizes cannot be computed. The strides and the order of the layers are not read from" in page.text
    assert "This model cannot be edited as a table." in page.text
    assert "model.edit" not in named(page, "button")


def test_a_pasted_chain_becomes_a_table_in_the_link_and_comes_back() -> None:
    page = type_chain_size(listed(paste(model({"net": "unet", "table": LINK}), DCGAN)), "1")
    page.press("model.edit")
    assert page.errors == []
    assert page.query == {"net": "unet", "table": CHAIN_LINK, "at": "1"}
    assert total(page) == COUNT
    assert box(page).startswith(
        "name,type,in,out,kernel,stride,padding,bias\nmain.0,ConvTranspose2d,100,512,4"
    )
    assert "The table leaves out what changes neither counts nor sizes: ReLU and Tanh." in page.text
    assert f"{format_count(CHAIN_WORK)} multiply–accumulates in all" in page.text
    # The link alone shows the same model.
    assert total(model(page.query)) == COUNT
    page.press("model.undo")
    assert (box(page), page.query) == (DCGAN, {"net": "unet", "table": LINK})
    assert total(page) == COUNT
    assert "main.0 takes 1 × 1" in page.text
    assert total(page.press("model.back")) == 524


def test_a_changed_table_stays_in_the_link_when_the_pasted_model_comes_back() -> None:
    page = paste(model(), DCGAN).press("model.edit")
    paste(page, box(page).replace(",512,3,", ",512,1,"))
    changed = CHAIN_LINK.replace("in512_out3", "in512_out1")
    assert page.query == {"table": changed}
    page.press("model.undo")
    assert (total(page), page.query) == (COUNT, {"table": changed})
    assert total(page.press("model.back")) == 100 * 512 * 16 + 2 * 512 + 512 * 16 + 1


def test_text_that_was_not_read_comes_back_after_an_edit() -> None:
    page = paste(model(), DCGAN)
    [area] = page.all("text_area")
    area.set_value("not read yet")
    page.press("model.edit").press("model.undo")
    assert (box(page), total(page)) == ("not read yet", COUNT)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            DCGAN.replace("Tanh()", "Fold(output_size=4)"),
            "main.4 (Fold): a table of layers has no type for it.",
        ),
        (DCGAN.replace("(4): Tanh", "(4-5): 2 x Tanh"), "main.4-5 (Tanh) stands for 2 equal layers."),
        (
            "Sequential(\n"
            + "".join(f"  ({n}): Linear(in_features=9, out_features=9, bias=True)\n" for n in range(400))
            + ")",
            "With 400 layers the table is too long for a link.",
        ),
    ],
)
def test_what_a_table_cannot_say_is_not_offered(text: str, sentence: str) -> None:
    page = paste(model(), text)
    assert f"This model cannot be edited as a table. {sentence}" in page.text
    assert "model.edit" not in named(page, "button")


AGAIN = "The server was restarted or the page was loaded again"


def returned(page: Visit, value: object, *, text: object = False) -> Visit:
    """Report the browser's record of a previous session."""
    return page.send("model.kept", "returned", {"value": value, "text": text})


def test_the_browser_is_told_what_only_the_session_holds() -> None:
    page = model({"net": "unet"}, "difference")
    first = page.given["model.kept"]
    assert (first["value"], first["returned"], first["prefilled"]) == ([], False, False)
    assert first["box"] == "st-key-model-text-1"
    assert page.given["model.limit"]["box"] == first["box"]
    page.press("model.keep")
    assert page.given["model.kept"]["value"] == ["first"]
    [box] = page.all("file_uploader")
    box.set_value(("net.txt", DCGAN.encode(), "text/plain"))
    page.run()
    assert page.given["model.kept"]["value"] == ["opened", "first"]
    paste(page, DCGAN)
    assert page.given["model.kept"]["value"] == ["pasted", "first"]
    assert page.given["model.kept"]["beside"] == first["beside"]
    page.press("model.edit")
    assert page.given["model.kept"]["value"] == ["undo", "first"]
    assert page.given["model.kept"]["beside"] != first["beside"]
    assert page.given["model.kept"]["prefilled"]
    # Another session has another name.
    assert model().given["model.kept"]["visit"] != first["visit"]


@pytest.mark.parametrize(
    ("value", "text", "sentences"),
    [
        (
            ["pasted", "size"],
            True,
            ", so the pasted model and its input size are no longer there. Your browser kept the text in the "
            "box: press Read it to read it again.",
        ),
        (
            ["pasted"],
            False,
            ", so the pasted model is no longer there. Your browser did not keep the text: paste it again.",
        ),
        (
            ["opened", "first"],
            True,
            ", so the model of the opened file and the first of two models are no longer there. "
            "A browser does not keep a file: open it again.",
        ),
        (["undo"], True, ", so the way back from the edited table is no longer there."),
    ],
)
def test_what_a_session_lost_is_said_until_a_model_is_read(
    value: list[str], text: bool, sentences: str
) -> None:
    page = returned(model({"net": "unet"}), value, text=text)
    assert page.warnings == [AGAIN + sentences]
    assert total(page) == 31_037_633
    # A second restart says the same: the browser is told to keep it.
    assert page.given["model.kept"]["value"] == value
    assert page.given["model.kept"]["returned"]
    assert page.tab("Layers").warnings == [AGAIN + sentences]
    assert paste(page, DCGAN).warnings == []
    assert page.given["model.kept"]["value"] == ["pasted"]
    page = returned(model(), value, text=text).choose("network", "vae")
    assert page.warnings == []


def test_text_that_was_not_read_is_said_to_be_back() -> None:
    page = returned(model(), [], text=True)
    assert page.infos == [f"{AGAIN}. Your browser kept the text in the box, which is not read yet."]
    assert page.given["model.kept"]["value"] == []
    assert paste(page, DCGAN).infos == []


def test_what_is_kept_again_is_no_longer_lost() -> None:
    page = returned(model({}, "difference"), ["first"])
    assert len(page.warnings) == 1
    assert page.press("model.keep").warnings == []


@pytest.mark.parametrize("value", [None, 7, "pasted", {"pasted": 1}, [["pasted"]], [None, 1.5, "<b>x</b>"]])
@pytest.mark.parametrize("text", [False, None, "yes"])
def test_an_invalid_record_of_the_browser_says_nothing(value: object, text: object) -> None:
    page = returned(model(), value, text=text)
    assert (page.warnings, page.infos) == ([], [])
    assert total(page) == 3_576_704


def test_a_text_above_the_limit_is_never_read() -> None:
    page = paste(model({"net": "unet"}), DCGAN + " " * source.MAX_PASTED)
    received = format_count(len(DCGAN) + source.MAX_PASTED)
    assert page.errors[0].startswith(
        f"The text has {received} characters, and the box takes at most 2,000,000. Save the text in a file "
        "and run: python -m calculator model FILE."
    )
    assert total(page) == 31_037_633
    assert total(paste(page, DCGAN)) == COUNT


def test_the_longest_text_that_the_box_takes_is_read() -> None:
    assert total(paste(model(), DCGAN.ljust(source.MAX_PASTED))) == COUNT


def test_a_model_that_was_dropped_is_said_and_can_be_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_store", models.Store(maximum=100_000))
    page = paste(model({"net": "unet"}, "difference"), DCGAN).press("model.keep")
    assert total(page) == COUNT
    for _ in range(3):  # Other visitors' models come.
        keeping = models._store.keep("another model", 99_000)
    assert models._store.get(keeping) == "another model"
    page.run()
    assert total(page) == 31_037_633
    assert page.warnings == [
        "Many large models are open on this server at the moment, so the model that you gave was dropped. "
        "Paste or open it again.",
        "Many large models are open on this server at the moment, so the first model was dropped. "
        "Show it, and keep it as the first again.",
    ]
    assert total(paste(page, DCGAN)) == COUNT
    assert not any("that you gave" in sentence for sentence in page.warnings)


def test_more_rows_than_the_page_exports_are_refused_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloads, "MAX_EXPORTED", 2)
    page = model(view="layers").open("layers.export")
    assert page.all("download_button") == []
    assert "The page exports at most 2 rows, and these are 9." in page.text
    assert "python -m calculator model FILE --json" in page.text


def test_rows_above_the_printed_total_are_a_range_in_the_headline() -> None:
    text = "Layer (type)   Output Shape   Param #\n====\n up (Conv2DTranspose)   (None, 8, 8, 32)   32,800\n"
    text += " a (Dense)   (None, 8)   72\nTotal params: 32,000\n"
    page = paste(model(), text)
    assert headline(page).startswith(
        "32,000 to 32,872 parameters · rows and stated total disagree · "
        "31,928 to 32,800 in 1 transposed layer"
    )
    page = page.tab("Memory")
    assert page.table("memory").columns[1] == "at least: weights, bytes"
    assert page.table("memory").rows[1][1] == "128,000"
    page = page.tab("Layers")
    assert "2 of 2 layers, 32,000 to 32,872 parameters" in page.text
