"""Curves that others measured, to be drawn faintly behind our own."""

from functools import cache
from pathlib import Path

import pandas as pd

PATH = Path(__file__).resolve().parents[2] / "assets" / "published" / "mbert-layer-curves.csv"
MBERT = "bert-base-multilingual-cased"

# The published CKA has no small-sample correction, but 10,000 sentences: it estimates what our debiased
# one does, and not what the uncorrected one gives for a few hundred.
_SAME_QUANTITY = {"cka": "cka_biased"}
_NOT_COMPARABLE = frozenset({"cka_biased"})


@cache
def published_curves() -> pd.DataFrame:
    """The whole table: model, measure, pair, layer, value, source, reading."""
    return pd.read_csv(PATH)


def curves_behind(measure: str, model: str = MBERT) -> pd.DataFrame:
    """The published rows that belong behind our curve of `measure`, by pair and layer; maybe none."""
    table = published_curves()
    if measure in _NOT_COMPARABLE:
        return table.iloc[:0]
    wanted = _SAME_QUANTITY.get(measure, measure)
    rows = table[(table["measure"] == wanted) & (table["model"] == model)]
    return rows.sort_values(["pair", "layer"], ignore_index=True)
