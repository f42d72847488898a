"""Names that only an attack needs, and the names of ordinary checkpoints."""

import pytest

from calculator.readers.pytorch_files.forbidden_names import runs_code


@pytest.mark.parametrize(
    "name",
    [
        "os system",
        "posix popen",
        "nt system",
        "subprocess Popen",
        "builtins exec",
        "__builtin__ eval",
        "builtins __import__",
        "builtins open",
        "builtins dict.fromkeys",
        "importlib import_module",
        "torch hub.load",
        "torch.hub load",
        "torch.serialization load",
        "torch load",
        "torch._utils.os system",
        "mynet os.system",
        "pathlib Path.write_text",
        "shutil rmtree",
        "code interact",
        "types CodeType",
        "dill._dill _create_code",
        "_pickle loads",
        "socket socket",
        "operator methodcaller",
        "runpy _run_code",
        "object __globals__",
    ],
)
def test_names_of_an_attack(name: str) -> None:
    assert runs_code(*name.split(" "))


@pytest.mark.parametrize(
    "name",
    [
        "builtins set",
        "__builtin__ getattr",
        "builtins ValueError",
        "argparse Namespace",
        "numpy.core.multiarray scalar",
        "numpy._core.multiarray _reconstruct",
        "numpy dtype",
        "_codecs encode",
        "pathlib PosixPath",
        "collections defaultdict",
        "datetime datetime",
        "omegaconf.dictconfig DictConfig",
        "functools partial",
        "torch device",
        "torch.serialization _get_layout",
        "torch.nn.functional relu",
        "torch._C._nn gelu",
        "mynet.system.System Net",
        "code.models UNet",
        "profile.nets UNet",
        "models.yolo Model",
        "dill._dill _load_type",
    ],
)
def test_names_of_checkpoints(name: str) -> None:
    assert not runs_code(*name.split(" "))


def test_a_long_name_takes_no_time() -> None:
    assert runs_code("os." * 1_000_000, "x." * 1_000_000)


@pytest.mark.parametrize(
    "module", ["os", "posix", "nt", "sys", "subprocess", "builtins", "__builtin__", "__builtins__"]
)
def test_modules_of_the_system_are_refused_inside_other_modules_too(module: str) -> None:
    assert runs_code("torch._utils", f"{module}.anything")
    assert runs_code(f"torch.{module}", "anything")
