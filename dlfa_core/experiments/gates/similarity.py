"""Does a gate let more through where languages are closer, or at layers where they are?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dlfa_core.measures import compare_all
from dlfa_core.measures.intervals import FEWEST_SENTENCES
from dlfa_core.measures.ranks import rank_correlation_interval

SIMILARITIES = ("cka", "retrieval_cosine")
EXPLAINED = ("gate", "change")
COLUMNS = ["model", "layer", "language", "pivot", "measure", "value", "n"]
CORRELATION_COLUMNS = ["model", "over", "word_measure", "measure", "value", "ci_low", "ci_high", "n"]


def similarity(vectors: Mapping[str, np.ndarray], pivot: str) -> pd.DataFrame:
    """Measure how close each language is to one of them, in one state.

    Args:
        vectors: language -> (n, hidden), row i the mean over the subwords of sentence i.
        pivot: the language that the others are compared with.

    Returns:
        language, measure, value, n; a measure that has two directions is averaged over them. Empty below 20
        sentences, or where the pivot is missing or alone.
    """
    n = len(next(iter(vectors.values())))
    if n < FEWEST_SENTENCES or pivot not in vectors or len(vectors) < 2:
        return pd.DataFrame({"language": [], "measure": [], "value": [], "n": []})
    codes = list(vectors)
    scores = compare_all(np.stack(list(vectors.values())), SIMILARITIES)
    index, rows = codes.index(pivot), []
    for name, score in scores.items():
        for other, code in enumerate(codes):
            beside = np.isin(score.pairs, [index, other]).all(axis=1)
            if other != index:
                rows.append((code, name, float(score.values[beside].mean()), n))
    return pd.DataFrame(rows, columns=["language", "measure", "value", "n"])


def correlations(means: pd.DataFrame, close: pd.DataFrame, resamples: int, seed: int) -> pd.DataFrame:
    """Spearman's correlation of what the gates do with how close the languages are.

    Over "languages" for each model; and over "layers" where three or more layers were fused, then with the mean
    over languages at each layer. Intervals draw the languages, or the layers, anew.

    Args:
        means: of `groups.group_means`, with model and layer.
        close: model, layer, language, measure, value.

    Returns:
        `CORRELATION_COLUMNS`; model is "" over layers, and n counts what was correlated.
    """
    rows = []
    own = means[(means["level"] == "language") & means["measure"].isin(EXPLAINED)]
    for explained in EXPLAINED:
        gates = own[own["measure"] == explained].pivot(index="model", columns="group", values="value")
        for name in close["measure"].unique():
            near = close[close["measure"] == name].pivot(index="model", columns="language", values="value")
            near = near.reindex(gates.index)
            for model in gates.index:
                both = gates.loc[model, near.columns], near.loc[model]
                found = rank_correlation_interval(*both, resamples, seed)
                rows.append((model, "languages", explained, name, *found, near.shape[1]))
            layers = means.drop_duplicates("model").set_index("model")["layer"].reindex(gates.index)
            if layers.dropna().nunique() >= 3:
                both = gates[near.columns].mean(axis=1), near.mean(axis=1)
                found = rank_correlation_interval(*both, resamples, seed)
                rows.append(("", "layers", explained, name, *found, len(gates)))
    return pd.DataFrame(rows, columns=CORRELATION_COLUMNS)


def listed(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames of `similarity`, each with its model, layer and pivot, as one with `COLUMNS`."""
    full = [frame[COLUMNS] for frame in frames if len(frame)]
    return pd.concat(full, ignore_index=True) if full else pd.DataFrame({name: [] for name in COLUMNS})
