"""Spoilt tables of torchinfo, torchsummary and fastai, Markdown summaries, and Keras code."""

import random
from collections.abc import Iterator

from tests.fuzz.mutations import spoil_bytes
from tests.helpers.paths import READER_FILES

CODE = """import keras
n = 64
m = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(n, 3, padding='same'), Reshape((n, 8, 8))])
for i in range(3):
    m.add(Dense(n * 8, use_bias=False))
m.add(Conv2DTranspose(32, (4, 4), strides=2))
x = Conv2DTranspose(filters=n // 2, kernel_size=4)(x)
"""
MARKDOWN = """| Layer (type) | Output Shape | Param # |
|---|---|---|
| up (Conv2DTranspose) | (None, 8, 8, 32) | 32,800 |
| norm (BatchNormalization) | (None, 8, 8, 32) | 128 = 4*32 |

Total params: 32,928
"""
FASTAI = """Layer (type)         Output Shape         Param #    Trainable
============================================================================
                     16 x 512
Linear                                    4608       False
ConvTranspose2d                           16416      True

Total params: 21,024
Total trainable params: 16,416
"""
PEFT = """Net(
  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))
)
trainable params: 32 || all params: 32,800 || trainable%: 0.0976
"""
SEEDS = (
    CODE,
    MARKDOWN,
    MARKDOWN.replace("|", "\t"),
    MARKDOWN.replace("|", "\n"),
    FASTAI,
    PEFT,
    *(
        path.read_text(encoding="utf-8")
        for start in ("torch", "pytorch_model")
        for path in sorted(READER_FILES.glob(f"{start}*.txt"))
    ),
)
PIECES = (
    *(
        "│",
        "|",
        "├─",
        "└─",
        "[",
        "]",
        "(",
        ")",
        "--",
        ": ",
        "1-1",
        "\n",
        "\t",
        "...",
        "⋮",
        "=",
        "*",
        "m.add(",
    ),
    *(
        "Total params: ",
        "9" * 30,
        "(recursive)",
        "Layer (type)",
        "Param #",
        "٣",
        "Sequential(",
        ">>> ",
        "",
        " ",
    ),
)


def cases(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` texts; the same seed gives the same ones."""
    chance = random.Random(f"tables {seed}")
    for _ in range(count):
        text = chance.choice(SEEDS)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(PIECES) + text[place + chance.choice((0, 0, 1, 5, 60)) :]
        yield spoil_bytes(text.encode(), chance).decode("utf-8", "replace") if chance.random() < 0.2 else text
