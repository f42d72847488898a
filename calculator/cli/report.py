"""The output of a command in its four forms: text, JSON, CSV, and the address of the page with that state."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from calculator.cli.terminal import print_text
from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.schema import versioned

ADDRESS = "http://localhost:8501"
"""The address at which ``make run`` opens the page."""

WIDTH = 100
"""The characters of a line of help. Asking the terminal for its width takes as long as counting a layer."""


def help_format(prog: str) -> argparse.HelpFormatter:
    """Return the formatter for the help of a command, which keeps the line breaks of its texts."""
    return argparse.RawDescriptionHelpFormatter(prog, width=WIDTH)


Cell = int | str | bool | Sequence[int] | None
"""A value in a CSV file; ``None`` is an empty cell, and a sequence is written as 4x4."""


@dataclass(frozen=True)
class Report:
    """The output of a command as four functions, of which only the one for the requested form is called.

    ``csv`` returns the names of the columns, in ASCII, and then one row for each line. ``link`` returns the
    page and its settings by name, and raises ``LayerError`` with the reason where the page cannot have them.
    """

    text: Callable[[], str]
    json: Callable[[], str]
    csv: Callable[[], Iterable[Sequence[Cell]]]
    link: Callable[[], tuple[str, Mapping[str, object]]]

    def print(self, options: argparse.Namespace) -> int:
        """Print the requested form and return the exit status. Raises ``LayerError``."""
        if options.json:
            return print_text(self.json())
        if options.csv:
            return print_text(_csv_text(self.csv()))
        if options.link:
            return print_text(_address(options.address, *self.link()))
        return print_text(self.text(), styled=True)


class Parser(argparse.ArgumentParser):
    """The parser of a command's arguments. An error about an unknown option suggests a similar one."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and ``message``, and exit with status 2."""
        beginning, _, rest = message.partition("unrecognized arguments: ")
        if rest and not beginning:
            from difflib import get_close_matches

            unknown = rest.partition(" ")[0].partition("=")[0]
            known = [name for name in self._option_string_actions if name.startswith("--")]
            # Only the beginnings are compared, so that --kernal and --kernel both suggest --kernel-size.
            beginnings = {name[: len(unknown)]: name for name in known}
            near = get_close_matches(unknown, beginnings, 1, 0.75)
            message += f" (is {beginnings[near[0]]} meant?)" if near else " (--help shows the options)"
        super().error(message)


def add_forms(parser: argparse.ArgumentParser) -> None:
    """Add the options of the four forms to the arguments of a command."""
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print one JSON object instead")
    forms.add_argument("--csv", action="store_true", help="print comma-separated values instead")
    forms.add_argument(
        "--link", action="store_true", help="print the address of the page with the same state"
    )
    parser.add_argument(
        "--address", default=ADDRESS, metavar="URL", help=f"where the page is, for --link; default {ADDRESS}"
    )


def json_text(kind: str, document: Mapping[str, object]) -> str:
    """Return a document as indented JSON, with its kind and the version of its schema in front."""
    from json import dumps

    return dumps(versioned(kind, document), ensure_ascii=False, indent=2)


def _csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows as comma-separated values without the end of the last line."""
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([csv_cell(cell) for cell in row] for row in rows)
    return out.getvalue().removesuffix("\n")


def csv_cell(cell: Cell) -> str:
    """Return a value as the text of a cell, which no spreadsheet reads as a formula.

    >>> csv_cell((4, 4)), csv_cell(None), csv_cell(False), csv_cell("=1+1"), csv_cell(-3)
    ('4x4', '', 'no', "'=1+1", '-3')
    """
    if isinstance(cell, str):
        from calculator.core.markup import escape_formula

        return escape_formula(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if cell is None or isinstance(cell, int):
        return "" if cell is None else str(cell)
    return "x".join(map(str, cell))


def _address(base: str, page: str, values: Mapping[str, object]) -> str:
    """Return the address of a page with settings. Raises ``LayerError`` for a base that is not an address."""
    from calculator.settings import Settings
    from calculator.settings.link import page_link

    if not base.startswith(("http://", "https://")) or not base.isprintable():
        raise LayerError(f"The address must begin with http:// or https://, received {short_repr(base)}.")
    settings = Settings().change(**values)  # type: ignore[arg-type]
    return page_link(f"{base.rstrip('/')}/{page}", settings)
