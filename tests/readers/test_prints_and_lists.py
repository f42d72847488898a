"""Prints of models that have the words of a list of tensors in them; the counts are computed by hand."""

import pytest

from calculator.readers import read
from calculator.readers.model import ReadError
from calculator.readers.tensors import listing

LINEAR = "Linear(in_features=4, out_features=4, bias=True)"
"""4·4 weights and 4 biases."""

NORM = "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"

MLP = (
    f"NeuralNetwork(\n  (stack): Sequential(\n    (0): {LINEAR}\n    (1): ReLU()\n    (2): {LINEAR}\n  )\n)\n"
)

LIST = "\n".join(
    f"Layer: stack.{index}.{name} | Size: torch.Size({shape}) | Values : tensor([[ 0.0273, 0.1],\n"
    "        ...,\n        [-0.1, 0.2]], grad_fn=<SliceBackward0>) \n"
    for index in (0, 2)
    for name, shape in (("weight", "[4, 4]"), ("bias", "[4]"))
)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (f"Sequential(\n  (0): {LINEAR}\n)", 20),
        (f"Sequential(\n  (0): {LINEAR}\n  (1): {LINEAR}\n)", 40),
        (f"ModuleList(\n  (0-2): 3 x {LINEAR}\n)", 60),
        (f"(0): {LINEAR}", 20),
        ("(fc): Linear(in_features=2, out_features=2, bias=True) (2, 2)", 6),
        (f"(0): {LINEAR} [4, 4]\n(1): {LINEAR} [4, 4]", 40),
        (f"Net(\n  (fc): {LINEAR}\n)", 20),
        (MLP, 40),
        (
            f"Autoencoder(\n  (encoder): Sequential(\n    (0): {LINEAR}\n    (1): ReLU()\n  )\n"
            f"  (decoder): Sequential(\n    (0): {LINEAR}\n    (1): Sigmoid()\n  )\n)",
            40,
        ),
        (
            f"Gen(\n  (model): Sequential(\n    (0): Sequential(\n      (0): {LINEAR}\n      (1): {NORM}\n"
            f"    )\n    (1): {LINEAR}\n    (2): Tanh()\n  )\n)\n"
            f"Discriminator(\n  (model): Sequential(\n    (0): {LINEAR}\n    (1): Sigmoid()\n  )\n)",
            20 + 8 + 20 + 20,
        ),
    ],
)
def test_a_print_is_not_a_list_of_tensors(text: str, total: int) -> None:
    assert not listing.recognises(text)
    model = read(text)
    assert (model.format, model.parameter_count, model.complete) == ("PyTorch's print", total, True)


@pytest.mark.parametrize("text", [f"Model structure: {MLP}\n\n{LIST}", MLP + LIST, LIST + MLP])
def test_of_a_print_and_a_list_one_is_counted(text: str) -> None:
    model = read(text)
    assert (model.parameter_count, model.complete) == (40, True)
    assert any("a part that is not counted" in sentence for sentence in model.assumptions)


def test_names_before_an_equals_sign_or_a_bracket() -> None:
    assert read("fc.weight=(2, 2)\nfc.bias=(2,)").parameter_count == 6
    assert read("fc.weight(2, 2)\nfc.bias(2)").parameter_count == 6
    assert read("weight (2, 2)\nbias (2,)").parameter_count == 6
    with pytest.raises(ReadError, match=r"^No line of this list has the name and the shape of a tensor\.$"):
        listing.read_listing("weight=(2, 2)\nConv2d(3, 8)\nnn.Linear(2, 2)")


def test_a_list_without_parameters_is_refused() -> None:
    with pytest.raises(ReadError, match="No tensor in this list is a parameter"):
        read("0.running_mean torch.Size([4])\n0.running_var torch.Size([4])")
