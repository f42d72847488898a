"""Names in a pickle that only an attack needs: programs, files, the network, the interpreter itself.

No name of a pickle is ever looked up, so that any of them would be harmless here. A file with one of these
names is refused all the same, because PyTorch would run it and its owner should know. Why this is
hand-written:

- The scanners of pickles (https://github.com/mmaitre314/picklescan has such a table) read with ``pickle``'s
  tools and report; they do not find tensors.
- A list of allowed names, as ``torch.load(weights_only=True)`` has it, refuses most checkpoints of training.
"""

_MODULES = frozenset({
    *("os", "posix", "nt", "sys", "subprocess", "commands", "pty", "shutil", "tempfile", "ctypes"),
    *("importlib", "runpy", "zipimport", "pkgutil", "pip", "ensurepip", "venv", "multiprocessing"),
    *("pickle", "_pickle", "cPickle", "marshal", "shelve", "dill._dill._create_code"),
    *("socket", "ssl", "httplib", "urllib", "urllib2", "requests", "aiohttp", "asyncio", "ftplib"),
    *("smtplib", "telnetlib", "xmlrpc", "webbrowser", "pdb", "bdb", "cProfile", "timeit", "codeop"),
    *("code.InteractiveInterpreter", "code.InteractiveConsole", "code.interact", "pydoc.pipepager"),
    *("operator.attrgetter", "operator.methodcaller", "numpy.testing", "types.CodeType"),
    "types.FunctionType",
    *("torch.hub", "torch.load", "torch.serialization.load", "torch.jit.load"),
    *("torch.utils.cpp_extension", "torch.utils.collect_env", "torch.utils.bottleneck"),
})  # fmt: skip
"""Modules and functions that are refused with everything inside them."""

_ANYWHERE = frozenset({"os", "posix", "nt", "sys", "subprocess", "builtins", "__builtin__", "__builtins__"})
"""Modules that are refused as an attribute of another module too, as in ``torch._utils.os.system``."""

_MEMBERS = frozenset({
    *("system", "popen", "Popen", "__import__", "__globals__", "__subclasses__", "__code__", "execfile"),
    *("write_text", "write_bytes", "unlink", "rmtree", "rmdir"),
})  # fmt: skip
"""Functions that are refused in any module."""

_BUILTINS = frozenset({
    *("set", "frozenset", "dict", "list", "tuple", "int", "long", "float", "complex", "bool", "str"),
    *("unicode", "bytes", "bytearray", "object", "type", "slice", "range", "xrange", "getattr", "NoneType"),
})  # fmt: skip
"""The names of ``builtins`` that are not refused, with those of exceptions."""


def runs_code(module: str, name: str) -> bool:
    """Return whether ``module.name`` is a name that only an attack needs.

    >>> runs_code("os", "system"), runs_code("torch._utils", "sys.modules"), runs_code("builtins", "eval")
    (True, True, True)
    >>> runs_code("builtins", "set"), runs_code("argparse", "Namespace"), runs_code("mynet.code", "UNet")
    (False, False, False)
    """
    if module in ("builtins", "__builtin__"):
        return name not in _BUILTINS and not name.endswith(("Error", "Exception", "Warning"))
    parts = f"{module}.{name}".split(".", 9)
    beginnings = {".".join(parts[:count]) for count in range(1, 4)}
    return bool(beginnings & _MODULES or set(parts) & _ANYWHERE or set(name.split(".", 9)) & _MEMBERS)
