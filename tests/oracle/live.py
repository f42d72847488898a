"""Compare this package with the real frameworks: ``python -m tests.oracle.live``.

Prints one line for each part and the totals. Exits with 1 on any difference, and where a part made fewer
comparisons than its minimum. Without any, and with a share as large as CI's, notes it in ``compared.json``.
"""

import argparse
import importlib
import itertools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from calculator.frameworks import FRAMEWORKS
from tests.oracle import alternatives, calls, compared, picture, sizes, snippets, solver, tools
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


def pytorch(share: int) -> Report:
    report = Report("PyTorch", 3_550 // share)
    check_settings(report, "pytorch", 2_500 // share)
    check_snippets(report, "pytorch", 400 // share)
    check_costs(report, 500 // share)
    calls.check_pytorch(report)
    sizes.check_ways(report, 150 // share, ("pytorch",))
    return report


def solver_answers(share: int) -> Report:
    report = Report("Layers and chains for a wanted size, on PyTorch", 1_000 // share)
    solver.check_answers(report, 900 // share)
    solver.check_ways(report, 100 // share, "pytorch")
    return report


def upsampling(share: int) -> Report:
    report = Report("The page Picture and every way to upsample, on PyTorch", 2_800 // share)
    picture.check_stamps(report, 1_000 // share)
    sizes.check_inverse(report, 100 // share)
    alternatives.check_alternatives(report, 1_300 // share)
    alternatives.check_equal_functions(report, 400 // share)
    return report


def other_tools(share: int) -> Report:
    report = Report("What other tools print", 1_272 // share)
    tools.check_tools(report, 200 // share)
    return report


def keras(share: int) -> Report:
    report = Report("Keras on PyTorch", 2_950 // share)
    check_settings(report, "keras", 2_100 // share)
    check_snippets(report, "keras", 400 // share)
    check_problems(report, "keras")
    calls.check_keras(report, 200 // share)
    sizes.check_ways(report, 100 // share, ("keras",))
    solver.check_ways(report, 100 // share, "keras")
    alternatives.check_exports(report, 150 // share)
    return report


def keras_on_jax(share: int) -> Report:
    report = Report("Keras on JAX", 240 // share)
    check_settings(report, "keras", 120 // share)
    check_snippets(report, "keras", 120 // share)
    return report


def flax(share: int) -> Report:
    report = Report("Flax", 2_490 // share)
    check_settings(report, "flax", 2_100 // share)
    for layer, _ in itertools.islice(snippets.random_layers("flax", SEED + 1), 300 // share):
        if not FRAMEWORKS["flax"].problems(layer):
            shapes = snippets.abstract(FRAMEWORKS["flax"].code(layer))
            count = sum(parameter.size for parameter in shapes.values())
            report.check("" if count == layer.parameter_count else f"Flax has {count}: {layer}")
    check_snippets(report, "flax", 100 // share)
    calls.check_flax(report, 30 // share, SEED)
    sizes.check_ways(report, 20 // share, ("flax",))
    solver.check_ways(report, 20 // share, "flax")
    return report


def onnx(share: int) -> Report:
    report = Report("ONNX", 2_900 // share)
    check_settings(report, "onnx", 2_100 // share)
    check_snippets(report, "onnx", 400 // share)
    check_problems(report, "onnx")
    sizes.check_ways(report, 100 // share, ("onnx",))
    solver.check_ways(report, 100 // share, "onnx")
    return report


def _with_failures(report: Report, count: int, failures: list[str]) -> Report:
    """Return the report with one check for each of ``count`` models; each failure is one of them."""
    for failure in [*failures, *[""] * (count - len(failures))]:
        report.check(failure)
    return report


def reading_torch(share: int) -> Report:
    count = 1_500 // share
    report = Report("Reading what PyTorch prints", count)
    return _with_failures(report, count, importlib.import_module("tests.oracle.reading_torch").check(count))


def chains(share: int) -> Report:
    count = 300 // share
    report = Report("Sizes and multiply–accumulates along printed Sequentials", count)
    return _with_failures(report, count, importlib.import_module("tests.oracle.chains").check(count))


def keras_chains(share: int) -> Report:
    count = 150 // share
    report = Report("Sizes along Keras models", count)
    return _with_failures(report, count, importlib.import_module("tests.oracle.keras_chains").check(count))


def reading_keras(share: int) -> Report:
    count = 100 // share
    report = Report("Reading Keras models", count)
    return _with_failures(report, count, importlib.import_module("tests.oracle.reading_keras").check(count))


def reading_onnx(_share: int) -> Report:
    # Eleven operator tests ship with the package, each with its weights as initializers and as constants.
    report = Report("Reading ONNX's own operator tests", 22)
    return _with_failures(report, 22, importlib.import_module("tests.oracle.reading_onnx").check())


def reading_libraries(share: int) -> Report:
    report = Report("Reading networks of MONAI and torchvision", 25_000 // share)
    for failure in importlib.import_module("tests.oracle.reading_libraries").check(share):
        report.check(failure)
    return report


def reading_applications(share: int) -> Report:
    report = Report("Reading the networks of keras.applications", 3_500 // share)
    for failure in importlib.import_module("tests.oracle.reading_applications").check(share):
        report.check(failure)
    return report


PARTS: tuple[Callable[[int], Report], ...] = (
    reading_libraries,
    flax,
    reading_applications,
    onnx,
    keras,
    upsampling,
    pytorch,
    other_tools,
    solver_answers,
    reading_torch,
    chains,
    keras_chains,
    reading_keras,
    reading_onnx,
)
"""The longest parts first. Each part runs in its own process; in them, Keras computes with PyTorch."""

PRELOADED = ("torch", "keras", "tests.oracle.live")
"""What most parts import: it is loaded once, and each part begins as a copy of the process that did it."""

SMALL_LAYERS = {
    # The threads of a process would only wait for one another.
    "OMP_NUM_THREADS": "1",
    # Each process finds this module loaded, which is meant: it is a copy.
    "PYTHONWARNINGS": "ignore::RuntimeWarning:runpy",
    # Each layer has another shape and is compiled for one small run: as fast as that can be done.
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false --xla_backend_optimization_level=0 "
    "intra_op_parallelism_threads=1",
}


def compute_with_jax() -> None:
    """Make Keras compute with JAX in this process, which has not imported Keras: it accepts one backend."""
    os.environ["KERAS_BACKEND"] = "jax"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.live", description=__doc__)
    parser.add_argument(
        "--share", type=int, default=1, help="compare only 1 in SHARE of the layers and networks"
    )
    share = parser.parse_args().share
    reports = []
    os.environ.update(SMALL_LAYERS, KERAS_BACKEND="torch")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    with (
        ProcessPoolExecutor(1, get_context("spawn"), compute_with_jax) as alone,
        ProcessPoolExecutor(2, context, max_tasks_per_child=1) as pool,
    ):
        parts = [alone.submit(keras_on_jax, share), *(pool.submit(part, share) for part in PARTS)]
        for done in as_completed(parts):
            report = done.result()
            if report.checked < report.minimum:
                report.failures.append(f"{report.title}: at least {report.minimum} were expected")
            reports.append(report)
            failed = len(report.failures)
            print(f"{report.title}: {report.checked} checked, {failed} mismatches", flush=True)
            print(*report.failures[:20], sep="\n", end="\n" if failed else "", file=sys.stderr, flush=True)
    checked, failed = sum(r.checked for r in reports), sum(len(r.failures) for r in reports)
    print(f"{checked - failed} passed, {failed} failed")
    if not failed and share <= compared.SHARE:
        compared.note(checked)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
