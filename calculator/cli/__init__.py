"""``python -m calculator``: one layer, or a whole model, on the command line."""

from calculator.cli.layer_command import main

__all__ = ["main"]
