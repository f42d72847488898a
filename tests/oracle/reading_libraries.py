"""Networks of MONAI and torchvision, read in every format and compared with PyTorch's own counts.

Run it by hand: ``python -m tests.oracle.reading_libraries``. PyTorch is imported only when it is needed.
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
from itertools import islice
from typing import Any

from calculator.readers import Model, Row, read
from calculator.readers.pytorch.snippet import SNIPPET
from tests.oracle.framework_counts import (
    compare_layers,
    compare_rows,
    compare_totals,
    is_transposed,
    layer_of_module,
    modules_of,
    print_summary,
)
from tests.oracle.libraries import exported_networks, library_networks
from tests.oracle.reading_tensors import tensors_as_files
from tests.oracle.reading_torch import one_by_one

UNCOUNTED = re.compile(r"any that (.*?)(?: and ([\d,]+) other class(?:es)?)? may have are not counted")

WITH_PARAMETERS = frozenset({"PositionalEncoding"})
"""Classes of these libraries with parameters but no layers, which a print does not show."""

INFERRED = 0.72
"""The smallest share of transposed layers that must be inferred from a file of tensors, without classes."""


def check(share: int = 1) -> Iterator[str]:
    """Yield every comparison of 1 in ``share`` networks: an empty text, or the difference."""
    torch = importlib.import_module("torch")
    inferred, there = Counter[str](), 0
    forms = FORMS | {"as a file": partial(tensors_as_files, inferred=inferred)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, build in islice(library_networks().items(), 0, None, share):
            network = _built(torch, build)
            _freeze(network, random.Random(name))
            for title, form in forms.items():
                for problem in form(torch, network):
                    yield f"{name} {title}: {problem}" if problem else ""
            there += sum(map(is_transposed, network.modules()))
        for name, (build, shape) in islice(exported_networks().items(), 0, None, share):
            for problem in _exported(torch, build().train(), shape):
                yield f"{name} as ONNX: {problem}" if problem else ""
    for title, found in inferred.items():
        failure = f"{title}: {found} of {there} transposed layers were inferred"
        yield "" if found >= INFERRED * there else failure


def _built(torch: Any, build: Callable[[], Any]) -> Any:
    """Return the network without values, or with values where its own code needs some."""
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
    """Yield comparisons of a print, whose assumptions must name the classes that may have more parameters."""
    model = one_by_one(read(repr(network)))
    modules = {path or "(model)": module for path, module in modules_of(network).items()}
    layers = {path: own for path, module in modules.items() if (own := layer_of_module(module)).total}
    unknown = {row.name: row for row in model.unknown}
    known = {row.name for row in model.rows if row.known}
    bare = {path for path in layers if path not in known and path not in unknown}
    hidden = bare | (layers.keys() & unknown.keys())
    yield from compare_rows(
        Model(tuple(row for row in model.rows if row.known), model.format),
        {path: own for path, own in layers.items() if path not in hidden},
        trained=False,
    )
    yield from compare_layers(model, modules)
    yield from _hidden(unknown, bare, modules)
    yield from _uncounted(model, modules, bare)
    total, missing = (sum(layers[path].total for path in paths) for paths in (layers, hidden))
    up = sum(own.total for path, own in layers.items() if is_transposed(modules[path]))
    yield from compare_totals(model, total - missing, up, total - missing)
    shared = total - sum(parameter.numel() for parameter in network.parameters())
    reported = any("layers share: they are counted in each" in sentence for sentence in model.assumptions)
    yield f"{shared} are counted twice, and this is not reported" if shared and not reported else ""


def _hidden(unknown: Mapping[str, Row], bare: set[str], modules: Mapping[str, Any]) -> Iterator[str]:
    """Yield comparisons of rows without counts and missing rows, which must be the library's own classes."""
    for path, row in unknown.items():
        module = modules.get(path)
        if module is None:
            yield f"{path} is not a module, read as {row}"
            continue
        kind = type(module)
        theirs = not kind.__module__.startswith("torch.nn") and row.type == kind.__name__
        without_counts = row.note and not row.parameter_count
        own = layer_of_module(module).total
        # A module with layers is one more row only where it has parameters besides them.
        expected = own if list(module.children()) else kind.__name__ in WITH_PARAMETERS or not own
        yield "" if theirs and without_counts and expected else f"{path} is {kind}, read as {row}"
    for path in bare:
        kind = type(modules[path])
        theirs = not kind.__module__.startswith("torch.nn")
        yield "" if theirs and list(modules[path].children()) else f"{path} is {kind}, and is not there"


def _uncounted(model: Model, modules: Mapping[str, Any], bare: set[str]) -> Iterator[str]:
    """Yield comparisons of the sentence about classes that may have parameters of their own."""
    found = [match for sentence in model.assumptions if (match := UNCOUNTED.search(sentence))]
    names = re.split(", | and ", found[0][1]) if found else []
    others = int((found[0][2] or "0").replace(",", "")) if found else 0
    holders = {
        type(module).__name__
        for module in modules.values()
        if list(module.children()) and not type(module).__module__.startswith("torch.nn")
    } - {row.type for row in model.unknown}  # These have a row, which says it.
    yield "" if len(names) + others == len(holders) else f"{names} and {others} others, really {holders}"
    yield "" if set(names) <= holders else f"{names} are not all among {holders}"
    yield "" if not bare or found else f"{bare} have parameters, and this is not reported"


def _snippet(torch: Any, network: Any) -> Iterator[str]:
    """Yield comparisons of the snippet's JSON, which has each parameter at its first use."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(SNIPPET, {"model": network})
    model = read(printed.getvalue())
    seen: set[int] = set()
    modules = dict(network.named_modules())
    layers = {path: own for path, module in modules.items() if (own := layer_of_module(module, seen)).total}
    yield from compare_rows(model, layers)
    yield from compare_layers(model, modules)
    parameters = list(network.parameters())
    yield from compare_totals(
        model,
        sum(parameter.numel() for parameter in parameters),
        sum(layers[path].total for path in layers if is_transposed(modules[path])),
        sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
    )


def _exported(torch: Any, network: Any, shape: tuple[int, ...]) -> Iterator[str]:
    """Yield comparisons of an exported graph, which has every layer with its path, in the order of use."""
    file = io.BytesIO()
    keep = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False, "dynamo": False}
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(network, (torch.zeros(shape),), file, **keep)
    model = read(file.getvalue())
    modules = dict(network.named_modules())
    layers = {path: own for path, module in modules.items() if (own := layer_of_module(module)).total}
    yield from compare_rows(model, layers, ordered=False, typed=False)
    for row in model.rows:
        yield "" if row.transposed == is_transposed(modules.get(row.name)) else f"{row} in {modules}"
    total = sum(parameter.numel() for parameter in network.parameters())
    up = sum(layers[path].total for path in layers if is_transposed(modules[path]))
    yield from compare_totals(model, total, up, total)


FORMS: dict[str, Callable[[Any, Any], Iterator[str]]] = {
    "as a print": _printed,
    "as the snippet's JSON": _snippet,
}


if __name__ == "__main__":
    sys.exit(print_summary(check()))
