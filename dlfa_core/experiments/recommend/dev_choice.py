"""How sure is a dev set of the layer that it points at?"""

import numpy as np
import pandas as pd

from dlfa_core.experiments import transfer
from dlfa_core.experiments.transfer import TransferStatistics
from dlfa_core.measures.stacked_counts import ratio

SEED = 2  # of the draws; others than those of the test examples


def dev_best(trained: transfer.Result, gains: TransferStatistics, candidates: np.ndarray) -> pd.DataFrame:
    """Share of the resamples of dev examples and seeds in which each candidate has the highest score.

    Args:
        trained: with what its heads say of the dev set.
        gains: of the same heads.
        candidates: indices of configurations.

    Returns:
        fusion, layer, weight, share; NaN without resamples, or where it was not kept what heads say of the dev set.
    """
    rows = gains.configurations.loc[candidates].reset_index(drop=True)
    resamples, n = len(gains.draws.seeds), len(trained.dev_gold)
    if not (resamples and n):
        return rows.assign(share=np.nan)
    weights = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float64)
    parts = trained.dev_hits, trained.dev_predicted, trained.dev_gold[None]
    hits, predicted, gold = (weights @ part.astype(np.float64).T for part in parts)
    scores = ratio(hits, predicted, gold)[:, gains.heads_of_configurations[candidates]]
    drawn = np.einsum("rs,rcs->rc", gains.draws.seeds, scores)
    return rows.assign(share=np.bincount(drawn.argmax(axis=1), minlength=len(rows)) / resamples)
