"""Sentences of a corpus that are nearest to one sentence, layer by layer."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from dlfa_core import projection
from dlfa_core.data import ParallelCorpus

_TINY = np.finfo(np.float32).tiny


def nearest_sentences(
    vectors: Mapping[str, np.ndarray], new: np.ndarray, corpus: ParallelCorpus, language: str, count: int
) -> pd.DataFrame:
    """Rank all sentences of all languages by centred cosine, the score of `measures.retrieval`.

    Each language's mean is taken from its sentences. A sentence in a language that the corpus lacks, or that nobody
    told, counts as of the language whose mean is nearest at the layer.

    Args:
        vectors: of the corpus: language -> (n_states, n, hidden).
        new: (n_states, hidden), of the sentence.
        corpus: the sentences.
        language: of the sentence.
        count: how many to keep at each layer.

    Returns:
        Columns layer, rank (from 1), id, language, text and value, the cosine in [-1, 1].
    """
    languages, rows = list(vectors), []
    for layer, own in enumerate(new):
        states = np.stack([each[layer] for each in vectors.values()])  # (languages, n, hidden)
        means = states.mean(axis=1, dtype=np.float64)
        if language in languages:
            home = languages.index(language)
        else:
            home = int(projection.nearest_to(means, own[None], 1)[0][0, 0])
        spread, asked = states - means[:, None], own - means[home]
        lengths = np.linalg.norm(spread, axis=2) * np.linalg.norm(asked)
        cosines = spread @ asked / np.maximum(lengths, _TINY)
        for rank, place in enumerate(np.argsort(-cosines, axis=None, kind="stable")[:count], start=1):
            which, row = np.unravel_index(place, cosines.shape)
            code = languages[which]
            rows.append((layer, rank, corpus.ids[row], code, corpus[code][row], float(cosines[which, row])))
    return pd.DataFrame(rows, columns=["layer", "rank", "id", "language", "text", "value"])
