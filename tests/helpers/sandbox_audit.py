"""Read every wrong file while Python itself notes what is done: run as a program, prints what was noted,
then the same after a file was opened.

Audit events: https://docs.python.org/3/library/audit_events.html. Among them are every file that is opened,
every module that is imported, every process that is started, every code that is compiled or run, and every
class that a pickle looks up.
"""

import contextlib
import sys

from calculator.readers import ReadError, read
from tests.helpers.wrong_files import HARMLESS, WRONG

noted: set[str] = set()
noting = False


def note(event: str, _: object) -> None:
    if noting:
        noted.add(event)


def read_all() -> int:
    """Return how many files were read or refused."""
    count = 0
    for wrong in (*WRONG, *HARMLESS):
        for data in {wrong.data, wrong.content}:
            with contextlib.suppress(ReadError):
                read(data, name=wrong.file)
            count += 1
    return count


if __name__ == "__main__":
    read_all()  # imports what is imported on demand
    sys.addaudithook(note)
    noting = True
    count = read_all()
    noting = False
    print("builtins.id", *noted)
    noting = True
    open(__file__).close()  # noqa: PTH123 - what would be noted if a reader did it
    noting = False
    print("builtins.id", *noted)
    print(count)
