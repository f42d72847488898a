"""What is counted, what is not, and whose word it is: the texts of the sources page."""

COUNTED = (
    "**Weights**: in_channels · out_channels ÷ groups · ∏ kernel_size. Every input channel has one kernel "
    "for each output channel of its group.",
    "**Biases**: out_channels when there is a bias. One per *output* channel, and only that.",
    "**Parameters**: weights plus biases. Stride, padding, output padding, dilation and input size never "
    "change them.",
    "**Multiply–accumulates**: ∏ input size · weights, for one sample, by input. Products that land in the "
    "border cropped by padding are in; adding the biases is not.",
    "**Ways to upsample**: every layer with weights of each way, with its biases. Interpolating and "
    "shuffling "
    "have no weights, so their own additions and multiplications are not counted.",
    "**Training with Adam**: weights, gradients and two moments, as the number type has it; 16 bits with a "
    "32-bit master copy (mixed precision).",
    "**A whole model**: every layer that holds parameters, once, and a parameter that several layers share "
    "once. A layer whose class nobody can tell is listed with a question mark, never as 0.",
    "**BatchNorm**, when you say one follows: two trainable values per output channel, and in *all* two "
    "more that never train.",
)
"""What the numbers on the page hold."""

NOT_COUNTED = (
    "Optimiser state, gradients and activations among the *parameters*: they are memory of training. "
    "Compare tells them apart.",
    "BatchNorm's moving mean and variance in *trainable*: they are stored, but never trained. PyTorch keeps "
    "them as buffers, outside `parameters()`.",
    "What a wrapper adds: `weight_norm` on a PyTorch transposed convolution adds **in_channels** scalars; "
    "`spectral_norm` adds none.",
    "Multiply–accumulates by output size, as torchinfo 1.8.0 and thop 0.1.1 print them: about ∏ stride times "
    "too much (64→32, kernel 4, stride 2, padding 1 on 16 × 16: 33,554,432 instead of 8,388,608).",
    'The name "deconvolution": a transposed convolution does not undo a convolution, it has the '
    "transpose of its matrix.",
)
"""What they do not hold, and why."""

LIMITS = (
    "By known answers: published networks, each with its source.",
    "By an independent oracle: the weights of every group are allocated and counted; a real transposed "
    "convolution scatters ones and its output is measured.",
    "Against the real PyTorch, Keras, Flax and onnxruntime, thousands of random settings each; the picture, "
    "the "
    "solver and every way to upsample as well.",
    "Networks of MONAI, torchvision and keras.applications are printed, saved and exported by their own "
    "frameworks and read back: every count and total that the form shows must be the framework's own. What "
    "it does not show must be said: a print hides some parameters; a file of tensors has no classes, so "
    "types are inferred from names and shapes.",
    "Against what torchinfo, thop, calflops, ptflops, fvcore and PyTorch's counter really print.",
    "Exact whole numbers from end to end, however large.",
)
"""How the numbers are checked."""

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
    ("Shi et al. 2016", "https://arxiv.org/abs/1609.05158", "The sub-pixel convolution."),
    (
        "Shi et al. 2016, a note",
        "https://arxiv.org/abs/1609.07009",
        "A sub-pixel layer is a transposed convolution whose kernel is stride times as long on each axis.",
    ),
    (
        "Aitken et al. 2017",
        "https://arxiv.org/abs/1707.02937",
        "Even a sub-pixel layer starts with a checkerboard, unless its weights start alike.",
    ),
    (
        "Rajbhandari et al. 2020",
        "https://arxiv.org/abs/1910.02054",
        "ZeRO, section 3.1: the bytes that training with Adam keeps per parameter.",
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
        "What a .pt file holds; its pickle is read, never run.",
    ),
    (
        "Keras, saving",
        "https://keras.io/api/models/model_saving_apis/",
        "What to_json() says and a .keras file holds.",
    ),
    ("ONNX, the format", "https://onnx.ai/onnx/repo-docs/IR.html", "Graphs, initializers, external data."),
    (
        "safetensors",
        "https://github.com/huggingface/safetensors#format",
        "A header with every name, type and shape; it alone is read.",
    ),
    (
        "Radford, Metz & Chintala 2016",
        "https://arxiv.org/abs/1511.06434",
        "DCGAN, the example with noise to 4 × 4.",
    ),
    ("Kong, Kim & Bae 2020", "https://arxiv.org/abs/2010.05646", "HiFi-GAN, the 1-D example."),
    ("Çiçek et al. 2016", "https://arxiv.org/abs/1606.06650", "3D U-Net, the 3-D example."),
    ("Dong et al. 2018", "https://arxiv.org/abs/1709.06298", "MuseGAN, the network of the puzzle."),
)
"""Name, address, and what is taken from it."""
