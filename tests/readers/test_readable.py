"""One list names what can be read, everywhere."""

import pytest

from calculator.readers import ReadError, read
from calculator.readers.readable import READABLE, readable_lines, readable_sentence
from tests.helpers.paths import ROOT


def test_the_readme_has_the_list() -> None:
    assert readable_lines() in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_text_without_a_model_is_answered_with_the_list() -> None:
    with pytest.raises(ReadError) as caught:
        read("Dear colleagues")
    assert str(caught.value).endswith(readable_sentence())
    assert all((item.short or item.name) in readable_sentence() for item in READABLE)
