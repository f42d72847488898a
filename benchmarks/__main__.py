"""The command `python -m benchmarks`, which prints a report. `--write` also puts it into the README."""

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import animation, classroom, counts, crowd, first, keys, reading, reruns, soak, starting
from benchmarks.report import replace_section
from benchmarks.serving import conditions

README = Path(__file__).parent / "README.md"
PARTS: dict[str, Callable[[int], str]] = {
    "first": first.measure,
    "keys": keys.measure,
    "python": reruns.measure,
    "animation": animation.measure,
    "counts": counts.measure,
    "reading": reading.measure,
    "starting": starting.measure,
    "soak": soak.measure,
    "crowd": crowd.measure,
    "class": classroom.measure,
}


def parts(text: str) -> list[str]:
    """Return the parts in a comma-separated list. Raises ``ArgumentTypeError`` for an unknown part."""
    names = text.split(",")
    if unknown := [name for name in names if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"must be some of {','.join(PARTS)}, received {','.join(unknown)}")
    return names


def main() -> None:
    """Measure the selected parts and print the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the speed.")
    parser.add_argument("--only", type=parts, default=list(PARTS), metavar=",".join(PARTS))
    parser.add_argument("--rounds", type=int, default=3, help="more rounds, less noise (default 3)")
    parser.add_argument("--write", action="store_true", help="put the figures into benchmarks/README.md")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, received {options.rounds}")
    taken_on = conditions()
    for name in options.only:
        section = f"{PARTS[name](options.rounds)}\n\nTaken on {taken_on}"
        print(f"## {name}\n\n{section}\n", flush=True)
        if options.write:
            README.write_text(
                replace_section(README.read_text(encoding="utf-8"), name, section), encoding="utf-8"
            )


if __name__ == "__main__":
    main()
