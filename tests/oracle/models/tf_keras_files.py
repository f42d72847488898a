"""Files and texts of Keras 2, as tf-keras still writes them."""

import importlib
from collections.abc import Iterator

from tests.helpers.real_models import RealModel
from tests.oracle.models.keras_files import written

LIBRARIES = ("tf-keras", "tensorflow", "h5py")


def models() -> Iterator[RealModel]:
    """Yield each network in each of the forms."""
    yield from written(importlib.import_module("tf_keras"), old=True)
