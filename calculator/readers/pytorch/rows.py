"""The row of one PyTorch layer, from its class and its arguments."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.readers.model import Row, Shape
from calculator.readers.pytorch.argument_values import Unparsed
from calculator.readers.pytorch.class_names import (
    CONTAINERS,
    LAZY,
    LONGER_SIGNATURES,
    PARAMETER_FREE,
    PARAMETRISATIONS,
    SIGNATURES,
    TRANSPOSED,
    base_class,
    inferred_class,
    is_known_class,
    is_perhaps_transposed,
)
from calculator.readers.pytorch.layer_rules import RULES, LayerArguments, Parameter, UnclearError

Parametrised = Sequence[tuple[str, str]]
"""Pairs of a parameter's name and the class that computes the parameter."""


def layer_row(
    name: str,
    kind: str,
    positional: Sequence[object] = (),
    keywords: Mapping[str, object] | None = None,
    parametrised: Parametrised = (),
) -> Row | None:
    """Return the row of a layer of the class ``kind``, or ``None`` for a layer without parameters.

    The row of a class whose parameters are unknown is not ``known``, and its note gives the reason. A class
    of another library can be taken for one of ``torch.nn``, which the note says. Raises ``ReadError`` for a
    count above 10^18.

    >>> layer_row("up", "ConvTranspose2d", (64, 32), {"kernel_size": (4, 4)}).parameter_count
    32800
    >>> layer_row("act", "ReLU") is None, layer_row("own", "MyLayer").known
    (True, False)
    """
    base = base_class(kind)
    transposed = "ConvTranspose" in kind
    if base in PARAMETER_FREE or (base in CONTAINERS and not positional):
        return None
    if not is_known_class(kind) and (inferred := inferred_class(kind, positional, keywords or {})):
        row = layer_row(name, inferred, positional, keywords, parametrised)
        note = f"Inferred to be nn.{inferred} from its name and arguments."
        return row and replace(
            row,
            type=kind,
            note=" ".join(filter(None, (note, row.note))),
            undecided=row.known and is_perhaps_transposed(kind, inferred),
        )
    try:
        arguments = _name_arguments(base, positional, keywords or {})
        if base in LAZY and not arguments.boolean("affine", True):
            return None
        parameters = _add_magnitudes(_parameters_of(kind, arguments, positional), parametrised)
    except UnclearError as error:
        return Row(name, kind, note=str(error), known=False, transposed=transposed)
    if not any(parameter.count for parameter in parameters):
        return None
    return _row(name, kind, parameters, arguments)


def _name_arguments(
    base: str, positional: Sequence[object], keywords: Mapping[str, object]
) -> LayerArguments:
    """Return all arguments by name. Raises ``UnclearError`` for too many, and for one given twice."""
    names = SIGNATURES.get(base, ())
    if base in RULES and len(positional) > len(names) and base not in LONGER_SIGNATURES:
        raise UnclearError(f"It has more arguments than {base} takes.")
    values = dict(zip(names, positional, strict=False))
    duplicate = next((name for name in values if name in keywords), None)
    if duplicate is not None:
        raise UnclearError(f"{duplicate} is given twice.")
    return LayerArguments({**values, **keywords})


def _parameters_of(kind: str, arguments: LayerArguments, positional: Sequence[object]) -> list[Parameter]:
    """Return the parameters of a layer.

    Raises ``UnclearError`` for a class without a rule, and for an argument that cannot be read.
    """
    base = base_class(kind)
    if base in LAZY:
        raise UnclearError("A lazy layer has no size before it has seen an input.")
    if base in CONTAINERS:
        raise UnclearError("Its layers are written as code, which is not run.")
    if base not in RULES:
        raise UnclearError(f"{kind} is not a class of torch.nn, so its parameters are unknown.")
    parameters = list(RULES[base](arguments))
    unread = next((value for value in positional if isinstance(value, Unparsed)), None)
    if unread is not None:
        raise UnclearError(f"Its argument {short_repr(str(unread))} cannot be read.")
    return parameters


def _add_magnitudes(parameters: list[Parameter], parametrised: Parametrised) -> list[Parameter]:
    """Return the parameters with the magnitudes of weight norm: one for each slice along the first axis."""
    magnitudes = []
    for name, kind in parametrised:
        if kind not in PARAMETRISATIONS:
            raise UnclearError(f"Its {name} is computed by {kind}, so its parameters are unknown.")
        parameter = _find_parameter(parameters, name)
        if kind == "_WeightNorm":
            magnitudes.append(Parameter(f"magnitude_{name}", parameter.shape[:1]))
    return parameters + magnitudes


def _find_parameter(parameters: Sequence[Parameter], name: str) -> Parameter:
    """Return the parameter ``name``, or the equal parameters of a recurrent layer that include it."""
    stem = name.removesuffix("_reverse")
    # The rule of recurrent layers has one entry, weight_hh_l, for weight_hh_l3_reverse and all its equals.
    for candidate in (stem, stem.rstrip("0123456789")):
        for parameter in parameters:
            if parameter.name == candidate:
                return parameter
    raise UnclearError(f"{name} is parametrised, but this layer has no parameter of that name.")


def _row(name: str, kind: str, parameters: Sequence[Parameter], arguments: LayerArguments) -> Row:
    """Return the row of a layer, including the transposed convolution where its settings are possible."""
    weights = [parameter for parameter in parameters if parameter.name.startswith("weight")]
    only_weight = weights[0] if len(weights) == 1 and weights[0].copies == 1 else None
    magnitudes = _total(parameters, "magnitude")
    notes = [f"Weight norm adds {magnitudes:,} magnitudes to the weight."] if magnitudes else []
    layer = None
    transposed = base_class(kind) in TRANSPOSED
    if transposed:
        try:
            layer = conv_transpose(base_class(kind), arguments)
        except (LayerError, UnclearError) as error:
            notes.append(f"It cannot be opened in the calculator: {error}")
    return Row(
        name,
        kind,
        only_weight.shape if only_weight else None,
        weight_count=_total(parameters, "weight"),
        bias_count=_total(parameters, "bias"),
        other_count=magnitudes,
        note=" ".join(notes),
        layer=layer,
        transposed=transposed,
        groups=arguments.integer("groups", 1) if _CONVOLUTION.fullmatch(base_class(kind)) else None,
    )


_CONVOLUTION = re.compile(r"Conv(?:Transpose)?[123]d")


def _total(parameters: Sequence[Parameter], prefix: str) -> int:
    return sum(parameter.count for parameter in parameters if parameter.name.startswith(prefix))


def conv_transpose(base: str, arguments: LayerArguments) -> ConvTranspose:
    """Return the layer of a class such as ``ConvTranspose2d``.

    Raises ``LayerError`` for impossible settings and ``UnclearError`` for arguments of the wrong type.
    """
    rank = int(base[-2])  # The digit in a name such as ConvTranspose2d.
    return ConvTranspose(
        in_channels=arguments.integer("in_channels"),
        out_channels=arguments.integer("out_channels"),
        kernel_size=arguments.per_axis("kernel_size", rank),
        stride=arguments.per_axis("stride", rank, 1),
        padding=arguments.per_axis("padding", rank, 0),
        output_padding=arguments.per_axis("output_padding", rank, 0),
        dilation=arguments.per_axis("dilation", rank, 1),
        groups=arguments.integer("groups", 1),
        bias=arguments.boolean("bias", True),
    )


def list_row(name: str, kind: str, shapes: Sequence[Shape]) -> Row | None:
    """Return the row of a ``ParameterList`` or ``ParameterDict``, whose print contains every shape.

    >>> list_row("scales", "ParameterList", [(3, 4), (5,)]).other_count
    17
    """
    count = sum(Parameter("other", shape).count for shape in shapes)
    if not count:
        return None
    note = f"{len(shapes):,} parameters that are neither named weights nor biases."
    return Row(name, kind, shapes[0] if len(shapes) == 1 else None, other_count=count, note=note)


def attention_row(name: str, kind: str, out_proj: Mapping[str, object]) -> Row | None:
    """Return the row of the projections of query, key and value of ``MultiheadAttention``.

    ``out_proj`` are the keyword arguments of the output projection, the only layer that the class prints.

    >>> attention_row("attention", "MultiheadAttention", {"in_features": 512, "bias": True}).parameter_count
    787968
    """
    arguments = LayerArguments(out_proj)
    try:
        embed_dim, bias = arguments.integer("in_features"), arguments.boolean("bias", True)
    except UnclearError as error:
        return Row(name, kind, note=f"In its out_proj, {error}", known=False)
    weight = Parameter("weight", (3 * embed_dim, embed_dim))
    if not embed_dim:
        return None
    note = "The projections of query, key and value are taken to be equally wide."
    return Row(name, kind, weight.shape, weight.count, 3 * embed_dim if bias else 0, note=note)
