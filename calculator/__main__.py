"""``python -m calculator``: the answer and its working on the command line."""

import sys

from calculator.cli import main

if __name__ == "__main__":
    sys.exit(main())
