"""Comparisons of pre-training with and without a lexicon, made without a model."""

import numpy as np
import pandas as pd

from dlfa_core.experiments import augment, transfer
from dlfa_core.experiments.augment.two_by_two import ARMS, TwoByTwo
from tests.copies import made_once

CODES = ("eng", "deu", "fin", "tha", "arb")
COVERAGE = {"eng": 0.9, "deu": 0.8, "fin": 0.5, "tha": 0.0, "arb": 0.0}
SAMPLES = (
    ("eng", "The soup was <b>wonderful</b>.", "The soup was <b>วิเศษ</b>.", "16-22:tha"),
    ("arb", "كان يوما جميلا", "كان يوما beautiful", "9-18:eng"),
    ("tha", "ฉันรักเพลง", "ฉัน 爱 เพลง", "4-5:cmn"),
    ("hin", "यह सुंदर है।", "यह schön है।", "3-8:deu"),
)


def made_up_table() -> TwoByTwo:
    """60 examples in each of five languages; the lexicon, which has three of them, helps the last layer in two.

    What controls for it helps nowhere.
    """
    rng = np.random.default_rng(4)
    arms = {}
    for arm in ARMS:
        arms[arm] = []
        for seed in range(3):
            hits = (rng.random((6, 300)) < 0.5).astype(int)
            if arm == "augmented":
                hits[0, 60:180] = rng.random(120) < 0.95  # German and Finnish
            arms[arm].append(_transferred(seed, hits))
    return TwoByTwo(arms, 300, frozenset({"eng", "deu", "fin"}))


@made_once
def small_augmentation() -> augment.Result:
    """A comparison with the numbers of `made_up_table`, and sentences in scripts that are hard to show."""
    table = made_up_table()
    curves = [
        (arm, seed, step, 100 * step, 4.0 - 0.01 * step + 0.2 * (arm == "augmented"), np.nan, np.nan)
        for arm in ARMS
        for seed in range(3)
        for step in (20, 40, 60)
    ]
    columns = ["arm", "seed", "step", "tokens", "mlm_loss", "ranking_loss", "valence_loss"]
    languages = pd.DataFrame({"language": CODES, "coverage": list(COVERAGE.values())})
    samples = pd.DataFrame(SAMPLES, columns=["language", "original", "changed", "spans"])
    samples.insert(1, "method", "switch")
    return augment.Result(
        cells=table.cells(),
        effects=table.effects(),
        correlations=table.correlations(COVERAGE),
        languages=languages.assign(seen=languages["coverage"] > 0, words=1.5, entries=200),
        curves=pd.DataFrame(curves, columns=columns),
        heads=pd.concat([one.heads.assign(arm=arm) for arm, all_ in table.arms.items() for one in all_]).reset_index(
            drop=True
        ),
        samples=samples,
        meta={
            "model": "demo",
            "fingerprint": "0" * 64,
            "task": "sentiment:sample",
            "task_name": "Sentiment",
            "labels": ["negative", "neutral", "positive"],
            "metric": "accuracy",
            "source_language": "eng",
            "languages": list(CODES),
            "n_train": 126,
            "n_dev": 38,
            "layer": table.layer,
            "lexicon_name": "Sample words",
            "lexicon_licence": "CC BY 4.0",
            "lexicon_languages": ["eng", "deu", "fin"],
            "held_out": ["tha", "arb"],
            "methods": ["switch"],
            "arms": list(ARMS),
            "text": "sample",
            "steps": 60,
            "tokens": 100,
            "seeds": [0, 1, 2],
            "warnings": ["Made up for a test."],
        },
    )


def _transferred(seed: int, hits: np.ndarray) -> transfer.Result:
    """A result of `transfer` whose heads (last, DLFA of layer 1, of layer 2) hit as given: (heads, examples).

    The heads are last, DLFA of layers 1 and 2, the average of layers 1 and 2, and extra parameters.
    """
    n = hits.shape[1] // len(CODES)
    heads = pd.DataFrame(
        {
            "fusion": ["last", "dlfa", "dlfa", "average", "average", "extra"],
            "layer": pd.array([None, 1, 2, 1, 2, None], dtype="Int64"),
            "weight": ["", "literal", "literal", "", "", ""],
            "seed": seed,
            "epoch": 1,
            "dev_score": [0.9, 0.4, 0.6, 0.8, 0.5, 0.7],
        }
    )
    examples = pd.DataFrame([(code, f"row {i}") for code in CODES for i in range(n)], columns=["language", "id"])
    gold, meta = np.ones(hits.shape[1], dtype=int), {"source_language": "eng"}
    dev, dev_gold = np.ones((3, 4), dtype=int), np.ones(4, dtype=int)
    arrays = hits, np.ones_like(hits), gold, dev, np.ones_like(dev), dev_gold
    return transfer.Result(*[pd.DataFrame()] * 5, heads, examples, *arrays, meta)
