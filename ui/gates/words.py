"""What the Gates page shows in words: a sentence with its gates, what computing would do, what a result is from."""

import pandas as pd

from dlfa_core.experiments import gates
from ui import task_models
from ui.comparison import extent, facts
from ui.html import show


def words_of(rows: pd.DataFrame, language: str, low: float, high: float) -> None:
    """A sentence in words, each coloured by its mean gate, with the number below it.

    Args:
        rows: the words of one sentence and model, as in `gates.Result.words`.
        language: its code; the words run in the direction of its script.
        low, high: the gates that the palest and the strongest colour stand for.
    """
    following = [*rows["start"].iloc[1:], 0]
    words = []
    for word, begins in zip(rows.itertuples(), following, strict=True):
        share = min(max((word.gate - low) / (high - low), 0), 1)
        apart = begins > word.start + len(word.word)  # white space comes next
        words.append((word.word, word.gate, share, apart))
    show("gates.words", language, words, low, high)


def in_words(spec) -> str:
    """Say what computing a spec would do."""
    names = " and ".join(map(task_models.label, spec.models))
    if spec.texts:
        return f"{names} would read the sentence that you typed."
    return f"{names} would read {extent(spec)}."


def provenance(spec: gates.Spec, result: gates.Result) -> dict[str, str]:
    """Return what a result was computed from, for the page that is taken home."""
    meta = result.meta
    models = {
        f"Model {number}": f"{about['name']}: {about['fusion']}, layer {about['layer']} of {about['n_layers']}, "
        f"weight {about['weight']}; {about['fingerprint']}"
        for number, about in enumerate(meta["models"], start=1)
    }
    return facts(gates, spec, meta, models, {})
