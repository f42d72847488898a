"""One small DCGAN generator as four tools show it, recorded from PyTorch 2.13, torchinfo 1.8 and Keras 3.15.

PyTorch counts 16,184 parameters. Keras counts 16,304, as it adds a mean and a variance for each of the
32 + 16 + 8 + 4 channels of the normalisations: 2 × 60 = 120.
"""

PRINT = """\
G(
  (main): Sequential(
    (0): ConvTranspose2d(10, 32, kernel_size=(4, 4), stride=(1, 1), bias=False)
    (1): BatchNorm2d(32, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    (2): ReLU(inplace=True)
    (3): ConvTranspose2d(32, 16, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (4): BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    (5): ReLU(inplace=True)
    (6): ConvTranspose2d(16, 8, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (7): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    (8): ReLU(inplace=True)
    (9): ConvTranspose2d(8, 4, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (10): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    (11): ReLU(inplace=True)
    (12): ConvTranspose2d(4, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
    (13): Tanh()
  )
)
"""

TORCHINFO = """\
==========================================================================================
Layer (type:depth-idx)                   Output Shape              Param #
==========================================================================================
G                                        [1, 3, 64, 64]            --
├─Sequential: 1-1                        [1, 3, 64, 64]            --
│    └─ConvTranspose2d: 2-1              [1, 32, 4, 4]             5,120
│    └─BatchNorm2d: 2-2                  [1, 32, 4, 4]             64
│    └─ReLU: 2-3                         [1, 32, 4, 4]             --
│    └─ConvTranspose2d: 2-4              [1, 16, 8, 8]             8,192
│    └─BatchNorm2d: 2-5                  [1, 16, 8, 8]             32
│    └─ReLU: 2-6                         [1, 16, 8, 8]             --
│    └─ConvTranspose2d: 2-7              [1, 8, 16, 16]            2,048
│    └─BatchNorm2d: 2-8                  [1, 8, 16, 16]            16
│    └─ReLU: 2-9                         [1, 8, 16, 16]            --
│    └─ConvTranspose2d: 2-10             [1, 4, 32, 32]            512
│    └─BatchNorm2d: 2-11                 [1, 4, 32, 32]            8
│    └─ReLU: 2-12                        [1, 4, 32, 32]            --
│    └─ConvTranspose2d: 2-13             [1, 3, 64, 64]            192
│    └─Tanh: 2-14                        [1, 3, 64, 64]            --
==========================================================================================
Total params: 16,184
Trainable params: 16,184
Non-trainable params: 0
Total mult-adds (Units.MEGABYTES): 2.44
==========================================================================================
Input size (MB): 0.00
Forward/backward pass size (MB): 0.22
Params size (MB): 0.06
Estimated Total Size (MB): 0.29
==========================================================================================
"""

KERAS = """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                      ┃ Output Shape             ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ conv2d_transpose                  │ (None, 4, 4, 32)         │         5,120 │
│ (Conv2DTranspose)                 │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ batch_normalization               │ (None, 4, 4, 32)         │           128 │
│ (BatchNormalization)              │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ re_lu (ReLU)                      │ (None, 4, 4, 32)         │             0 │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ conv2d_transpose_1                │ (None, 8, 8, 16)         │         8,192 │
│ (Conv2DTranspose)                 │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ batch_normalization_1             │ (None, 8, 8, 16)         │            64 │
│ (BatchNormalization)              │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ re_lu_1 (ReLU)                    │ (None, 8, 8, 16)         │             0 │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ conv2d_transpose_2                │ (None, 16, 16, 8)        │         2,048 │
│ (Conv2DTranspose)                 │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ batch_normalization_2             │ (None, 16, 16, 8)        │            32 │
│ (BatchNormalization)              │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ re_lu_2 (ReLU)                    │ (None, 16, 16, 8)        │             0 │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ conv2d_transpose_3                │ (None, 32, 32, 4)        │           512 │
│ (Conv2DTranspose)                 │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ batch_normalization_3             │ (None, 32, 32, 4)        │            16 │
│ (BatchNormalization)              │                          │               │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ re_lu_3 (ReLU)                    │ (None, 32, 32, 4)        │             0 │
├───────────────────────────────────┼──────────────────────────┼───────────────┤
│ conv2d_transpose_4                │ (None, 64, 64, 3)        │           192 │
│ (Conv2DTranspose)                 │                          │               │
└───────────────────────────────────┴──────────────────────────┴───────────────┘
 Total params: 16,304 (63.69 KB)
 Trainable params: 16,184 (63.22 KB)
 Non-trainable params: 120 (480.00 B)
"""

STATE_DICT = """\
main.0.weight (10, 32, 4, 4)
main.1.weight (32,)
main.1.bias (32,)
main.1.running_mean (32,)
main.1.running_var (32,)
main.1.num_batches_tracked ()
main.3.weight (32, 16, 4, 4)
main.4.weight (16,)
main.4.bias (16,)
main.4.running_mean (16,)
main.4.running_var (16,)
main.4.num_batches_tracked ()
main.6.weight (16, 8, 4, 4)
main.7.weight (8,)
main.7.bias (8,)
main.7.running_mean (8,)
main.7.running_var (8,)
main.7.num_batches_tracked ()
main.9.weight (8, 4, 4, 4)
main.10.weight (4,)
main.10.bias (4,)
main.10.running_mean (4,)
main.10.running_var (4,)
main.10.num_batches_tracked ()
main.12.weight (4, 3, 4, 4)
"""
