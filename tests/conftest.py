"""What several test folders share: a small result of the layer profile, made without a model."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

# The machine may be busy: no test fails by the clock, and a failure comes back the next time.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

LANGUAGES = ("eng", "deu", "fra", "rus", "hin", "arb", "cmn", "tur")
MEASURES = ("cka", "anc", "cosine_gap", "retrieval_cosine", "retrieval_centred", "retrieval_csls")
PEAKS = dict(zip(MEASURES, (6, 8, 8, 7, 7, 7), strict=True))
HALF_WIDTH = 0.03


def similarity(measure: str, layer: int, source: int, target: int) -> float:
    """A hump over 13 layers that is highest at the measure's peak, lower for languages far apart in the list."""
    return 0.75 - 0.01 * (layer - PEAKS[measure]) ** 2 - 0.02 * abs(source - target)


@pytest.fixture(scope="session")
def profile_result() -> SimpleNamespace:
    """`small_profile()`, made once; tests do not change it."""
    return small_profile()


def small_profile() -> SimpleNamespace:
    """A profile of 8 languages at 13 layers whose best layers are `PEAKS`; the fields of `profile.Result`."""
    pairs = pd.DataFrame(
        [
            (layer, LANGUAGES[i], LANGUAGES[j], measure, similarity(measure, layer, i, j))
            for measure in MEASURES
            for layer in range(13)
            for i in range(len(LANGUAGES))
            for j in range(len(LANGUAGES))
            if (i < j if measure == "cka" else i != j)
        ],
        columns=["layer", "source", "target", "measure", "value"],
    ).pipe(_with_intervals)
    means = (
        pairs.groupby(["layer", "measure"], as_index=False, sort=False)["value"].mean().pipe(_with_intervals)
    ).assign(n_pairs=len(LANGUAGES) * (len(LANGUAGES) - 1) // 2)
    best = pd.DataFrame(
        [(m, p + shift, share) for m, p in PEAKS.items() for shift, share in ((-1, 0.25), (0, 0.7), (1, 0.05))],
        columns=["measure", "layer", "share"],
    )
    meta = {
        "model": "demo",
        "fingerprint": "0" * 64,
        "corpus": "sample",
        "corpus_name": "sample",
        "languages": list(LANGUAGES),
        "n": 240,
        "n_states": 13,
        "hidden_size": 192,
        "pooling": "mean",
        "truncated": dict.fromkeys(LANGUAGES, 0),
        "unknown": dict.fromkeys(LANGUAGES, 0.01),
        "warnings": ["240 sentences are few for 192 dimensions: read the debiased measures only."],
    }
    return SimpleNamespace(pairs=pairs, means=means, best=best, meta=meta)


def _with_intervals(frame: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    null = rng.normal(0, 0.002, len(frame))
    return frame.assign(
        model="demo",
        ci_low=frame["value"] - HALF_WIDTH,
        ci_high=frame["value"] + HALF_WIDTH,
        null_mean=null,
        null_high=null + 0.02,
        n=240,
        seed=0,
    )
