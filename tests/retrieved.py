"""A small result of retrieval from the bundled questions, made without a model."""

from functools import cache
from unittest.mock import patch

import numpy as np

from dlfa_core.data.retrieval import open_retrieval
from dlfa_core.experiments import retrieve
from dlfa_core.experiments.retrieve.states import Reading, State

LAYERS = ((0.2, 0.5), (0.6, 2.0), (1.5, 0.6), (0.5, 1.5))  # how much of each question, and of each language, is left
FUSED = {"own_last": (0.5, 1.5), "fused": (1.2, 0.8)}


@cache
def small_retrieval(meaning: float = 1.0, resamples: int = 60) -> retrieve.Result:
    """Layer 2 finds most, each language keeps to its own, and the fused state beats the last; nothing is found where
    `meaning` is 0.
    """
    asked = open_retrieval("lareqa:sample")
    rng = np.random.default_rng(0)
    names = {name: rng.normal(size=12) for name in dict.fromkeys(each.group for each in asked.queries)}
    tongues = {code: rng.normal(size=12) for code in asked.languages}
    of = {name: query.group for query in asked.queries for name in query.right}
    about = [
        names[each.group] if hasattr(each, "group") else names.get(of.get(each.id), np.zeros(12))
        for each in asked.entries
    ]
    spoken = np.stack([tongues[each.language] for each in asked.entries])
    noise = rng.normal(size=spoken.shape)

    def rows(question: float, tongue: float) -> np.ndarray:
        return meaning * question * np.stack(about) + tongue * spoken + 0.7 * noise

    n = len(asked.queries)
    states = [State("demo", "layer", layer, rows(*mixed), n) for layer, mixed in enumerate(LAYERS)]
    states += [
        State("demo-pos", name, 3 if name == "own_last" else 2, rows(*mixed), n) for name, mixed in FUSED.items()
    ]
    known = {"model": "demo", "fingerprint": "none", "n_states": 4, "hidden_size": 12, "dtype": "float32"}
    model = {"name": "demo-pos", "fusion": "dlfa", "layer": 2, "encoder": "demo", "trained_on": "words"}
    reading = Reading(states, known | {"models": [model]}, [])
    with patch.object(retrieve, "states_of", lambda *_: reading):
        return retrieve.run(retrieve.Spec(models=("demo-pos",), resamples=resamples))
