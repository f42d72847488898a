"""Visit every view of every page: ``python -m tests.helpers.extreme_pages links``, or ``pastes``.

It is a process of its own with limits on memory and processor time, because a fault that it looks for would
take all memory or never end. It prints one line for each visit: what was visited, and what was wrong with it.
"""

import contextlib
import json
import resource
import sys
from collections.abc import Iterator, Mapping

from streamlit.testing.v1 import AppTest

from calculator.settings import FIELD, FIELDS
from calculator.settings.link import decode
from tests.helpers.extreme_settings import MARKED, MAX_VALUE
from tests.helpers.paths import ROOT

MAX_MEMORY = 4 << 30
"""Address space in bytes. The libraries alone take a third of it."""

MAX_GROWTH = 400 << 10
"""KiB by which all visits together may raise the memory in use. A visit takes a few MB."""

MAX_SECONDS = 240
"""Processor time for all visits together, about ten times what they take."""

MAX_SHOWN = 200_000
"""Characters of text on a page."""

HUGE = 10**18
WIDE = 10**17
TABLES = (
    "ConvTranspose1d_in1_out1_k4_s100000000",
    f"ConvTranspose1d_in1_out1_k4_s{HUGE}",
    f"ConvTranspose1d_in1_out1_k{HUGE - 1}_s{HUGE - 1}_p{HUGE}_op{HUGE - 2}_d{HUGE}_b0",
    f"ConvTranspose2d_in{WIDE}_out{WIDE}_k2_g{WIDE}_s{HUGE}x7_b0",
    "ConvTranspose2d_in400000000_out400000000_k2_s2",
    "ConvTranspose3d_in1_out1_k100000_s100000",
    f"Conv1DTranspose_in1_out1_k{WIDE}_s{HUGE}_psame",
    f"Linear_in1_out{WIDE}.a~Embedding_in{WIDE}_out1.b~BatchNorm2d_out{WIDE}.c",
    f"Input_out1_size{HUGE}x{HUGE}x{HUGE}~Conv3d_in1_out9_k1~ConvTranspose3d_in9_out1_k1~MaxPool3d_k{WIDE}",
    f"Input_out1_size1x1~Conv2d_in1_out1_k1~Upsample_f{HUGE}~ConvTranspose2d_in1_out1_k3_s1_p1",
    "~".join([f"Other_n{HUGE}"] * 200),
    "~".join(f"ConvTranspose1d_in{WIDE}_out1_k1_s{n}" for n in range(1, 120)),
    "~".join([f"ConvTranspose1d_in1_out1_k1_s{HUGE}." + "x" * 300] * 16),
    f"ConvTranspose2d_in{HUGE}_out{HUGE}_k{HUGE}_s{HUGE}",
)
"""Tables of a link whose values lie at the ends of what a reader accepts; it refuses the last one."""

PASTES = (
    "Sequential(\n  (0-999999): 1000000 x ConvTranspose2d(8, 8, kernel_size=(3, 3), stride=(1, 1))\n)",
    "Sequential(\n  (0-24998): 24999 x ConvTranspose2d(8, 8, kernel_size=(3, 3), stride=(1, 1))\n)",
    "Sequential(\n  (0-24999): 25000 x Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1))\n)",
    "type,in,out,kernel,stride\n" + "".join(f"ConvTranspose1d,{n},1,3,{n}\n" for n in range(1, 6_000)),
    f"ConvTranspose3d({HUGE}, {HUGE}, kernel_size=({HUGE}, {HUGE}, {HUGE}), stride=({HUGE}, 1, 1))",
)
"""Short texts that mean very many layers, long ones, and large numbers."""

VIEWS = {
    "app.py": "view",
    "pages/picture.py": "see",
    "pages/compare.py": "cmp",
    "pages/model.py": "model",
    "pages/learn.py": "learn",
    "pages/class.py": "class",
}
"""The link's key of the view, by page."""


def links() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every page with each of its views, in extreme links."""
    numbers = [field for field in FIELDS if field.maximum and field.kind not in ("text", "choices")]
    largest = {field.key: str(field.maximum) for field in numbers}
    every = {**MARKED, **MAX_VALUE, **largest, "want": "10000000", "level": "3", "title": "x" * 80}
    for page, key in VIEWS.items():
        [field] = [field for field in FIELDS if field.key == key]
        for view in map(str, field.choices):
            for link in (every, *([{"table": table} for table in TABLES] if key == "model" else [])):
                yield page, {**link, key: view}


def opened(page: str, link: Mapping[str, str | list[str]]) -> AppTest:
    """Return a page after a visit with a link."""
    visit = AppTest.from_file(ROOT / "app.py", default_timeout=MAX_SECONDS)
    visit.query_params.update(link)
    visit.switch_page(page)
    return visit.run()


def fault(visit: AppTest) -> str:
    """Return what is wrong with a page, or ""."""
    if visit.exception:
        return "\n".join(f"{one.message} {one.stack_trace[-3:]}" for one in visit.exception)
    if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begun > MAX_GROWTH:
        return "too much memory is in use"
    shown = sum(len(one.value) for one in (*visit.markdown, *visit.caption, *visit.error, *visit.warning))
    return "" if shown <= MAX_SHOWN else f"{shown:,} characters of text"


def report(what: object, visit: AppTest) -> None:
    print(json.dumps([what, fault(visit)]), flush=True)


def paste(text: str) -> None:
    """Paste a text on the model page, and look at every view twice: the second run must find it cheap too."""
    visit = opened("pages/model.py", {"model": "difference"})
    visit.button(key="model.keep").click().run()
    visit.text_area[0].set_value(text)
    visit.button(key="model.read").click().run()
    report([text[:80], "read"], visit)
    for view in FIELD["model_view"].choices:
        visit.query_params["model"] = view
        report([text[:80], view], visit.run())
        if view == "difference":
            with contextlib.suppress(KeyError):
                visit.button(key="model.forget").click().run()
                visit.button(key="model.keep").click().run()
                report([text[:80], "compared with itself"], visit)


begun = 0

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    opened("app.py", {})
    begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if sys.argv[1:] == ["links"]:
        for page, link in links():
            assert decode({key: [value] for key, value in link.items()}).ignored == ()
            report([page, link], opened(page, link))
    else:
        for text in PASTES:
            paste(text)
    print("done")
