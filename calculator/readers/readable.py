"""The texts and files that can be read, and how exact the counts are, for every page and sentence."""

from typing import Literal, NamedTuple

from calculator.core.formatting import join_words


class Readable(NamedTuple):
    """One kind of text or file: its name, and how exact the counts are that are read from it.

    ``short`` is a name for a sentence, which kinds may share.
    """

    medium: Literal["text", "file"]
    name: str
    exactness: str
    short: str = ""


READABLE = (
    Readable(
        "text",
        "print(model) of PyTorch",
        "Exact for the classes of torch.nn. Classes of other libraries are counted where their name and "
        "printed arguments are those of a class of torch.nn; all others are listed and not counted.",
    ),
    Readable("text", "the JSON of the snippet", "Exact, as it is written where the model is in memory."),
    Readable(
        "text",
        "names and shapes of PyTorch's tensors",
        "Exact totals. Types are inferred: where a shape fits a transposed convolution and an ordinary one, "
        "the transposed total is a range.",
        "names and shapes of tensors",
    ),
    Readable(
        "text",
        "layers written as PyTorch code",
        "Never run. Layers whose arguments are numbers are counted once; layers in a loop, a function or a "
        "condition are listed and not counted.",
        "layers as code",
    ),
    Readable(
        "text",
        "tables of torchinfo, torchsummary, pytorch_model_summary, fastai and Paddle",
        "The printed counts, compared with the printed total. Where a table hides layers, the transposed "
        "total is a range.",
        "tables of torchinfo, torchsummary and others",
    ),
    Readable("text", "model.to_json() of Keras", "Exact for the layers of Keras itself."),
    Readable(
        "text",
        "model.summary() of Keras and TensorFlow.js",
        "The printed counts, compared with the printed total; a count that is cut off is not counted.",
    ),
    Readable(
        "text",
        "Sequential code of Keras",
        "Never run. Exact where the sizes are written as numbers; other layers are listed and not counted.",
        "layers as code",
    ),
    Readable("text", "a table of layers", "Exact. A short table is part of the link."),
    Readable("file", ".keras", "Exact. Layers of other classes are counted by the shapes of their weights."),
    Readable(
        "file",
        ".h5 and .hdf5 of Keras, or with the names of a state dict",
        "Exact totals. Weights alone have no classes, so types are inferred.",
        ".h5",
    ),
    Readable("file", "model.json of TensorFlow.js", "Exact for layers models."),
    Readable(
        "file",
        ".pt and .pth with a state dict",
        "Exact totals, of any version of PyTorch. Types are inferred as for names and shapes.",
        ".pt and .pth",
    ),
    Readable(
        "file",
        ".pt and .pth with a whole module or TorchScript",
        "Exact for the classes of torch.nn.",
        ".pt and .pth",
    ),
    Readable("file", ".safetensors", "Exact totals. Types are inferred as for names and shapes."),
    Readable(
        "file",
        ".onnx",
        "The parameters that the exporter kept: it may have merged normalisations or dropped zeros.",
    ),
)


def readable_lines() -> str:
    """Return the list in Markdown: a line for each kind of text, then for each kind of file.

    >>> print(readable_lines().splitlines()[1])
    - **the JSON of the snippet**: Exact, as it is written where the model is in memory.
    """
    return "\n".join(f"- **{item.name}**: {item.exactness}" for item in READABLE)


def readable_sentence() -> str:
    """Return everything that can be read as one sentence.

    >>> readable_sentence()[:56]
    'What can be read: print(model) of PyTorch, the JSON of t'
    """
    texts, files = (
        list(dict.fromkeys(item.short or item.name for item in READABLE if item.medium == medium))
        for medium in ("text", "file")
    )
    return f"What can be read: {join_words(texts)}; and the files {join_words(files)}."


_WITHOUT_ARTICLE = ("a table", "PyTorch's print", "names and shapes", "parameters of", "Keras code")


def with_article(form: str) -> str:
    """Return the format of a model with its article, for the middle of a sentence.

    >>> with_article("torchinfo table"), with_article("HDF5 file, state dict"), with_article("Keras code")
    ('a torchinfo table', 'an HDF5 file, state dict', 'Keras code')
    """
    if form.startswith(_WITHOUT_ARTICLE):
        return form
    return f"an {form}" if form.startswith(("A", "E", "I", "O", "HDF5")) else f"a {form}"
