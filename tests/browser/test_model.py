"""The model page under the hands of a visitor: paste, upload, search, open a row, export; on every screen."""

import asyncio
import csv
import io
import json
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload, Page, expect
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed

from calculator.networks.builtin import network
from calculator.readers.layer_table.link_form import tidy
from calculator.readers.model_json import read_model
from calculator.tables.export import export
from calculator.tables.model import layers_table
from calculator.ui.model.source import MAX_PASTED
from tests.browser.browser_visitor import button_of, rows, screen, table, view_button
from tests.browser.conftest import Pages
from tests.browser.page import PHONE, rerun, settled
from tests.browser.server import Server
from tests.deploy.visitor import Visitor
from tests.fuzz.fuzz_printed import DCGAN
from tests.helpers.plain_text import plain

PRINT = """Generator(
  (main): Sequential(
    (0): ConvTranspose2d(100, 512, kernel_size=(4, 4), stride=(1, 1), bias=False)
    (1): BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (2): ReLU(inplace=True)
    (3): ConvTranspose2d(512, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
  )
  (head): Mystery()
)"""
SET_AT_ONCE = """
(box, text) => {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
"""


def headline(page: Page) -> str:
    return plain(page.locator(".st-key-answer").inner_text())


def paste(page: Page, text: str) -> None:
    # As a visitor does it: what Playwright calls filling takes minutes for a text of many lines.
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.get_by_role("textbox", name="Or paste a model").focus()
    page.keyboard.press("ControlOrMeta+V")
    with rerun(page):
        page.get_by_role("button", name="Read it").click()


def open_tab(page: Page, name: str) -> None:
    tab = view_button(page, name)
    if tab.get_attribute("aria-checked") != "true":
        with rerun(page):
            tab.click()


def test_a_model_is_pasted_searched_and_a_layer_of_it_opened(open_page: Pages) -> None:
    page = open_page("/model")
    assert headline(page).startswith("3,576,704 parameters · 3,574,784 in 5 transposed layers")
    paste(page, PRINT)
    assert headline(page).startswith(
        "at least 844,803 parameters · 1 module not counted · at least 843,779 in 2 transposed layers"
    )
    expect(page.get_by_text("read as")).to_be_visible()
    open_tab(page, "Layers")
    assert [row[0] for row in rows(page, "layers")] == ["main.0", "main.1", "main.3", "head"]
    with rerun(page):
        page.get_by_role("textbox", name="Search").fill("main.3")
        page.keyboard.press("Enter")
    [row] = rows(page, "layers")
    assert row[:3] == ["main.3", "ConvTranspose2d", "24,579"]
    with rerun(page):
        button_of(page, "layers", "main.3").click()
    page.locator(".st-key-split").wait_for()
    now = screen(settled(page))
    assert now.path == "/"
    assert now.answer == (24_579, 24_576, 3)
    # Back on the page the pasted model is still there; the link has nothing of it.
    with rerun(page):
        page.get_by_role("link", name="Model").click()
    view_button(page, "Layers").wait_for()
    settled(page)
    assert headline(page).startswith("at least 844,803 parameters")
    assert "Generator" not in page.url


def test_the_table_of_layers_is_exported(open_page: Pages) -> None:
    page = open_page("/model?net=vae&model=layers")
    with rerun(page):
        page.locator(".st-key-layers-export").get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    data = download.value.path().read_bytes()
    with rerun(page):
        page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name="The whole model as JSON").click()
    assert read_model(download.value.path().read_text(encoding="utf-8")) == network("vae").model()
    frame = layers_table(network("vae").model().rows)
    assert data == export(frame, "CSV", title="Layers")
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    place = read[0].index("parameters")
    assert sum(int(row[place]) for row in read[1:]) == 65_089
    assert table(page, "layers").locator("tbody tr").count() == len(read) - 1


def test_a_network_or_a_pasted_model_becomes_a_table_in_the_link(open_page: Pages) -> None:
    page = open_page("/model?net=vae")
    with rerun(page):
        page.get_by_role("button", name="Edit as a table").click()
    box = page.get_by_role("textbox", name="Your own layers")
    expect(box).to_have_value(tidy(network("vae").table))
    box.fill(
        box.input_value().replace("conv2d_transpose_2,Conv2DTranspose,32,1,", "last,Conv2DTranspose,32,3,")
    )
    with rerun(page):
        page.get_by_role("button", name="Read it").click()
    wanted = 65_089 + 2 * (32 * 9 + 1)
    assert headline(page).startswith(f"{wanted:,} parameters")
    phone = open_page(f"/model?{urlsplit(page.url).query}", size=PHONE, touch=True)
    assert headline(phone).startswith(f"{wanted:,} parameters")
    assert "Conv2DTranspose_in32_out3" in page.url
    # Back: the table as the network has it, and before it the network.
    with rerun(page):
        page.go_back()
    assert headline(page).startswith("65,089 parameters")
    expect(page.get_by_role("textbox", name="Your own layers")).to_have_value(tidy(network("vae").table))
    with rerun(page):
        page.go_back()
    expect(page.get_by_text("The source states")).to_be_visible()

    # The layers of a paste have sizes too.
    paste(page, DCGAN)
    assert headline(page).startswith("3,576,704 parameters")
    with rerun(page):
        page.get_by_role("textbox", name="Input size of the model").fill("1")
        page.keyboard.press("Enter")
    # 1² · 819,200, 4² · 2,097,152, 8² · 524,288, 16² · 131,072 and 32² · 3,072 products.
    told = page.get_by_text("104,628,224 multiply–accumulates in all.").inner_text()
    assert "12 gives 64 × 64: 104,628,224" in plain(told)
    with rerun(page):
        page.get_by_role("button", name="Edit as a table").click()
    assert "ConvTranspose2d_in100_out512_k4_bno.0" in page.url
    box = page.get_by_role("textbox", name="Your own layers")
    box.fill(box.input_value().replace("12,ConvTranspose2d,64,3,", "12,ConvTranspose2d,64,1,"))
    with rerun(page):
        page.get_by_role("button", name="Read it").click()
    wanted = 3_576_704 - 2 * 64 * 16
    assert headline(page).startswith(f"{wanted:,} parameters")
    phone.goto(page.url)
    assert headline(settled(phone)).startswith(f"{wanted:,} parameters")


@pytest.mark.plotly
def test_ten_thousand_layers_stay_usable(open_page: Pages) -> None:
    page = open_page("/model?model=layers")
    lines = [f"  ({n}): ConvTranspose2d(8, 8, kernel_size=(4, 4), stride=(2, 2))" for n in range(10_000)]
    paste(page, "\n".join(["Large(", *lines, ")"]))
    assert headline(page).startswith("10,320,000 parameters · 10,320,000 in 10,000 transposed layers")
    assert table(page, "layers").locator("tbody tr").count() == 300
    with rerun(page):
        page.get_by_role("textbox", name="Search").fill("9876")
        page.keyboard.press("Enter")
    [row] = rows(page, "layers")
    assert row[:3] == ["9876", "ConvTranspose2d", "1,032"]
    open_tab(page, "Where the parameters are")
    page.locator(".st-key-treemap .drawing[data-plotly=here]").wait_for()
    open_tab(page, "Advice")
    expect(page.get_by_text("depthwise transposed").first).to_be_visible()


def test_a_text_too_long_for_the_box_is_met_with_the_command_for_it(open_page: Pages) -> None:
    page = open_page("/model")
    box = page.get_by_role("textbox", name="Or paste a model")
    box.fill("kept")
    sentence = page.get_by_text("Nothing was inserted: the text would have")
    expect(sentence).to_be_hidden()
    page.evaluate("length => navigator.clipboard.writeText('x'.repeat(length))", MAX_PASTED - 3)
    box.focus()
    page.keyboard.press("End")
    page.keyboard.press("ControlOrMeta+V")
    expect(sentence).to_contain_text("2,000,001 characters, and the box takes at most 2,000,000.")
    expect(page.get_by_text("python -m calculator model FILE", exact=True)).to_be_visible()
    expect(box).to_have_value("kept")
    box.press_sequentially("!")
    expect(sentence).to_be_hidden()
    # A text that comes by another way than the keyboard is undone.
    box.evaluate(SET_AT_ONCE, "x" * (MAX_PASTED + 1))
    expect(sentence).to_contain_text("2,000,001 characters")
    expect(box).to_have_value("kept!")
    box.fill("")
    paste(page, PRINT)
    expect(sentence).to_be_hidden()
    assert headline(page).startswith("at least 844,803 parameters")


def test_a_phone_shows_the_box_for_a_model_first_and_keeps_what_is_typed(open_page: Pages) -> None:
    page = open_page("/model", size=PHONE)
    box = page.get_by_role("textbox", name="Or paste a model")
    at = box.bounding_box()
    assert at is not None
    assert at["y"] + at["height"] <= PHONE["height"]
    # A phone that is turned asks for another page.
    box.fill("half a mod")
    page.set_viewport_size({"width": PHONE["height"], "height": PHONE["width"]})
    settled(page)
    expect(box).to_have_value("half a mod")
    box.fill("")
    paste(page, PRINT)
    assert headline(page).startswith("at least 844,803 parameters")


def test_a_file_is_opened_a_wrong_one_refused_and_a_large_one_met_with_the_command(open_page: Pages) -> None:
    page = open_page("/model?net=unet")
    header = json.dumps(
        {"up.weight": {"dtype": "F32", "shape": [64, 32, 4, 4], "data_offsets": [0, 131_072]}}
    )
    data = struct.pack("<Q", len(header)) + header.encode() + b"\0" * 131_072
    box = page.locator(".st-key-model-file input[type=file]")
    with rerun(page):
        box.set_input_files(
            {"name": "up.safetensors", "mimeType": "application/octet-stream", "buffer": data}
        )
    assert headline(page).startswith("32,768 parameters")
    expect(page.get_by_text("up.safetensors", exact=True).first).to_be_visible()
    with rerun(page):
        box.set_input_files(
            {"name": "model.pt", "mimeType": "text/html", "buffer": b"<!doctype html><p>Sign in"}
        )
    expect(page.get_by_role("alert")).to_contain_text("This is a web page, not a model")
    assert headline(page).startswith("32,768 parameters")

    command = page.get_by_text("python -m calculator model '")
    expect(command).to_be_hidden()
    large: FilePayload = {
        "name": "it's my model.pt",
        "mimeType": "application/octet-stream",
        "buffer": bytes(6 << 20),
    }
    box.set_input_files(large)
    expect(command).to_have_text("""python -m calculator model 'it'"'"'s my model.pt'""")
    expect(page.get_by_text("it's my model.pt has 6.0 MiB.")).to_be_visible()
    assert headline(page).startswith("32,768 parameters")
    small: FilePayload = {"name": "print.txt", "mimeType": "text/plain", "buffer": PRINT.encode()}
    with rerun(page):
        box.set_input_files(small)
    expect(command).to_be_hidden()
    assert headline(page).startswith("at least 844,803 parameters")


def test_a_text_that_the_server_has_no_room_for_stays_in_the_box(
    open_page: Pages, fresh_server: Callable[..., Server]
) -> None:
    server = fresh_server()

    async def fill() -> None:
        others = [Visitor(server.url, "", b"3,136") for _ in range(3)]
        for one in others:
            await one.open()
            with suppress(ConnectionClosed):
                await one.ask("", WidgetState(id="box", string_value="a" * 8_380_000))
            await one.close()

    with ThreadPoolExecutor() as pool:  # Playwright has an event loop in this thread.
        pool.submit(lambda: asyncio.run(fill())).result()
    page = open_page("/model?net=unet&model=layers", server=server)
    shown, text = headline(page), PRINT + "\n" * 100_000
    paste(page, text)
    expect(page.get_by_role("alert")).to_contain_text("The server did not receive the text")
    assert page.get_by_role("textbox", name="Or paste a model").input_value() == text
    assert headline(page) == shown
    # All else goes on.
    open_tab(page, "Memory")
    assert page.get_by_role("textbox", name="Or paste a model").input_value() == text
