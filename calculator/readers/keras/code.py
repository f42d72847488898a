"""Reader of Keras code: ``Sequential([...])`` and ``model.add(...)`` whose arguments are written as numbers.

- The code is parsed with Python's ``ast`` and never run. Only literals, products and sums of literals, and
  names that have one literal value in the whole text are used.
- The layers become the configuration that ``model.to_json()`` would have, and are counted by its reader, so
  that the rules of the layers stand once.
- Everything else (loops, functions, variables, the functional form) is a row that is not counted.

Source: the arguments of the classes on https://keras.io/api/layers/
"""

import ast
import dataclasses
import re
import textwrap
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from calculator.readers.keras.config import model_from_config
from calculator.readers.keras.layer_rules import BUILDERS, WITHOUT_PARAMETERS
from calculator.readers.model import MAX_COUNT, MAX_ROWS, Model, ReadError, Row, left_out_row
from calculator.readers.printed_counts import comment_leaves_out, left_out_sentence, split_comment

FORMAT = "Keras code"
MAX_CODE = 200_000
"""The maximum number of characters of code that are parsed."""

MAX_NESTED = 40
"""The maximum depth of an expression whose value is used, and of statements inside each other."""

WRITTEN = "The Keras code was not run: the layers are counted from the numbers that are written in it."
FROZEN = "The code sets trainable later, so that the number of trained parameters is not known."
SUMMARY = "Paste the output of model.summary()."
REFUSED = (
    f"This is Keras code, which is never run, and its layers do not follow from what is written. {SUMMARY}"
)

_CONV = ("filters", "kernel_size", "strides", "padding")
_POOL = ("pool_size", "strides", "padding")
_ORDER: Mapping[str, tuple[str, ...]] = {
    **{f"{name}{rank}D{end}": _CONV for rank in (1, 2, 3) for name in ("Conv", "SeparableConv", "Convolution")
       for end in ("", "Transpose")},
    **{f"DepthwiseConv{rank}D": _CONV[1:] for rank in (1, 2)},
    **{f"{name}Pooling{rank}D": _POOL for rank in (1, 2, 3) for name in ("Max", "Average")},
    **{f"UpSampling{rank}D": ("size",) for rank in (1, 2, 3)},
    **{f"ZeroPadding{rank}D": ("padding",) for rank in (1, 2, 3)},
    **{f"Cropping{rank}D": ("cropping",) for rank in (1, 2, 3)},
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), ("units", "activation")),
    **dict.fromkeys(("BatchNormalization", "LayerNormalization"), ("axis",)),
    "GroupNormalization": ("groups",),
    "Dense": ("units", "activation"),
    "Embedding": ("input_dim", "output_dim"),
    "Reshape": ("target_shape",),
    "RepeatVector": ("n",),
    "Permute": ("dims",),
    "MultiHeadAttention": ("num_heads", "key_dim"),
    "InputLayer": ("shape",),
    **dict.fromkeys(("Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianNoise"), ("rate",)),
    **dict.fromkeys(("Activation", "LeakyReLU", "ReLU", "ELU", "Rescaling", "Softmax"), ("activation",)),
}  # fmt: skip
"""The positional arguments of each class that code commonly leaves without names."""

_TWO_READINGS = tuple(
    f"{name}{rank}D{end}" for name in ("Conv", "Convolution", "SeparableConv", "SeparableConvolution")
    for rank in (2, 3) for end in ("", "Transpose")
)  # fmt: skip
TWO_READINGS = (
    "Several numbers in a convolution have two readings: in Keras 1 filters and the sizes of the kernel, "
    "later filters, kernel_size and strides."
)

_INPUT_KEYS = ("shape", "input_shape", "batch_shape", "batch_input_shape")
_IRRELEVANT = re.compile(
    r"activation|recurrent_activation|name|rate|momentum|epsilon|alpha|negative_slope|max_value|seed|dropout"
    r"|recurrent_dropout|stddev|dtype|sparse|\w{1,30}_(?:initializer|regularizer|constraint)|weights"
)
"""Arguments that change no count and no shape."""

_CALLS = re.compile(
    r"(?<![\w.])(?:(?:tf|tensorflow|keras|K|layers|kl|tfl|L|tfk|tfkl|models)\.){0,4}"
    r"(?:Dense|(?:Separable|Depthwise)?Conv(?:olution)?[123]D(?:Transpose)?|BatchNormalization|"
    r"LayerNormalization|UpSampling[123]D|(?:Global)?(?:Max|Average)Pooling[123]D|Embedding)\s{0,3}\("
)
_CODE = re.compile(
    r"\.add\(|Sequential\(|^\s{0,80}(?:import|from) [\w.]|"
    r"(?<![=!<>(,])\s?=\s{0,3}[\w.]{0,60}\(|\)\([A-Za-z_]",
    re.MULTILINE,
)
_KERAS = re.compile(r"\b(?:keras|tensorflow|tf)\b|\.add\(")
_PRINTED = re.compile(r"^\s{0,200}\([^()\n]{1,100}\): \w", re.MULTILINE)
_PROMPT = re.compile(r"^(?:>>> ?|\.\.\. |\.\.\.$|In \[\d*\]: ?|[ ]{3,6}\.\.\.: ?)", re.MULTILINE)
_MAGIC = re.compile(r"^[ \t]{0,80}(?:[!%]|```)[^\n]*$", re.MULTILINE)


def recognises(data: str) -> bool:
    """Return whether a text is code that creates layers of Keras.

    >>> recognises("model.add(Conv2DTranspose(64, 5, padding='same'))")
    True
    >>> recognises("(up): Conv2DTranspose(64)"), recognises("up (Conv2DTranspose)   (None, 8)  72")
    (False, False)
    """
    begin = data[:MAX_CODE]
    calls = {layer[0] for layer in _CALLS.finditer(begin)}
    if not calls or _PRINTED.search(begin) or not _CODE.search(begin):
        return False
    # Embedding is the only one of these classes that PyTorch has too.
    others = any("Embedding" not in call for call in calls)
    return others or _KERAS.search(begin) is not None


def read_keras_code(data: str, *, name: str = "") -> Model:
    """Return the model that Keras code describes. Raises ``ReadError`` where nothing of it can be counted.

    >>> model = read_keras_code("m = Sequential(); m.add(Input((8, 8, 64))); m.add(Conv2DTranspose(32, 4))")
    >>> model.transposed_count, model.rows[0].weight_shape
    (32800, (4, 4, 32, 64))
    >>> read_keras_code("x = Conv2D(8, 3)(x)")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is Keras code, which is never run, and its layers do not follow \
from what is written. Paste the output of model.summary().
    """
    if len(data) > MAX_CODE:
        raise ReadError(
            f"This is Keras code of {len(data):,} characters; at most {MAX_CODE:,} are parsed. {SUMMARY}"
        )
    tree = _parse(data)
    try:
        reader = _CodeReader(tree)
        reader.statements(tree.body, "", ())
        loose = reader.loose_layers(tree)
        roots = [model for model in reader.models if model.layers and not model.nested]
        models = [model_from_config(root.config(), FORMAT) for root in roots]
    except RecursionError:
        raise ReadError(f"This Keras code is nested too deeply. {SUMMARY}") from None
    rows: list[Row] = []
    said: list[str] = []
    for root, read in zip(roots, models, strict=True):
        prefix = f"{root.title}/" if len(roots) > 1 else ""
        for row in read.rows:
            note = reader.reasons.get(row.name.rpartition("/")[2], row.note)
            rows.append(dataclasses.replace(row, name=prefix + row.name, note=note))
        said += [sentence for sentence in read.assumptions if sentence not in said]
    rows += [*loose, *_gaps(data)]
    if len(rows) > MAX_ROWS:
        raise ReadError(f"This Keras code has more than {MAX_ROWS:,} layers, the maximum that is read.")
    if not any(row.parameter_count for row in rows):
        two = [TWO_READINGS] if any(row.note == TWO_READINGS for row in rows) else []
        raise ReadError(" ".join([REFUSED, *two]))
    if len(roots) > 1:
        said.append(f"The code has {len(roots):,} models, and all of them are counted.")
    if reader.sets_trainable:
        said.append(FROZEN)
    chain = models[0].chain if len(models) == 1 and not loose else None
    known = not reader.sets_trainable
    return Model(tuple(rows), FORMAT, (WRITTEN, *said), name, chain=chain, trained_known=known)


def _gaps(data: str) -> list[Row]:
    """Return a row for each line of dots and each comment that say that lines were left out."""
    rows, previous = [], ""
    for number, line in enumerate(data.split("\n"), 1):
        code, comment = split_comment(line)
        # Dots behind a colon are the body of a function, and those behind a prompt a line that goes on.
        dots = code.strip() == "..." and not previous.endswith(":") and ">>>" not in data
        if dots or comment_leaves_out(comment):
            rows.append(left_out_row("", left_out_sentence(number, line)))
        previous = code or previous
    return rows


def _parse(data: str) -> ast.Module:
    """Return the syntax tree of the code. Raises ``ReadError`` where it is not valid Python."""
    text = _MAGIC.sub("", _PROMPT.sub("", data.replace("\r\n", "\n").removeprefix("\ufeff")))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(textwrap.dedent(text).strip("\n") + "\n")
    except (SyntaxError, ValueError) as error:  # The latter is for a zero character, in some versions.
        line = getattr(error, "lineno", None) or 1
        raise ReadError(
            f"This is Keras code, but line {line:,} is not valid Python, so that it cannot be "
            f"parsed. {SUMMARY}"
        ) from None
    except (RecursionError, MemoryError):
        raise ReadError(f"This is Keras code, but it cannot be parsed. {SUMMARY}") from None


class _UnclearError(Exception):
    """An argument has no value that is written in the code."""


@dataclass
class _Sequential:
    """A Sequential that the code builds: its layers as configurations, in order."""

    title: str
    layers: list[dict[str, object]] = field(default_factory=list)
    build_shape: object = None
    nested: bool = False
    passed_to: str = ""
    """A function that received the model, and that may have added layers."""

    def config(self) -> dict[str, object]:
        """Return the configuration, as ``model.to_json()`` has it."""
        options = {"name": self.title, "layers": [*self.layers], "build_input_shape": self.build_shape}
        return {"class_name": "Sequential", "config": options}


class _CodeReader:
    """A reader that goes through the statements once and collects the models."""

    def __init__(self, tree: ast.Module) -> None:
        self.models: list[_Sequential] = []
        self.reasons: dict[str, str] = {}
        """The name of a layer that is not counted → the reason."""

        self.current: dict[tuple[str, str], _Sequential] = {}
        """(function, variable) → the model in the variable."""

        self.used: set[int] = set()
        """The calls of layers that belong to a model, by id()."""

        self.bound = {name for node in ast.walk(tree) for name in _bound_names(node)}
        """The names that the code gives a value; another name with ``add`` is a model from above the code."""

        self.names = _constants(tree)
        self.own = _own_classes(tree)
        attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        self.sets_trainable = any(
            node.attr == "trainable" and isinstance(node.ctx, ast.Store) for node in attributes
        )
        if changed := {"enable_lora", "quantize"} & {node.attr for node in attributes}:
            raise ReadError(
                f"This Keras code calls {changed.pop()}(), which changes the parameters of layers. {SUMMARY}"
            )

    def statements(self, body: Sequence[ast.stmt], scope: str, unsure: Sequence[str], depth: int = 0) -> None:
        """Read statements in ``scope``, a function. ``unsure`` is why they may not run exactly once."""
        if depth > MAX_NESTED:
            return
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.statements(statement.body, f"{scope}{statement.name}.", (), depth + 1)
            elif isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test)[:100]:
                self.statements(statement.body, scope, unsure, depth + 1)
            elif isinstance(statement, ast.For | ast.AsyncFor | ast.While | ast.If | ast.Try):
                for block in ("body", "orelse", "finalbody"):
                    inside = getattr(statement, block, [])
                    self.statements(inside, scope, (*unsure, "a loop or a condition"), depth + 1)
                for handler in getattr(statement, "handlers", []):
                    self.statements(handler.body, scope, (*unsure, "a condition"), depth + 1)
            elif isinstance(statement, ast.With | ast.AsyncWith):
                self.statements(statement.body, scope, unsure, depth + 1)
            else:
                self._statement(statement, scope, unsure)

    def _statement(self, statement: ast.stmt, scope: str, unsure: Sequence[str]) -> None:
        """Read one statement: a new model, an added layer, or a use of a model."""
        value = getattr(statement, "value", None)
        assigned = isinstance(statement, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr)
        if assigned and isinstance(value, ast.Call) and _is_sequential(value):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            target = statement.target if isinstance(statement, ast.AnnAssign) else target
            variable = target.id if isinstance(target, ast.Name) else ""
            model = self._new_model(value, scope.rstrip(".") or variable or "model", scope)
            if unsure:
                self._unclear(model, "Sequential", f"It stands in {unsure[0]}.")
            if variable:
                self.current[scope, variable] = model
            return
        called = _method(value)
        if called and called[1] == "add" and called[0] not in self.bound:
            self.bound.add(called[0])
            self.models.append(_Sequential(called[0]))
            self.current[scope, called[0]] = self.models[-1]
        if called and isinstance(value, ast.Call) and (found := self.current.get((scope, called[0]))):
            if called[1] == "add" and len(value.args) == 1:
                self._flush(found)
                if unsure:
                    kind = _class_of(value.args[0])
                    self._unclear(found, kind, f"It stands in {unsure[0]}.")
                    self._use(value.args[0])
                else:
                    found.layers.append(self._layer(value.args[0], scope, len(found.layers) + 1))
                return
            if called[1] == "pop":
                del found.layers[-1:]
                if unsure:
                    self._unclear(found, "pop", "The code removes a layer here.")
                return
            if called[1] == "build" and value.args:
                found.build_shape = self._or_none(value.args[0])
                return
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                for argument in node.args:
                    if isinstance(argument, ast.Name) and (scope, argument.id) in self.current:
                        self.current[scope, argument.id].passed_to = _class_of(node) or "function"
                method = _method(node)
                if method and method[1] in ("add", "pop") and (scope, method[0]) in self.current:
                    used = self.current[scope, method[0]]
                    used.passed_to = method[1]
                    if method[1] == "pop":
                        del used.layers[-1:]
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                self.current.pop((scope, node.id), None)  # The variable is something else now.

    def _new_model(self, call: ast.Call, title: str, scope: str) -> _Sequential:
        """Return the model of a call of Sequential, with the layers of its list."""
        model = _Sequential(title)
        self.models.append(model)
        given = [*call.args, *(word.value for word in call.keywords if word.arg == "layers")]
        if given and not isinstance(given[0], ast.List | ast.Tuple):
            self._unclear(model, "Sequential", "Its layers are not written as a list.")
        elif given:
            for element in given[0].elts:  # type: ignore[attr-defined]
                model.layers.append(self._layer(element, scope, len(model.layers) + 1))
        return model

    def _flush(self, model: _Sequential) -> None:
        """Add a layer that is not counted for a function that received the model before."""
        if model.passed_to:
            self._unclear(model, model.passed_to, "The model may get other layers here.")
            model.passed_to = ""

    def _unclear(self, model: _Sequential, kind: str, reason: str) -> None:
        model.layers.append(self._unclear_layer(kind, reason, len(model.layers) + 1))

    def _unclear_layer(self, kind: str, reason: str, number: int) -> dict[str, object]:
        """Return the configuration of a layer that is not counted, for the given reason."""
        name = f"{kind or 'layer'}_{number}_{len(self.reasons) + 1}"
        self.reasons[name] = reason
        return {"class_name": kind or "layer", "module": "unclear", "config": {"name": name}}

    def _layer(self, node: ast.expr, scope: str, number: int) -> dict[str, object]:
        """Return the configuration of the layer that an expression creates."""
        if isinstance(node, ast.Name) and (found := self.current.get((scope, node.id))):
            if found.nested:
                return self._unclear_layer(node.id, "The same model is used several times.", number)
            found.nested = True
            return found.config()
        self._use(node)
        kind = _class_of(node)
        if _is_sequential(node):
            model = self._new_model(node, f"sequential_{number}", scope)  # type: ignore[arg-type]
            model.nested = True
            return model.config()
        if not isinstance(node, ast.Call) or not kind:
            return self._unclear_layer(kind, "It is not written as a layer of Keras.", number)
        if kind == "Input":
            kind = "InputLayer"
        if kind in self.own or kind not in BUILDERS.keys() | WITHOUT_PARAMETERS:
            reason = "It is not a layer of Keras itself, or contains another one: the code is not run."
            return self._unclear_layer(kind, reason, number)
        try:
            options = self._options(kind, node)
        except _UnclearError as error:
            return self._unclear_layer(kind, str(error), number)
        name = options.get("name")
        if not isinstance(name, str) or name in self.reasons:
            options["name"] = f"{re.sub(r'(?<=[a-z0-9D])(?=[A-Z][a-z])', '_', kind).lower()}_{number}"
        return {"class_name": kind, "config": options}

    def _options(self, kind: str, call: ast.Call) -> dict[str, object]:
        """Return the options of a layer. Raises ``_UnclearError`` where one that matters is not written."""
        order = _ORDER.get(kind, ())
        if any(isinstance(argument, ast.Starred) for argument in call.args) or any(
            word.arg is None for word in call.keywords
        ):
            raise _UnclearError("Its arguments come from a variable.")
        if len(call.args) > len(order):
            raise _UnclearError(f"Only the first {len(order)} of its arguments are known without names.")
        if kind in _TWO_READINGS and self._has_two_readings(call.args):
            raise _UnclearError(TWO_READINGS)
        given = {**dict(zip(order, call.args, strict=False))}
        given |= {str(word.arg): word.value for word in call.keywords}
        options: dict[str, object] = {}
        for key, node in given.items():
            try:
                options[key] = self._value(node)
            except _UnclearError:
                if key in _INPUT_KEYS or _IRRELEVANT.fullmatch(key):
                    continue
                raise _UnclearError(
                    f"The value of {key} is not a number that is written in the code."
                ) from None
        return _with_input_shape(kind, options)

    def _has_two_readings(self, arguments: Sequence[ast.expr]) -> bool:
        """Return whether the second and third argument may both be one whole number.

        A fourth argument that is a padding was never one of Keras 1.
        """
        values = [self._or_none(argument) for argument in arguments]
        written = len(values) > 2 and not any(isinstance(value, list | str) for value in values[1:3])
        return written and values[3:4] not in (["same"], ["valid"])

    def _value(self, node: ast.expr, depth: int = 0) -> object:
        """Return the value of a literal, of a product or sum, or of a name with one value."""
        if depth > MAX_NESTED:
            raise _UnclearError
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | None):
            return node.value
        if isinstance(node, ast.Tuple | ast.List):
            return [self._value(item, depth + 1) for item in node.elts]
        if isinstance(node, ast.Name) and node.id in self.names:
            return self.names[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -_integer(self._value(node.operand, depth + 1))
        if isinstance(node, ast.BinOp):
            left = _integer(self._value(node.left, depth + 1))
            right = _integer(self._value(node.right, depth + 1))
            if isinstance(node.op, ast.Mult):
                return _integer(left * right)
            if isinstance(node.op, ast.Add):
                return left + right
            if isinstance(node.op, ast.Sub):
                return left - right
            if isinstance(node.op, ast.FloorDiv) and right:
                return left // right
        raise _UnclearError

    def _or_none(self, node: ast.expr) -> object:
        """Return the value of an expression, or ``None`` where the value is not written."""
        try:
            return self._value(node)
        except _UnclearError:
            return None

    def _use(self, node: ast.expr) -> None:
        """Mark every call inside an expression as part of a model."""
        self.used.update(id(each) for each in ast.walk(node) if isinstance(each, ast.Call))

    def loose_layers(self, tree: ast.Module) -> list[Row]:
        """Return the rows of layers that the code creates outside the models that are read."""
        rows = []
        for node in ast.walk(tree):
            kind = _class_of(node)
            if isinstance(node, ast.Call) and kind in BUILDERS and kind not in self.own:
                if isinstance(node.func, ast.Call) or id(node) in self.used:
                    continue
                note = "What it receives is not written in a Sequential."
                transposed = kind.endswith("Transpose")
                rows.append(Row(f"line {node.lineno}", kind, known=False, note=note, transposed=transposed))
        return rows


def _integer(value: object) -> int:
    """Return an int up to ``MAX_COUNT``. Raises ``_UnclearError`` for any other value."""
    if type(value) is not int or abs(value) > MAX_COUNT:
        raise _UnclearError
    return value


def _with_input_shape(kind: str, options: dict[str, object]) -> dict[str, object]:
    """Return the options with the input shape as a configuration has it, where one is written."""
    batch = next((options.pop(key) for key in ("batch_shape", "batch_input_shape") if key in options), None)
    shape = next((options.pop(key) for key in ("input_shape", "shape") if key in options), None)
    if shape is None and kind == "Embedding":
        shape = [options.pop("input_length", None)]
    elif shape is None and "input_dim" in options:
        shape = [options.pop("input_dim")]
        if "input_length" in options:
            shape = [options.pop("input_length"), *shape]
    if isinstance(batch, list):
        options["batch_input_shape"] = batch
    elif isinstance(shape, list):
        options["batch_input_shape"] = [None, *shape]
    return options


def _class_of(node: ast.AST) -> str:
    """Return the last name of what a call calls, or ""."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_sequential(node: object) -> bool:
    return isinstance(node, ast.Call) and _class_of(node) == "Sequential"


def _method(node: object) -> tuple[str, str] | None:
    """Return (variable, method) of a call such as ``model.add(…)``, or ``None``."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id, function.attr
    return None


def _bound_names(node: ast.AST) -> list[str]:
    """Return the names to which a node gives a value; a global name twice, as other functions change it."""
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.alias):
        return [node.asname or node.name.partition(".")[0]]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
        return [node.name] if node.name else []
    return [*node.names, *node.names] if isinstance(node, ast.Global | ast.Nonlocal) else []


def _constants(tree: ast.Module) -> dict[str, object]:
    """Return the names that have one value in the whole text, a literal at its top level."""
    bound = Counter(name for node in ast.walk(tree) for name in _bound_names(node))
    values: dict[str, object] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name) and bound[target.id] == 1:
                try:
                    value: object = ast.literal_eval(statement.value)
                except (ValueError, TypeError, MemoryError, RecursionError):
                    continue
                if type(value) is int or (
                    isinstance(value, tuple) and all(type(size) is int for size in value)
                ):
                    values[target.id] = list(value) if isinstance(value, tuple) else value
    return values


def _own_classes(tree: ast.Module) -> set[str]:
    """Return the names that the code defines itself, or imports from elsewhere than Keras."""
    own = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            keras = (node.module or "").partition(".")[0] in ("keras", "tensorflow", "tf_keras", "tf")
            for alias in node.names:
                if not keras or (alias.asname and alias.asname != alias.name):
                    own.add(alias.asname or alias.name)
        elif isinstance(node, ast.Assign):
            own.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return own
