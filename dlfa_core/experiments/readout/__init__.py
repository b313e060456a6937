"""How well does the output for masked words read each layer?

It was trained on the last layer. Here it reads all of them, on sentences with 15 % of their subwords hidden as in
pre-training: where it does no better than the frequencies of subwords do, what the lens shows of a layer says little.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import measures, models
from dlfa_core.experiments.readout.unigrams import unigram_losses
from dlfa_core.experiments.sources import SAMPLE_SEED, cautions, corpora
from dlfa_core.measures.intervals import interval_or_nan, possible_weights
from dlfa_core.runtime.progress import Progress, part, silent
from dlfa_core.tables import Interval, Table

__all__ = ["VERSION", "Result", "Spec", "inputs", "run"]
__all__ += ["Losses"]

VERSION = 1
ALL = "all"  # in the place of a language: the mean over all of them


@dataclass(frozen=True)
class Spec:
    """Measure the masked-word loss of every layer, read through the output that was trained on the last.

    Attributes:
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased, with its masked language model head.
        corpus: `sample`, a path, or a kind and a place, as for profile; sentences that the model was not trained on,
            if the losses are to say anything.
        languages: ISO codes or names; all of the corpus if none are given.
        limit: sentences to take, drawn at random; 0 takes all.
        max_length: subwords after which a sentence is cut, special tokens counted.
        resamples: of sentences, for intervals; 0 leaves them out.
        seed: of what is hidden and of the resamples.
    """

    model: str = "demo"
    corpus: str = "sample"
    languages: tuple[str, ...] = ()
    limit: int = 1000
    max_length: int = 256
    resamples: int = 1000
    seed: int = 0


Losses = Table[Literal["layer", "language", "n"] | Interval]


@dataclass(frozen=True, eq=False)
class Result:
    """What hidden subwords cost at every layer.

    Attributes:
        losses: `value` is the mean cross-entropy in nats of `n` hidden subwords of a language; for the language "all"
            it is the mean over languages. Intervals are 95 %, over sentences, the same ones in all languages.
        unigrams: the same of the frequencies of subwords in the language's other sentences.
        gains: of the language "all": how many nats a layer is better than the frequencies, with intervals that hold at
            all layers at once (Bonferroni).
        meta: sentences, model, and `chance`, the loss of who knows nothing.
    """

    losses: Losses
    unigrams: Table[Literal["language", "n"] | Interval]
    gains: Table[Literal["layer"] | Interval]
    meta: dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over the hidden subwords of each of n sentences, in one language."""

    losses: np.ndarray  # (n_states, n)
    unigrams: np.ndarray  # (n,)
    counts: np.ndarray  # (n,)
    truncated: int


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of model and corpus."""
    return {"model": models.fingerprint(spec.model), "corpus": corpora.fingerprint(spec.corpus)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Read the sentences with some of their subwords hidden.

    Raises:
        ValueError: the model has no output for masked words, the corpus or a language of it is missing, or a setting is
            not usable.
    """
    corpus = corpora.opened(spec.corpus).select(spec.languages, spec.limit, SAMPLE_SEED)
    progress(0.0, f"Loading the model {spec.model}")
    head = models.MaskedHead.from_pretrained(spec.model)
    longest = min(spec.max_length, head.encoder.max_length) - 2
    if longest < 1:
        raise ValueError(
            f"max_length={spec.max_length} leaves no room for text beside 2 special tokens: use 3 or more."
        )
    sums = {
        code: _sums(head, corpus[code], spec.seed, longest, part(progress, number, len(corpus.languages)), code)
        for number, code in enumerate(corpus.languages)
    }
    if empty := [code for code, own in sums.items() if not own.counts.any()]:
        raise ValueError(f"No subword of {', '.join(empty)} was hidden: give more sentences, or another seed.")
    weights = possible_weights(len(corpus), spec.resamples, spec.seed) if spec.resamples else np.zeros((0, len(corpus)))
    losses, unigrams, gains = _tables(sums, weights)
    return Result(
        losses, unigrams, gains, _about(spec, head, corpus, {code: own.truncated for code, own in sums.items()})
    )


def _sums(
    head: "models.MaskedHead", texts: tuple[str, ...], seed: int, longest: int, progress: Progress, language: str
) -> _Sums:
    n, size = len(texts), len(head.tokenizer)
    whole = head.subwords(texts)
    read = [ids[:longest] for ids in whole]
    losses, unigrams, counts = np.zeros((head.encoder.n_states, n)), np.zeros(n), np.zeros(n)
    labels, owners = [], []
    for found, done in head.losses(texts, seed, longest):
        for state, own in enumerate(found.losses):
            losses[state] += np.bincount(found.sentences, own, minlength=n)
        labels.append(found.labels)
        owners.append(found.sentences)
        progress(done / n, f"Reading {language} at every layer")
    owner, label = np.concatenate(owners), np.concatenate(labels)
    counts += np.bincount(owner, minlength=n)
    unigrams += np.bincount(owner, unigram_losses(read, label, owner, size), minlength=n)
    return _Sums(losses, unigrams, counts, sum(len(ids) > longest for ids in whole))


def _tables(sums: dict[str, _Sums], weights: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Means of all layers and languages with their intervals; a resample has the same sentences in all of them."""
    every = np.stack([own.losses for own in sums.values()])  # (languages, n_states, n)
    frequent = np.stack([own.unigrams for own in sums.values()])[:, None]  # (languages, 1, n)
    counts = np.stack([own.counts for own in sums.values()])[:, None]
    ones = np.ones((1, counts.shape[-1]))

    def means(values: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """(rows of `drawn`, languages and their mean, states): mean of the hidden subwords."""
        total = np.einsum("lsn,rn->rls", values, drawn)
        number = np.einsum("lsn,rn->rls", counts, drawn)
        own = np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
        return np.concatenate([own, np.nanmean(own, axis=1, keepdims=True)], axis=1) if len(drawn) else own

    def rows(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        at, again = means(values, ones)[0], means(values, weights)
        return at, *interval_or_nan(at, again if len(again) else np.zeros((0, *at.shape)), "spread")

    names, n_hidden = [*sums, ALL], [*(int(own.counts.sum()) for own in sums.values())]
    n_hidden.append(sum(n_hidden))
    value, low, high = rows(every)
    losses = pd.DataFrame(
        [
            (layer, code, value[row, layer], low[row, layer], high[row, layer], n_hidden[row])
            for layer in range(every.shape[1])
            for row, code in enumerate(names)
        ],
        columns=["layer", "language", "value", "ci_low", "ci_high", "n"],
    )
    value, low, high = rows(frequent)
    unigrams = pd.DataFrame({"language": names, "value": value[:, 0], "ci_low": low[:, 0], "ci_high": high[:, 0]})
    return (
        losses,
        unigrams.assign(n=n_hidden),
        _gains(means(frequent - every, ones)[0, -1], means(frequent - every, weights)),
    )


def _gains(gain: np.ndarray, again: np.ndarray) -> pd.DataFrame:
    """The advantage over frequencies at every layer, with intervals for all of them together."""
    if len(again) < 2:
        low = high = np.full_like(gain, np.nan)
    else:
        low, high = measures.interval(gain, again[:, -1], "spread", 1 - 0.05 / len(gain))
    return pd.DataFrame({"layer": range(len(gain)), "value": gain, "ci_low": low, "ci_high": high})


def _about(spec: Spec, head: "models.MaskedHead", corpus: Any, truncated: dict[str, int]) -> dict[str, Any]:
    return {
        "model": spec.model,
        "fingerprint": models.fingerprint(spec.model),
        "corpus": spec.corpus,
        "corpus_name": corpus.name,
        "licence": corpus.licence,
        "languages": list(corpus.languages),
        "n": len(corpus),
        "n_states": head.encoder.n_states,
        "chance": math.log(len(head.tokenizer)),
        "warnings": [
            *cautions.truncated_sentences(truncated, len(corpus), spec.max_length),
            *cautions.unseen_languages(spec.model, corpus.languages),
        ],
    }
