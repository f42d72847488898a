"""The pages: the script, the name and the question of each."""

from dataclasses import dataclass

PRODUCT = "Transposed convolutions, counted"
ICON = "🔢"
DESCRIPTION = (
    "How many trainable parameters a transposed convolution has, and why: exact, with every step of the "
    "calculation, for PyTorch, Keras, Flax and ONNX."
)
"""The description of the product for search engines and for previews of a shared link."""


@dataclass(frozen=True)
class Page:
    """One page: its script, its name in the menu, and the question that it answers."""

    script: str
    name: str
    question: str

    @property
    def title(self) -> str:
        """The title of the browser's tab.

        >>> PAGES[4].title
        'Can I do it by hand? · Transposed convolutions, counted'
        """
        return f"{self.question} · {PRODUCT}"

    @property
    def address(self) -> str:
        """The public address below the address of the app.

        >>> [page.address for page in PAGES[:2]]
        ['', 'picture']
        """
        return "" if self is PAGES[0] else self.script.removeprefix("pages/").removesuffix(".py")


PAGES = (
    Page("app.py", "Calculator", "How many parameters does a transposed convolution have?"),
    Page("pages/picture.py", "Picture", "What do the weights do, and how big is the output?"),
    Page("pages/compare.py", "Compare", "Which upsampling layer should I choose?"),
    Page("pages/model.py", "Model", "How many parameters has my whole model, and where?"),
    Page("pages/learn.py", "Learn", "Can I do it by hand?"),
    Page("pages/class.py", "Class", "What does my class think?"),
    Page("pages/sources.py", "Sources", "What is counted, and from which sources?"),
)
"""Every page, in the order of the menu. A test compares it with the files on disk."""
