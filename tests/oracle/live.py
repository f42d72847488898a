"""Compare this package with the real frameworks: ``python -m tests.oracle.live``.

Prints one line for each part and the totals. Exits with 1 on any difference, and where a part made fewer
comparisons than its minimum.
"""

import importlib
import itertools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from calculator.frameworks import FRAMEWORKS
from tests.oracle import alternatives, picture, sizes, snippets, tools
from tests.oracle.framework_answers import ANSWERS
from tests.oracle.report import Report
from tests.oracle.settings import computed, distinct_settings

SEED = 2021


def check_settings(report: Report, name: str, count: int) -> None:
    """Compare shapes, sizes and refusals on random settings, good and bad."""
    refused = 0
    for setting in itertools.islice(distinct_settings(name, SEED), count):
        ours, theirs = computed(name, setting), ANSWERS[name](setting)
        refused += theirs is None
        report.check("" if ours == theirs else f"{name}: {setting}: computed {ours}, really {theirs}")
    # A generator that draws only good or only bad settings would leave half of the rules unchecked.
    if not count / 20 < refused < count / 2:
        report.check(f"{name}: {refused} of {count} settings were refused, a useful mix is 5 to 50 %")


def check_snippets(report: Report, name: str, count: int) -> None:
    """Run the code of layers and compare parameters and outputs with PyTorch's."""
    for seed, (layer, size) in enumerate(itertools.islice(snippets.random_layers(name, SEED), count)):
        if FRAMEWORKS[name].problems(layer):
            made = snippets.run(FRAMEWORKS[name].code(layer))
            report.check("" if set(made) == {"__builtins__"} else f"{name} makes {made} of {layer}")
        else:
            report.check(snippets.mismatch(name, layer, size, seed))


def check_problems(report: Report, name: str) -> None:
    """Check that ``problems`` is empty exactly for the layers that some option of the framework computes."""
    for seed, layer in enumerate(snippets.small_layers(name)):
        values = snippets.Values(layer, [7], seed)
        expected = values.expected()
        outputs = snippets.every_output(name, layer, values)
        possible = any(out.shape == expected.shape and (out == expected).all() for out in outputs)
        promised = not FRAMEWORKS[name].problems(layer)
        report.check(
            "" if promised == possible else f"{name}: possible {possible}, promised {promised}: {layer}"
        )


def check_costs(report: Report, count: int) -> None:
    """Compare multiply–accumulates with PyTorch's own counter, which counts two operations for each."""
    torch = importlib.import_module("torch")
    counter = importlib.import_module("torch.utils.flop_counter")
    for layer, size in itertools.islice(snippets.random_layers("pytorch", SEED + 1), count):
        made = snippets.run(FRAMEWORKS["pytorch"].code(layer))["layer"]
        with counter.FlopCounterMode(display=False) as counted:
            made(torch.zeros(1, layer.in_channels, *size))
        twice = 2 * layer.multiply_accumulates(size)
        theirs = counted.get_total_flops()
        report.check("" if theirs == twice else f"FlopCounterMode {theirs}, ours {twice}: {layer}, {size}")


def pytorch() -> Report:
    report = Report("PyTorch", 3_550)
    check_settings(report, "pytorch", 2_500)
    check_snippets(report, "pytorch", 400)
    check_costs(report, 500)
    sizes.check_ways(report, 150, ("pytorch",))
    return report


def upsampling() -> Report:
    report = Report("The page Picture and every way to upsample, on PyTorch", 1_500)
    picture.check_stamps(report, 1_000)
    sizes.check_inverse(report, 100)
    alternatives.check_alternatives(report, 400)
    return report


def other_tools() -> Report:
    report = Report("What other tools print", 1_272)
    tools.check_tools(report, 200)
    return report


def keras() -> Report:
    os.environ["KERAS_BACKEND"] = "torch"
    report = Report("Keras on PyTorch", 2_700)
    check_settings(report, "keras", 2_100)
    check_snippets(report, "keras", 400)
    check_problems(report, "keras")
    sizes.check_ways(report, 100, ("keras",))
    return report


def keras_on_jax() -> Report:
    os.environ["KERAS_BACKEND"] = "jax"
    report = Report("Keras on JAX", 240)
    check_settings(report, "keras", 120)
    check_snippets(report, "keras", 120)
    return report


def flax() -> Report:
    report = Report("Flax", 2_470)
    check_settings(report, "flax", 2_100)
    for layer, _ in itertools.islice(snippets.random_layers("flax", SEED + 1), 300):
        if not FRAMEWORKS["flax"].problems(layer):
            shapes = snippets.abstract(FRAMEWORKS["flax"].code(layer))
            count = sum(parameter.size for parameter in shapes.values())
            report.check("" if count == layer.parameter_count else f"Flax has {count}: {layer}")
    check_snippets(report, "flax", 100)
    sizes.check_ways(report, 20, ("flax",))
    return report


def onnx() -> Report:
    report = Report("ONNX", 2_800)
    check_settings(report, "onnx", 2_100)
    check_snippets(report, "onnx", 400)
    check_problems(report, "onnx")
    sizes.check_ways(report, 100, ("onnx",))
    return report


def _with_failures(report: Report, count: int, failures: list[str]) -> Report:
    """Return the report with one check for each of ``count`` models; each failure is one of them."""
    for failure in [*failures, *[""] * (count - len(failures))]:
        report.check(failure)
    return report


def reading_torch() -> Report:
    report = Report("Reading what PyTorch prints", 1_500)
    return _with_failures(report, 1_500, importlib.import_module("tests.oracle.reading_torch").check(1_500))


def reading_keras() -> Report:
    os.environ["KERAS_BACKEND"] = "torch"
    report = Report("Reading Keras models", 100)
    return _with_failures(report, 100, importlib.import_module("tests.oracle.reading_keras").check(100))


def reading_onnx() -> Report:
    # Eleven operator tests ship with the package, each with its weights as initializers and as constants.
    report = Report("Reading ONNX's own operator tests", 22)
    return _with_failures(report, 22, importlib.import_module("tests.oracle.reading_onnx").check())


def reading_libraries() -> Report:
    report = Report("Reading networks of MONAI and torchvision", 25_000)
    for failure in importlib.import_module("tests.oracle.reading_libraries").check():
        report.check(failure)
    return report


def reading_applications() -> Report:
    os.environ["KERAS_BACKEND"] = "torch"
    report = Report("Reading the networks of keras.applications", 3_500)
    for failure in importlib.import_module("tests.oracle.reading_applications").check():
        report.check(failure)
    return report


PARTS: tuple[Callable[[], Report], ...] = (
    flax,
    keras_on_jax,
    onnx,
    keras,
    pytorch,
    upsampling,
    other_tools,
    reading_libraries,
    reading_applications,
    reading_torch,
    reading_keras,
    reading_onnx,
)
"""The longest parts first. Each part runs in its own process, as Keras accepts one backend per process."""


def main() -> int:
    reports = []
    context = get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=context, max_tasks_per_child=1) as pool:
        for done in as_completed([pool.submit(part) for part in PARTS]):
            report = done.result()
            if report.checked < report.minimum:
                report.failures.append(f"{report.title}: at least {report.minimum} were expected")
            reports.append(report)
            failed = len(report.failures)
            print(f"{report.title}: {report.checked} checked, {failed} mismatches", flush=True)
            print(*report.failures[:20], sep="\n", end="\n" if failed else "", file=sys.stderr, flush=True)
    checked, failed = sum(r.checked for r in reports), sum(len(r.failures) for r in reports)
    print(f"{checked - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
