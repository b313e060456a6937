"""What the Layers page asks and shows beyond what pages share."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dlfa_core.experiments import retrieve
from dlfa_core.figures.sentences.profile import label_of
from dlfa_core.figures.sentences.retrieve import POOL_LABELS, SCORE_LABELS
from dlfa_core.measures.registry import MEASURES
from dlfa_core.runtime import store
from ui import address, choices, kept, stored
from ui.html import show
from ui.kept import IN_ADDRESS
from ui.limits import limits

_QUERIES = {
    "lareqa:sample": "Questions and the sentences that answer them (bundled, as LAReQA)",
    "mewslix:sample": "Mentions of things and their descriptions (bundled, as Mewsli-X)",
}
_QUERIES_HELP = (
    "A bundled set, or your own: `lareqa:FOLDER` with XQuAD-R's files, `mewslix:FOLDER` with Mewsli-X's, or "
    "`jsonl:FOLDER` with queries.jsonl and candidates.jsonl."
)
_CELLS = {"value": "How well answers are found", "share": "What is found at all"}


def measures(default: Sequence[str]) -> list[str]:
    """Measures to draw; the first one also speaks in the sentence above."""
    return st.multiselect(
        "Measures",
        list(MEASURES),
        default=list(default),
        format_func=label_of,
        placeholder="choose at least one",
        **address.option("measures", MEASURES, label_of),
    )


def published() -> bool:
    """Ask whether what others published stands behind our own curves."""
    said = "The range of what others measured with mBERT, on other sentences: compare its shape, not its height."
    return st.toggle("Published for mBERT", help=said, **address.switch("published"))


def layer(first: int, last: int, default: int) -> int:
    """A layer, `first` to `last`; it goes with `default` until it is moved."""
    kept.follow("layer", default)
    return st.slider(
        "Layer",
        first,
        last,
        default,
        help="0 = embeddings, k = output of block k",
        **address.number("layer", first, last),
    )


def best_layers(table: pd.DataFrame) -> None:
    """The table of `said.best_layers`; a dash where nothing was resampled."""
    show("layers.best_layers", table.itertuples())


def asked(model: str) -> str | None:
    """Ask which queries search which pool; at first the first one that is stored of a model, None where none is."""

    def called(source: str) -> str:
        return _QUERIES.get(source, source)

    at = {"key": "asked", **IN_ADDRESS} if limits().any_model else address.option("asked", _QUERIES, called)
    return st.selectbox(
        "What is asked",
        list(_QUERIES),
        index=_stored(model),
        placeholder="choose what is asked, and of which pool",
        format_func=called,
        accept_new_options=limits().any_model,
        help=_QUERIES_HELP,
        **at,
    )


def _stored(model: str) -> int | None:
    """The place in the offer of what was retrieved from already."""
    there = {entry.spec.dataset for entry in store.listing(retrieve) if stored.of(model, entry)}
    return next((index for index, source in enumerate(_QUERIES) if source in there), None)


def pool(offered: Sequence[str]) -> str:
    """Ask which candidates answers are looked for among."""
    said = "The whole pool, or what it has in the language of each question, or in all others."
    return choices.one_of("Pool", {name: POOL_LABELS[name] for name in offered}, "all", "pool", said)


def cells() -> str:
    """Ask what the cells of the heat map show."""
    return choices.one_of("Cells show", _CELLS, "value", "cells")


def scores(offered: Sequence[str]) -> list[str]:
    """Ask by which scores candidates are ranked; the first one also speaks."""
    return st.multiselect(
        "Ranked by",
        list(offered),
        default=list(offered),
        format_func=SCORE_LABELS.__getitem__,
        placeholder="choose at least one",
        **address.option("ranked", offered, SCORE_LABELS.__getitem__),
    )
