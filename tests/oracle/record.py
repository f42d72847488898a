"""Record the answers of the real frameworks again: ``python -m tests.oracle.record``.

Writes ``tests/frameworks/recorded/<framework>.json``: the versions and the seed, then one setting
per line with the answer, or with ``"refused": true``. The tests replay these files without any
framework installed.
"""

import itertools
import json
import os
from typing import Any

from tests.helpers.paths import FRAMEWORKS_RECORDED
from tests.oracle.framework_answers import ANSWERS, versions
from tests.oracle.settings import Answer, Setting, distinct_settings

SEED = 2016
COUNT = 600
FOLDER = FRAMEWORKS_RECORDED


def line(setting: Setting, answer: Answer | None) -> dict[str, Any]:
    asked = {"layer": setting.layer, "input_size": setting.input_size}
    asked |= {"padding": setting.padding, "output_padding": setting.output_padding}
    return asked | ({"refused": True} if answer is None else answer._asdict())


def record(name: str) -> str:
    """Return the recorded file of one framework as text."""
    lines = [
        json.dumps(line(setting, ANSWERS[name](setting)), separators=(",", ":"))
        for setting in itertools.islice(distinct_settings(name, SEED), COUNT)
    ]
    head = json.dumps({"framework": name, "versions": versions(name), "seed": SEED})
    return f'{head[:-1]}, "settings": [\n' + ",\n".join(lines) + "\n]}\n"


def main() -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    for name in ANSWERS:
        path = FOLDER / f"{name}.json"
        path.write_text(record(name), encoding="utf-8")
        refused = path.read_text(encoding="utf-8").count('"refused":true')
        print(f"{path.name}: {COUNT} settings, {refused} of them refused")


if __name__ == "__main__":
    main()
