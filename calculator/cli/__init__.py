"""The command line ``tconv``, which is also ``python -m calculator``."""

from calculator.cli.command import main

__all__ = ["main"]
