"""Models that were read, of all sessions together, within one budget of memory.

A session holds only a ticket. The model itself is in a store of the process, which drops those that were not
used for longest when all together exceed ``MAX_BYTES``. Nothing is written to a disk, and the model of a
session that has ended goes with its ticket.

Why this is hand-written: Streamlit's caches count entries and not bytes, hash their arguments, and are shared
among sessions, while a model belongs to one session.
"""

import itertools
import sys
import threading
import weakref
from collections import OrderedDict
from typing import Any

import streamlit as st

from calculator.readers.model import Model, Row

MAX_BYTES = 256 << 20
"""The memory in bytes for the models of all sessions. A model of ``MAX_ROWS`` ordinary rows takes 60 MB."""

ROW_BYTES = 1_200
"""The memory in bytes of a row with its layer and its shapes, apart from its texts; measured, rounded up."""

DROPPED = "Many large models are open on this server at the moment, so {} was dropped."
"""The sentence about a model that was dropped; what to do follows."""


class Ticket:
    """A claim to a model in the store; ``number`` identifies it."""

    def __init__(self, number: int) -> None:
        self.number = number


class Store:
    """Values with their sizes, of at most ``maximum`` bytes together. Safe for several threads.

    >>> store = Store(maximum=10)
    >>> first, second = store.keep("a", 6), store.keep("b", 6)
    >>> store.get(first), store.get(second)
    (None, 'b')
    """

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.total = 0
        self._numbers = itertools.count()
        self._held: OrderedDict[int, tuple[Any, int]] = OrderedDict()
        # A ticket may end while this thread holds the lock.
        self._lock = threading.RLock()

    def keep(self, value: Any, size: int) -> Ticket:
        """Return a ticket for ``value``. The value is held as long as the ticket, or until it is dropped."""
        ticket = Ticket(next(self._numbers))
        with self._lock:
            self._held[ticket.number] = value, size
            self.total += size
            while self.total > self.maximum:
                self._drop(next(iter(self._held)))
        weakref.finalize(ticket, self._drop, ticket.number).atexit = False
        return ticket

    def get(self, ticket: Ticket) -> Any:
        """Return the value of a ticket, or ``None`` if it was dropped."""
        with self._lock:
            if ticket.number not in self._held:
                return None
            self._held.move_to_end(ticket.number)
            return self._held[ticket.number][0]

    def _drop(self, number: int) -> None:
        with self._lock:
            if number in self._held:
                self.total -= self._held.pop(number)[1]


_store = Store(MAX_BYTES)


def keep(key: str, value: Any, size: int) -> None:
    """Keep ``value``, of ``size`` bytes, under a key of the session, until it is dropped or replaced."""
    st.session_state[key] = _store.keep(value, size)


def kept(key: str) -> Any:
    """Return the value under a key of the session, or ``None`` if there is none or it was dropped."""
    ticket = st.session_state.get(key)
    return None if ticket is None else _store.get(ticket)


def was_dropped(key: str) -> bool:
    """Return whether there was a value under a key of the session that was dropped."""
    return st.session_state.get(key) is not None and kept(key) is None


def keep_model(key: str, model: Model) -> None:
    """Keep a model under a key of the session."""
    keep(key, model, model_bytes(model))


def model_bytes(model: Model) -> int:
    """Return about how much memory a model takes, in bytes, rather too much than too little.

    >>> model_bytes(Model((Row("up", "Linear"),), "a table")) < 3_000
    True
    """
    texts = [model.name, *model.assumptions, model.chain.table if model.chain else ""]
    return sum(map(sys.getsizeof, texts)) + rows_bytes(model.rows)


def rows_bytes(rows: tuple[Row, ...]) -> int:
    """Return about how much memory rows take, in bytes."""
    return sum(ROW_BYTES + sum(map(sys.getsizeof, (row.name, row.type, row.note))) for row in rows)
