"""A result of `lexicon` written by hand: four classifiers, three languages, numbers that a reader can check."""

from dataclasses import replace

import numpy as np
import pandas as pd

from dlfa_core.experiments import lexicon
from dlfa_core.experiments.lexicon.systems import System, frame_of, named

SYSTEMS = (
    System("demo", "last", dev_score=0.7),
    System("demo", "dlfa", 3, "literal", 0.8),
    System("demo", "dlfa", 6, "literal", 0.9),
    System("demo", "average", 6, "", 0.95),
)
LAST, DLFA_3, DLFA_6, AVERAGE_6 = range(4)
SHIFTS = (0.2, 0.1, 0.0, 0.05)  # by which each classifier's numbers lie below those of DLFA at layer 6
LANGUAGES = ("arb", "eng", "hin")
SCORES = {  # (language, polarity, measure): value, ci_low, ci_high, count, n
    ("all", "positive", "attribution"): (0.5, 0.4, 0.6, 30, 20),
    ("all", "neutral", "attribution"): (0.1, 0.05, 0.15, 20, 18),
    ("all", "negative", "attribution"): (-0.4, -0.5, -0.3, 25, 19),
    ("all", "both", "agreement"): (0.75, 0.7, 0.8, 55, 20),
    ("all", "both", "separation"): (0.9, 0.7, 1.1, 55, 20),
    ("all", "both", "order"): (0.8, 0.7, 0.9, 55, 20),
    ("eng", "positive", "attribution"): (0.7, 0.6, 0.8, 15, 10),
    ("eng", "neutral", "attribution"): (0.0, -0.1, 0.1, 10, 9),
    ("eng", "negative", "attribution"): (-0.6, -0.7, -0.5, 12, 10),
    ("eng", "both", "order"): (0.9, 0.8, 0.95, 27, 10),
    ("arb", "positive", "attribution"): (0.3, np.nan, np.nan, 15, 3),
    ("arb", "negative", "attribution"): (-0.2, np.nan, np.nan, 13, 3),
    ("arb", "both", "order"): (0.7, np.nan, np.nan, 28, 3),
    ("hin", "positive", "attribution"): (np.nan, np.nan, np.nan, 0, 0),
    ("hin", "both", "order"): (np.nan, np.nan, np.nan, 0, 0),
}
PAIRS = [  # source, target, measure, value, ci_low, ci_high, null, count, n
    ("eng", "arb", "correlation", 0.6, 0.4, 0.8, 0.0, 40, 12),
    ("eng", "arb", "same_sign", 0.9, 0.8, 1.0, 0.5, 40, 12),
    ("eng", "hin", "correlation", -0.25, np.nan, np.nan, 0.0, 4, 2),
    ("eng", "hin", "same_sign", 0.5, np.nan, np.nan, 0.5, 4, 2),
    ("arb", "hin", "correlation", np.nan, np.nan, np.nan, 0.0, 2, 2),
    ("arb", "hin", "same_sign", 1.0, np.nan, np.nan, 1.0, 2, 2),
    ("all", "all", "correlation", 0.175, 0.1, 0.3, 0.0, 46, 14),
    ("all", "all", "same_sign", 0.8, 0.7, 0.9, 0.55, 46, 14),
]
WORDS = [  # language, lemma, concepts, polarity, valence, count, score, wrong, ids
    ("eng", "<b>late</b>", "late", "negative", -0.8, 3, 0.4, 1.0, "1 2 3"),
    ("arb", "متأخر", "late", "negative", -0.8, 2, 0.1, 0.5, "1 2"),
    ("eng", "good", "good", "positive", 0.9, 4, 0.5, 0.25, "2"),
    ("eng", "fine", "fine", "positive", 0.4, 1, 0.5, 0.0, "2"),
    ("eng", "train", "train", "neutral", 0.0, 5, 0.1, np.nan, "1"),
]
TEXTS = [("eng", "1", "A <b>late</b> train"), ("eng", "2", "good"), ("arb", "1", "القطار متأخر مرة أخرى.")]
MATCHES = [  # language, id, start, end, form, lemma, concepts, polarity, valence, how
    ("eng", "1", 14, 19, "train", "train", "train", "neutral", 0.0, "exact"),  # not in reading order
    ("eng", "1", 5, 9, "late", "late", "late", "negative", -0.8, "exact"),
    ("arb", "1", 0, 6, "القطار", "قطار", "train", "neutral", 0.0, "stem"),
    ("arb", "1", 7, 12, "متأخر", "متأخر", "late", "negative", -0.8, "exact"),
]
MATCH_SCORES = np.array(
    [[0.1, -0.2, 0.1, -0.3], [0.2, -0.4, 0.1, -0.5], [0.3, -0.6, 0.1, -0.7], [0.4, -0.8, np.nan, -0.9]],
    dtype=np.float32,
)
COVERAGE = [  # language, polarity, lemmas, found, matches, sentences, n
    ("eng", "negative", 1000, 2, 7, 5, 20),
    ("eng", "neutral", 500, 1, 9, 6, 20),
    ("eng", "positive", 700, 3, 1100, 9, 20),
    ("eng", "all", 2200, 6, 1116, 20, 20),
    ("arb", "negative", 10, 1, 3, 2, 20),
    ("arb", "positive", 5, 0, 0, 0, 20),
    ("arb", "all", 15, 1, 3, 2, 20),
]


def by_hand(**changes) -> lexicon.Result:
    """The result, with other fields if `changes` has any."""
    systems = frame_of(SYSTEMS)
    result = lexicon.Result(
        scores=named(systems, [_scores(shift) for shift in SHIFTS]),
        translations=named(systems, [_frame(PAIRS, _PAIR_COLUMNS)] * len(SYSTEMS)),
        words=named(systems, [_frame(WORDS, _WORD_COLUMNS)] * len(SYSTEMS)),
        coverage=_frame(COVERAGE, ["language", "polarity", "lemmas", "found", "matches", "sentences", "n"]),
        faithfulness=named(systems, [_probability_drops(system) for system in range(len(SYSTEMS))]),
        systems=systems,
        matches=_frame(MATCHES, _MATCH_COLUMNS),
        sentences=_frame(TEXTS, ["language", "id", "text"]),
        match_scores=MATCH_SCORES,
        values=np.ones((4, 3), dtype=np.float32),
        predicted=np.ones((4, 3), dtype=np.uint8),
        totals=np.ones((4, 3), dtype=np.float32),
        meta={
            "method_label": "Occlusion by word",
            "classifiers": [],
            "target": "positive",
            "against": "negative",
            "lexicon_name": "Words by hand",
            "languages": list(LANGUAGES),
            "n": 20,
            "baselines": [],
            "leans": [],
        },
    )
    return replace(result, **changes)


def only(language: str) -> lexicon.Result:
    """The result with one language."""
    whole = by_hand()
    scores = whole.scores[whole.scores["language"].isin([language, "all"])]
    return by_hand(scores=scores, translations=whole.translations.iloc[:0], meta=whole.meta | {"languages": [language]})


def task_models(*names: str) -> lexicon.Result:
    """The result as if these were the first classifiers."""
    systems = frame_of([System(name) for name in names])
    scores = named(systems, [_scores(shift) for shift in SHIFTS[: len(names)]])
    return by_hand(systems=systems, scores=scores, meta=by_hand().meta | {"classifiers": list(names)})


_PAIR_COLUMNS = ["source", "target", "measure", "value", "ci_low", "ci_high", "null", "count", "n"]
_WORD_COLUMNS = ["language", "lemma", "concepts", "polarity", "valence", "count", "score", "wrong", "ids"]
_MATCH_COLUMNS = ["language", "id", "start", "end", "form", "lemma", "concepts", "polarity", "valence", "how"]


def _frame(rows: list[tuple], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns)


def _scores(shift: float) -> pd.DataFrame:
    rows = [
        (*about, value - shift, low - shift, high - shift, count, n)
        for about, (value, low, high, count, n) in SCORES.items()
    ]
    frame = _frame(rows, ["language", "polarity", "measure", "value", "ci_low", "ci_high", "count", "n"])
    return frame.assign(null=np.nan, null_low=np.nan, null_high=np.nan)  # no random words were drawn


def _probability_drops(system: int) -> pd.DataFrame:
    """Of all texts, with intervals, and of English ones, too few for intervals."""
    rows = []
    for measure, sign in (("comprehensiveness", 1), ("sufficiency", -1)):
        for share in (0.1, 0.2, 0.5):
            value, random = sign * share + 0.01 * system, 0.05
            gain = sign * (value - random)
            rows.append(("all", measure, share, value, value - 0.02, value + 0.03, random, gain, gain - 0.02, gain, 30))
            rows.append(("eng", measure, share, value, np.nan, np.nan, random, gain, np.nan, np.nan, 3))
    columns = ["value", "ci_low", "ci_high", "random", "gain", "gain_low", "gain_high", "n"]
    return _frame(rows, ["group", "measure", "share", *columns])
