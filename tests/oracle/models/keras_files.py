"""Files and texts of the real Keras 3, written through h5py and zip archives."""

import importlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.helpers.real_models import RealModel
from tests.oracle.models import keras_networks
from tests.oracle.models.keras_networks import rows, trained_count, transposed_count

LIBRARIES = ("keras", "h5py")


def models() -> Iterator[RealModel]:
    """Yield each network in each of the forms."""
    keras = importlib.import_module("keras")
    yield from written(keras)
    yield from _subclassed(keras)


def written(keras: Any, old: bool = False) -> Iterator[RealModel]:
    """Yield the networks in the forms of Keras 3, or with ``old`` in those of Keras 2."""
    for name, network in keras_networks.networks(keras):
        counts = {"total": network.count_params(), "transposed": transposed_count(network)}
        trained = trained_count(network)
        whole = counts | {"trained": trained, "rows": rows(network), "typed": True}
        yield RealModel(f"{name}, to_json", network.to_json(), **whole)
        yield RealModel(f"{name}, summary", _summary(network), **counts)
        yield RealModel(f"{name}, .keras", _file(network.save, "model.keras"), **whole)
        yield RealModel(f"{name}, .h5", _file(network.save, "model.h5"), **whole)
        yield RealModel(f"{name}, .weights.h5", _file(network.save_weights, "model.weights.h5"), **counts)
        if old:
            yield RealModel(f"{name}, weights as .h5", _file(network.save_weights, "weights.h5"), **counts)
        _train(network)
        yield RealModel(f"{name}, .h5 after training", _file(network.save, "model.h5"), **whole, kept=False)
        yield RealModel(
            f"{name}, .keras after training", _file(network.save, "model.keras"), **whole, kept=False
        )
        yield RealModel(f"{name}, summary after training", _summary(network), **counts, kept=False)


def _file(save: Callable[..., None], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        save(str(path))
        return path.read_bytes()


def _summary(network: Any) -> str:
    out = io.StringIO()
    os.environ["COLUMNS"] = "160"  # a table wider than the terminal would be cut off
    network.summary(150, print_fn=lambda text, **_: out.write(f"{text}\n"), expand_nested=True)
    return out.getvalue()


def _train(network: Any) -> None:
    """Give the network an optimizer with its state."""
    numpy = importlib.import_module("numpy")
    network.compile("adam", "mse")
    given = numpy.zeros((2, *network.input_shape[1:]))
    network.fit(given, numpy.zeros((2, *network.output_shape[1:])), verbose=0)


def _subclassed(keras: Any) -> Iterator[RealModel]:
    """Yield models and a layer of classes of a user."""
    module = importlib.import_module("tests.oracle.models.keras_modules")
    image, code = (1, 4, 4, 3), (1, 6)
    for name, network, shape in (
        ("own model", module.Decoder(), image),
        ("own layers", module.with_own_layers(), image),
        ("own model with a model inside", module.Mapped(), code),
        ("own model of two", module.Autoencoder(), (1, 8, 8, 1)),
        ("own recurrent model", module.Recurrent(), code),
    ):
        given = importlib.import_module("numpy").zeros(shape, "float32")
        network(given)
        network.set_weights([value * 0 for value in network.get_weights()])
        counts = {"total": network.count_params(), "transposed": transposed_count_inside(network)}
        yield RealModel(f"{name}, .keras", _file(network.save, "model.keras"), **counts)
        yield RealModel(f"{name}, .weights.h5", _file(network.save_weights, "model.weights.h5"), **counts)
        yield RealModel(f"{name}, .h5", _file(network.save, "model.h5"), **counts)
        network.compile("adam", "mse")
        network.fit(given, network(given), verbose=0)
        yield RealModel(f"{name}, .h5 after training", _file(network.save, "model.h5"), **counts, kept=False)


def transposed_count_inside(network: Any) -> int:
    """Return the parameters of the transposed convolutions, also of those inside layers of a user."""
    return sum(
        layer.count_params()
        for layer in network._flatten_layers()
        if type(layer).__name__.endswith("Transpose")
    )
