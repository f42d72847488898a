"""The texts of the sources page: counted parameters, left out parameters, checks and sources."""

COUNTED = (
    "**Weights**: in_channels · out_channels ÷ groups · ∏ kernel_size. Every input channel has one kernel "
    "(filter) for each output channel of its group.",
    "**Biases**: out_channels if there is a bias: one per *output* channel.",
    "**Parameters**: weights plus biases. Stride, padding, output padding, dilation and input size never "
    "change their number.",
    "**Multiply–accumulates (MACs)**: ∏ input size · weights, for one sample, counted by input. Products "
    "that padding crops away are included; adding the biases is not.",
    "**Ways to upsample**: the weights and biases of every layer. Interpolating and shuffling have no "
    "weights, so their own additions and multiplications are not included.",
    "**Training with Adam**: weights, gradients and two moments in the number type; with 16 bits, also a "
    "32-bit master copy of the weights (mixed precision).",
    "**A whole model**: every layer with parameters is counted once, and so is a parameter that several "
    "layers share. A layer of an unknown class is listed with a question mark, never as 0.",
    "**BatchNorm**, if you add one: two trainable values per output channel. The number *All* also includes "
    "the two values per channel that are never trained.",
)
"""The parameters and the work that the numbers on the pages include."""

NOT_COUNTED = (
    "Optimiser state, gradients and activations are not *parameters*, but memory for training. The compare "
    "page lists them separately.",
    "BatchNorm's moving mean and variance are not *trainable*: they are stored but never trained. PyTorch "
    "keeps them as buffers, outside `parameters()`.",
    "Parameters that a wrapper adds: `weight_norm` on a PyTorch transposed convolution adds **in_channels** "
    "scalars; `spectral_norm` adds none.",
    "Multiply–accumulates by output size, which torchinfo 1.8.0 and thop 0.1.1 print: they are too large by "
    "about the product of the strides (64→32, kernel 4, stride 2, padding 1 on 16 × 16: 33,554,432 instead "
    "of 8,388,608).",
    'The name "deconvolution" is not used: a transposed convolution does not undo a convolution. Its matrix '
    "is the transpose of the matrix of a convolution.",
)
"""The values that the numbers do not include, with the reasons."""

CHECKS = (
    "With known answers: published networks, each with its source.",
    "With an independent count: the weights of every group are allocated and counted, a transposed "
    "convolution of ones is carried out, and its output is measured.",
    "Against the real PyTorch, Keras, Flax and onnxruntime, with thousands of random settings each. The "
    "picture, the solver and every way to upsample are checked too.",
    "With networks of MONAI, torchvision and keras.applications: their own frameworks print, save and export "
    "them, and the files are read back. Every count and total that a format contains must equal the "
    "framework's own. The page must state what a format does not contain: a print hides some parameters; a "
    "file of tensors has no classes, so types are inferred from names and shapes.",
    "Against the real output of torchinfo, thop, calflops, ptflops, fvcore and PyTorch's counter.",
    "All numbers are exact whole numbers, however large.",
)
"""The checks of the numbers."""

SOURCES = (
    (
        "Dumoulin & Visin 2016",
        "https://arxiv.org/abs/1603.07285",
        "A guide to convolution arithmetic for deep learning; the output size is its relationship 14.",
    ),
    (
        "Odena, Dumoulin & Olah 2016",
        "https://distill.pub/2016/deconv-checkerboard/",
        "Uneven overlap and checkerboards; even overlap is necessary, not sufficient.",
    ),
    ("Shi et al. 2016", "https://arxiv.org/abs/1609.05158", "The sub-pixel convolution (PixelShuffle)."),
    (
        "Shi et al. 2016, a note",
        "https://arxiv.org/abs/1609.07009",
        "A sub-pixel layer is a transposed convolution whose kernel is stride times as long on each axis.",
    ),
    (
        "Aitken et al. 2017",
        "https://arxiv.org/abs/1707.02937",
        "A sub-pixel layer, too, begins with a checkerboard, unless its initial weights are repeated.",
    ),
    (
        "Crouch & Mazur 2001",
        "https://doi.org/10.1119/1.1374249",
        "Peer instruction: below 30 % right explain again, up to 80 % discuss and vote again.",
    ),
    (
        "Hake 1998",
        "https://doi.org/10.1119/1.18809",
        "The normalised gain of a class: (after − before) ÷ (1 − before).",
    ),
    (
        "Rajbhandari et al. 2020",
        "https://arxiv.org/abs/1910.02054",
        "ZeRO, section 3.1: the bytes per parameter that training with Adam needs.",
    ),
    (
        "PyTorch",
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html",
        "ConvTranspose2d: shapes, groups, output_padding.",
    ),
    (
        "Keras",
        "https://keras.io/api/layers/convolution_layers/convolution2d_transpose/",
        "Conv2DTranspose: 'valid', 'same' and automatic output padding.",
    ),
    (
        "Flax",
        "https://flax.readthedocs.io/en/latest/api_reference/flax.linen/layers.html",
        "ConvTranspose: 'SAME' by default, no groups.",
    ),
    (
        "ONNX",
        "https://onnx.ai/onnx/operators/onnx__ConvTranspose.html",
        "ConvTranspose: pads, auto_pad, output_padding.",
    ),
    (
        "PyTorch, saving",
        "https://docs.pytorch.org/docs/stable/notes/serialization.html",
        "The contents of a .pt file; the pickle in the file is read, never run.",
    ),
    (
        "Keras, saving",
        "https://keras.io/api/models/model_saving_apis/",
        "The output of to_json() and the contents of a .keras file.",
    ),
    ("ONNX, the format", "https://onnx.ai/onnx/repo-docs/IR.html", "Graphs, initializers, external data."),
    (
        "safetensors",
        "https://github.com/huggingface/safetensors#format",
        "A header with every name, type and shape; only the header is read.",
    ),
    (
        "Radford, Metz & Chintala 2016",
        "https://arxiv.org/abs/1511.06434",
        "DCGAN, the example from noise to 4 × 4.",
    ),
    ("Kong, Kim & Bae 2020", "https://arxiv.org/abs/2010.05646", "HiFi-GAN, the 1-D example (a vocoder)."),
    ("Çiçek et al. 2016", "https://arxiv.org/abs/1606.06650", "3D U-Net, the 3-D example."),
    (
        "Dong et al. 2018",
        "https://arxiv.org/abs/1709.06298",
        "MuseGAN, the example with three different counts.",
    ),
)
"""The name and the address of each source, and the part that is used."""
