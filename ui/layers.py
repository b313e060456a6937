"""What the Layers page asks and shows beyond what pages share."""

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from dlfa_core import figures
from dlfa_core.measures.registry import MEASURES
from ui.kept import IN_ADDRESS
from ui.text import html_table


def measures(default: Sequence[str]) -> list[str]:
    """Measures to draw; the first one also speaks in the sentence above."""
    return st.multiselect(
        "Measures",
        list(MEASURES),
        default=list(default),
        format_func=figures.label_of,
        key="measures",
        placeholder="choose at least one",
        **IN_ADDRESS,
    )


def layer(first: int, last: int, default: int) -> int:
    """A layer, `first` to `last`."""
    return st.slider(
        "Layer", first, last, default, key="layer", help="0 = embeddings, k = output of block k", **IN_ADDRESS
    )


def best_layers(table: pd.DataFrame) -> None:
    """The table of `figures.best_layers`. Not `st.dataframe`, for the same reason as above."""
    head = ("Measure", "Best layer", "Value", "95 % interval", "Chance reaches", "Best in resamples")
    rows = (
        f'<th scope="row">{escape(row.label)}</th><td class="layer">{row.layer}</td><td>{row.value:.3f}</td>'
        f"<td>{row.ci_low:.3f} to {row.ci_high:.3f}</td><td>{row.null_high:.3f}</td>"
        f"<td>{_bar(row.share)}</td>"
        for row in table.itertuples()
    )
    html_table(head, rows)


def _bar(share: float) -> str:
    """A share in [0, 1] as a bar and a number; a dash where nothing was resampled."""
    if pd.isna(share):
        return "–"
    return f'<span class="bar" style="--share: {100 * share:.0f}%"></span>{100 * share:.0f} %'
