"""A link that hides the answer until a prediction is made, and what the prediction says."""

import pytest

from calculator.learn.exercises.mystery import mystery_question
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.settings import Settings
from calculator.settings.link import decode
from tests.pages.conftest import Visit

LAYER = {"in": "5", "out": "3", "k": "5"}
SETTINGS = Settings(in_channels=5, out_channels=3, kernel_size=(5,))


def asked(**link: str) -> Visit:
    return Visit(LAYER | {"ask": "1"} | link)


def predict(page: Visit, text: str) -> Visit:
    [box] = page.all("text_input")
    box.set_value(text)
    return page.press("mystery.show")


def test_the_answer_is_nowhere_on_the_page_before_a_prediction() -> None:
    page = asked(w="1")
    assert page.query == LAYER | {"ask": "1", "w": "1"}
    assert "How many parameters does this layer have?" in page.text
    assert page.code == ["nn.ConvTranspose2d(5, 3, kernel_size=5, stride=2, padding=1)"]
    assert not page.charts
    assert not [part for part in ("378", "375", "weights", "biases") if part in page.text]
    assert {key.split(".")[0] for key, _ in page.widgets()} <= {"mystery", "form"}


@pytest.mark.parametrize("number", [378, 375, 7])
def test_after_the_prediction_the_page_shows_the_answer_and_the_mistake(number: int) -> None:
    page = predict(asked(), str(number))
    sentence = diagnose(mystery_question(SETTINGS), number, revealed=True).sentence
    said = page.at.success if number == 378 else page.at.warning
    assert sentence in [element.value.replace("\\", "") for element in said]
    assert page.query == LAYER
    assert page.answer == (378, 375, 3)


def test_a_prediction_may_be_a_calculation() -> None:
    page = predict(asked(), "5*25")
    [said] = page.warnings
    assert "In 5 × 25 the factor 3 is missing (out_channels)." in said


def test_another_layer_does_not_keep_the_verdict() -> None:
    page = predict(asked(), "7").type("in_channels", "6")
    assert not page.warnings
    assert not page.at.success


def test_what_is_not_a_number_is_refused_and_the_answer_stays_hidden() -> None:
    page = predict(asked(), "many")
    assert page.errors[0].startswith("The answer must be an exact whole number")
    assert page.query == LAYER | {"ask": "1"}
    assert "378" not in page.text


def test_share_offers_the_link_on_every_page() -> None:
    for script in ("app.py", "pages/picture.py", "pages/compare.py", "pages/model.py", "pages/learn.py"):
        page = Visit(LAYER | {"g": "1", "seed": "3"}, page=script).share()
        [link] = [code for code in page.code if "ask=1" in code and "iframe" not in code]
        address, _, query = link.partition("?")
        assert address == "http://localhost:8501/"
        opened = decode(
            {key: [value] for key, _, value in (part.partition("=") for part in query.split("&"))}
        )
        assert opened.settings == SETTINGS.change(hidden=True)
        assert opened.ignored == ()
