"""Networks of MONAI and torchvision, read in every way they can be given: rows and totals are PyTorch's.

Run it by hand: ``python -m tests.oracle.reading_libraries``. PyTorch is imported only when it is asked.
"""

import contextlib
import importlib
import io
import random
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from calculator.readers import Model, Row, read
from calculator.readers.pytorch.snippet import SNIPPET
from tests.oracle.framework_counts import (
    compared_layers,
    compared_rows,
    compared_totals,
    held_by,
    is_transposed,
    modules_of,
    summed_up,
)
from tests.oracle.libraries import exported_networks, library_networks
from tests.oracle.reading_tensors import tensors_as_files

UNSEEN = re.compile(r"any that (.*?)(?: and ([\d,]+) other class(?:es)?)? may have are not counted")

HOLDING = frozenset({"PositionalEncoding"})
"""Classes of these libraries that hold parameters and no layers, which no reader of a print can know."""

INFERRED = 0.72
"""A file of tensors says no classes: by shapes and names, at least this share of the transposed is found."""


def check() -> Iterator[str]:
    """Yield every comparison: nothing when it holds, else what differs."""
    torch = importlib.import_module("torch")
    inferred, there = Counter[str](), 0
    forms = FORMS | {"as a file": partial(tensors_as_files, inferred=inferred)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, build in library_networks().items():
            network = _built(torch, build)
            _freeze(network, random.Random(name))
            for title, form in forms.items():
                for problem in form(torch, network):
                    yield f"{name} {title}: {problem}" if problem else ""
            there += sum(map(is_transposed, network.modules()))
        for name, (build, shape) in exported_networks().items():
            for problem in _exported(torch, build().train(), shape):
                yield f"{name} as ONNX: {problem}" if problem else ""
    for title, found in inferred.items():
        said = f"{title}: {found} of {there} transposed layers were inferred"
        yield "" if found >= INFERRED * there else said


def _built(torch: Any, build: Callable[[], Any]) -> Any:
    """Return the network without values; with them where its own code looks at some."""
    try:
        with torch.device("meta"), contextlib.redirect_stdout(io.StringIO()):
            return build()
    except (RuntimeError, NotImplementedError) as error:
        if "meta tensor" not in str(error):
            raise
    with contextlib.redirect_stdout(io.StringIO()):
        return build()


def _freeze(network: Any, draw: random.Random) -> None:
    for parameter in network.parameters():
        parameter.requires_grad = draw.random() < 0.7


def _printed(torch: Any, network: Any) -> Iterator[str]:
    """A print shows every layer of torch.nn in each of its places; what it hides has to be said."""
    model = read(repr(network))
    modules = {path or "(model)": module for path, module in modules_of(network).items()}
    held = {path: own for path, module in modules.items() if (own := held_by(module)).total}
    unknown = {row.name: row for row in model.unknown}
    known = {row.name for row in model.rows if row.known}
    bare = {path for path in held if path not in known and path not in unknown}
    hidden = bare | (held.keys() & unknown.keys())
    yield from compared_rows(
        Model(tuple(row for row in model.rows if row.known), model.format),
        {path: own for path, own in held.items() if path not in hidden},
        trained=False,
    )
    yield from compared_layers(model, modules)
    yield from _hidden(unknown, bare, modules)
    yield from _unseen(model, modules, bare)
    total, missing = (sum(held[path].total for path in paths) for paths in (held, hidden))
    up = sum(own.total for path, own in held.items() if is_transposed(modules[path]))
    yield from compared_totals(model, total - missing, up, total - missing)
    shared = total - sum(parameter.numel() for parameter in network.parameters())
    said = any("layers share: they are counted in each" in sentence for sentence in model.assumptions)
    yield f"{shared} are counted twice, and it is not said" if shared and not said else ""


def _hidden(unknown: Mapping[str, Row], bare: set[str], modules: Mapping[str, Any]) -> Iterator[str]:
    """Unknown are only classes of the library; a module with others inside may hold what has no row."""
    for path, row in unknown.items():
        module = modules.get(path)
        if module is None:
            yield f"{path} is no module, read as {row}"
            continue
        kind = type(module)
        theirs = not kind.__module__.startswith("torch.nn") and row.type == kind.__name__
        said = row.note and not row.parameter_count and not list(module.children())
        expected = kind.__name__ in HOLDING or not held_by(module).total
        yield "" if theirs and said and expected else f"{path} is {kind}, read as {row}"
    for path in bare:
        kind = type(modules[path])
        theirs = not kind.__module__.startswith("torch.nn")
        yield "" if theirs and list(modules[path].children()) else f"{path} is {kind}, and is not there"


def _unseen(model: Model, modules: Mapping[str, Any], bare: set[str]) -> Iterator[str]:
    """The sentence on what a print cannot show names, or counts, each class that may hold something."""
    found = [match for sentence in model.assumptions if (match := UNSEEN.search(sentence))]
    names = re.split(", | and ", found[0][1]) if found else []
    others = int((found[0][2] or "0").replace(",", "")) if found else 0
    holders = {
        type(module).__name__
        for module in modules.values()
        if list(module.children()) and not type(module).__module__.startswith("torch.nn")
    }
    yield "" if len(names) + others == len(holders) else f"{names} and {others} others, really {holders}"
    yield "" if set(names) <= holders else f"{names} are not all among {holders}"
    yield "" if not bare or found else f"{bare} hold something, and it is not said"


def _snippet(torch: Any, network: Any) -> Iterator[str]:
    """The JSON of the snippet shows everything, each parameter in its first place."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(SNIPPET, {"model": network})
    model = read(printed.getvalue())
    seen: set[int] = set()
    modules = dict(network.named_modules())
    held = {path: own for path, module in modules.items() if (own := held_by(module, seen)).total}
    yield from compared_rows(model, held)
    yield from compared_layers(model, modules)
    parameters = list(network.parameters())
    yield from compared_totals(
        model,
        sum(parameter.numel() for parameter in parameters),
        sum(held[path].total for path in held if is_transposed(modules[path])),
        sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
    )


def _exported(torch: Any, network: Any, shape: tuple[int, ...]) -> Iterator[str]:
    """An exported graph shows every layer, by its path, in the order of use."""
    file = io.BytesIO()
    keep = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False, "dynamo": False}
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(network, (torch.zeros(shape),), file, **keep)
    model = read(file.getvalue())
    modules = dict(network.named_modules())
    held = {path: own for path, module in modules.items() if (own := held_by(module)).total}
    yield from compared_rows(model, held, ordered=False, typed=False)
    for row in model.rows:
        yield "" if row.transposed == is_transposed(modules.get(row.name)) else f"{row} in {modules}"
    total = sum(parameter.numel() for parameter in network.parameters())
    up = sum(held[path].total for path in held if is_transposed(modules[path]))
    yield from compared_totals(model, total, up, total)


FORMS: dict[str, Callable[[Any, Any], Iterator[str]]] = {
    "as a print": _printed,
    "as the snippet's JSON": _snippet,
}


if __name__ == "__main__":
    sys.exit(summed_up(check()))
