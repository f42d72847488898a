"""The store of models: a budget for all, the longest unused first, and nothing that outlives its session."""

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from calculator.core.layer import ConvTranspose
from calculator.readers.model import Model, Row
from calculator.readers.model_json import read_model, write_model
from calculator.ui.session import models
from calculator.ui.session.models import Store, model_bytes


def test_what_was_not_used_for_longest_is_dropped_first() -> None:
    store = Store(maximum=10)
    a, b = store.keep("a", 4), store.keep("b", 4)
    assert store.get(a) == "a"  # used since b
    c = store.keep("c", 4)
    assert [store.get(ticket) for ticket in (a, b, c)] == ["a", None, "c"]
    assert store.total == 8


def test_what_is_larger_than_the_budget_is_not_kept() -> None:
    store = Store(maximum=10)
    assert store.get(store.keep("a", 11)) is None
    assert store.total == 0


def test_a_value_goes_with_its_ticket() -> None:
    store = Store(maximum=10)
    ticket = store.keep("a", 4)
    assert store.total == 4
    del ticket
    gc.collect()
    assert store.total == 0


@given(some.lists(some.tuples(some.integers(0, 12), some.booleans()), max_size=40))
def test_the_budget_holds_whatever_is_kept_and_forgotten(steps: list[tuple[int, bool]]) -> None:
    store, tickets = Store(maximum=20), list[Any]()
    for size, forget in steps:
        tickets.append((store.keep(size, size), size))
        if forget:
            tickets.pop(0)
        held = sum(size for ticket, size in tickets if store.get(ticket) is not None)
        assert held == store.total <= 20


def test_several_threads_keep_the_sum_right() -> None:
    store = Store(maximum=1_000)

    def work(_: int) -> None:
        tickets = [store.keep("x", 3) for _ in range(50)]
        assert all(store.get(ticket) in ("x", None) for ticket in tickets)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    gc.collect()
    assert store.total == 0


def of_rows(count: int, name: str) -> Model:
    layer = ConvTranspose(in_channels=1024, out_channels=512, kernel_size=(4, 4, 4))
    made = (
        Row(f"{name}{index}", "ConvTranspose3d", layer.weight_shape, 33_554_432 + index, 512, layer=layer)
        for index in range(count)
    )
    return Model(tuple(made), "a test")


@pytest.mark.parametrize("name", ["up", "long.name." * 40, "é→" * 100])
def test_the_estimate_of_a_model_is_honest(name: str) -> None:
    text = write_model(of_rows(3_000, name))
    tracemalloc.start()
    model = read_model(text)  # as it comes from the reader's process
    measured, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert measured <= model_bytes(model) <= 3 * measured


def test_a_session_is_told_that_its_model_was_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    session: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", session)
    model = of_rows(3, "up")
    monkeypatch.setattr(models, "_store", Store(maximum=model_bytes(model)))
    assert (models.kept("a"), models.was_dropped("a")) == (None, False)
    models.keep_model("a", model)
    assert models.kept("a") is model
    models.keep_model("b", model)
    assert (models.kept("a"), models.was_dropped("a"), models.was_dropped("b")) == (None, True, False)
