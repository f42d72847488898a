"""The one error that a caller of the core catches."""


class LayerError(ValueError):
    """A layer that cannot exist. The message says what must hold and what was received."""
