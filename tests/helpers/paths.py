"""The folders that tests read files from."""

from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
READER_FILES = TESTS / "readers" / "files"
"""Models that real frameworks wrote."""

FRAMEWORKS_RECORDED = TESTS / "frameworks" / "recorded"
"""Sizes and counts that real frameworks gave, a file each; `make record` writes them."""

TOOLS_RECORDED = TESTS / "comparison" / "recorded_tools.json"
"""Counts that other tools really printed."""

MODELS_RECORDED = TESTS / "readers" / "recorded"
"""Models that real libraries wrote or printed, with their own counts; `make oracle-models` writes them."""
