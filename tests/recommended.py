"""A sweep over twelve layers whose answers were made up, and what `recommend` says of it; no model is involved."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from dlfa_core.experiments import recommend
from dlfa_core.experiments.training import Resamples
from dlfa_core.experiments.transfer import results
from dlfa_core.measures.stacked_counts import Counts
from tests.conftest import LANGUAGES, small_profile
from tests.copies import made_once

N = 80  # test examples in each language
N_DEV = 36
N_LAYERS = 12
SEEDS = (0, 1, 2)


def skill(fusion: str, layer: int | None, peak: int, height: float) -> float:
    """The share of right answers that a head is made to give."""
    hump = height * max(0.0, 1 - abs((layer or 0) - peak) / 4)
    return {"dlfa": 0.5 + hump, "average": 0.5 + hump / 4, "last": 0.5, "scalar_mix": 0.51, "extra": 0.5}[fusion]


@made_once
def small_sweep(peak: int = 9, height: float = 0.3, resamples: int = 200, mode: str = "frozen") -> SimpleNamespace:
    """The fields of `transfer.Result`; DLFA gate is best at layer `peak`, where it is `height` above the last one."""
    rng = np.random.default_rng(5)
    rows = [("dlfa", layer, weight) for weight in ("literal", "gate") for layer in range(1, N_LAYERS)]
    rows += [("average", layer, "") for layer in range(1, N_LAYERS)]
    rows += [(name, None, "") for name in ("last", "scalar_mix", "extra")]
    heads = pd.DataFrame(
        [(*row, seed) for row in rows for seed in SEEDS], columns=["fusion", "layer", "weight", "seed"]
    ).astype({"layer": "Int64"})
    goal = np.array([skill(f, n, peak, height * (0.6 if w == "literal" else 1)) for f, n, w in rows for _ in SEEDS])
    counts = {}
    for index, code in enumerate(LANGUAGES):
        luck = 0.9 * rng.random(N)[None] + 0.1 * rng.random((len(heads), N))
        hits = (luck < goal[:, None] - 0.02 * index).astype(np.int64)
        counts[code] = Counts(hits, np.ones_like(hits), np.ones(N, dtype=np.int64))
    ids = {code: tuple(f"{code}{row}" for row in range(N)) for code in LANGUAGES}
    spec = SimpleNamespace(model="demo", task="sentiment:sample")
    task = SimpleNamespace(metric="accuracy", beside=(), source_language="eng")
    draws = Resamples.of(ids, len(SEEDS), resamples)
    by_measure = {code: {"accuracy": count} for code, count in counts.items()}
    meta = {
        "model": "demo",
        "fingerprint": "0" * 64,
        "task": "sentiment:sample",
        "task_name": "Sentiment",
        "kind": "sentence",
        "metric": "accuracy",
        "labels": ["negative", "neutral", "positive"],
        "licence": "CC BY 4.0",
        "source_language": "eng",
        "languages": list(LANGUAGES),
        "n_train": 120,
        "n_dev": N_DEV,
        "n_test": dict.fromkeys(LANGUAGES, N),
        "n_layers": N_LAYERS,
        "hidden_size": 192,
        "mode": mode,
        "seeds": list(SEEDS),
        "resamples": resamples,
        "warnings": ["The dev set is 36 examples, few to choose an epoch on."],
    }
    luck = 0.9 * rng.random(N_DEV)[None] + 0.1 * rng.random((len(heads), N_DEV))
    dev = (luck < goal[:, None]).astype(np.int64)
    return SimpleNamespace(
        **results.frames_of(spec, task, heads, by_measure, draws),
        heads=heads.assign(epoch=1, dev_score=goal, late=False),
        history=heads.assign(epoch=1, loss=0.5, dev_score=goal),
        examples=pd.DataFrame([(code, name) for code in ids for name in ids[code]], columns=["language", "id"]),
        hits=np.concatenate([count.hits for count in counts.values()], axis=1),
        predicted=np.concatenate([count.predicted for count in counts.values()], axis=1),
        gold=np.concatenate([count.gold for count in counts.values()]),
        dev_hits=dev,
        dev_predicted=np.ones_like(dev),
        dev_gold=np.ones(N_DEV, dtype=np.int64),
        meta=meta,
    )


@made_once
def small_recommendation(**sweep) -> recommend.Result:
    """What `recommend` says of `small_sweep(**sweep)`, with the similarity of `small_profile`."""
    return recommend.compared(small_sweep(**sweep), small_profile(), key="f" * 64)
