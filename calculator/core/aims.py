"""The aims of a choice between ways to upsample, which the page and the command offer alike."""

AIMS = {
    "parameters": "few parameters",
    "work": "little work",
    "memory": "little memory",
    "even": "no checkerboard",
    "export": "easy to export",
}
"""The aims in words by their keys."""

DEFAULT_AIMS = ("parameters", "work")

MAX_AIMS = 2
"""The maximum number of aims that are chosen at once."""
