"""What probes find in the layers of `small_profile`'s model, made up; no model is involved."""

from itertools import product

import pandas as pd

from dlfa_core.experiments import structure
from tests.conftest import LANGUAGES
from tests.copies import made_once

PEAKS = {"word_selectivity": 5, "language_selectivity": 0, "distance_to_last": 0}
HEIGHTS = {"word_selectivity": 0.4, "language_selectivity": 0.8, "distance_to_last": 0.72}
HALF_WIDTH = 0.015


@made_once
def small_structure(with_words: bool = True) -> structure.Result:
    """Probes of 13 layers: grammar is easiest to read at layer 5, language and the way to the last layer at 0."""
    rows = []
    for layer, (measure, peak) in product(range(13), PEAKS.items()):
        if measure.startswith("word") and not with_words:
            continue
        value = HEIGHTS[measure] * (1 - abs(layer - peak) / 12)
        kind = measure.partition("_")[0]
        level = "targets" if kind == "word" else "all"
        sizes = {"n": 9000, "n_languages": len(LANGUAGES) - (kind == "word"), "seed": 0}
        rows.append((layer, measure, level, value, 1.0 if kind == "distance" else 0.0, sizes))
        if kind != "distance":
            rows.append((layer, f"{kind}_probe", level, value + 0.1, 0.15, sizes))
            rows.append((layer, f"{kind}_control", level, 0.1, 0.15, sizes))
    scores = pd.DataFrame(
        [
            {
                "model": "demo",
                "layer": layer,
                "measure": measure,
                "level": level,
                "group": level,
                "value": value,
                "ci_low": value - (HALF_WIDTH if value else 0),
                "ci_high": value + (HALF_WIDTH if value else 0),
                "null_mean": null,
                **sizes,
            }
            for layer, measure, level, value, null, sizes in rows
        ]
    )
    meta = {
        "model": "demo",
        "fingerprint": "0" * 64,
        "corpus": "sample",
        "corpus_name": "Sample sentences",
        "languages": list(LANGUAGES),
        "n": 240,
        "n_states": 13,
        "task": "pos:ud-pos" if with_words else "",
        "task_name": "POS",
        "task_licence": "CC BY-SA 4.0",
        "source_language": "eng" if with_words else "",
        "targets": [code for code in LANGUAGES if code != "eng"] if with_words else [],
        "warnings": ["There is one thing to know about the probes."],
    }
    return structure.Result(scores=scores, meta=meta)
