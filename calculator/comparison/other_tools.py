"""What other tools print for a layer's multiply–accumulates, and who is right.

Each rule is what the tool's installed code does, held to what it truly returns for random layers by
``tests/oracle/tools.py``. Products that land in the border cropped by ``padding`` are counted by every
tool that counts by input, as ``ConvTranspose.multiply_accumulates`` does. Sources:
https://github.com/TylerYep/torchinfo, https://github.com/Lyken17/pytorch-OpCounter,
https://github.com/MrYxJ/calculate-flops.pytorch, https://github.com/sovrasov/flops-counter.pytorch,
https://github.com/facebookresearch/fvcore/blob/main/docs/flop_count.md and
https://github.com/pytorch/pytorch/blob/main/torch/utils/flop_counter.py.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial


@dataclass(frozen=True)
class Printed:
    """What one tool prints for one layer and one sample.

    ``call`` is the code that gives ``value``, in the tool's own ``unit``; ``value`` is ``None`` where
    the tool refuses. ``multiply_accumulates`` is ``value`` by the tool's own convention. ``right`` says
    that this is the number of products, or one more for every bias added where the tool counts those.
    ``rule`` has letters, ``numbers`` this layer's numbers.
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
    """A layer at one input size: its sizes, and the work that there really is."""

    layer: ConvTranspose
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    products: int

    @property
    def bias_additions(self) -> int:
        """One for every output value; 0 without bias."""
        return self.layer.bias_count * math.prod(self.outputs)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample: (in, *input)."""
        return (self.layer.in_channels, *self.inputs)


def printed(layer: ConvTranspose, input_size: Spatial) -> tuple[Printed, ...]:
    """Return what each tool prints for ``layer`` and one sample of ``input_size``.

    The order is torchinfo, thop, calflops, ptflops, fvcore, PyTorch. Raises ``LayerError`` as
    ``ConvTranspose.output_size`` does. PyTorch itself runs an output of size 0 only with some of its
    kernels; the numbers are those of a layer that it runs.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1, groups=4)
    >>> for tool in printed(layer, 16):
    ...     print(tool.tool, tool.value, tool.unit, tool.right)
    torchinfo 8421376 mult-adds False
    thop 8388608 MACs False
    calflops 524288 MACs False
    ptflops 2129920 MACs True
    fvcore 2097152 FLOPs True
    PyTorch 4194304 FLOPs True
    >>> printed(layer, 16)[2].numbers
    '64 × ⌊32 ÷ 4 ÷ 4⌋ × 4 × 4 × 16 × 16'
    >>> printed(layer, 16)[2].verdict
    'Wrong: it divides by groups twice, 4 times too few.'
    """
    outputs = layer.output_size(input_size)
    work = _Work(layer, layer.input_axes(input_size), outputs, layer.multiply_accumulates(input_size))
    return (_torchinfo(work), _thop(work), _calflops(work), _ptflops(work), _fvcore(work), _pytorch(work))


TOOLS = {
    "torchinfo": ("1.8.0", "mult-adds", "(in · out / groups · ∏ kernel + biases) · ∏ output"),
    "thop": ("0.1.1", "MACs", "out · in / groups · ∏ kernel · ∏ output"),
    "calflops": ("0.3.2", "MACs", "in · ⌊out / groups / groups⌋ · ∏ kernel · ∏ input"),
    "ptflops": ("0.7.5", "MACs", "in · out / groups · ∏ kernel · ∏ input + biases · ∏ output"),
    "fvcore": ("0.1.5", "FLOPs", "in · out / groups · ∏ kernel · ∏ input"),
    "PyTorch": ("2.13.0", "FLOPs", "2 · in · out / groups · ∏ kernel · ∏ input"),
}
"""Each tool's version, what it calls its unit, and its rule in letters."""


def _say(
    tool: str, call: str, value: int | None, *, right: bool, numbers: str, verdict: str, each: int = 1
) -> Printed:
    """Return what ``tool`` prints; ``each`` is what it counts for one multiply–accumulate."""
    version, unit, rule = TOOLS[tool]
    meant = None if value is None else value // each
    return Printed(tool, version, call, value, unit, meant, right, rule, numbers, verdict)


def _torchinfo(work: _Work) -> Printed:
    layer = work.layer
    value = layer.parameter_count * math.prod(work.outputs)
    return _say(
        "torchinfo",
        f"torchinfo.summary(layer, input_size={(1, *work.shape)}).total_mult_adds",
        value,
        right=value in (work.products, work.products + work.bias_additions),
        numbers=(
            f"({format_count(layer.weight_count)} + {format_count(layer.bias_count)}) "
            f"× {format_product(work.outputs)}"
        ),
        verdict=_by_output(work, value) + _added(work),
    )


def _thop(work: _Work) -> Printed:
    layer = work.layer
    exact = layer.weight_count * math.prod(work.outputs)
    # It adds a whole number to a tensor of 64-bit floats; PyTorch refuses one of more than 64 bits.
    value = int(float(exact)) if exact < 2**64 else None
    refusal = "Refuses this layer with an error: its count does not fit in 64 bits."
    return _say(
        "thop",
        f"thop.profile(layer, inputs=({_zeros(work)},))[0]",
        value,
        right=value == exact == work.products,
        numbers=f"{format_count(layer.out_channels)} × {format_count(layer.in_channels)} "
        f"÷ {format_count(layer.groups)} × "
        f"{format_product(layer.kernel_size)} × {format_product(work.outputs)}",
        verdict=refusal if value is None else _rounded(_by_output(work, exact), value, exact),
    )


def _calflops(work: _Work) -> Printed:
    layer = work.layer
    filters = layer.out_channels // layer.groups // layer.groups
    value = layer.in_channels * filters * layer.kernel_volume * math.prod(work.inputs)
    if layer.groups == 1:
        verdict = "Right: it counts every product once." + _not_added(work)
    else:
        exact = filters * layer.groups**2 == layer.out_channels
        verdict = f"Wrong: it divides by groups twice{'' if exact else ' and rounds down'}, "
        verdict += f"{_off(value, work.products)}." if value else "which leaves 0."
    return _say(
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
    exact = work.products + work.bias_additions
    value = int(float(exact))  # it divides by the number of batches, 1, as floats
    verdict = _rounded("Right: it counts every product once.", value, exact)
    return _say(
        "ptflops",
        f"ptflops.get_model_complexity_info(layer, {work.shape}, as_strings=False, "
        "print_per_layer_stat=False)[0]",
        value,
        right=value == exact,
        numbers=f"{_by_input(work)} + {format_count(work.layer.bias_count)} × {format_product(work.outputs)}",
        verdict=verdict + _added(work),
    )


def _fvcore(work: _Work) -> Printed:
    return _say(
        "fvcore",
        f"fvcore.nn.FlopCountAnalysis(layer, {_zeros(work)}).total()",
        work.products,
        right=True,
        numbers=_by_input(work),
        verdict="Right: it calls one multiply–accumulate one FLOP." + _not_added(work),
    )


def _pytorch(work: _Work) -> Printed:
    call = f"layer({_zeros(work)})\ncounter.get_total_flops()"
    return _say(
        "PyTorch",
        f"with FlopCounterMode(display=False) as counter:\n    {call}",
        2 * work.products,
        right=True,
        numbers=f"2 × {_by_input(work)}",
        verdict="Right: it calls one multiply–accumulate two FLOPs." + _not_added(work),
        each=2,
    )


def _by_output(work: _Work, value: int) -> str:
    """Return the verdict on a tool that multiplies the weights by the output positions."""
    inputs, outputs = math.prod(work.inputs), math.prod(work.outputs)
    if inputs == outputs:
        return "Right here, as the output has as many positions as the input: it multiplies by the output."
    said = (
        f"it multiplies by the output positions, {format_count(outputs)}, not by the "
        f"input's {format_count(inputs)}"
    )
    if value == work.products:
        return f"Right here by chance: {said}."
    return f"Wrong: {said}: {_off(outputs, inputs)}." if outputs else f"Wrong: {said}: it prints 0."


def _off(theirs: int, ours: int) -> str:
    """Return how far a positive count is from the right one, in words.

    >>> _off(4096, 1024), _off(250, 1000), _off(1089, 1024), _off(10, 3)
    ('4 times too many', '4 times too few', '6.3 % too many', 'about 3.33 times too many')
    """
    ratio = max(Fraction(theirs, ours), Fraction(ours, theirs))
    end = "too many" if theirs > ours else "too few"
    if ratio.denominator == 1:
        return f"{format_count(int(ratio))} times {end}"
    if ratio < 2:
        share = f"{100 * abs(theirs - ours) / ours:.1f}".removesuffix(".0")
        return f"{share} % {end}" if share != "0" else f"less than 0.1 % {end}"
    short = format_count(round(ratio)) if ratio >= 100 else f"{float(ratio):.3g}"
    return f"{short if Fraction(short.replace(',', '')) == ratio else f'about {short}'} times {end}"


def _rounded(verdict: str, value: int, exact: int) -> str:
    """Return ``verdict`` on ``exact``, or what it becomes when only ``value`` is printed."""
    if value == exact:
        return verdict
    off = f"it keeps the count as a 64-bit float, off by {format_count(abs(value - exact))}."
    return f"{verdict} And {off}" if verdict.startswith("Wrong") else f"Wrong: {off}"


def _added(work: _Work) -> str:
    return (
        f" It also counts adding the biases, {format_count(work.bias_additions)}." if work.layer.bias else ""
    )


def _not_added(work: _Work) -> str:
    return " Adding the biases is not counted." if work.layer.bias else ""


def _by_input(work: _Work) -> str:
    return f"{format_count(work.layer.weight_count)} × {format_product(work.inputs)}"


def _zeros(work: _Work) -> str:
    return f"torch.zeros{(1, *work.shape)}"
