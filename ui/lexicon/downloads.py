"""What is taken home from the Lexicon page, and what it was computed from."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dlfa_core.experiments import attribute, lexicon
from ui.comparison import command, facts
from ui.downloads import csv_button, how_to_compute, page_button


def typed_downloads(results: Sequence[attribute.Result], specs: Sequence[attribute.Spec]) -> None:
    """The typed texts as a page that runs no script, their words as a table, and the commands."""
    with st.container(horizontal=True):
        page_button(
            "Texts as HTML",
            lambda: attribute.page_of(results),
            "explained.html",
            "download_typed_html",
            "One file that runs no script",
        )
        csv_button("Words as CSV", lambda: _words_of(results), "explained-words.csv", "download_typed_words")
    how_to_compute("\n".join(command(attribute, spec) for spec in specs), "explained")


def _words_of(results: Sequence[attribute.Result]) -> pd.DataFrame:
    sides = zip(("left", "right"), results, strict=False)
    return pd.concat(
        [each.words.assign(side=side, model=each.meta["model"], layer=each.meta["layer"]) for side, each in sides],
        ignore_index=True,
    )


def provenance(spec: lexicon.Spec, result: lexicon.Result) -> dict[str, str]:
    """Return what a result was computed from, for the page that is taken home."""
    meta = result.meta
    trained = f"heads on {meta['model']}, trained on {meta['task']} in {meta['source_language']}"
    first = {
        "Classifiers": ", ".join(meta["classifiers"]) or trained,
        "Scores": f"{meta['method_label']}, {meta['target']} against {meta['against']}, baseline {meta['baseline']}",
        "Lexicon": meta["lexicon_name"],
    }
    return facts(lexicon, spec, meta, first, {"Licences": meta["licence"]})
