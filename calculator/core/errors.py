"""The error of the core."""


class LayerError(ValueError):
    """The settings form no valid layer. The message states what must hold and what was received."""
