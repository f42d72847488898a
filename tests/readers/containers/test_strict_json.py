"""JSON from untrusted sources: what is valid comes back, and what is ambiguous or too deep is refused."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers.containers.strict_json import nesting_depth, read_json
from calculator.readers.model import MAX_DEPTH, MAX_TEXT, ReadError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.floats(allow_nan=False, width=32),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
).filter(lambda value: "Infinity" not in json.dumps(value))


@given(VALUES)
def test_valid_json_comes_back(value: object) -> None:
    assert read_json(json.dumps(value), "The text") == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": {"b": 1, "c": 2, "b": 3}}', "The text names 'b' twice, so it cannot be trusted."),
        ("[NaN]", "The text contains NaN, which is not a number in JSON."),
        ("[-Infinity]", "The text contains -Infinity, which is not a number in JSON."),
        ('{\n"a": 1\n', "The text is not complete JSON (at line 3)."),
        ("", "The text is not complete JSON (at line 1)."),
        ("[" * (MAX_DEPTH + 1), "The text is nested more than 200 deep."),
        (" " * (MAX_TEXT + 1), "The text has 20,000,001 characters; at most 20,000,000 are read."),
    ],
    ids=range(7),
)
def test_other_texts_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_json(text, "The text")
    assert str(caught.value) == sentence


def test_the_limit_on_depth_itself_is_allowed() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert nesting_depth(text) == MAX_DEPTH
    read_json(text, "The text")


@pytest.mark.parametrize(
    ("text", "depth"),
    [("1", 0), ("[[], {}]", 2), ('["[[[", "\\"[["]', 1), ('{"a": [1, {"b": []}]}', 4), ("]]]", -1)],
)
def test_brackets_in_strings_do_not_count(text: str, depth: int) -> None:
    assert nesting_depth(text) == depth


def test_many_keys_and_a_string_without_an_end_take_no_time() -> None:
    keys = ",".join(f'"{number}":0' for number in range(200_000))
    start = time.process_time()
    with pytest.raises(ReadError, match="names '199999' twice"):
        read_json(f'{{{keys},"199999":1}}', "The text")
    with pytest.raises(ReadError, match="not complete JSON"):
        read_json('"' + '\\"' * 1_000_000, "The text")
    assert time.process_time() - start < 10
