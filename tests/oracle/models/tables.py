"""Tables of torchinfo, torchsummary, pytorch_model_summary, modelsummary and fastai, of small networks."""

import contextlib
import importlib
import io
import random
from collections.abc import Iterator
from typing import Any

from tests.helpers.real_models import RealModel
from tests.oracle.models.torch_counts import counts_of
from tests.oracle.models.torch_small import small_networks
from tests.oracle.vision import name_operators

LIBRARIES = ("torch", "torchinfo", "torchsummary", "pytorch-model-summary", "modelsummary", "fastai")

COLUMNS = (
    *("input_size", "output_size", "num_params", "params_percent", "kernel_size", "mult_adds"),
    "trainable",
)
ROWS = ("depth", "var_names", "ascii_only", "hide_recursive_layers")
ORDERS = 12
"""How many orders of the columns each network is printed with."""

NEEDS_INPUT = frozenset({"input_size", "output_size", "mult_adds"})


def models() -> Iterator[RealModel]:
    """Yield a table of each tool for each network."""
    torch = importlib.import_module("torch")
    draw = random.Random(5)
    for name, network in small_networks(torch).items():
        yield from _torchinfo(torch, draw, name, network)
        yield from other_tables(torch, name, network, network.example)


def _torchinfo(torch: Any, draw: random.Random, name: str, network: Any) -> Iterator[RealModel]:
    yield torchinfo_table(f"{name}, as it comes", network, input_size=network.example)
    yield torchinfo_table(f"{name}, no input", network)
    for number in range(ORDERS):
        columns = draw.sample(COLUMNS, draw.randint(1, len(COLUMNS)))
        rows = draw.sample(ROWS, draw.randrange(len(ROWS)))
        settings = {"col_names": columns, "row_settings": rows, "depth": draw.randint(1, 5)}
        settings["col_width"] = draw.choice((12, 16, 25, 40))
        settings["verbose"] = draw.choice((0, 0, 2))
        if draw.random() < 0.7:
            settings["input_size"] = network.example
        elif not NEEDS_INPUT.isdisjoint(columns):
            settings["col_names"] = [column for column in columns if column not in NEEDS_INPUT] or [
                "num_params"
            ]
        yield torchinfo_table(f"{name}, {number}", network, kept=number < 6, **settings)


def torchinfo_table(name: str, network: Any, *, kept: bool = True, **settings: Any) -> RealModel:
    """Return the table of torchinfo, which counts a weight that two layers share in each of them."""
    torchinfo = importlib.import_module("torchinfo")
    loud = settings.pop("verbose", 0)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        found = torchinfo.summary(network, verbose=loud, **settings)
    text = out.getvalue() if loud == 2 else str(found)
    title = f"torchinfo, {name}, {settings}"
    if "num_params" not in settings.get("col_names", ["num_params"]):
        return RealModel(title, text, refused="no column Param #", kept=kept)
    counts = counts_of(network)
    says = ("share parameters",) if found.total_params != counts["total"] else ()
    return RealModel(
        title, text, found.total_params, counts["transposed"], found.trainable_params, says=says, kept=kept
    )


def other_tables(
    torch: Any, name: str, network: Any, example: tuple[int, ...], kept: bool = True
) -> Iterator[RealModel]:
    """Yield the tables of the other tools, which count only what the tool counts."""
    for tool, text in _texts(torch, network, example):
        yield from _told(f"{tool}, {name}", text, network, kept)


def _told(title: str, text: str, network: Any, kept: bool) -> Iterator[RealModel]:
    """Yield the table, with the total that its tool prints and the words that tell of the rest."""
    counts, printed = counts_of(network), _printed(text, "Total params")
    if printed is None:
        return
    if printed == counts["total"]:
        trained = _printed(text, "Total trainable params") or _printed(text, "Trainable params")
        yield RealModel(title, text, **counts, trained=trained, kept=kept)
    else:  # The tool counts a layer twice, or not at all.
        yield RealModel(title, text, printed, None, says=("not in the table",), kept=kept)


def _printed(text: str, title: str) -> int | None:
    """Return the number of a total in the text."""
    for line in text.splitlines():
        begin, _, number = line.partition(":")
        if begin.strip().lower() == title.lower():
            return int(number.replace(",", ""))
    return None


def _texts(torch: Any, network: Any, example: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """Yield (tool and settings, text) of each tool that takes the network."""
    given = torch.zeros(example)
    with contextlib.suppress(Exception):  # torchsummary takes no recurrent layer, and no table has one.
        with contextlib.redirect_stdout(io.StringIO()) as out:
            importlib.import_module("torchsummary").summary(network, example[1:], device="cpu")
        yield "torchsummary", out.getvalue()
    for module in ("pytorch_model_summary", "modelsummary"):
        for settings in ({}, {"show_input": True}, {"max_depth": 3, "show_parent_layers": True}):
            if module == "modelsummary" and "max_depth" in settings:
                settings = {"show_input": False}
            with contextlib.suppress(Exception):
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    found = importlib.import_module(module).summary(network, given, **settings)
                yield f"{module} {settings}", f"{found}\n" if found else out.getvalue()
    with contextlib.suppress(Exception):
        yield "fastai", _fastai(torch, network, given)


def _fastai(torch: Any, network: Any, given: Any) -> str:
    """Return what ``learn.summary()`` gives."""
    name_operators()
    importlib.import_module("fastai.callback.hook")
    loaders = importlib.import_module("fastai.data.core").DataLoaders
    pairs = [(given[0], torch.zeros(1))] * 4
    learner = importlib.import_module("fastai.learner").Learner(
        loaders.from_dsets(pairs, pairs, bs=2, device="cpu"), network, loss_func=torch.nn.MSELoss()
    )
    return str(learner.summary())
