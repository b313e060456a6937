"""What is a text without content to a model? Which baseline comes nearest, and what scores depend on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models

COLUMNS = ["baseline", "lean", "same_sign", "correlation", "words", "texts"]


def chosen(asked: str, leans: Mapping[str, float]) -> str:
    """Return the baseline that is meant: the one that is asked for, or the most neutral one.

    Args:
        asked: a baseline, or auto.
        leans: of `Explainer.leans`.
    """
    return models.most_neutral(leans) if asked == models.MOST_NEUTRAL else asked


def described(baseline: str, leans: Mapping[str, float]) -> dict[str, Any]:
    """Fields of `meta`: which baseline was used, in words, and what the model says of each."""
    return {
        "baseline": baseline,
        "baseline_text": models.BASELINES[baseline],
        "lean": leans.get(baseline),
        "leans": dict(leans),
    }


def drawn(n: int, compared: int, seed: int) -> list[int]:
    """Numbers of the texts that are compared, of n."""
    return sorted(np.random.default_rng(seed).permutation(n)[:compared].tolist())


def frame_of(leans: Mapping[str, float], found: Sequence[Any], others: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """`attribute.Result.baselines`.

    Args:
        leans: of all baselines.
        found: explanations of the texts that are compared.
        others: the same with other baselines.
    """
    rows = []
    for name, lean in leans.items():
        pairs = list(zip(found, others.get(name, ()), strict=False))
        rows.append((name, lean, *_alike(pairs), len(pairs)))
    return pd.DataFrame(rows, columns=COLUMNS)


def _alike(pairs: Sequence[tuple[Any, Any]]) -> tuple[float, float, int]:
    """Share of words with the same sign, Pearson's correlation of their scores, and how many words."""
    if not pairs:
        return np.nan, np.nan, 0
    x, y = (np.concatenate([pair[side].word_scores for pair in pairs]) for side in (0, 1))
    read = ~(np.isnan(x) | np.isnan(y))
    x, y = x[read], y[read]
    vary = len(x) > 1 and x.std() > 0 and y.std() > 0
    return float((np.sign(x) == np.sign(y)).mean()), float(np.corrcoef(x, y)[0, 1]) if vary else np.nan, len(x)
