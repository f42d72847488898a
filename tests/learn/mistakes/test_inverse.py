"""Mistakes in counting backwards: every number calculated again, whole numbers only."""

from calculator import ConvTranspose
from calculator.core.derivation import Step
from calculator.learn.mistakes.inverse import NAMES, kernel_mistakes, out_mistakes
from tests.helpers.expected_mistakes import check_mistakes, in_inverse, sample_exercises


def test_backwards() -> None:
    for one in sample_exercises(3):
        if not one.listing:
            wholes = {key: int(value) for key, value in in_inverse(one) if value == int(value)}
            check_mistakes(
                one,
                wholes,
                frozenset({"bias-per-kernel"}) if one.quantity == "output channels" else frozenset(),
            )


def test_a_bias_per_kernel_is_a_mistake_from_two_input_channels_on() -> None:
    # 2 · 4 weights and 4 biases: 12 parameters. With a bias for each of 2 kernels: 2 + 2 an output.
    two = ConvTranspose(in_channels=2, out_channels=4, kernel_size=(1, 1))
    assert {mistake.key: mistake.value for mistake in out_mistakes(two)}["bias-per-kernel"] == 3
    # With one input channel a kernel is an output channel.
    one = ConvTranspose(in_channels=1, out_channels=4, kernel_size=(3, 3))
    assert "bias-per-kernel" not in {mistake.key for mistake in out_mistakes(one)}


def test_the_last_step_of_a_kernel_size_that_is_not_its_root() -> None:
    # 64 · 32 · 4 · 4 weights and 32 biases, divided by 64 · 32: 16, whose root is 4.
    layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=(4, 4))
    last = {mistake.key: mistake.working[-1] for mistake in kernel_mistakes(layer)}
    assert last["root-forgotten"] == Step("Kernel size", "16", 16, "weights")
    assert last["root-halved"] == Step("Kernel size", "16 ÷ 2", 8, "parameters")


def test_each_mistake_has_its_name_and_hint() -> None:
    found = {}
    for channels, side in ((2, 1), (4, 4)):
        layer = ConvTranspose(in_channels=channels, out_channels=4, kernel_size=(side, side))
        for mistake in (*out_mistakes(layer), *kernel_mistakes(layer)):
            found[mistake.key] = (mistake.name, mistake.hint)
    assert len(found) > 7
    assert found.items() <= NAMES.items()


def test_hints_are_sentences_and_names_are_not() -> None:
    for name, hint in NAMES.values():
        assert hint[0].isupper()
        assert hint.endswith((".", "?"))
        assert not name[0].isupper()
        assert name[-1].isalnum() or name.endswith("²")
