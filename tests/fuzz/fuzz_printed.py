"""Damaged prints of PyTorch models: valid prints mutated, truncated and spliced."""

import random
import re
from collections.abc import Iterator

NORM = "eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True"

DCGAN = f"""Sequential(
  (0): ConvTranspose2d(100, 512, kernel_size=(4, 4), stride=(1, 1), bias=False)
  (1): BatchNorm2d(512, {NORM})
  (2): ReLU(inplace=True)
  (3): ConvTranspose2d(512, 256, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
  (4): BatchNorm2d(256, {NORM})
  (5): ReLU(inplace=True)
  (6): ConvTranspose2d(256, 128, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
  (7): BatchNorm2d(128, {NORM})
  (8): ReLU(inplace=True)
  (9): ConvTranspose2d(128, 64, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
  (10): BatchNorm2d(64, {NORM})
  (11): ReLU(inplace=True)
  (12): ConvTranspose2d(64, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
  (13): Tanh()
)"""

NET = f"""Net(
  (inc): Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=same)
  (up): ModuleList(
    (0-1): 2 x Up(
      (up): ConvTranspose2d(16, 8, kernel_size=(2, 2), stride=(2, 2))
      (conv): Sequential(
        (0): Conv2d(16, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
        (1): BatchNorm2d(8, {NORM})
        (2): ReLU(inplace=True)
      )
    )
    (2): Up(
      (up): ConvTranspose2d(8, 4, kernel_size=(2, 2), stride=(2, 2))
      (conv): Sequential(
        (0): Conv2d(8, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)
        (1): BatchNorm2d(4, {NORM})
        (2): ReLU(inplace=True)
      )
    )
  )
  (out): Conv2d(4, 1, kernel_size=(1, 1), stride=(1, 1))
)"""

ATTENTION = """TransformerEncoder(
  (layers): ModuleList(
    (0-2): 3 x TransformerEncoderLayer(
      (self_attn): MultiheadAttention(
        (out_proj): NonDynamicallyQuantizableLinear(in_features=16, out_features=16, bias=True)
      )
      (linear1): Linear(in_features=16, out_features=32, bias=True)
      (dropout): Dropout(p=0.1, inplace=False)
      (linear2): Linear(in_features=32, out_features=16, bias=True)
      (norm1): LayerNorm((16,), eps=1e-05, elementwise_affine=True, bias=True)
      (norm2): LayerNorm((16,), eps=1e-05, elementwise_affine=True, bias=True)
      (dropout1): Dropout(p=0.1, inplace=False)
      (dropout2): Dropout(p=0.1, inplace=False)
    )
  )
)"""

WEIGHT_NORM = """Sequential(
  (0): ParametrizedConvTranspose1d(
    512, 256, kernel_size=(16,), stride=(8,), padding=(4,)
    (parametrizations): ModuleDict(
      (weight): ParametrizationList(
        (0): _WeightNorm()
      )
    )
  )
  (1): ParametrizedLinear(
    in_features=8, out_features=4, bias=True
    (parametrizations): ModuleDict(
      (weight): ParametrizationList(
        (0): _SpectralNorm()
      )
    )
  )
)"""

RECURRENT = """ModuleDict(
  (rnn): LSTM(10, 20, proj_size=5, num_layers=2, bidirectional=True)
  (own): ParameterList(
      (0): Parameter containing: [torch.float32 of size 3x4]
      (1): Parameter containing: [torch.float32 of size ]
  )
  (lazy): LazyConvTranspose2d(0, 8, kernel_size=(3, 3), stride=(1, 1))
)"""

CODE = "self.up = nn.ConvTranspose2d(64, 32, 4, stride=2)\nself.out = nn.Conv2d(32, 3, (1, 1), bias=False)"

CODE_ON_ONE_LINE = (
    "self.net = nn.Sequential(nn.ConvTranspose2d(64, 32, 4), *more, nn.ReLU()); x = nn.Linear(2, 2)"
)

OTHERS = """Net (
  3.14 k, 100.000% Params, 1.05 MMac, 100.000% MACs,
  (stem): Conv2dStaticSamePadding(
    3, 48, kernel_size=(3, 3), stride=(2, 2), bias=False
    (pad): ZeroPad2d((0, 1, 0, 1))
  )
  ... (12 more layers)
  (0-3): lora.Linear(
    (fc): Linear (100 -> 10)
  ) x 4
  (norm): LlamaRMSNorm(torch.Size([8]), eps=np.float32(1e-05))
  init_cfg={'type': 'Kaiming'}
)"""

SEEDS = (
    *(DCGAN, NET, ATTENTION, WEIGHT_NORM, RECURRENT, CODE, CODE_ON_ONE_LINE, OTHERS),
    *(DCGAN.replace("\n", " "), NET.replace(" ", "\n")),
)

PIECES = (
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        "=",
        ":",
        "'",
        '"',
        "\n",
        "\r\n",
        "\t",
        " ",
        "-",
        ".",
        "x",
        "\0",
        "\ufeff",
    ),
    *(
        "()",
        "(0): ",
        "(0-1): 2 x ",
        "(0-99999): 100000 x ",
        "None",
        "True",
        "...",
        ">>> ",
        "nn.",
        "٣",
        "²",
        "½",
    ),
    *(
        "Parametrized",
        "Lazy",
        "kernel_size=",
        "bias=",
        "groups=0, ",
        "-1",
        "0",
        "1e400",
        "9" * 19,
        "9" * 5000,
    ),
    *("(parametrizations): ModuleDict(\n", "(weight): ParametrizationList(\n", "(0): _WeightNorm()\n"),
    *(
        "(out_proj): Linear(in_features=-1, out_features=2)\n",
        "MultiheadAttention(\n",
        "LSTM(1, 2, 0, None, (1, 2))\n",
    ),
    *(
        "(a): Parameter containing: [f of size 3xx4]",
        "(a): Tensor containing: [x of size 2]",
        "(a): Foo",
        "_" * 300,
    ),
)


def cases(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` texts; the same seed gives the same ones."""
    draw = random.Random(seed)
    for _ in range(count):
        text = draw.choice(SEEDS)
        for _ in range(draw.randint(1, 6)):
            text = draw.choice((_cut, _insert, _replace, _move_lines, _number, _splice))(text, draw)
        yield text


def _cut(text: str, draw: random.Random) -> str:
    start = draw.randrange(len(text) + 1)
    return text[:start] + text[start + draw.choice((1, 3, 40, len(text))) :]


def _insert(text: str, draw: random.Random) -> str:
    place = draw.randrange(len(text) + 1)
    return text[:place] + draw.choice(PIECES) * draw.choice((1, 1, 1, 2, 300)) + text[place:]


def _replace(text: str, draw: random.Random) -> str:
    old = draw.choice(("(", ")", "\n", ", ", "2d", "Conv", "Linear", "=", "(0)", " x ", "bias", "1", "True"))
    return text.replace(old, draw.choice(PIECES)[:400], draw.choice((1, 2, -1)))


def _move_lines(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    first, second = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first] * draw.choice((0, 1, 2))
    return "\n".join(lines)


_DIGIT = re.compile("[0-9]")


def _number(text: str, draw: random.Random) -> str:
    if text.isascii():
        places = [match.start() for match in _DIGIT.finditer(text)]
    else:
        places = [place for place, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    place = draw.choice(places)
    return text[:place] + str(draw.choice((0, -1, 7, 10**17, 10**18 + 1, 10**400))) + text[place + 1 :]


def _splice(text: str, draw: random.Random) -> str:
    other = draw.choice(SEEDS)
    return text[: draw.randrange(len(text) + 1)] + other[draw.randrange(len(other)) :]
