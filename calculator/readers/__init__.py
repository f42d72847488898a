"""Readers of model descriptions. Text or bytes go in; a row for each layer comes out.

Nothing is run, unpickled or downloaded, and no reference to another file is followed.
"""

from calculator.readers.model import Model, ReadError, Row

__all__ = ["Model", "ReadError", "Row", "read"]


def read(data: str | bytes, *, name: str = "") -> Model:
    """Return the model in ``data``, whose format is detected: see ``calculator.readers.detect.read``.

    ``name`` is displayed only. Raises ``ReadError`` where ``data`` is not a model.

    >>> read("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))").parameter_count
    32800
    """
    # The forty modules of the formats are loaded with the first model: the page of one layer needs none.
    from calculator.readers import detect

    return detect.read(data, name=name)
