"""Reading in a process of its own: one visitor's file can neither hold up nor take down the others' server.

The process lives for one file, has a limit on memory and on time, and hands back rows, never objects.
"""

import json
import subprocess
import sys
from pathlib import Path

from calculator.readers.codec import read_model, write_model
from calculator.readers.model import Model, ReadError

MOST_SECONDS = 20
MOST_MEMORY = 1 << 30
"""Bytes of address space: the data, its rows and Python itself."""

_ROOT = Path(__file__).parents[2]


def read_apart(data: str | bytes, *, name: str = "", seconds: float = MOST_SECONDS) -> Model:
    """Return what ``read`` returns, found out by another process. Raises ``ReadError`` as it does.

    >>> read_apart("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))").parameter_count
    32800
    """
    kind = "text" if isinstance(data, str) else "bytes"
    sent = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        done = subprocess.run(
            [sys.executable, "-m", "calculator.readers.apart", kind, name],
            input=sent,
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=_ROOT,
        )
    except subprocess.TimeoutExpired:
        raise ReadError(f"Reading took longer than {seconds:g} seconds, and was stopped.") from None
    if done.returncode == 0:
        return read_model(done.stdout.decode("utf-8"))
    if done.returncode == 2:
        raise ReadError(json.loads(done.stdout))
    raise ReadError("Reading needed more memory or time than one model may take, and was stopped.")


def _limit() -> None:
    """Limit this process, where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds.
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


def main() -> int:
    """Read standard input as ``sys.argv`` says, and print the model or why there is none as JSON."""
    from calculator.readers.detect import read

    _limit()
    kind, name = sys.argv[1:]
    data = sys.stdin.buffer.read()
    try:
        model = read(data.decode("utf-8", "surrogatepass") if kind == "text" else data, name=name)
        told, code = write_model(model), 0
    except ReadError as error:
        told, code = json.dumps(str(error)), 2
    sys.stdout.buffer.write(told.encode("utf-8", "backslashreplace"))
    return code


if __name__ == "__main__":
    sys.exit(main())
