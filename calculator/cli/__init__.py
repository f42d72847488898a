"""The command line ``python -m calculator``, for one layer or a model."""

from calculator.cli.layer_command import main

__all__ = ["main"]
