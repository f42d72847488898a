"""Reading models as people have them: text or bytes in, a row for each layer out.

Nothing is run, unpickled, downloaded or followed: counts come from what is written.
"""

from calculator.readers.detect import read
from calculator.readers.model import Model, ReadError, Row

__all__ = ["Model", "ReadError", "Row", "read"]
