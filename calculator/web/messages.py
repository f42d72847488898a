"""The size of a browser's message without the texts that somebody typed, found without decoding it.

A decoded message may take a hundred times its size: two bytes ask for the address of one more upload, or name
one more control. Only a typed or pasted text is long, so all else is limited to ``MAX_BESIDE`` bytes.
"""

from calculator.readers.containers.protobuf import Wire
from calculator.readers.model import ReadError

MAX_BESIDE = 64_000
"""The maximum size in bytes of a message without its texts. The controls of a page take up to 10,000."""

MAX_FIELDS = 10_000
"""The maximum number of fields that are looked at. A page has about three for each control."""

_TEXT = (11, 2, 1, 6)
"""The numbers of the fields that lead to a text: `rerun_script`, `widget_states`, `widgets`, `string_value`
(`BackMsg.proto`, `ClientState.proto` and `WidgetStates.proto` of Streamlit)."""

_FIXED = 8
"""The maximum size in bytes of a value that is not a text. A text that is as short counts like all else."""


def size_without_texts(message: bytes) -> int:
    """Return the size of ``message`` in bytes without its texts, or the whole size where it cannot be read.

    >>> size_without_texts(bytes([90, 15, 18, 13, 10, 11, 50, 9]) + b"abcdefghi")
    8
    """
    size, wire = len(message), Wire(MAX_FIELDS)
    parts = [(memoryview(message), 0)]
    try:
        while parts:
            part, depth = parts.pop()
            for number, value in wire.fields(part):
                if number != _TEXT[depth] or isinstance(value, int):
                    continue
                if depth + 1 < len(_TEXT):
                    parts.append((value, depth + 1))
                elif len(value) > _FIXED:
                    size -= len(value)
    except ReadError:
        return len(message)
    return size
