"""Reading a model in a separate process, so that one file cannot block or crash the server.

The process reads one file, has limits on memory and time, cannot write to a file, and returns rows as JSON,
never objects. Why this is hand-written:

- ``multiprocessing`` returns pickled objects, which the server would have to trust.
- ``concurrent.futures`` keeps its workers, and cannot stop one that takes too long without stopping all.
- The limits must apply to the reader alone, and the standard library sets limits only for a process.

The data goes through a pipe, so that no list of processes displays it.
"""

import json
import subprocess
import sys
from pathlib import Path

from calculator.readers.model import Model, ReadError
from calculator.readers.model_json import read_model, write_model
from calculator.readers.turns import NoTurnError, ReplacedError, Turns

MAX_SECONDS = 20
MAX_MEMORY = 1 << 30
"""The maximum address space in bytes, for the data, its rows and Python itself."""

MAX_ANSWER = 50_000_000
"""The maximum size of the returned rows in bytes: twice that of ``MAX_ROWS`` ordinary rows."""

MAX_CONCURRENT = 4
"""The maximum number of models that are read at the same time, for all visitors together.

Each visitor has at most one of them, and at most one that waits.
"""

_ROOT = Path(__file__).parents[2]
_COMMAND = (sys.executable, "-m", "calculator.readers.isolation")
_turns = Turns(MAX_CONCURRENT)

_REFUSED_STATUS = 2
"""The exit status of the process when its output is the sentence of a ``ReadError``."""


def read_in_subprocess(
    data: str | bytes, *, name: str = "", seconds: float = MAX_SECONDS, owner: object = None
) -> Model:
    """Return the same model as ``read``, computed by another process within ``seconds``.

    ``owner`` stands for the visitor: an owner waits until its previous model is read, and a model that it
    asks for in the meantime replaces the one that waits. ``None`` is a visitor of its own.
    Raises ``ReadError`` as ``read`` does, and where the process exceeds a limit or cannot start.

    >>> read_in_subprocess("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))").parameter_count
    32800
    """
    try:
        # Every running reader ends within ``seconds``, so a turn usually comes within twice that time.
        with _turns.turn(object() if owner is None else owner, 2 * seconds):
            status, output = _run_reader(data, name, seconds)
    except NoTurnError:
        raise ReadError("Many models are being read at the moment. Try again in a minute.") from None
    except ReplacedError:
        raise ReadError("This model was not read, because you gave a newer one before its turn.") from None
    # The output is untrusted: a process that crashed may have written anything.
    try:
        text = output.decode("utf-8")
        if status == 0:
            return read_model(text)
        sentence = json.loads(text) if status == _REFUSED_STATUS else None
    except (ValueError, KeyError, TypeError, RecursionError):
        sentence = None
    if not isinstance(sentence, str):
        sentence = "Reading stopped, probably because the model needed more memory or time than allowed."
    raise ReadError(sentence)


def _run_reader(data: str | bytes, name: str, seconds: float) -> tuple[int, bytes]:
    """Return (exit status, output) of the process. Raises ``ReadError`` where it takes too long."""
    kind = "text" if isinstance(data, str) else "bytes"
    header = json.dumps([kind, name]).encode("ascii") + b"\n"
    payload = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        done = subprocess.run(
            _COMMAND, input=header + payload, capture_output=True, timeout=seconds, check=False, cwd=_ROOT
        )
    except subprocess.TimeoutExpired:
        raise ReadError(f"Reading took longer than {seconds:g} seconds, and was stopped.") from None
    except OSError:  # The system cannot start another process.
        raise ReadError("The server cannot read a model at the moment. Try again in a minute.") from None
    return done.returncode, done.stdout


def _limit_resources() -> None:
    """Set the limits of this process that the system supports."""
    try:
        import resource
    except ImportError:  # Windows has no such limits. The time limit of the parent still holds.
        return
    limits = {
        resource.RLIMIT_AS: MAX_MEMORY,
        resource.RLIMIT_CPU: MAX_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,  # A core dump would contain the visitor's file.
    }
    for limit, maximum in limits.items():
        _, hard = resource.getrlimit(limit)
        lower = maximum if hard == resource.RLIM_INFINITY else min(maximum, hard)
        try:
            resource.setrlimit(limit, (lower, lower))
        except (ValueError, OSError):  # macOS has no limit on address space.
            continue


def _serialise(model: Model) -> bytes:
    """Return ``model`` as JSON. Raises ``ReadError`` above ``MAX_ANSWER`` bytes."""
    output = write_model(model).encode("utf-8", "backslashreplace")
    if len(output) > MAX_ANSWER:
        raise ReadError(f"The model's layers take {len(output):,} bytes; at most {MAX_ANSWER:,} are shown.")
    return output


def main() -> int:
    """Read a model from standard input and print it, or the reason for refusing it, as JSON.

    The first line of the input is a JSON list: "text" or "bytes", and the name. Returns the exit status.
    """
    from calculator.readers.detect import read

    _limit_resources()
    try:
        kind, name = json.loads(sys.stdin.buffer.readline())
        data = sys.stdin.buffer.read()
        model = read(data.decode("utf-8", "surrogatepass") if kind == "text" else data, name=name)
        output, status = _serialise(model), 0
    except ReadError as error:
        output, status = json.dumps(str(error)).encode("ascii"), _REFUSED_STATUS
    except MemoryError:
        sentence = "Reading needed more memory than one model may take, and was stopped."
        output, status = json.dumps(sentence).encode("ascii"), _REFUSED_STATUS
    sys.stdout.buffer.write(output)
    return status


if __name__ == "__main__":
    sys.exit(main())
