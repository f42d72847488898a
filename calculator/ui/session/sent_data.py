"""Data for a component of our own, as one text of JSON.

Streamlit checks whether each value is a table, and serialises the data a second time, sorted, for a name that
a component with a key does not need. For a chart, that took as long as building it.
"""

import json
from collections.abc import Mapping
from typing import Any


def as_json(value: object) -> str:
    """Return ``value`` as JSON without spaces.

    >>> as_json({"size": (3, 4)})
    '{"size":[3,4]}'
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sent(data: Mapping[str, Any], **written: str) -> dict[str, str]:
    """Return ``data`` as a component gets it; ``written`` are further values, which are JSON already.

    The script of the component begins with ``JSON.parse(data.json)``.

    >>> sent({"alt": "words"}, figure='{"layout":{}}')
    {'json': '{"alt":"words","figure":{"layout":{}}}'}
    """
    parts = [as_json(data)[1:-1], *(f'"{name}":{text}' for name, text in written.items())]
    return {"json": f"{{{','.join(filter(None, parts))}}}"}
