"""The command line: the first word selects the command, and only the modules of that command are loaded.

To add a command: ``NAME_command(arguments)`` in ``NAME_command.py``, which prints a ``Report``
(``report.py``) and returns the exit status; a line in ``COMMANDS``; its JSON in ``docs/json.md``; a test in
``tests/cli``, with ``FORMS`` in ``tests/cli/test_command.py``. To add a public name: three places in
``calculator/__init__.py``, which a test compares, and ``docs/api.md``.
"""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "model": "the layers of a model in a file, or where two models differ",
    "compare": "the ways to upsample as a layer does, with what each costs",
    "solve": "the layers that lead from an input size to a wanted size",
    "code": "the code of a layer for a framework",
    "app": "how the page is started",
}
"""The commands besides that of one layer, which has no name."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; ``None`` is for the arguments of the process.

    An invalid layer, a file without a model and an unknown argument raise ``SystemExit`` with status 2, after
    a sentence on stderr. A model that is not counted completely has a status of its own, 3, and so have two
    that differ, 4. Status 1 means that nobody reads the output any more.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words[0] if words else ""
    # With --kernel-size, "model" is a mistake for the input channels, so the command of a layer reports it.
    mistaken = name == "model" and any(text.startswith("--kernel-size") for text in words)
    if name not in COMMANDS or mistaken:
        name, words = "layer", ["", *words]
    # The garbage collector takes a tenth of the time of a short command. Only a large model may need it.
    if arguments is None and name != "model":
        gc.disable()
    run = getattr(import_module(f"calculator.cli.{name}_command"), f"{name}_command")
    status: int = run(words[1:])
    return status


def program() -> str:
    """Return how this process was started, for the usage: ``tconv`` or ``python -m calculator``.

    >>> program()
    'python -m calculator'
    """
    name = os.path.basename(sys.argv[0])  # noqa: PTH119 (pathlib alone takes longer to load than a layer)
    return "tconv" if name.removesuffix(".exe") == "tconv" else "python -m calculator"
