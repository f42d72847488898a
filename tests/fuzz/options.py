"""Small models of every class that the readers know, with options that a real model could have.

A layer follows that shows the size and the channels of the output.
"""

import json
import random
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from calculator.readers.constructor_call import SIGNATURES as CALLS
from calculator.readers.layer_table.line import TYPES
from tests.helpers import onnx_writing as w
from tests.helpers.paths import READER_FILES

TIMES = 6
"""Each class comes so many times, with other options."""

KERAS = (READER_FILES / "keras_classes_315.txt").read_text(encoding="utf-8").split()
SIGNATURES = json.loads((READER_FILES / "torch_signatures_213.json").read_text(encoding="utf-8"))
PRINTS = (READER_FILES / "torch_without_parameters_213.txt").read_text(encoding="utf-8")
TORCH = (*SIGNATURES, *dict.fromkeys(re.findall(r": (\w+)\(", PRINTS)))
HOLDERS = ("TimeDistributed", "Bidirectional", "SpectralNormalization", "RNN", "StackedRNNCells")
WORDS = {
    "Pool": "kernel_size stride padding dilation ceil_mode return_indices output_size",
    "Pad": "padding value",
    "Upsampl": "size scale_factor mode",
    "Pixel": "upscale_factor downscale_factor",
    "ChannelShuffle": "groups",
    "latten": "start_dim end_dim dim unflattened_size",
    "LU": "dim num_parameters inplace",
    "Dropout": "p inplace",
}
"""The options of classes without parameters of PyTorch, by a part of their names."""

NEEDED = frozenset(
    {
        *("in_channels", "out_channels", "in_features", "out_features", "num_features", "num_channels"),
        *("filters", "units", "kernel_size", "pool_size", "stride", "num_groups", "num_heads", "key_dim"),
        *("input_size", "hidden_size", "embed_dim", "normalized_shape", "num_embeddings", "embedding_dim"),
        *("input_dim", "output_dim", "target_shape", "output_size", "height", "width", "n", "features"),
    }
)
"""Options that are nearly always given."""


SWITCHES = (
    *("bias", "use_bias", "affine", "elementwise_affine", "ceil_mode", "return_indices", "inplace"),
    *("center", "scale", "reset_after", "return_sequences", "go_backwards", "return_state", "stateful"),
    *("keepdims", "trainable", "use_gate", "mask_zero", "add_bias_kv", "batch_first", "bidirectional"),
    "track_running_stats",
)


def _per_axis(rank: int, *numbers: int) -> tuple[Any, ...]:
    return (*numbers, [numbers[-1]] * rank, [numbers[0]] * (rank - 1) + [numbers[-1]])


def _options(rank: int, channels: int) -> dict[str, tuple[Any, ...]]:
    """Return the values of each option of PyTorch and Keras for layers of a rank."""
    pairs = [[1, 2]] * rank
    return {
        **dict.fromkeys(("kernel_size", "pool_size"), _per_axis(rank, 2, 3)),
        **dict.fromkeys(("stride", "strides", "size", "scale_factor"), (None, *_per_axis(rank, 1, 2))),
        **dict.fromkeys(("dilation", "dilation_rate"), _per_axis(rank, 1, 1, 2)),
        "padding": ("same", "valid", "causal", 0, 1, [1] * rank, [1, 0] * rank, pairs),
        "cropping": (1, [1] * rank, pairs),
        "output_padding": (None, *_per_axis(rank, 0, 1)),
        "data_format": ("channels_last", "channels_first", None),
        **dict.fromkeys(("bias", "use_bias", "affine", "elementwise_affine", "ceil_mode"), (True, False)),
        **dict.fromkeys(
            ("center", "scale", "reset_after", "return_sequences", "go_backwards"), (True, False)
        ),
        **dict.fromkeys(("return_state", "keepdims", "trainable", "use_gate", "mask_zero"), (True, False)),
        **dict.fromkeys(("add_bias_kv", "batch_first", "bidirectional", "return_indices"), (True, False)),
        **dict.fromkeys(("stateful", "track_running_stats", "inplace", "merge_repeated"), (True, False)),
        **dict.fromkeys(
            ("in_channels", "num_features", "num_channels", "in_features"), (channels, channels, 6)
        ),
        **dict.fromkeys(("out_channels", "filters", "units", "out_features", "hidden_size"), (4, 6, 8)),
        **dict.fromkeys(("input_dim", "num_embeddings", "output_dim", "embedding_dim", "n"), (3, 5)),
        **dict.fromkeys(("num_heads", "num_query_heads"), (2, 4)),
        **dict.fromkeys(("key_dim", "head_dim", "value_dim", "kdim", "vdim", "proj_size"), (2, 3, None)),
        **dict.fromkeys(("groups", "num_groups", "num_key_value_heads", "depth_multiplier"), (1, 2, 4)),
        **dict.fromkeys(("height", "width", "upscale_factor", "downscale_factor", "num_layers"), (1, 2, 3)),
        **dict.fromkeys(("input_size", "embed_dim", "num_parameters"), (channels, 1)),
        **dict.fromkeys(("start_dim", "dim", "end_dim"), (-1, 0, 1, 2, -3)),
        "axis": (-1, 1, [1], [-1, -2], 2),
        "shared_axes": (None, [1], [1, 2]),
        "normalized_shape": (channels, [channels], [8, channels]),
        "unflattened_size": ([2, 2], [channels, 1]),
        "output_size": (1, 2, [2] * rank, [None] * rank),
        "target_shape": ([-1], [-1, 2], [2, -1, channels]),
        "dims": ([2, 1], [1, 3, 2], [3, 1, 2]),
        "merge_mode": ("concat", "sum", None),
        "mode": ("nearest", "linear", "sum"),
        "padding_mode": ("zeros", "reflect"),
        "value": (0, 3.5),
        "p": (0.5,),
        "eps": (1e-5,),
        "momentum": (0.1, None),
        "dtype": ("float32", {"config": {"name": "mixed_float16"}}),
    }


def _drawn(options: Mapping[str, tuple[Any, ...]], chance: random.Random) -> dict[str, Any]:
    """Return a value of some of the options."""
    kept = [name for name in options if chance.random() < (0.95 if name in NEEDED else 0.4)]
    return {name: chance.choice(options[name]) for name in kept}


def _rank(name: str, chance: random.Random) -> int:
    digits = [int(sign) for sign in name if sign in "123"]
    return digits[0] if digits else chance.choice((1, 2, 3))


def keras(chance: random.Random) -> Iterator[str]:
    """Yield configurations of Keras."""
    for name in KERAS * TIMES:
        rank = _rank(name, chance)
        options = _options(rank, 4)
        shape = [None, *[chance.choice((6, 7, 8, 8, 9, None)) for _ in range(rank)], 4]
        config: dict[str, Any] = {"name": "it", **_drawn(options, chance)}
        inner = chance.choice(("Conv2D", "Dense", "LSTM", "GRU", "LSTMCell", "SimpleRNN"))
        held = {"class_name": inner, "config": {"name": "held", **_drawn(options, chance)}}
        config |= {"layer": held, "cell": held} if name in HOLDERS else {}
        layers = [
            {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": shape}},
            {
                "class_name": name,
                "config": config | ({"layer": held, "cell": held} if name in HOLDERS else {}),
            },
            *({"class_name": kind, "config": {"name": kind}} for kind in ("BatchNormalization", "Flatten")),
            {"class_name": "Dense", "config": {"name": "shown", "units": 1}},
        ]
        del layers[2 : chance.choice((2, 2, 3, 4))]
        yield json.dumps({"class_name": "Sequential", "config": {"name": "model", "layers": layers}})


def torch(chance: random.Random) -> Iterator[str]:
    """Yield prints and code of PyTorch in turn."""
    names = [name for name in TORCH if name in SIGNATURES or any(word in name for word in WORDS)]
    for number, name in enumerate(names * TIMES):
        rank, channels = _rank(name, chance), 4
        options = _options(rank, channels)
        known = SIGNATURES.get(name) or next(words.split() for part, words in WORDS.items() if part in name)
        drawn = _drawn({key: options[key] for key in known if key in options}, chance)
        unnamed = chance.choice((0, 1, 2)) if name in SIGNATURES else 0
        first = [_torch(value) for value in list(drawn.values())[:unnamed]]
        named = [f"{key}={_torch(value)}" for key, value in list(drawn.items())[len(first) :]]
        last = f"Conv{rank}d({channels}, 3, kernel_size={_torch([2] * rank)}, stride={_torch([1] * rank)})"
        layers = (f"{name}({', '.join(first + named)})", last)
        if number // len(names) % 2:
            yield f"net = nn.Sequential(nn.{layers[0]}, nn.{layers[1]})"
        else:
            yield "\n".join(["Sequential(", *(f"  ({place}): {it}" for place, it in enumerate(layers)), ")"])


def _torch(value: object) -> str:
    return repr(tuple(value)) if isinstance(value, list) else repr(value)


def tables(chance: random.Random) -> Iterator[str]:
    """Yield tables of layers."""
    cells = {
        **dict.fromkeys(("in", "out"), ("4", "4", "8", "18", "")),
        **dict.fromkeys(("kernel", "stride", "dilation"), ("1", "2", "2x3", "3")),
        **dict.fromkeys(("padding", "output_padding"), ("0", "1", "same", "valid", "1x0", "1x2x0x1")),
        **dict.fromkeys(("bias", "trainable", "affine", "ceil_mode"), ("yes", "no", "true", "0")),
        **dict.fromkeys(("groups", "scale_factor"), ("1", "2", "2x1", "3")),
        "size": ("7", "2x3", "1", "8×8"),
        "count": ("12", "1,200"),
    }
    for name, kind in [*TYPES.items()] * TIMES:
        columns = [each for each in sorted(kind.columns) if each in kind.required or chance.random() < 0.5]
        row = [chance.choice(cells[column]) for column in columns]
        rows = [["type", *columns], [name, *row]]
        if len(columns) < 2 or chance.random() < 0.5:
            last = {"in": "4", "out": "3", "kernel": "2"}
            more = [column for column in last if column not in columns]
            rows = [[*rows[0], *more], [*rows[1], *([""] * len(more))]]
            follows = f"Conv{kind.rank or 2}d"
            rows.append([follows, *(last.get(column, "") for column in rows[0][1:])])
        yield "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows)


ONNX: dict[str, tuple[tuple[int, ...], ...]] = {
    "Conv": ((4, 4, 3, 3), (4,)), "ConvTranspose": ((4, 2, 3, 3), (2,)), "FusedConv": ((4, 4, 3, 3),),
    "Gemm": ((4, 8), (8,)), "MatMul": ((4, 8),), "Gather": ((8, 4),), "PRelu": ((4, 1, 1),),
    "LSTM": ((1, 8, 4), (1, 8, 2), (1, 16)), "GRU": ((1, 6, 4), (1, 6, 2), (1, 12)),
    "BatchNormalization": ((4,),) * 4, "InstanceNormalization": ((4,),) * 2,
    "LayerNormalization": ((8,),) * 2, "GroupNormalization": ((4,),) * 2,
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool"), ()),
    **dict.fromkeys(("Flatten", "Relu", "Softmax", "DepthToSpace", "SpaceToDepth", "Identity"), ()),
    **dict.fromkeys(("ReduceMean", "ReduceSum", "ReduceMax", "Transpose", "Squeeze", "Unsqueeze"), ()),
    "Dropout": (),
    **dict.fromkeys(("Pad", "Concat", "Split", "Resize", "Upsample", "Reshape", "Add", "Mul", "Tile"), ()),
}  # fmt: skip
"""Operators of ONNX with the shapes of their tensors."""

ATTRIBUTES: dict[str, tuple[Any, ...]] = {
    "kernel_shape": ([3, 3], [2, 2], [3]), "strides": ([1, 1], [2, 2], [2, 1]), "dilations": ([1, 1], [2, 2]),
    "pads": ([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0], [0, 0, 1, 1, 0, 0, 1, 1], [0] * 8),
    "auto_pad": ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"), "group": (1, 2),
    "output_padding": ([1, 1], [0, 1]), "output_shape": ([16, 16], [15, 17]), "ceil_mode": (0, 1),
    "count_include_pad": (0, 1), "axis": (-1, 0, 1, 2), "axes": ([2, 3], [1], [-1]), "keepdims": (0, 1),
    "perm": ([0, 2, 3, 1], [0, 1, 3, 2]), "blocksize": (2,), "mode": ("DCR", "CRD", "constant", "nearest"),
    "transA": (0, 1), "transB": (0, 1), "hidden_size": (2,), "num_groups": (2,), "direction": ("forward",),
}  # fmt: skip

STORED: dict[str, tuple[tuple[list[str], tuple[float, ...]], ...]] = {
    "Upsample": ((["it"], (1.0, 1.0, 2.0, 2.5)), (["it"], (1.0, 1.0, 2.0))),
    "Resize": (
        (["", "it"], (1.0, 1.0, 2.0, 2.5)),
        (["", "", "it"], (1, 4, 16, 12)),
        (["", "", "it"], (4, 8)),
    ),
    "Pad": ((["it"], (0, 0, 1, 1, 0, 0, 1, 2)), (["it"], (1, 1))),
    "Reshape": ((["it"], (0, -1, 8, 8)), (["it"], (0, 4, -1, 4)), (["it"], (-1, 8))),
    **dict.fromkeys(("ReduceSum", "ReduceMean", "ReduceMax"), ((["it"], (2, 3)), (["it"], (-1,)))),
}
"""Operators with the inputs after the first, and the numbers that are stored as the last of them."""


def onnx(chance: random.Random) -> Iterator[bytes]:
    """Yield files of ONNX."""
    for name in [*ONNX] * TIMES * 2:
        shapes = ONNX[name]
        named = [f"w{place}" for place in range(len(shapes))]
        drawn = [
            w.attribute(key, chance.choice(ATTRIBUTES[key])) for key in ATTRIBUTES if chance.random() < 0.5
        ]
        tensors = [w.tensor(key, dims) for key, dims in zip(named, shapes, strict=True)]
        if name in STORED and chance.random() < 0.7:
            named, numbers = chance.choice(STORED[name])
            kind, form = (w.INT64, "q") if all(isinstance(each, int) for each in numbers) else (w.FLOAT, "f")
            raw = struct.pack(f"<{len(numbers)}{form}", *numbers)
            tensors.append(w.tensor("it", (len(numbers),), kind, raw))
        nodes = [
            w.node(name, ["x", *named], ["y"], *drawn),
            w.node("Conv", ["y", "last"], ["z"], w.attribute("kernel_shape", [1, 1])),
        ]
        last = w.tensor("last", (3, chance.choice((4, 4, 2, 16)), 1, 1))
        size = chance.choice(((1, 4, 8, 8), (2, 4, 7, 9), ("batch", 4, 8, 8), (1, 4, "h", "w")))
        yield w.model(w.graph(nodes, [*tensors, last], [w.value("x", size)]))


WORDS_OF_PATHS = (
    *("up", "dec", "upconv", "generator", "deconv", "conv_transpose", "convt", "tconv", "enc", "encoder"),
    *("down", "res", "attn", "conv", "conv1", "layer1", "main", "block", "0", "1", "2", "head", "emb", "x"),
)
KERNELS = ((3, 3), (4, 4), (2, 2), (1, 1), (1, 4), (3,), (4,), (2, 2, 2), (3, 3, 3), ())


def lists(chance: random.Random) -> Iterator[str]:
    """Yield lists of tensors that leave open which layers they are of."""
    for _ in range(100 * TIMES):
        around = ".".join(chance.choices(WORDS_OF_PATHS, k=chance.choice((0, 1, 1, 2))))
        tensors: dict[str, tuple[int, ...]] = {}
        for place in range(chance.choice((1, 1, 2, 2, 3, 4))):
            name = chance.choice((str(2 * place), str(place), chance.choice(WORDS_OF_PATHS)))
            path = f"{around}.{name}".strip(".")
            first, second = chance.choices((1, 2, 4, 4, 8, 8, 0), k=2)
            tensors[f"{path}.weight"] = (first, second, *chance.choice(KERNELS))
            if chance.random() < 0.5:
                tensors[f"{path}.bias"] = (chance.choice((first, second, 2 * second)),)
            if chance.random() < 0.4:
                beside = path.replace("conv", "bn") if "conv" in name else f"{around}.{2 * place + 1}"
                tensors[f"{beside.strip('.')}.weight"] = (chance.choice((first, second, 2 * second)),)
        yield "\n".join(f"{name} torch.Size({list(shape)})" for name, shape in tensors.items())


PAIRS = {rank: ([(2, 3)] * rank, [(0, 4)] * rank, [(3, 1)] * rank) for rank in (1, 2, 3)}


def calls(chance: random.Random) -> Iterator[str]:
    """Yield calls that create a transposed convolution."""
    for name in [*CALLS] * TIMES * 10:
        rank = _rank(name, chance)
        options = _options(rank, 4) | {
            **dict.fromkeys(("features", "out_features"), (4, 6, "2*4")),
            **dict.fromkeys(("in_features", "in_channels"), (4, 4, 3, -8)),
            **dict.fromkeys(("input_shape", "batch_input_shape"), ([8] * rank + [4], [2, 8, 8, 4], 3, None)),
            "padding": (
                "SAME",
                "VALID",
                "CIRCULAR",
                "same",
                "valid",
                0,
                1,
                2,
                [(2, 3)] * rank,
                [(0, 4)] * rank,
            ),
            **dict.fromkeys(("kernel_size",), ([4] * rank, [3] * rank, [2] * rank, 3)),
            **dict.fromkeys(("kernel_dilation", "strides"), (None, 1, 2, [2] * rank)),
            "groups": (1, 2, 3),
            "padding_mode": ("zeros", "zeros", "zeros", "reflect"),
            "rngs": (0,),
        }
        extra = ("input_shape", "batch_input_shape") if "DTranspose" in name else ("padding", "rngs")
        more = extra if name[-1] != "d" or chance.random() < 0.1 else ()
        known = [*dict.fromkeys((*CALLS[name], *more))]
        drawn = _drawn({key: options[key] for key in known if key in options}, chance)
        unnamed = [_torch(drawn.pop(key, 1)) for key in CALLS[name][: chance.choice((0, 0, 2, 3, 4))]]
        named = [f"{key}={_torch(value)}" for key, value in drawn.items()]
        module, _, title = name.rpartition(".")
        module = chance.choice((module, module, module, "nn", "x = nn", "", "paddle.nn")) or "layers"
        yield f"{module}.{title}({', '.join(unnamed + named)})"


MAKERS = {f"options of {make.__name__}": make for make in (keras, torch, tables, onnx, lists, calls)}


def cases(part: str) -> Iterator[str | bytes]:
    """Yield all the models of a part of ``MAKERS``, each time the same ones."""
    yield from MAKERS[part](random.Random(part))
