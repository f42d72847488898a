"""The size of a browser's message without the texts that somebody typed, found without decoding it.

A decoded message may take a hundred times its size: two bytes ask for the address of one more upload, or name
one more control. Only a typed or pasted text is long, so all else is limited to ``MAX_BESIDE`` bytes.
Encoding: https://protobuf.dev/programming-guides/encoding/.
"""

MAX_BESIDE = 64_000
"""The maximum size in bytes of a message without its texts. The controls of a page take up to 10,000."""

MAX_FIELDS = 10_000
"""The maximum number of fields that are looked at. A page has about three for each control."""

_TEXT = (11, 2, 1, 6)
"""The numbers of the fields that lead to a text: `rerun_script`, `widget_states`, `widgets`, `string_value`
(`BackMsg.proto`, `ClientState.proto` and `WidgetStates.proto` of Streamlit)."""

_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5


def size_without_texts(message: bytes) -> int:
    """Return the size of ``message`` in bytes without its texts, or the whole size where it cannot be read.

    >>> size_without_texts(bytes([11 << 3 | 2, 9, 2 << 3 | 2, 7, 1 << 3 | 2, 5, 6 << 3 | 2, 3]) + b"abc")
    8
    """
    size = len(message)
    parts = [(0, size, 0)]
    fields = 0
    while parts:
        at, end, depth = parts.pop()
        while at < end:
            fields += 1
            number, kind, start, at = _field(message, at)
            if at > end or fields > MAX_FIELDS:
                return len(message)
            if kind == _SIZED and number == _TEXT[depth]:
                if depth + 1 == len(_TEXT):
                    size -= at - start
                else:
                    parts.append((start, at, depth + 1))
    return size


def _field(message: bytes, at: int) -> tuple[int, int, int, int]:
    """Return the field at a place: (number, kind, start, end). An unreadable one ends behind the message."""
    tag, start = _varint(message, at)
    kind = tag & 7
    value, after = _varint(message, start) if kind in (_VARINT, _SIZED) else (0, start)
    sizes = {_VARINT: 0, _EIGHT_BYTES: 8, _SIZED: value, _FOUR_BYTES: 4}
    return tag >> 3, kind, after, after + sizes.get(kind, len(message) + 1)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place, and where it ends: beyond the message if it does not end in ten bytes."""
    value = 0
    for place, byte in enumerate(message[at : at + 10]):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    return 0, len(message) + 1
