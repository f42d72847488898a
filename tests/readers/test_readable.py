"""One list names what can be read, everywhere."""

import importlib
import inspect
import pkgutil

import pytest

import calculator.readers
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


def test_no_reader_makes_up_a_name() -> None:
    packages = pkgutil.walk_packages(calculator.readers.__path__, "calculator.readers.")
    modules = [importlib.import_module(package.name) for package in packages]
    functions = {value for module in modules for value in vars(module).values() if inspect.isfunction(value)}
    named = [
        inspect.signature(value).parameters["name"]
        for value in functions
        if value.__name__.startswith(("read", "refuse")) and "name" in inspect.signature(value).parameters
    ]
    assert len(named) > 20
    assert {parameter.default for parameter in named} == {""}
