"""What is taken home from the Lexicon page, and what it was computed from."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dlfa_core.experiments import attribute, lexicon
from dlfa_core.runtime import store
from ui.comparison import command
from ui.text import command_line


def typed_downloads(results: Sequence[attribute.Result], specs: Sequence[attribute.Spec]) -> None:
    """The typed texts as a page that runs no script, their words as a table, and the commands."""
    with st.container(horizontal=True):
        st.download_button(
            "Texts as HTML",
            lambda: attribute.page_of(results),
            "explained.html",
            "text/html",
            key="download_typed_html",
            icon=":material/download:",
            on_click="ignore",
            help="One file that needs no network and runs no script.",
        )
        st.download_button(
            "Words as CSV",
            lambda: _words_of(results).to_csv(index=False).encode(),
            "explained-words.csv",
            "text/csv",
            key="download_typed_words",
            icon=":material/table:",
            on_click="ignore",
        )
    st.caption("The same numbers from the command line:")
    command_line("\n".join(command(attribute, spec) for spec in specs))


def _words_of(results: Sequence[attribute.Result]) -> pd.DataFrame:
    sides = zip(("left", "right"), results, strict=False)
    return pd.concat(
        [each.words.assign(side=side, model=each.meta["model"], layer=each.meta["layer"]) for side, each in sides],
        ignore_index=True,
    )


def provenance(spec: lexicon.Spec, result: lexicon.Result) -> dict[str, str]:
    """What a result was computed from, for the page that is taken home."""
    meta = result.meta
    trained = f"heads on {meta['model']}, trained on {meta['task']} in {meta['source_language']}"
    return {
        "Classifiers": ", ".join(meta["classifiers"]) or trained,
        "Scores": f"{meta['method_label']}, {meta['target']} against {meta['against']}, baseline {meta['baseline']}",
        "Lexicon": meta["lexicon_name"],
        "Sentences": f"{meta['corpus_name']}, n = {meta['n']:,}",
        "Languages": ", ".join(meta["languages"]),
        "Licences": meta["licence"],
        "Key": store.key_of(lexicon, spec),
        "Command": command(lexicon, spec),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }
