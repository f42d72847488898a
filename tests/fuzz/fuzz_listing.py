"""Damaged lists of names and shapes. Their reader must return a model or raise ``ReadError``."""

import random
from collections.abc import Iterator

FORMS = (
    "{name} \t torch.Size({shape})",
    "('{name}', torch.Size({shape})),",
    "'{name}': {shape},",
    "{number} {name} | {shape} | torch.float32 | True | 12",
    "Layer: {name} | Size: torch.Size({shape}) | Values : tensor([[0.1, ...,\n 0.2]])",
    "{name}\n{shape}",
)

PIECES = (
    *("torch.Size([", "])", "(", ")", "[", "]", "'", '"', ",", "|", ":", "...", "…", "\n", "\t", "\r"),
    *("tensor(", "Parameter containing:", "Optimizer's state_dict:", "Model's state_dict:", ">>> ", "x"),
    *("None", "True", "9" * 30, "1" * 5000, "-1", "1.5", "\u2028", "\ud800", "\0", "Total params: 7"),
    "a" * 2000,
)
"""What is put between the characters of a list."""


def cases(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` texts, the same for the same ``seed``."""
    chance = random.Random(seed)
    for _ in range(count):
        form = chance.choice(FORMS)
        text = "\n".join(
            form.format(
                number=number,
                name=chance.choice(("up.weight", "up.bias", "bn.running_mean", "a.b.weight", "scale"))
                + "x" * (number % 3),
                shape=[chance.randrange(9) for _ in range(chance.randrange(5))],
            )
            for number in range(chance.randrange(1, 8))
        )
        for _ in range(chance.choice((0, 1, 1, 2, 5, 20))):
            start = chance.randrange(len(text) + 1)
            stop = start + chance.choice((0, 0, 1, 3, 20))
            text = text[:start] + chance.choice(PIECES) + text[stop:]
        yield text
