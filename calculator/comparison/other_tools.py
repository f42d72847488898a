"""The numbers that other tools print for the multiply–accumulates of a layer, and whether they are right.

Each rule follows the tool's source code. ``tests/oracle/tools.py`` compares the rules with the numbers that
the installed tools return for random layers. Every tool that counts by input also counts the products that
``padding`` crops, as ``ConvTranspose.multiply_accumulates`` does. Sources:
https://github.com/TylerYep/torchinfo, https://github.com/Lyken17/pytorch-OpCounter,
https://github.com/MrYxJ/calculate-flops.pytorch, https://github.com/sovrasov/flops-counter.pytorch,
https://github.com/deepspeedai/DeepSpeed (its flops profiler), https://github.com/Swall0w/torchstat,
https://github.com/facebookresearch/fvcore/blob/main/docs/flop_count.md and
https://github.com/pytorch/pytorch/blob/main/torch/utils/flop_counter.py.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.formatting import format_count, format_product, plural
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial


@dataclass(frozen=True)
class Printed:
    """The number that one tool prints for one layer and one sample.

    ``call`` is the code that returns ``value``, in the tool's own ``unit``; ``value`` is ``None`` if the tool
    raises an error. ``multiply_accumulates`` is ``value`` converted by the tool's own convention. ``right``
    is whether that is the number of products, plus the number of added biases if the tool counts these.
    ``rule`` is the formula in letters, ``numbers`` the formula with the numbers of this layer. ``verdict``
    is a sentence about the difference.
    """

    tool: str
    version: str
    call: str
    value: int | None
    unit: str
    multiply_accumulates: int | None
    right: bool
    rule: str
    numbers: str
    verdict: str


@dataclass(frozen=True)
class _Work:
    """A layer at one input size, with its output size and its exact number of products."""

    layer: ConvTranspose
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    products: int

    @property
    def bias_additions(self) -> int:
        """The additions of biases: one for every output value, 0 without bias."""
        return self.layer.bias_count * math.prod(self.outputs)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample: (in, *input)."""
        return (self.layer.in_channels, *self.inputs)


def printed(layer: ConvTranspose, input_size: Spatial) -> tuple[Printed, ...]:
    """Return the number of each tool for ``layer`` and one sample of ``input_size``.

    The order is that of ``TOOLS``. Raises ``LayerError`` for a layer without an output. An output of size 0
    is accepted, although only some backends of PyTorch compute it.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1, groups=4)
    >>> for tool in printed(layer, 16):
    ...     print(tool.tool, tool.value, tool.unit, tool.right)
    torchinfo 8421376 mult-adds False
    thop 8388608 MACs False
    calflops 524288 MACs False
    ptflops 2129920 MACs True
    DeepSpeed 2097152 MACs True
    torchstat 4194304 MAdd True
    fvcore 2097152 FLOPs True
    PyTorch 4194304 FLOPs True
    >>> printed(layer, 16)[2].numbers
    '64 × ⌊32 ÷ 4 ÷ 4⌋ × 4 × 4 × 16 × 16'
    >>> printed(layer, 16)[2].verdict
    'Wrong: it divides by groups twice, which gives 4 times too few.'
    """
    outputs = layer.output_size(input_size)
    work = _Work(layer, layer.input_axes(input_size), outputs, layer.multiply_accumulates(input_size))
    rules = (_torchinfo, _thop, _calflops, _ptflops, _deepspeed, _torchstat, _fvcore, _pytorch)
    return tuple(rule(work) for rule in rules)


TOOLS = {
    "torchinfo": ("1.8.0", "mult-adds", "(in · out / groups · ∏ kernel + biases) · ∏ output"),
    "thop": ("0.1.1", "MACs", "out · in / groups · ∏ kernel · ∏ output"),
    "calflops": ("0.3.2", "MACs", "in · ⌊out / groups / groups⌋ · ∏ kernel · ∏ input"),
    "ptflops": ("0.7.5", "MACs", "in · out / groups · ∏ kernel · ∏ input + biases · ∏ output"),
    "DeepSpeed": ("0.19.8", "MACs", "in · out / groups · ∏ kernel · ∏ input"),
    "torchstat": ("0.0.7", "MAdd", "out · ∏ input · (2 · in / groups · ∏ kernel − 1 + bias), 2-D only"),
    "fvcore": ("0.1.5", "FLOPs", "in · out / groups · ∏ kernel · ∏ input"),
    "PyTorch": ("2.13.0", "FLOPs", "2 · in · out / groups · ∏ kernel · ∏ input"),
}
"""The version, the unit and the rule of each tool."""


def _printed(
    tool: str,
    call: str,
    value: int | None,
    *,
    right: bool,
    numbers: str,
    verdict: str,
    each: int = 1,
    macs: int | None = None,
) -> Printed:
    """Return the number of ``tool``, which counts ``each`` for one multiply–accumulate.

    ``macs`` are the multiply–accumulates where no such number makes them of ``value``.
    """
    version, unit, rule = TOOLS[tool]
    macs = None if value is None else macs or value // each
    return Printed(tool, version, call, value, unit, macs, right, rule, numbers, verdict)


def _torchinfo(work: _Work) -> Printed:
    """Return the number of torchinfo, which multiplies weights and biases by the output positions."""
    layer = work.layer
    value = layer.parameter_count * math.prod(work.outputs)
    return _printed(
        "torchinfo",
        f"torchinfo.summary(layer, input_size={(1, *work.shape)}).total_mult_adds",
        value,
        right=value in (work.products, work.products + work.bias_additions),
        numbers=(
            f"({format_count(layer.weight_count)} + {format_count(layer.bias_count)}) "
            f"× {format_product(work.outputs)}"
        ),
        verdict=_by_output(work, value) + _biases_counted(work),
    )


def _thop(work: _Work) -> Printed:
    """Return the number of thop, which multiplies the weights by the output positions."""
    layer = work.layer
    exact = layer.weight_count * math.prod(work.outputs)
    # thop adds its count to a tensor of 64-bit floats, and PyTorch refuses an integer of more than 64 bits.
    value = int(float(exact)) if exact < 2**64 else None
    refusal = "Refuses this layer with an error: its count does not fit in 64 bits."
    return _printed(
        "thop",
        f"thop.profile(layer, inputs=({_zeros_code(work)},))[0]",
        value,
        right=value == exact == work.products,
        numbers=f"{format_count(layer.out_channels)} × {format_count(layer.in_channels)} "
        f"÷ {format_count(layer.groups)} × "
        f"{format_product(layer.kernel_size)} × {format_product(work.outputs)}",
        verdict=refusal if value is None else _rounded(_by_output(work, exact), value, exact),
    )


def _calflops(work: _Work) -> Printed:
    """Return the number of calflops, which divides by the groups twice."""
    layer = work.layer
    filters = layer.out_channels // layer.groups // layer.groups
    value = layer.in_channels * filters * layer.kernel_volume * math.prod(work.inputs)
    if layer.groups == 1:
        verdict = "Right: it counts every product once." + _biases_not_counted(work)
    else:
        exact = filters * layer.groups**2 == layer.out_channels
        verdict = f"Wrong: it divides by groups twice{'' if exact else ' and rounds down'}, "
        verdict += f"which gives {_off(value, work.products) if value else 0}."
    return _printed(
        "calflops",
        f"calflops.calculate_flops(layer, input_shape={(1, *work.shape)}, "
        "output_as_string=False, print_results=False)[1]",
        value,
        right=value == work.products,
        numbers=f"{format_count(layer.in_channels)} × ⌊{format_count(layer.out_channels)} "
        f"÷ {format_count(layer.groups)} ÷ "
        f"{format_count(layer.groups)}⌋ × {format_product(layer.kernel_size)} × "
        f"{format_product(work.inputs)}",
        verdict=verdict,
    )


def _ptflops(work: _Work) -> Printed:
    """Return the number of ptflops, which also counts the additions of biases."""
    exact = work.products + work.bias_additions
    value = int(float(exact))  # ptflops divides by the number of batches, 1, as floats.
    verdict = _rounded("Right: it counts every product once.", value, exact)
    return _printed(
        "ptflops",
        f"ptflops.get_model_complexity_info(layer, {work.shape}, as_strings=False, "
        "print_per_layer_stat=False)[0]",
        value,
        right=value == exact,
        numbers=(
            f"{_input_product(work)} + {format_count(work.layer.bias_count)} × {format_product(work.outputs)}"
        ),
        verdict=verdict + _biases_counted(work),
    )


def _deepspeed(work: _Work) -> Printed:
    """Return the number of DeepSpeed's profiler, which up to version 0.19.6 divided by the groups twice."""
    groups = " Up to version 0.19.6 it divided by groups twice." if work.layer.groups > 1 else ""
    return _printed(
        "DeepSpeed",
        "deepspeed.profiling.flops_profiler.get_model_profile("
        f"layer, input_shape={(1, *work.shape)}, print_profile=False, as_string=False)[1]",
        work.products,
        right=True,
        numbers=_input_product(work),
        verdict="Right: it counts every product once." + groups + _biases_not_counted(work),
    )


def _torchstat(work: _Work) -> Printed:
    """Return the number of torchstat, which counts multiplications and additions at the input positions.

    Its own report stops with an error under pandas 2 and later, so the call takes the number before that.
    """
    layer = work.layer
    positions = layer.out_channels * math.prod(work.inputs)
    value = 2 * work.products - (0 if layer.bias else positions)
    fits = layer.rank == 2 and value < 2**63
    if layer.rank != 2:
        verdict = "Refuses this layer with an error: it knows only 2-D layers."
    elif not fits:
        verdict = "Refuses this layer with an error: its count does not fit in 63 bits."
    else:
        verdict = (
            "Right: for n products at an input position it counts n multiplications and "
            f"{'n' if layer.bias else 'n − 1'} additions. Its column Flops has 0 for this layer."
        )
    products = f"2 × {_input_product(work)}"
    return _printed(
        "torchstat",
        "sum(node.MAdd for node in torchstat.ModelStat("
        f"torch.nn.Sequential(layer), {work.shape})._analyze_model())",
        value if fits else None,
        right=fits,
        numbers=products
        if layer.bias
        else f"{products} − {format_count(layer.out_channels)} × {format_product(work.inputs)}",
        verdict=verdict,
        macs=work.products,
    )


def _fvcore(work: _Work) -> Printed:
    """Return the number of fvcore, which counts one FLOP for each multiply–accumulate."""
    return _printed(
        "fvcore",
        f"fvcore.nn.FlopCountAnalysis(layer, {_zeros_code(work)}).total()",
        work.products,
        right=True,
        numbers=_input_product(work),
        verdict="Right: it calls one multiply–accumulate one FLOP." + _biases_not_counted(work),
    )


def _pytorch(work: _Work) -> Printed:
    """Return the number of PyTorch's counter, which counts two FLOPs for each multiply–accumulate."""
    call = f"layer({_zeros_code(work)})\ncounter.get_total_flops()"
    return _printed(
        "PyTorch",
        f"with FlopCounterMode(display=False) as counter:\n    {call}",
        2 * work.products,
        right=True,
        numbers=f"2 × {_input_product(work)}",
        verdict="Right: it calls one multiply–accumulate two FLOPs." + _biases_not_counted(work),
        each=2,
    )


def _by_output(work: _Work, value: int) -> str:
    """Return the verdict on a tool that multiplies the weights by the output positions."""
    inputs, outputs = math.prod(work.inputs), math.prod(work.outputs)
    if inputs == outputs:
        return (
            "Right here, because the output has as many positions as the input. It multiplies by the output "
            "positions."
        )
    rule = f"it multiplies by {plural(outputs, 'output position')}, not by {plural(inputs, 'input position')}"
    if value == work.products:
        return f"Right here by chance: {rule}."
    return f"Wrong: {rule}, which gives {_off(outputs, inputs) if outputs else 0}."


def _off(printed_count: int, exact: int) -> str:
    """Return how far a positive count is from the right count, in words.

    >>> _off(4096, 1024), _off(250, 1000), _off(1089, 1024), _off(10, 3)
    ('4 times too many', '4 times too few', '6.3 % too many', 'about 3.33 times too many')
    """
    ratio = max(Fraction(printed_count, exact), Fraction(exact, printed_count))
    end = "too many" if printed_count > exact else "too few"
    if ratio.denominator == 1:
        return f"{format_count(int(ratio))} times {end}"
    if ratio < 2:
        share = f"{100 * abs(printed_count - exact) / exact:.1f}".removesuffix(".0")
        return f"{share} % {end}" if share != "0" else f"less than 0.1 % {end}"
    short = format_count(round(ratio)) if ratio >= 100 else f"{float(ratio):.3g}"
    return f"{short if Fraction(short.replace(',', '')) == ratio else f'about {short}'} times {end}"


def _rounded(verdict: str, value: int, exact: int) -> str:
    """Return ``verdict`` on the count ``exact``; if the tool rounds it to ``value``, the verdict on that."""
    if value == exact:
        return verdict
    rounding = f"it stores the count as a 64-bit float, off by {format_count(abs(value - exact))}."
    return f"{verdict} And {rounding}" if verdict.startswith("Wrong") else f"Wrong: {rounding}"


def _biases_counted(work: _Work) -> str:
    return f" It also counts {plural(work.bias_additions, 'addition')} of a bias." if work.layer.bias else ""


def _biases_not_counted(work: _Work) -> str:
    return " Adding the biases is not counted." if work.layer.bias else ""


def _input_product(work: _Work) -> str:
    return f"{format_count(work.layer.weight_count)} × {format_product(work.inputs)}"


def _zeros_code(work: _Work) -> str:
    return f"torch.zeros{(1, *work.shape)}"
