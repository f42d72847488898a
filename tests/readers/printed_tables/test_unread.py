"""Tables that are refused by name, each written after the source of its tool."""

import pytest

from calculator.readers import read
from calculator.readers.model import ReadError
from calculator.readers.printed_tables.unread import recognises

TABLES = {
    "Lightning": """
  | Name    | Type            | Params | Mode  | FLOPs
---------------------------------------------------------
0 | encoder | Sequential      | 9.4 K  | train | 0
1 | up      | ConvTranspose2d | 32.8 K | train | 0
---------------------------------------------------------
42.2 K    Trainable params
""",
    "Lightning ": """┏━━━┳━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━┓
┃   ┃ Name ┃ Type            ┃ Params ┃
┡━━━╇━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━┩
│ 0 │ up   │ ConvTranspose2d │ 32.8 K │
""",
    "torchsummaryX": """=========================================================
              Kernel Shape     Output Shape   Params Mult-Adds
Layer
0_up        [64, 32, 4, 4]  [1, 32, 16, 16]   32.8k  8.388608M
""",
    "Flax": """                     Generator Summary
┏━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━┓
┃ path  ┃ module    ┃ inputs    ┃ outputs   ┃ params          ┃
""",
    "Haiku": """+--------+---------------------+---------------+
| Module | Config              | Module params | Input |
""",
    "fvcore": """| name     | #elements or shape   |
|:---------|:---------------------|
| model    | 32.8K                |
""",
    "torchscan": "Layer                        Type                  Output Shape              Param #\n",
    "torchstat": "[MAdd]: ...\n      module name  input shape output shape  params memory(MB)\n",
    "MXNet": """Layer (type)       Output Shape        Param #     Previous Layer
====
up(Deconvolution)  32x16x16            32800       data
""",
    "Gluon": """--------------------------------------------------------------------------------
        Layer (type)                                Output Shape         Param #
================================================================================
               Input                              (1, 64, 8, 8)               0
   Conv2DTranspose-1                            (1, 32, 16, 16)           32800
================================================================================
Parameters in forward computation graph, duplicate included
   Total params: 32800
""",
    "Ultralytics": """                 from  n    params  module                       arguments
  0                -1  1      3520  models.common.Conv           [3, 32, 6, 2, 2]
 11                -1  1         0  torch.nn.modules.upsampling.Upsample  [None, 2, 'nearest']
Model summary: 214 layers, 7235389 parameters, 7235389 gradients, 16.6 GFLOPs
""",
    "counts by name": """+-----------+------------+
|  Modules  | Parameters |
+-----------+------------+
| up.weight |   32768    |
+-----------+------------+
Total Trainable Params: 32768
""",
    "TF-Slim": """---------
Variables: name (type shape) [size]
---------
g/up/weights:0 (float32_ref 4x4x32x64) [32768, bytes: 131072]
""",
}


@pytest.mark.parametrize("tool", TABLES)
def test_each_is_named_with_what_to_paste(tool: str) -> None:
    with pytest.raises(ReadError) as caught:
        read("some output\n\n" + TABLES[tool])
    assert tool.strip() in str(caught.value)
    assert any(word in str(caught.value) for word in ("Paste", "Save", "Export", "Type"))


def test_our_own_table_and_prints_are_not_taken_for_one() -> None:
    for text in (
        "name,type,in,out\nup,ConvTranspose2d,64,32",
        "| name | type | in | out |\n|---|---|---|---|\n| up | ConvTranspose2d | 64 | 32 |",
        "Net(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4))\n)",
    ):
        assert not recognises(text)
