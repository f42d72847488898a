"""Exercises as one HTML file that checks and explains answers by itself, without a network.

The script of the file holds no rule about parameters. Python computes every number that can be foreseen, with
its sentence, into the file; the script evaluates what is typed and looks the number up. For any other number
it says how many times too small or too large the number is, as ``diagnosis`` does. The sentences are
compressed, because many are alike: without that, thirty exercises would not fit into ``MAX_BYTES``.
"""

import json
import zlib
from base64 import b64encode
from html import escape
from pathlib import Path

from calculator.core.formatting import unbroken_parts
from calculator.core.validation import MAX_VALUE
from calculator.learn.calculation import MAX_CHARS, MAX_DEPTH
from calculator.learn.exercise import Exercise
from calculator.learn.exports.replies import OtherReply, other_replies, pairs_once, replies
from calculator.learn.mistakes.diagnosis import MAX_RATIO, times_text
from calculator.learn.worksheet.sheet import Sheet, answer_label, source
from calculator.palette import PALETTES, Palette

MAX_BYTES = 150_000
"""The size that the file of a full sheet stays below, so that a messenger sends it at once."""

_SOURCE = Path(__file__)
_SCRIPT = _SOURCE.with_suffix(".js").read_text(encoding="utf-8")
_STYLE = _SOURCE.with_suffix(".css").read_text(encoding="utf-8")

_TIMES = {
    "exact": times_text("{}", exact=True),
    "about": times_text("{}", exact=False),
    "maximum": str(MAX_RATIO),
}
"""The words about how many times a number is too small or too large, and the largest number in them."""

_LIMITS = {"maximum": str(MAX_VALUE), "chars": MAX_CHARS, "depth": MAX_DEPTH}
"""The limits of what is typed: those of ``calculation``."""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>{source}</p>
<p class="who"><span>Name<i></i></span><span>Date<i></i></span></p>
<p class="screen">Write a number, or a calculation such as 2*4*9+4. This page works without a network and
sends nothing.</p>
<noscript><p>This page cannot check answers here: open the file in a browser.</p></noscript>
<p class="screen" id="score" role="status"></p>
</header>
<main>
{main}
</main>
<script type="application/json" id="data">{data}</script>
<script>
{script}</script>
</body>
</html>
"""

_QUESTION = """\
<section>
<h2>Question {number}</h2>
<p>{question}</p>{listing}
<form autocomplete="off" novalidate>
<label for="q{number}">{label}</label>
<input id="q{number}" inputmode="text" enterkeyhint="done" autocapitalize="off" spellcheck="false"
 aria-describedby="r{number}">
<button>Check<span class="hidden"> question {number}</span></button>
</form>
<p class="reply" id="r{number}" role="status"></p>
</section>"""


def sheet_offline_html(sheet: Sheet) -> str:
    """Return the exercises of a sheet as one HTML file, with all that it needs inside."""
    style = "".join((_STYLE, _theme(PALETTES["light"]), "@media screen and (prefers-color-scheme: dark) {\n",
                     _theme(PALETTES["dark"]), "}\n"))  # fmt: skip
    data = json.dumps([_data(exercise) for exercise in sheet.exercises], ensure_ascii=False)
    # Browsers since 2023 unpack zlib ("deflate") by DecompressionStream; base64 needs no escaping in HTML.
    packed = b64encode(zlib.compress(data.encode(), 9)).decode()
    return _PAGE.format(
        title=escape(sheet.title),
        source=escape(source(sheet)),
        style=style,
        main="\n".join(map(_question, sheet.exercises)),
        data=json.dumps({"packed": packed, "times": _TIMES, **_LIMITS}),
        script=_SCRIPT,
    )


def _theme(palette: Palette) -> str:
    """Return the rule with the colours of a theme."""
    colours = palette.css("background", "text", "muted", "grid", "weights", "biases")
    return f":root {{ {colours} }}\n"


def _question(exercise: Exercise) -> str:
    """Return a question with its box and the place for the reply."""
    listing = f"\n<pre>{escape(exercise.listing)}</pre>" if exercise.listing else ""
    return _QUESTION.format(
        number=exercise.number,
        question="<wbr>".join(map(escape, unbroken_parts(exercise.question))),
        listing=listing,
        label=escape(answer_label(exercise)),
    )


def _data(exercise: Exercise) -> dict[str, object]:
    """Return the right answer, the sentences of the known numbers, and those around any other number.

    Numbers are text, because a script's own numbers have 53 bits.
    """
    exercise = pairs_once(exercise)  # The pairs are needed twice, and they take the time of a sheet.
    small, large = other_replies(exercise)
    return {
        "answer": str(exercise.answer),
        "known": {str(reply.value): reply.sentence for reply in replies(exercise, pairs=True)},
        "small": _around(small),
        "large": _around(large),
    }


def _around(reply: OtherReply) -> tuple[str, str, str]:
    return reply.before, reply.between, reply.after
