"""Every layer, and every chain of layers, that makes a wanted size of the input size."""

from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from calculator.core.formatting import format_count, format_product, join_words, plural
from calculator.geometry.chain_solver import solve_chains
from calculator.geometry.layer_solver import Answer, Answers, Bounds, Kind, LayerSpec, Sizes, solve_layers
from calculator.readers.layer_table.link_form import chain_table, fits_link
from calculator.settings import FIELD, Settings
from calculator.settings.settings import settable
from calculator.tables.solver import chains_table, layers_table
from calculator.ui.components import inputs
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown, kept_together, large_number
from calculator.ui.components.table import table
from calculator.ui.session import state

BOUNDS = ("kernel_bound", "stride_bound", "dilation_bound", "output_padding_bound", "chain_bound")

MAX_ROWS, MAX_EXPORTED = 40, 1000
"""Answers of each kind that the page draws, and that an export contains."""

KIND_NAMES: dict[Kind, str] = {"even": "even overlap", "uneven": "uneven overlap", "holes": "holes"}


@dataclass(frozen=True)
class Found:
    """The single layers and the chains that make the wanted size."""

    layers: Answers
    chains: Answers
    title: str


def find(settings: Settings) -> Found:
    """Return the answers for the input size, the wanted size and the bounds."""
    return _found(settings.spatial("input_size"), settings.spatial("wanted_size"), *_question(settings))


@lru_cache(maxsize=4)  # Most presses on the page do not change the question.
def _found(sizes: Sizes, wanted: Sizes, spec: LayerSpec, bounds: Bounds) -> Found:
    return Found(
        solve_layers(sizes, wanted, spec, bounds),
        solve_chains(sizes, wanted, spec, bounds),
        f"{format_product(sizes)} to {format_product(wanted)}",
    )


def headline(found: Found) -> None:
    """Draw the parameters of the smallest layer and of the smallest chain."""
    parts: list[str] = []
    for noun, answers in (("layer", found.layers), ("chain", found.chains)):
        if answers.answers:
            smallest = answers.answers[0]
            count = smallest.parameter_count
            total = format_count(count) if parts else f"{large_number(count)} parameters"
            parts.append(f"{total} in the smallest {noun} ({escape_markdown(smallest.text)})")
    text = "; ".join(parts) or "**No layer and no chain** within these bounds"
    st.markdown(f"{text} :gray[· {kept_together(found.title)}]")


def wanted_size_view(settings: Settings, found: Found) -> None:
    """Draw the wanted size, the bounds, the single layers and the chains; a click opens an answer."""
    with st.container(key="rows.wanted_size"):
        inputs.per_axis("One wanted size per axis", ("wanted_size",))
        inputs.spatial("wanted_size")
    with st.container(horizontal=True, gap="medium"):
        inputs.choice("listed_overlap")
        inputs.choice("click_opens")
    with lazy_expander("Bounds of the search", key="solver.bounds") as opened:
        if opened:
            for name in BOUNDS:
                inputs.whole_number(name)
    _layers(settings, found.layers, found.title)
    _chains(found.chains, found.title)
    st.caption(
        "Smallest first, by parameters. k kernel size, s stride, p padding, op output padding, d dilation. "
        "Axes with equal sizes have equal settings. In a chain, each layer halves the channels but never "
        "below the output channels; only the transposed convolutions are counted. The export has all "
        "arguments of each framework, or the reason why a framework has none."
    )


def _question(settings: Settings) -> tuple[LayerSpec, Bounds]:
    """Return the channels of the layer, and the bounds of the search."""
    spec = LayerSpec(
        settings.in_channels,
        settings.out_channels,
        settings.used_groups,
        settings.bias,
        settings.dimensions,
    )
    bounds = Bounds(
        kernel_size=settings.kernel_bound or None,
        stride=settings.stride_bound or None,
        output_padding=settings.output_padding_bound,
        dilation=settings.dilation_bound,
        overlap=settings.listed_overlap,  # type: ignore[arg-type]
        layers=settings.chain_bound,
        listed=MAX_EXPORTED,
    )
    return spec, bounds


def _layers(settings: Settings, found: Answers, title: str) -> None:
    """Draw the single layers, and where a click takes them."""
    st.markdown(f"## One layer, {title}", anchors=False)
    _summary(found, "layer")
    if not found.answers:
        return
    drawn = found.answers[:MAX_ROWS]
    to_model = settings.click_opens == "model"
    table(
        layers_table(drawn),
        key="solved.layers",
        caption=f"Layers, {title}",
        action=f"in {FIELD['click_opens'].name_of(settings.click_opens)}",
        actions=["Open" if to_model or settable(answer.layers[0]) else None for answer in drawn],
        on_action=lambda row: _open(drawn[row], to_model),
        everything=lambda: layers_table(found.answers, complete=True),
        total=len(found.answers),
    )


def _chains(found: Answers, title: str) -> None:
    """Draw the chains of layers; a click opens a chain in Model."""
    st.markdown(f"## Several layers, {title}", anchors=False)
    _summary(found, "chain")
    if not found.answers:
        return
    drawn = found.answers[:MAX_ROWS]
    table(
        chains_table(drawn),
        key="solved.chains",
        caption=f"Chains of layers, {title}",
        action="in Model",
        actions=["Open" if fits_link(_table_of(answer)) else None for answer in drawn],
        on_action=lambda row: _open(drawn[row], True),
        everything=lambda: chains_table(found.answers, complete=True),
        total=len(found.answers),
    )


def _summary(found: Answers, noun: str) -> None:
    """Draw how many answers there are, the smallest, what is not listed, and where the search ended."""
    sentences = []
    least = "at least " if found.cut_off else ""
    if found.answers:
        smallest = found.answers[0]
        sentences.append(
            f"**{least}{plural(found.count, noun)}**; the smallest is **{escape_markdown(smallest.text)}** "
            f"with {plural(smallest.parameter_count, 'parameter')} and "
            f"{plural(smallest.multiply_accumulates, 'multiply–accumulate')}."
        )
    others = [
        f"{format_count(count)} with {KIND_NAMES[kind]}" for kind, count in found.left_out.items() if count
    ]
    if others:
        sentences.append(
            f"{'Not listed' if found.answers else f'No {noun} with this overlap; not listed'}: "
            f"{least}{join_words(others)}."
        )
    if len(found.answers) > MAX_ROWS:
        exported = f"the export has {format_count(len(found.answers))}"
        sentences.append(f"The {MAX_ROWS} smallest are drawn; {exported}.")
    st.markdown(" ".join((*sentences, *map(escape_markdown, found.notes))))


def _table_of(answer: Answer) -> str:
    return chain_table(answer.layers, answer.input_size)


def _open(answer: Answer, to_model: bool) -> None:
    """Open the calculator with a single layer, or Model with a table of the layers."""
    if to_model:
        state.change(layers=_table_of(answer), chain_size=())
        state.open_page("pages/model.py")
    else:
        state.take_layer(answer.layers[0])
        state.open_page("app.py")
