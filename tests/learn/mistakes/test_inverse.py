"""Mistakes in counting backwards: every number calculated again, whole numbers only."""

from calculator import ConvTranspose
from calculator.learn.mistakes.inverse import out_mistakes
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
