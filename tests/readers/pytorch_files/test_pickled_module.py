"""Modules in a pickle: exact totals of real files, and modules that are damaged or endless."""

import time

import pytest

from calculator.readers.layer_table.chain import size_problem, with_input_size
from calculator.readers.layer_table.table import read_table
from calculator.readers.pytorch_files.checkpoint import read_checkpoint
from tests.helpers.torch_files import counts, recorded, refused, saved, tensor_steps, text_steps, zipped

UP = [
    ("Up", 0, 0, 5),
    ("ConvTranspose2d", 64, 4, 0),
    ("BatchNorm2d", 4, 4, 0),
    ("Conv1d", 24, 3, 0),
    ("Linear", 12, 4, 0),
    ("Linear", 0, 4, 0),
]
"""The layers of the recorded model. sum(p.numel() for p in model.parameters()) is 128 in PyTorch 2.13."""


def attribute(name: str, value: bytes) -> bytes:
    return text_steps(name) + value


def module(
    parameters: bytes = b"", modules: bytes = b"", more: bytes = b"", kind: bytes = b"nn\nNet\n"
) -> bytes:
    """Return the steps of a module; the arguments are the steps of pairs of names and values."""
    state = attribute("_parameters", b"}(" + parameters + b"u") + attribute(
        "_modules", b"}(" + modules + b"u"
    )
    return b"c" + kind + b")\x81}(" + state + more + b"ub"


def test_a_whole_module_is_exact() -> None:
    for name, prefix in (("module", "module"), ("module-checkpoint", "")):
        model = read_checkpoint(recorded(name))
        assert [row[1:] for row in counts(model)] == UP
        assert model.rows[0].name == prefix  # DataParallel adds a name before every other
        assert (model.parameter_count, model.transposed_count, model.trainable_count) == (128, 68, 120)
        assert model.format == "PyTorch module"
        said = " ".join(model.assumptions)
        assert "tail.weight is " in said
        assert "again is " in said
        assert "4 tensors with 16 values" in said
        [up] = [row for row in model.rows if row.transposed]
        assert up.layer is not None
        assert (up.layer.stride, up.layer.padding, up.layer.groups) == ((1, 2), (0, 1), 2)
    assert "its model under 'model' is read" in said


def test_several_modules_of_one_file_share_nothing_of_their_own() -> None:
    # torch.save({"G": Sequential(ConvTranspose2d(4, 4, 2)), "D": Sequential(ConvTranspose2d(4, 4, 2),
    # Linear(2, 2))}): 68 parameters, and 68 + 6.
    model = read_checkpoint(recorded("two-modules"))
    assert [row[0] for row in counts(model)] == ["G.0", "D.0", "D.1"]
    assert (model.parameter_count, model.transposed_count) == (142, 136)
    assert "hared" not in " ".join(model.assumptions)
    different = attribute("a", module(attribute("weight", tensor_steps((2,), 2)))) + attribute(
        "b", module(attribute("weight", tensor_steps((1,), 2)))
    )
    assert read_checkpoint(saved(b"\x80\x02}(" + different + b"u.", s0=bytes(8))).parameter_count == 3


def test_modules_of_one_file_can_share_a_parameter() -> None:
    weight = attribute("weight", tensor_steps((2,), 2) + b"q\x07")
    again = attribute("a", module(weight)) + attribute("b", module(attribute("other", b"h\x07")))
    model = read_checkpoint(saved(b"\x80\x02}(" + again + b"u.", s0=bytes(8)))
    assert model.parameter_count == 2
    assert "Shared parameters are counted once: b.other is a.weight." in model.assumptions


def test_a_module_of_an_older_file() -> None:
    # ConvTranspose2d(6, 4, 3, stride=2) with a frozen bias; the file contains the source code of the class.
    model = read_checkpoint(recorded("module-legacy"))
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (220, 220, 216)
    assert [row.layer.stride for row in model.rows if row.layer] == [(2, 2)]
    assert model.name == "ConvTranspose2d"


def test_scripted_and_traced_modules() -> None:
    for name in ("script-marked", "traced"):
        model = read_checkpoint(recorded(name))
        # sum(p.numel() for p in model.parameters()), and of those with requires_grad, in PyTorch 2.13
        assert (model.parameter_count, model.transposed_count, model.trainable_count) == (380, 220, 232)
        assert [row.type for row in model.rows] == ["S", "ConvTranspose2d", "BatchNorm2d", "Conv2d"]
        assert "4 tensors with 13 values, such as 'mean', are left out" in " ".join(model.assumptions)
        assert "does not mark its buffers" in model.assumptions[0]
    frozen = read_checkpoint(recorded("script"))  # the parameters of up were frozen
    assert (frozen.parameter_count, frozen.transposed_count, frozen.trainable_count) == (57, 51, 6)


def test_a_scripted_layer_of_another_class_is_no_ordinary_layer() -> None:
    # torch.jit.trace of weight_norm of torch.nn.utils.parametrizations around ConvTranspose2d(4, 8, 2).
    normed = read_checkpoint(recorded("traced-weight-norm"))
    assert [row.type for row in normed.rows] == ["ParametrizedConvTranspose2d"]
    assert (normed.parameter_count, normed.transposed_count) == (4 + 128 + 8, 140)
    # torch.jit.trace of Sequential(Sub(4, 4, 2)), where class Sub(nn.ConvTranspose2d).
    sub = read_checkpoint(recorded("traced-subclass"))
    assert (sub.parameter_count, sub.transposed_count, sub.undecided_count) == (68, 0, 68)
    assert "Its class is unknown" in sub.rows[0].note


@pytest.mark.parametrize(
    ("kind", "more", "transposed", "undecided"),
    [
        (b"own\nUp\n", b"", 0, 36),
        (b"own\nUp\n", attribute("transposed", b"\x89"), 0, 0),
        (b"own\nUp\n", attribute("transposed", b"\x88"), 36, 0),
        (b"own\nConv1d\n", b"", 0, 0),
        (b"torch.nn.modules.conv\nConvTranspose2d\n", attribute("transposed", b"\x88"), 36, 0),
    ],
)
def test_a_module_of_another_class(kind: bytes, more: bytes, transposed: int, undecided: int) -> None:
    steps = module(attribute("weight", tensor_steps((3, 3, 2, 2), 36)), more=more, kind=kind)
    model = read_checkpoint(saved(b"\x80\x02" + steps + b".", s0=bytes(4 * 36)))
    assert (model.parameter_count, model.transposed_count) == (36, transposed)
    assert model.undecided_count == undecided


def test_a_module_of_another_class_is_decided_by_its_shapes() -> None:
    def read(*shapes: tuple[int, ...], bias: int) -> tuple[int, int]:
        names = ("weight", "weight_1")
        parameters = [
            attribute(name, tensor_steps(shape, 99)) for name, shape in zip(names, shapes, strict=False)
        ]
        parameters.append(attribute("bias", tensor_steps((bias,), 99)))
        steps = module(b"".join(parameters), kind=b"own\nUp\n")
        model = read_checkpoint(saved(b"\x80\x02" + steps + b".", s0=bytes(4 * 99)))
        return model.transposed_count, model.undecided_count

    assert read((4, 3, 2), bias=3) == (27, 0)
    assert read((4, 3, 2), bias=4) == (0, 0)
    assert read((3, 3, 2), bias=3) == (0, 21)
    assert read((3, 3, 2), (2, 2), bias=3) == (0, 25)
    assert read((3, 3), bias=3) == (0, 0)


def test_a_scripted_recurrent_layer_is_complete() -> None:
    # torch.jit.script of a module around GRU(3, 4); the parameters are 12·3 + 12·4 + 2·12.
    model = read_checkpoint(recorded("script-gru"))
    assert (model.parameter_count, model.complete) == (108, True)


def test_a_frozen_archive_has_no_names() -> None:
    assert refused(recorded("frozen")).startswith(
        "This TorchScript archive is frozen: 384 values are constants in its code, without names. "
        "Save the model before torch.jit.freeze."
    )


def test_what_is_not_a_module_or_a_tensor_is_a_row_of_its_own() -> None:
    lazy = b"ctorch.nn.parameter\nUninitializedParameter\n)R"
    steps = module(
        attribute("weight", tensor_steps((2,), 2)) + attribute("bias", lazy) + attribute("none", b"N"),
        attribute("packed", b"cquantized\nLinear\n)\x81") + attribute("gone", b"N"),
    )
    model = read_checkpoint(saved(b"\x80\x02" + steps + b".", s0=bytes(8)))
    assert model.parameter_count == 2
    assert [(row.name, row.note) for row in model.rows if not row.known] == [
        ("bias", "It is torch.nn.parameter.UninitializedParameter, whose parameters cannot be read."),
        ("packed", "It is quantized.Linear, whose parameters cannot be read."),
    ]


def test_a_list_of_tensors_in_a_script_is_a_row_of_its_own() -> None:
    tensor = tensor_steps((2,), 2)
    steps = b"\x80\x02c__torch__\nNet\n)\x81}("
    steps += (
        attribute("weight", tensor) + attribute("more", b"](" + tensor + b"e") + attribute("size", b"K\x02")
    )
    steps += attribute("packed", b"c__torch__.torch.classes.quantized\nPacked\n)\x81") + b"ub."
    data = zipped({"a/data.pkl": steps, "a/data/0": bytes(8), "a/code/x.py": b"not opened"})
    model = read_checkpoint(data)
    assert (model.parameter_count, model.complete) == (2, False)
    assert [row.name for row in model.rows if not row.known] == ["more", "packed"]


def test_modules_that_are_endless_or_too_many() -> None:
    itself = b"\x80\x02}q\x00" + text_steps("net") + module()[:-2] + b"ub0" + b"h\x00."
    assert refused(saved(itself)).endswith(".")
    deep = module(attribute("weight", tensor_steps((2,), 2)))
    for _ in range(250):
        deep = module(modules=attribute("a", deep))
    assert refused(saved(b"\x80\x02" + deep + b".", s0=bytes(8))).startswith(
        "The modules in the file are nested more"
    )
    # Each level has the next one under 50 names: 50^30 paths, and 31 modules.
    fan = module(attribute("weight", tensor_steps((2,), 2)))
    for level in range(30):
        again = b"".join(attribute(str(n), b"h" + bytes([level])) for n in range(50))
        fan = fan + b"q" + bytes([level]) + b"0" + module(modules=again)
    start = time.process_time()
    model = read_checkpoint(saved(b"\x80\x02" + fan + b".", s0=bytes(8)))
    assert model.parameter_count == 2
    assert time.process_time() - start < 2


def test_a_name_that_cannot_be_displayed_is_refused() -> None:
    steps = module(modules=attribute("a\nb", module(attribute("weight", tensor_steps((2,), 2)))))
    assert "cannot be displayed" in refused(saved(b"\x80\x02" + steps + b".", s0=bytes(8)))


def test_values_of_a_module_that_lie() -> None:
    steps = b"\x80\x02" + module(attribute("weight", tensor_steps((3,), 2))) + b"."
    assert refused(saved(steps, s0=bytes(8))).startswith(
        "'weight' has the shape (3,) and is stored in 2 values"
    )


def test_a_module_without_parameters() -> None:
    assert refused(saved(b"\x80\x02" + module() + b".")).startswith("The file contains an object of nn.Net")
    script = zipped({"a/data.pkl": b"\x80\x02c__torch__\nNet\n)\x81}b.", "a/constants.pkl": b")."})
    assert refused(script) == "The TorchScript archive has no parameters."
    numbers = {"a/data.pkl": b"\x80\x02c__torch__\nNet\n)\x81}b.", "a/constants.pkl": b"K\x01K\x02\x86."}
    assert refused(zipped(numbers)) == "The TorchScript archive has no parameters."
    other = zipped({"a/data.pkl": b"\x80\x02}.", "a/constants.pkl": b")."})
    assert refused(other) == "This TorchScript archive contains no module."


def test_a_whole_module_of_torch_nn_is_a_chain_with_all_its_settings() -> None:
    # ConvTranspose2d(6, 4, 3, stride=2): (5 - 1) * 2 + 3 positions, 6 * 4 * 9 products for each input one.
    sized = with_input_size(read_checkpoint(recorded("module-legacy")), (5,))
    assert (sized.rows[0].output_size, sized.multiply_accumulates) == ((11, 11), 216 * 25)
    assert sized.condition == ""


@pytest.mark.parametrize("bias", [True, False])
def test_the_table_of_a_whole_module_has_its_parameters(bias: bool) -> None:
    weight, last = tensor_steps((1, 2), 3), tensor_steps((1,), 3, offset=2)
    linear = module(
        attribute("weight", weight) + attribute("bias", last if bias else b"N"),
        more=attribute("in_features", b"K\x02") + attribute("out_features", b"K\x01"),
        kind=b"torch.nn.modules.linear\nLinear\n",
    )
    whole = module(modules=attribute("0", linear), kind=b"torch.nn.modules.container\nSequential\n")
    model = read_checkpoint(saved(b"\x80\x02" + whole + b".", s0=bytes(12)))
    assert model.chain is not None
    assert read_table(model.chain.table).parameter_count == model.parameter_count == 2 + bias


def sizes_refused(data: bytes) -> str:
    return size_problem(read_checkpoint(data))


def test_modules_that_are_no_chain() -> None:
    assert sizes_refused(recorded("two-modules")).endswith("The file has several modules.")
    # The class of a layer is another one where only its name is that of a layer of torch.nn.
    own = module(attribute("weight", tensor_steps((2,), 2)), kind=b"own\nLinear\n")
    assert "own.Linear" in sizes_refused(saved(b"\x80\x02" + own + b".", s0=bytes(8)))
    scripted = size_problem(read_checkpoint(recorded("script-marked")))
    assert "are not read from" in scripted


@pytest.mark.parametrize(
    ("kind", "proven"),
    [
        ("torch.nn.modules.container\nSequential", True),
        ("torch.nn.modules.container\nModuleList", False),
        ("torch.nn.parallel.data_parallel\nDataParallel", True),
        ("torch.nn.parallel.distributed\nDistributedDataParallel", True),
        ("other.parallel\nDataParallel", False),
    ],
)
def test_the_class_around_the_layers_proves_their_order_or_not(kind: str, proven: bool) -> None:
    linear = module(
        attribute("weight", tensor_steps((1, 2), 2)),
        more=attribute("in_features", b"K\x02") + attribute("out_features", b"K\x01"),
        kind=b"torch.nn.modules.linear\nLinear\n",
    )
    whole = module(modules=attribute("0", linear), kind=f"{kind}\n".encode())
    model = read_checkpoint(saved(b"\x80\x02" + whole + b".", s0=bytes(8)))
    assert model.chain is not None
    assert (model.chain.proven, model.chain.problem) == (proven, "")


def test_a_module_that_is_used_again_is_followed_or_refused() -> None:
    weight = attribute("weight", tensor_steps((2,), 2))
    inner = module(modules=attribute("a", module(weight, kind=b"torch.nn.modules.linear\nLinear\n")))
    both = attribute("0", inner + b"q\x07") + attribute("1", b"h\x07")
    found = sizes_refused(saved(b"\x80\x02" + module(modules=both) + b".", s0=bytes(8)))
    assert "1 (nn.Net) is used more than once." in found


def test_a_module_beside_a_state_dict_under_a_usual_key_is_left_out() -> None:
    state = text_steps("state_dict") + b"}" + attribute("fc.weight", tensor_steps((2,), 2)) + b"ss"
    other = text_steps("net") + module(attribute("weight", tensor_steps((1,), 2))) + b"s"
    model = read_checkpoint(saved(b"\x80\x02}" + state + other + b".", s0=bytes(8)))
    assert model.parameter_count == 2
    assert model.assumptions[:2] == (
        "The file is a checkpoint: its state dict under 'state_dict' is read.",
        "The model under 'net' in the same file is left out.",
    )
