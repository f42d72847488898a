"""Reading in a process of its own: one visitor's file can neither hold up nor take down the others' server.

The process lives for one file, has a limit on memory and on time, can write no file, and hands back rows,
never objects. What it reads comes by a pipe, so that no list of processes shows it.
"""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

from calculator.readers.model import Model, ReadError
from calculator.readers.model_json import read_model, write_model

MAX_SECONDS = 20
MAX_MEMORY = 1 << 30
"""Bytes of address space: the data, its rows and Python itself."""

MAX_ANSWER = 200_000_000
"""Bytes of the rows that are handed back; the largest real models have a hundredth."""

AT_ONCE = 4
"""Models that are read at a time, by all visitors together."""

_ROOT = Path(__file__).parents[2]
_COMMAND = (sys.executable, "-m", "calculator.readers.isolation")
_turns = BoundedSemaphore(AT_ONCE)

_REFUSED = 2
"""What the process ends with when it says why there is no model."""


def read_in_subprocess(data: str | bytes, *, name: str = "", seconds: float = MAX_SECONDS) -> Model:
    """Return what ``read`` returns, found out by another process. Raises ``ReadError`` as it does.

    >>> read_in_subprocess("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))").parameter_count
    32800
    """
    # Whoever is before it ends within that time too.
    if not _turns.acquire(timeout=2 * seconds):
        raise ReadError("Many models are being read at the moment. Try again in a minute.")
    try:
        status, answer = _asked(data, name, seconds)
    finally:
        _turns.release()
    try:
        told = answer.decode("utf-8")
        if status == 0:
            return read_model(told)
        sentence = json.loads(told) if status == _REFUSED else None
    except (ValueError, KeyError, TypeError, RecursionError):
        sentence = None
    if not isinstance(sentence, str):
        sentence = (
            "Reading broke off, most likely because it needed more memory or time than one model may take."
        )
    raise ReadError(sentence)


def _asked(data: str | bytes, name: str, seconds: float) -> tuple[int, bytes]:
    """Return what the process ended with and what it wrote. Raises ``ReadError`` where it takes too long."""
    kind = "text" if isinstance(data, str) else "bytes"
    head = json.dumps([kind, name]).encode("ascii") + b"\n"
    sent = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        done = subprocess.run(
            _COMMAND, input=head + sent, capture_output=True, timeout=seconds, check=False, cwd=_ROOT
        )
    except subprocess.TimeoutExpired:
        raise ReadError(f"Reading took longer than {seconds:g} seconds, and was stopped.") from None
    except OSError:  # no process can be started
        raise ReadError("The server cannot read a model at the moment. Try again in a minute.") from None
    return done.returncode, done.stdout


def _limit() -> None:
    """Limit this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds.
        return
    limits = {
        resource.RLIMIT_AS: MAX_MEMORY,
        resource.RLIMIT_CPU: MAX_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,  # a core dump would hold the visitor's file
    }
    for limit, maximum in limits.items():
        _, hard = resource.getrlimit(limit)
        lower = maximum if hard == resource.RLIM_INFINITY else min(maximum, hard)
        try:
            resource.setrlimit(limit, (lower, lower))
        except (ValueError, OSError):  # macOS has no limit on address space
            continue


def _written(model: Model) -> bytes:
    told = write_model(model).encode("utf-8", "backslashreplace")
    if len(told) > MAX_ANSWER:
        raise ReadError(f"The model's layers take {len(told):,} bytes; at most {MAX_ANSWER:,} are shown.")
    return told


def main() -> int:
    """Read standard input, what it is in its first line; print the model or why there is none as JSON."""
    from calculator.readers.detect import read

    _limit()
    try:
        kind, name = json.loads(sys.stdin.buffer.readline())
        data = sys.stdin.buffer.read()
        model = read(data.decode("utf-8", "surrogatepass") if kind == "text" else data, name=name)
        told, code = _written(model), 0
    except ReadError as error:
        told, code = json.dumps(str(error)).encode("ascii"), _REFUSED
    except MemoryError:
        sentence = "Reading needed more memory than one model may take, and was stopped."
        told, code = json.dumps(sentence).encode("ascii"), _REFUSED
    sys.stdout.buffer.write(told)
    return code


if __name__ == "__main__":
    sys.exit(main())
