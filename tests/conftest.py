"""What several test folders share: a small result of the layer profile, made without a model; the site."""

import gc
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from tests.copies import made_once

# The machine may be busy: no test fails by the clock, and a failure comes back the next time.
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory):
    """No test reads or writes what the user has computed, nor what another process of these tests does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(tmp_path_factory.mktemp("own home")))
        yield


@pytest.fixture(scope="module", autouse=True)
def libraries_are_not_searched_for_garbage():
    """What was imported stays. To search its millions of objects, as trainers ask for, took half of their time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The documents as a site."""
    if find_spec("material") is None:
        pytest.skip("needs mkdocs: pip install -r requirements-docs.txt")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert not built.returncode, built.stderr
    return folder


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


@made_once
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


@pytest.fixture(scope="session")
def projection() -> SimpleNamespace:
    """`small_projection()`, made once; tests do not change it."""
    return small_projection()


@made_once
def small_projection(n: int = 30, dims: int = 2, states: int = 13, languages=LANGUAGES) -> SimpleNamespace:
    """A map of n sentences in 8 languages, which come together at layer 8; the fields of `project.Result`.

    Sentence 0 is `<script>` in every language, the others are their language and number.
    """
    rng = np.random.default_rng(0)
    points = pd.DataFrame(
        [
            (f"s{s}", code, f"<script>alert({s})</script>" if s == 0 else f"{code} {s}", "abc"[s % 3], "+-"[s % 2])
            for code in languages
            for s in range(n)
        ],
        columns=["id", "language", "text", "topic", "sentiment"],
    )
    apart, meaning = rng.normal(size=(len(languages), 1, dims)), rng.normal(size=(1, n, dims))
    together = np.exp(-(((np.arange(states) - 8) / 3) ** 2))[:, None, None, None]
    layers = (
        (1 - together) * apart + (0.3 + together) * meaning + rng.normal(0, 0.02, (states, len(languages), n, dims))
    )
    layers = layers.reshape(states, -1, dims) - layers.reshape(states, -1, dims).mean(axis=1, keepdims=True)
    coordinates = (layers / np.sqrt((layers**2).sum(2).mean(1))[:, None, None]).astype(np.float32)
    distances = np.linalg.norm(coordinates[:, :, None] - coordinates[:, None], axis=3)
    neighbours = np.argsort(distances, axis=2)[:, :, 1:11].astype(np.int32)
    ranks = np.arange(len(languages) - 1)
    tree = pd.DataFrame(
        [
            (layer, int(k + len(languages) - 1) if k else 0, int(k + 1), float(k + 1), int(k + 2))
            for layer in range(states)
            for k in ranks
        ],
        columns=["layer", "a", "b", "height", "size"],
    )
    meta = {
        "model": "demo",
        "fingerprint": "0" * 64,
        "corpus": "sample",
        "corpus_name": "sample",
        "languages": list(languages),
        "n": n,
        "n_available": n,
        "n_points": len(points),
        "n_points_available": 2 * len(points),
        "n_states": states,
        "hidden_size": 192,
        "pooling": "mean",
        "method": "umap",
        "dims": dims,
        "alignment": "aligned",
        "metric": "cosine",
        "calm": 0.5,
        "removed": "",
        "warnings": ["Half of the points are left out."],
    }
    return SimpleNamespace(
        points=points,
        coordinates=coordinates,
        neighbours=neighbours,
        quality=_map_numbers(states),
        tree=tree,
        meta=meta,
    )


def _map_numbers(states: int) -> pd.DataFrame:
    """Plausible numbers whose translations meet at layer 8 with 0.61, and whose probe is weakest at layer 5."""
    nan = float("nan")
    rows = []
    for layer in range(states):
        rows += [
            (layer, "translation_nearest", 0.61 - 0.05 * abs(layer - 8), 0.004, nan, nan),
            (layer, "probe_linear", 0.9 + 0.01 * abs(layer - 5), 0.125, nan, nan),
            (layer, "probe_control", 0.3 + 0.01 * abs(layer - 5), 0.125, nan, nan),
            (layer, "selectivity", 0.6, nan, nan, nan),
            (layer, "probe_nearest", 0.8, 0.125, nan, nan),
            (layer, "silhouette_sentence", -0.2 + 0.03 * layer, nan, nan, nan),
            (layer, "silhouette_family", 0.05, nan, nan, nan),
            (layer, "silhouette_language", 0.3 - 0.02 * layer, nan, nan, nan),
            (layer, "trustworthiness", 0.9 + 0.005 * layer, nan, nan, nan),
            (layer, "continuity", 0.95, nan, nan, nan),
            (layer, "drift", 0.02 * layer if layer else nan, nan, nan, nan),
            (layer, "tree_agreement", 0.5 + 0.02 * layer, 1 / 3, 0.45, 0.02),
        ]
    frame = pd.DataFrame(rows, columns=["layer", "measure", "value", "null_mean", "null_high", "p_value"])
    half = np.where(frame["measure"] == "drift", 0.01, 0.03)  # which is never below 0
    frame = frame.assign(model="demo", ci_low=frame["value"] - half, ci_high=frame["value"] + half, n=240, seed=0)
    return frame[
        ["model", "layer", "measure", "value", "ci_low", "ci_high", "null_mean", "null_high", "p_value", "n", "seed"]
    ]
