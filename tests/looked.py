"""A small look into the gates, made without a model: numbers follow from the language and the position of a word."""

from functools import cache

import numpy as np
import pandas as pd

from dlfa_core.data.words import kind_of, word_spans
from dlfa_core.experiments import gates
from dlfa_core.experiments.gates import groups, similarity
from dlfa_core.measures import bootstrap_weights
from dlfa_core.measures.intervals import FEWEST_SENTENCES
from tests.sentences import SENTENCES

TEXTS = {code: text for code, text in SENTENCES.items() if code != "tur"}
N = 40
LAYERS = (8,)
HIDDEN = 16
CLASSES = {"word": "NOUN", "punctuation": "PUNCT", "number": "NUM"}


def gate_of(layer: int, language: str, position: int, word_class: str) -> float:
    """The mean gate of a word, a little higher for later languages and much higher for punctuation."""
    of_language = 0.01 * layer + 0.01 * list(TEXTS).index(language)
    return 0.3 + of_language + 0.005 * (position % 3) + 0.1 * (word_class == "PUNCT")


@cache
def small_gates(layers=LAYERS, weight="gate", n=N) -> gates.Result:
    """One model per layer on `n` sentences in 8 languages, made once; tests do not change it."""
    names = ["demo-pos"] if layers == LAYERS else [f"layer-{layer}" for layer in layers]
    words = pd.concat([_words(name, layer, n) for name, layer in zip(names, layers, strict=True)], ignore_index=True)
    weights = bootstrap_weights(n, 50, 0) if n >= FEWEST_SENTENCES else None
    means = pd.concat([_means(words, name, layer, n, weights) for name, layer in zip(names, layers, strict=True)])
    means = means.reset_index(drop=True).astype({"layer": "Int64"})
    close = pd.DataFrame(
        [
            (name, layer, language, "eng", measure, 0.9 - 0.05 * position + 0.01 * layer, n)
            for name, layer in zip(names, layers, strict=True)
            for measure in similarity.SIMILARITIES
            for position, language in enumerate(list(TEXTS)[1:])
        ],
        columns=similarity.COLUMNS,
    ).astype({"layer": "Int64"})
    shares = [(m, k, c, 0.7, 0.65, 0.75, n, 0) for m, k in zip(names, layers, strict=True) for c in TEXTS]
    columns = ["model", "layer", "language", "value", "ci_low", "ci_high", "n", "seed"]
    return gates.Result(
        words=words.astype({"layer": "Int64"}),
        means=means,
        shares=pd.DataFrame(shares, columns=columns).astype({"layer": "Int64"}),
        close=close,
        correlations=similarity.correlations(means, close, 50, 0),
        dimensions=_dimensions(len(layers)),
        meta={
            "models": [
                {
                    "name": name,
                    "fingerprint": "sha256:" + "0" * 64,
                    "fusion": "dlfa",
                    "layer": layer,
                    "weight": weight,
                    "n_layers": 12,
                    "encoder": "demo",
                    "trained_on": "",
                }
                for name, layer in zip(names, layers, strict=True)
            ],
            "hidden_size": HIDDEN,
            "typed": False,
            "corpus": "sample",
            "corpus_name": "Sample sentences",
            "licence": "CC BY 4.0",
            "languages": list(TEXTS),
            "n": n,
            "classes": names[0],
            "pivot": "eng",
            "truncated": dict.fromkeys(TEXTS, 0),
            "unknown": dict.fromkeys(TEXTS, 0.0),
            "unread": dict.fromkeys(TEXTS, 0),
            "warnings": [],
        },
    )


def _words(name: str, layer: int, n: int) -> pd.DataFrame:
    rows = []
    for language, text in TEXTS.items():
        for sentence in range(n):
            for position, (start, stop) in enumerate(word_spans(text)):
                word_class = CLASSES[kind_of(text[start:stop])]
                gate = gate_of(layer, language, position, word_class) + 0.001 * (sentence % 5)
                spread = [gate + step for step in (-0.25, -0.1, -0.01, 0.1, 0.25)]
                rest = (gate, 0.2 + gate / 4, -0.1, gate - 0.5, 0.8)
                key = (name, layer, language, f"s{sentence:02}", position, start, text[start:stop], word_class, 1)
                rows.append((*key, gate, *spread, *rest))
    columns = ["model", "layer", "language", "id", "position", "start", "word", "word_class", "subwords", "gate"]
    return pd.DataFrame(rows, columns=[*columns, *groups.SPREAD_COLUMNS, *groups.MEASURES[1:]])


def _means(words: pd.DataFrame, name: str, layer: int, n: int, weights: np.ndarray | None) -> pd.DataFrame:
    own = words[words["model"] == name].reset_index(drop=True)
    frame = groups.group_means(own, [f"s{sentence:02}" for sentence in range(n)], weights)
    frame.insert(0, "model", name)
    frame.insert(1, "layer", layer)
    return frame.assign(seed=0)


def _dimensions(n_models: int) -> np.ndarray:
    """The dimensions of all languages in the same order, each language a little higher than the one before."""
    profile = np.linspace(0.2, 0.8, HIDDEN)[np.random.default_rng(0).permutation(HIDDEN)]
    shift = 0.01 * np.arange(len(TEXTS))[:, None]
    return np.broadcast_to(profile + shift, (n_models, len(TEXTS), HIDDEN)).astype(np.float32).copy()
