"""The folders that tests read files from, and a file that no test may write."""

import os
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
READER_FILES = TESTS / "readers" / "files"
"""Models that real frameworks wrote."""

FRAMEWORKS_RECORDED = TESTS / "frameworks" / "recorded"
"""Sizes and counts that real frameworks gave, a file each; `make record` writes them."""

TOOLS_RECORDED = TESTS / "comparison" / "recorded_tools.json"
"""Counts that other tools really printed."""

CANARY = Path(tempfile.gettempdir()) / f"canary-of-wrong-files-{os.getpid()}"
"""The file that hostile code in a wrong file would write."""

MODELS_RECORDED = TESTS / "readers" / "recorded"
"""Models that real libraries wrote or printed, with their own counts; `make oracle-models` writes them."""

OUTCOMES = MODELS_RECORDED / "outcomes.txt.xz"
"""What the readers make of damaged and real models; `python -m tests.fuzz.outcomes` writes it."""

CONSTANTS = MODELS_RECORDED / "constants.txt"
"""What the readers know; `python -m tests.helpers.reader_constants` writes it."""

OTHER_CONSTANTS = TESTS / "recorded_constants.txt"
"""What other packages know; the same command writes it."""

TEXTS_RECORDED = TESTS / "recorded_texts.json.xz"
"""What is said of layers and exercises; `python -m tests.helpers.recorded_texts` writes it."""

TRIED = MODELS_RECORDED / "tried.json.xz"
"""What the tests of the readers read; `python -m tests.fuzz.tried` writes it."""
