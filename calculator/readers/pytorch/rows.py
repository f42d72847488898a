"""The row of one PyTorch layer, from its class and its arguments."""

from collections.abc import Mapping, Sequence

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.readers.model import Row
from calculator.readers.pytorch.class_names import (
    CONTAINERS,
    LAZY,
    MORE,
    PARAMETRISATIONS,
    SIGNATURES,
    TRANSPOSED,
    WITHOUT,
    base_class,
)
from calculator.readers.pytorch.layer_rules import RULES, Settings, Tensor, UnclearError

Parametrised = Sequence[tuple[str, str]]
"""Pairs of a parameter's name and the class that computes it."""


def layer_row(
    name: str,
    kind: str,
    unnamed: Sequence[object] = (),
    named: Mapping[str, object] | None = None,
    parametrised: Parametrised = (),
) -> Row | None:
    """Return the row of a layer, ``None`` when it holds no parameters.

    A class whose parameters are not known gets a row that is not ``known``. Raises ``ReadError`` for
    a count above 10^18.

    >>> layer_row("up", "ConvTranspose2d", (64, 32), {"kernel_size": (4, 4)}).parameter_count
    32800
    >>> layer_row("act", "ReLU") is None, layer_row("own", "MyLayer").known
    (True, False)
    """
    base = base_class(kind)
    transposed = "ConvTranspose" in kind
    if base in WITHOUT or (base in CONTAINERS and not unnamed):
        return None
    try:
        given = _settings(base, unnamed, named or {})
        if base in LAZY and not given.switch("affine", True):
            return None
        held = _parametrised(list(_held(kind, given)), parametrised)
    except UnclearError as error:
        return Row(name, kind, note=str(error), known=False, transposed=transposed)
    if not any(tensor.count for tensor in held):
        return None
    return _row(name, kind, held, given)


def _settings(base: str, unnamed: Sequence[object], named: Mapping[str, object]) -> Settings:
    """Give every argument its name."""
    names = SIGNATURES.get(base, ())
    if base in RULES and len(unnamed) > len(names) and base not in MORE:
        raise UnclearError(f"It has more arguments than {base} takes.")
    values = dict(zip(names, unnamed, strict=False))
    twice = next((name for name in values if name in named), None)
    if twice is not None:
        raise UnclearError(f"{twice} is given twice.")
    return Settings({**values, **named})


def _held(kind: str, given: Settings) -> list[Tensor]:
    base = base_class(kind)
    if base in LAZY:
        raise UnclearError("A lazy layer has no size before it has seen an input.")
    if base in CONTAINERS:
        raise UnclearError("What it holds is written as code, which is not run.")
    if base not in RULES:
        raise UnclearError(f"{kind} is not a class of torch.nn, so what it holds is not known.")
    return list(RULES[base](given))


def _parametrised(held: list[Tensor], parametrised: Parametrised) -> list[Tensor]:
    """Add the magnitudes of weight norm: one for each slice of the tensor along its first axis."""
    added = []
    for name, kind in parametrised:
        if kind not in PARAMETRISATIONS:
            raise UnclearError(f"Its {name} is computed by {kind}, so what it holds is not known.")
        tensor = _named(held, name)
        if kind == "_WeightNorm":
            added.append(Tensor(f"magnitude_{name}", tensor.shape[:1]))
    return held + added


def _named(held: Sequence[Tensor], name: str) -> Tensor:
    """Return a parameter; of a recurrent layer ``weight_hh_l3_reverse`` is one of many of a shape."""
    stem = name.removesuffix("_reverse")
    for wanted in (stem, stem.rstrip("0123456789")):
        for tensor in held:
            if tensor.name == wanted:
                return tensor
    raise UnclearError(f"Its {name} is parametrised, which it does not have.")


def _row(name: str, kind: str, held: Sequence[Tensor], given: Settings) -> Row:
    weights = [tensor for tensor in held if tensor.name.startswith("weight")]
    only = weights[0] if len(weights) == 1 and weights[0].copies == 1 else None
    magnitudes = _total(held, "magnitude")
    notes = [f"Weight norm keeps {magnitudes:,} magnitudes besides the weight."] if magnitudes else []
    layer = None
    if base_class(kind) in TRANSPOSED:
        try:
            layer = transposed_layer(base_class(kind), given)
        except (LayerError, UnclearError) as error:
            notes.append(f"It cannot be opened in the calculator: {error}")
    return Row(
        name,
        kind,
        only.shape if only else None,
        weight_count=_total(held, "weight"),
        bias_count=_total(held, "bias"),
        other_count=magnitudes,
        note=" ".join(notes),
        layer=layer,
        transposed=base_class(kind) in TRANSPOSED,
    )


def _total(held: Sequence[Tensor], stem: str) -> int:
    return sum(tensor.count for tensor in held if tensor.name.startswith(stem))


def transposed_layer(base: str, given: Settings) -> ConvTranspose:
    """Return the layer that the calculator knows; raises ``LayerError`` for one that cannot be."""
    rank = int(base[-2])
    return ConvTranspose(
        in_channels=given.whole("in_channels"),
        out_channels=given.whole("out_channels"),
        kernel_size=given.axes("kernel_size", rank),
        stride=given.axes("stride", rank, 1),
        padding=given.axes("padding", rank, 0),
        output_padding=given.axes("output_padding", rank, 0),
        dilation=given.axes("dilation", rank, 1),
        groups=given.whole("groups", 1),
        bias=given.switch("bias", True),
    )


def list_row(name: str, kind: str, shapes: Sequence[tuple[int, ...]]) -> Row | None:
    """Return the row of a ``ParameterList`` or ``ParameterDict``, whose print shows every shape.

    >>> list_row("scales", "ParameterList", [(3, 4), (5,)]).other_count
    17
    """
    count = sum(Tensor("other", shape).count for shape in shapes)
    if not count:
        return None
    note = f"{len(shapes):,} parameters that are neither named weights nor biases."
    return Row(name, kind, shapes[0] if len(shapes) == 1 else None, other_count=count, note=note)


def attention_row(name: str, kind: str, out_proj: Mapping[str, object]) -> Row | None:
    """Return what ``MultiheadAttention`` holds itself, the projections of query, key and value.

    ``out_proj`` are the arguments of the linear layer that it prints.

    >>> attention_row("attention", "MultiheadAttention", {"in_features": 512, "bias": True}).parameter_count
    787968
    """
    given = Settings(out_proj)
    try:
        width, bias = given.whole("in_features"), given.switch("bias", True)
    except UnclearError as error:
        return Row(name, kind, note=f"Of its out_proj, {error}", known=False)
    weight = Tensor("weight", (3 * width, width))
    if not width:
        return None
    note = "The projections of query, key and value, taken to be equally wide."
    return Row(name, kind, weight.shape, weight.count, 3 * width if bias else 0, note=note)
