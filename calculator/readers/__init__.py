"""Reading models as people have them: text or bytes in, a row for each layer out.

Nothing is run, unpickled, downloaded or followed: counts come from what is written.
"""

from calculator.readers.model import Model, ReadError, Row

__all__ = ["Model", "ReadError", "Row", "read"]


def read(data: str | bytes, *, name: str = "") -> Model:
    """Return the model that ``data`` holds, whatever its format: see ``calculator.readers.detect.read``.

    >>> read("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))").parameter_count
    32800
    """
    # Forty modules that the page of one layer never needs: they are loaded with the first model.
    from calculator.readers import detect

    return detect.read(data, name=name)
