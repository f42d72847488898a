"""A process of its own: the same answer, and no more memory or time than one model may take."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Lock

import pytest

from calculator.networks.builtin import NETWORKS
from calculator.readers import ReadError, isolation, read
from calculator.readers.isolation import read_in_subprocess
from calculator.readers.turns import Turns

PRINT = "ConvTranspose2d(3, 64, kernel_size=(4, 4), stride=(2, 2))"


@pytest.mark.parametrize("data", [PRINT, PRINT.encode(), NETWORKS[0].table])
def test_it_reads_what_this_process_reads(data: str | bytes) -> None:
    assert read_in_subprocess(data, name="mine; rm -rf ~") == read(data, name="mine; rm -rf ~")


@pytest.mark.parametrize("data", ["", "<html>", b"\x89PNG", "\ud800 no model \x00"])
def test_its_sentences_are_the_same(data: str | bytes) -> None:
    with pytest.raises(ReadError) as here:
        read(data)
    with pytest.raises(ReadError) as apart:
        read_in_subprocess(data)
    assert str(apart.value) == str(here.value)


def test_it_is_stopped_when_it_takes_too_long() -> None:
    with pytest.raises(ReadError, match=r"took longer than 0.001 seconds"):
        read_in_subprocess(PRINT, seconds=0.001)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what puts a body of ``read(data, name)`` into the processes, whose limits stay as they are."""

    def put(body: str, before: str = "") -> None:
        lines = "\n".join(f"    {line}" for line in body.split("\n"))
        code = (
            "import ctypes, os, signal, sys, time\n"
            "from calculator.readers import detect, isolation\n"
            "from calculator.readers.model import Model, ReadError, Row\n"
            f"{before}\n"
            f"def read(data, name):\n{lines}\n"
            "detect.read = read\n"
            "sys.exit(isolation.main())\n"
        )
        monkeypatch.setattr(isolation, "_COMMAND", (sys.executable, "-c", code))

    return put


def refused(**more: float) -> str:
    with pytest.raises(ReadError) as caught:
        read_in_subprocess(PRINT, name="x", **more)
    return str(caught.value)


MEMORY = "Reading needed more memory than one model may take, and was stopped."
STOPPED = "Reading stopped, probably because the model needed more memory or time than allowed."


@pytest.mark.parametrize(
    "body",
    [
        f"bytearray({2 * isolation.MAX_MEMORY})",
        "held = []\nwhile True: held.append(bytearray(1 << 26))",
        "held = 'x'\nwhile True: held += held",
    ],
)
def test_memory_has_a_limit(reader: Callable[..., None], body: str) -> None:
    reader(body)
    assert refused() == MEMORY


def test_below_the_limit_memory_can_be_had(reader: Callable[..., None]) -> None:
    reader(f"bytearray({isolation.MAX_MEMORY // 2})\nreturn Model((Row('up', 'Linear', None, 7),), 'a test')")
    assert read_in_subprocess(PRINT).parameter_count == 7


def test_a_limit_of_the_system_that_is_lower_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    half = (
        f"ulimit -v {isolation.MAX_MEMORY // 2 // 1024}; exec '{sys.executable}' -m "
        "calculator.readers.isolation"
    )
    monkeypatch.setattr(isolation, "_COMMAND", ("sh", "-c", half))
    assert read_in_subprocess(PRINT) == read(PRINT)


@pytest.mark.parametrize("body", ["while True: pass", "time.sleep(1000)", "signal.pause()"])
def test_time_has_a_limit(reader: Callable[..., None], body: str) -> None:
    reader(body)
    assert refused(seconds=0.5) == "Reading took longer than 0.5 seconds, and was stopped."


def test_a_process_that_is_forgotten_stops_by_itself(reader: Callable[..., None]) -> None:
    reader("while True: pass", "isolation.MAX_SECONDS = 1")
    assert refused(seconds=500) == STOPPED


@pytest.mark.parametrize(
    "body",
    [
        "os.kill(os.getpid(), signal.SIGKILL)",
        "ctypes.string_at(0)",
        "os.abort()",
        "os._exit(0)",
        "os._exit(2)",
        "raise RuntimeError('private')",
        "sys.stdout.write('{}')\nsys.stdout.flush()\nos._exit(0)",
        "sys.stdout.write('[7]')\nsys.stdout.flush()\nos._exit(2)",
        "sys.stdout.buffer.write(bytes([255]))\nsys.stdout.flush()\nos._exit(0)",
        "def deep(): deep()\ndeep()",
    ],
)
def test_a_process_that_crashes_has_a_sentence(reader: Callable[..., None], body: str) -> None:
    reader(body)
    assert refused() == STOPPED


def test_a_process_that_crashes_takes_no_other_with_it(
    reader: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = isolation._COMMAND
    monkeypatch.setattr(isolation, "_turns", Turns(1))
    reader("os.abort()")
    for _ in range(2):  # each gives its turn back
        assert refused() == STOPPED
    monkeypatch.setattr(isolation, "_COMMAND", usual)
    assert read_in_subprocess(PRINT) == read(PRINT)


def test_a_process_can_write_no_file(reader: Callable[..., None], tmp_path: Path) -> None:
    file = tmp_path / "written"
    reader(f"with open({str(file)!r}, 'w') as out: out.write('private')\nreturn Model((), '')")
    assert refused() == STOPPED
    assert file.read_text() == ""


def test_rows_that_are_too_many_to_hand_back(reader: Callable[..., None]) -> None:
    reader("return Model((Row('x' * 2_000, 'y'),) * 10, 'a test')", "isolation.MAX_ANSWER = 20_000")
    assert refused().startswith("The model's layers take 2")
    reader("return Model((Row('x' * 2_000, 'y'),) * 10, 'a test')", "isolation.MAX_ANSWER = 30_000")
    assert len(read_in_subprocess(PRINT).rows) == 10


def test_many_at_once_all_get_an_answer() -> None:
    with ThreadPoolExecutor(2 * isolation.MAX_CONCURRENT) as pool:
        found = list(
            pool.map(
                lambda n: read_in_subprocess(PRINT, name=str(n)).name, range(2 * isolation.MAX_CONCURRENT)
            )
        )
    assert found == [str(n) for n in range(2 * isolation.MAX_CONCURRENT)]


def test_not_more_than_a_few_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, maximum, lock = 0, 0, Lock()
    together = Barrier(isolation.MAX_CONCURRENT)

    def run_reader(data: str, name: str, seconds: float) -> tuple[int, bytes]:
        nonlocal running, maximum
        with lock:
            running += 1
            maximum = max(maximum, running)
        together.wait(60)  # so many do run side by side
        with lock:
            running -= 1
        return 2, b'"Nothing."'

    monkeypatch.setattr(isolation, "_run_reader", run_reader)
    with ThreadPoolExecutor(3 * isolation.MAX_CONCURRENT) as pool:
        told = list(pool.map(lambda _: refused(seconds=60), range(3 * isolation.MAX_CONCURRENT)))
    assert (set(told), maximum) == ({"Nothing."}, isolation.MAX_CONCURRENT)


def test_waiting_for_a_turn_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_turns", Turns(1))
    with isolation._turns.turn("another visitor", 1):
        assert refused(seconds=0.01) == "Many models are being read at the moment. Try again in a minute."
    assert read_in_subprocess(PRINT) == read(PRINT)


def test_a_visitor_with_many_slow_models_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended, sentences = Event(), Event(), []

    def run_reader(data: str, name: str, seconds: float) -> tuple[int, bytes]:
        if name == "slow":
            begun.set()
            assert ended.wait(60)
        return 2, b'"Nothing."'

    monkeypatch.setattr(isolation, "_run_reader", run_reader)
    with ThreadPoolExecutor(3 * isolation.MAX_CONCURRENT) as pool:
        slow = [
            pool.submit(lambda: refused_of("greedy", "slow")) for _ in range(3 * isolation.MAX_CONCURRENT)
        ]
        assert begun.wait(60)
        assert [refused_of(other, "quick") for other in range(9)] == ["Nothing."] * 9
        ended.set()
        sentences = [one.result() for one in slow]
    replaced = "This model was not read, because you gave a newer one before its turn."
    assert set(sentences) <= {"Nothing.", replaced}
    assert "Nothing." in sentences


def refused_of(owner: object, name: str) -> str:
    with pytest.raises(ReadError) as caught:
        read_in_subprocess(PRINT, name=name, owner=owner, seconds=60)
    return str(caught.value)


def test_a_server_that_can_start_no_process_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_COMMAND", ("/no/such/python",))
    assert refused() == "The server cannot read a model at the moment. Try again in a minute."


@pytest.mark.parametrize("name", ["a\x00\ud800\nb", "x" * 300_000, "-c größe.pt"])
def test_any_name_is_taken(name: str) -> None:
    assert read_in_subprocess(PRINT, name=name) == read(PRINT, name=name)


def test_an_answer_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "MAX_ANSWER", 100)
    with pytest.raises(ReadError, match=r"^The model's layers take 1,\d\d\d bytes; at most 100 are shown\.$"):
        isolation._serialise(read(PRINT))
