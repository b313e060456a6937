"""What the Layers page asks and shows beyond what pages share."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dlfa_core.figures.sentences.profile import label_of
from dlfa_core.measures.registry import MEASURES
from ui import address
from ui.html import show


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
    """A layer, `first` to `last`."""
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
