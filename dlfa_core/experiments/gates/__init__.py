"""What does AIF let through?"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.experiments.gates import sentences, similarity, tables
from dlfa_core.experiments.gates.gate_statistics import GateStatistics, reader_of, see
from dlfa_core.experiments.gates.sentences import BETWEEN
from dlfa_core.languages import find
from dlfa_core.runtime.progress import Progress, part, silent, span
from dlfa_core.tables import Interval, Table

__all__ = ["BETWEEN", "VERSION", "Means", "Result", "Spec", "Word", "Words", "inputs", "run"]

VERSION = 2


@dataclass(frozen=True)
class Spec:
    """Look into the gates of fusion models, word by word.

    Attributes:
        models: fusion models: demo-pos, demo-sentiment, demo-ner, demo-xnli, folders or hub ids; several of one
            encoder, such as one for each layer, are shown one above the other.
        corpus: `sample`, a path, or a kind and a place: table:PATH, tmx:PATH, folder:PATH,
            moses:PATH, pud:PATH, tatoeba:PATH, hub:NAME. Words of a PUD treebank come with their parts of speech.
        texts: sentences to look at instead of the corpus, such as "eng:Good day!" "arb:نهارك سعيد"; for a model of
            pairs both of their texts, such as "eng:It rains. ||| It is wet."
        languages: ISO codes or names; all of the corpus if none are given.
        limit: sentences to take, drawn at random; 0 takes all.
        shown: sentences whose words stay in the result, the first ones; 0 keeps all. Means are over all.
        pivot: language that the others' similarity is measured to.
        max_length: subwords after which a sentence is cut, special tokens counted.
        resamples: of the sentences, for the intervals; 0 leaves them out.
        seed: of the resamples.
    """

    models: tuple[str, ...] = ("demo-pos",)
    corpus: str = "sample"
    texts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    limit: int = 1000
    shown: int = 60
    pivot: str = "eng"
    max_length: int = 256
    resamples: int = 500
    seed: int = 0


Spread = Literal["p05", "p25", "p50", "p75", "p95"]
Said = Literal["weight", "change", "global_logit", "local_logit", "local_share"]
Word = Literal[
    "model", "layer", "language", "id", "position", "start", "word", "word_class", "subwords", "gate", Spread, Said
]
Words = Table[Word]
Means = Table[
    Literal["model", "layer", "level", "group", "word_class", "measure", Interval, Spread, "n_words", "n", "seed"]
]
Shares = Table[Literal["model", "layer", "language", Interval, "n", "seed"]]
Close = Table[Literal["model", "layer", "language", "pivot", "measure", "value", "n"]]
Correlations = Table[Literal["model", "over", "word_measure", "measure", Interval, "n"]]


@dataclass(frozen=True, eq=False)
class Result:
    """What the gates of each model do to the words of each sentence. Layer is the fused one, missing where none
    is chosen.

    A word's numbers are means over its subwords and then over dimensions: gate in (0, 1), with p05 to p95 over its
    dimensions; weight, what multiplies the lower state (the gate, or W * gate); change, |hidden - last| / |last|;
    global_logit and local_logit, what both branches say before the sigmoid; local_share, the local branch's share
    of the variance of their sum over the word's dimensions (its covariance with the sum; shares add up to 1).

    Attributes:
        words: position (of the word in its sentence), start (in characters).
        means: level is all, family, language, class, or class_language; p05 to p95 are over words.
        shares: the local branch's share of what differs from word to word in the same dimension.
        close: how close languages are at the fused layer; at the last where none is chosen.
        correlations: over languages, or layers.
        dimensions: float32 (models, languages, hidden): the mean gate of each dimension over words.
        meta: what was looked at, and `warnings`, sentences that a reader of the numbers should know.
    """

    words: Words
    means: Means
    shares: Shares
    close: Close
    correlations: Correlations
    dimensions: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the models and of the sentences."""
    corpus = {} if spec.texts else sentences.fingerprint(spec.corpus)
    return {f"model {index}": models.fingerprint(name) for index, name in enumerate(spec.models)} | corpus


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Read every sentence with every model, and look.

    Raises:
        ValueError: a model, the corpus, a language, a text or a setting is not usable; the message says which.
    """
    if not spec.models or len(set(spec.models)) < len(spec.models):
        raise ValueError(f"models={spec.models!r} must name at least one fusion model, each once.")
    progress(0.0, "Reading the sentences")
    chosen = sentences.typed(spec.texts) if spec.texts else sentences.chosen(spec.corpus, spec.languages, spec.limit)
    seen: list[GateStatistics] = []
    for index, name in enumerate(spec.models):
        report = part(progress, index, len(spec.models))
        report(0.0, f"Loading the model {name}")
        reader = reader_of(name, models.fingerprint(name))
        pivot = None if spec.texts else find(spec.pivot).code
        seen.append(see(reader, chosen, spec.max_length, pivot, span(report, 0.05, 0.95)))
        tables.check_alike(spec.models[0], seen[0], name, seen[-1])
    words = pd.concat([each.words for each in seen], ignore_index=True)
    words["word_class"], source = tables.classes_of(chosen, seen)
    shown, weights = tables.shown(words, chosen, spec), tables.weights_of(chosen, spec)
    means = tables.means_of(words, chosen, weights, spec)
    close = similarity.listed([each.close for each in seen])
    return Result(
        words=shown,
        means=means,
        close=close,
        correlations=similarity.correlations(means, close, spec.resamples, spec.seed),
        shares=pd.concat([each.shares(weights, spec.seed) for each in seen], ignore_index=True),
        dimensions=np.stack([each.dimensions for each in seen]),
        meta=tables.meta_of(spec, chosen, seen, source),
    )
