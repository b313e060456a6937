"""The choices of a visitor, each kept in the page's address, so that every view reopens from its link.

Streamlit writes into the address what an option is called on the page, so options are called what a link should say:
`?model=xlm-roberta-base&languages=German&layer=7`.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from dlfa_core import languages as lang
from ui.limits import limits


def languages(offered: Sequence[str]) -> tuple[str, ...]:
    """Languages to compare, in the corpus's order; empty for all of them."""
    chosen = st.multiselect(
        "Languages",
        list(offered),
        format_func=lambda code: lang.find(code).name,
        key="languages",
        bind="query-params",
        persist_state="session",
        placeholder=f"all {len(offered)}",
    )
    return () if len(chosen) in (0, len(offered)) else tuple(code for code in offered if code in chosen)


def measures(offered: Sequence[str], default: Sequence[str], label) -> list[str]:
    """Measures to draw; the first one also speaks in the sentence above."""
    return st.multiselect(
        "Measures",
        list(offered),
        default=list(default),
        format_func=label,
        key="measures",
        bind="query-params",
        persist_state="session",
        placeholder="choose at least one",
    )


def pooling() -> str:
    """How the vectors of a sentence's pieces become one."""
    return st.segmented_control(
        "One vector per sentence",
        ["mean", "cls", "max"],
        default="mean",
        required=True,
        key="pooling",
        bind="query-params",
        persist_state="session",
        help="The mean over a sentence's pieces, the vector of its first token, or each neuron's largest value.",
    )


def special_tokens() -> bool:
    """Whether [CLS] and [SEP] count as pieces of the sentence."""
    return st.toggle(
        "Count special tokens",
        key="special",
        bind="query-params",
        persist_state="session",
        help="Include the tokens that open and close every sentence when pooling.",
    )


def sentence_limit(default: int) -> int:
    """At most how many sentences are read; more narrow the intervals and take longer."""
    most = limits().sentences
    return st.number_input(
        "Sentences at most",
        min_value=20,
        max_value=most,
        value=min(default, most),
        step=20,
        key="limit",
        bind="query-params",
        persist_state="session",
    )


def layer(first: int, last: int, default: int) -> int:
    """A layer, `first` to `last`."""
    return st.slider(
        "Layer",
        first,
        last,
        default,
        key="layer",
        bind="query-params",
        persist_state="session",
        help="0 = embeddings, k = output of block k",
    )


def sentence(n: int) -> int:
    """Which sentence is shown, 1 to `n`."""
    return st.slider("Sentence", 1, n, 1, key="sentence", bind="query-params", persist_state="session")


def fusions(offered: Sequence[str], default: Sequence[str]) -> list[str]:
    """Fusions to draw, in the order of the offer."""
    chosen = st.multiselect(
        "Drawn",
        list(offered),
        default=list(default),
        key="drawn",
        bind="query-params",
        persist_state="session",
        placeholder="choose at least one",
    )
    return [name for name in offered if name in chosen]


def fusion(offered: Sequence[str], default: str) -> str:
    """The fusion that is looked at language by language."""
    return st.selectbox(
        "Fusion",
        list(offered),
        index=list(offered).index(default),
        key="fusion",
        bind="query-params",
        persist_state="session",
    )


def height() -> str:
    """What the curves show: "gain" over the last layer alone, or the "score" itself."""
    return st.segmented_control(
        "Curves show",
        ["gain", "score"],
        default="gain",
        required=True,
        key="height",
        bind="query-params",
        persist_state="session",
        help="The gain over the last layer alone on the same examples and seeds, or the score itself.",
    )


def fused_layer(offered: Sequence[int], default: int) -> int:
    """One of the lower layers that were fused."""
    return st.select_slider(
        "Fused layer",
        list(offered),
        default,
        key="fused_layer",
        bind="query-params",
        persist_state="session",
        help="k = output of block k",
    )


def group(groups: Mapping[str, str]) -> str:
    """Which group of languages a picture is of; `groups` says what each is called."""
    return st.segmented_control(
        "Languages",
        list(groups),
        default=next(iter(groups)),
        format_func=groups.__getitem__,
        required=True,
        key="group",
        bind="query-params",
        persist_state="session",
    )


def with_fusion() -> bool:
    """Whether gains are those with DLFA instead of those of the last layer alone."""
    return st.toggle("With DLFA", key="with_dlfa", bind="query-params", persist_state="session")


def sample_method(methods: Sequence[str]) -> str | None:
    """Whose sentences are shown, among methods that change some; None where none does."""
    if len(methods) < 2:
        return methods[0] if methods else None
    return st.segmented_control(
        "Method",
        list(methods),
        default=methods[0],
        required=True,
        key="sample_method",
        bind="query-params",
        persist_state="session",
    )
