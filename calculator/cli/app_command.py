"""The command ``app``: how the page is started, which an installed package does not contain."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from calculator.cli.command import program
from calculator.cli.terminal import print_text

HOW = """\
The page is started from a checkout of the source, in its folder:

  make run

or, without make:

  python3 -m venv .venv
  .venv/bin/pip install -r requirements.txt
  .venv/bin/python server.py
"""


def app_command(arguments: Sequence[str]) -> int:
    """Print how the page is started, and return the exit status."""
    argparse.ArgumentParser(prog=f"{program()} app", description="How the page is started.").parse_args(
        list(arguments)
    )
    checkout = Path(__file__).resolve().parents[2]
    here = f"\nThis is a checkout: {checkout}\n" if (checkout / "server.py").is_file() else ""
    return print_text((HOW + here).rstrip("\n"))
