"""What the Gates page shows in words: a sentence with its gates, what computing would do, what a result is from."""

from html import escape

import pandas as pd
import streamlit as st

from dlfa_core import languages as lang
from dlfa_core.experiments import gates
from ui import task_models
from ui.comparison import extent, facts


def words_of(rows: pd.DataFrame, language: str, low: float, high: float) -> None:
    """A sentence in words, each coloured by its mean gate, with the number below it.

    Args:
        rows: the words of one sentence and model, as in `gates.Result.words`.
        language: its code; the words run in the direction of its script.
        low, high: the gates that the palest and the strongest colour stand for.
    """
    known = lang.find(language)
    following = [*rows["start"].iloc[1:], 0]
    parts = []
    for word, begins in zip(rows.itertuples(), following, strict=True):
        share = min(max((word.gate - low) / (high - low), 0), 1)
        apart = " apart" if begins > word.start + len(word.word) else ""  # white space comes next
        parts.append(
            f'<span class="gated{apart}" style="--gate: {100 * share:.0f}%">'
            f"<bdi>{escape(word.word)}</bdi> <small>{word.gate:.2f}</small></span>"
        )
    st.html(
        f'<p class="gated-language">{escape(known.name)}</p>'
        f'<div class="gated-line" lang="{escape(known.bcp47)}" dir="{known.direction}">{"".join(parts)}</div>'
    )


def in_words(spec) -> str:
    """What computing a spec would do."""
    names = " and ".join(map(task_models.label, spec.models))
    if spec.texts:
        return f"{names} would read the sentence that you typed."
    return f"{names} would read {extent(spec)}."


def provenance(spec: gates.Spec, result: gates.Result) -> dict[str, str]:
    """What a result was computed from, for the page that is taken home."""
    meta = result.meta
    models = {
        f"Model {number}": f"{about['name']}: {about['fusion']}, layer {about['layer']} of {about['n_layers']}, "
        f"weight {about['weight']}; {about['fingerprint']}"
        for number, about in enumerate(meta["models"], start=1)
    }
    return facts(gates, spec, meta, models, {})
