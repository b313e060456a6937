"""At which layer do the languages meet?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.experiments import encode
from dlfa_core.experiments.encode import all_encoded
from dlfa_core.experiments.sources import SAMPLE_SEED, cautions, corpora
from dlfa_core.languages import find
from dlfa_core.measures import DEFAULT_MEASURES, PairScores, compare_all, measure, products_on, sample_warning
from dlfa_core.measures.intervals import bootstrap_weights, check_enough, deviations
from dlfa_core.runtime.experiment import Experiment
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Interval, Table, led_by

__all__ = ["SCORES_VERSION", "VERSION", "Means", "Pairs", "Result", "Spec", "inputs", "parts", "run"]

VERSION = 2
SCORES_VERSION = 1  # raised only where values change: named by experiments that build on values alone, not on intervals
FIRST_LAYER = {"cls": 1}  # at layer 0 the first token is the same whatever the sentence: nothing can be compared
ONE_SIDED = 1.645  # standard deviations above its mean that 5 % of a normal null exceed
NORMAL_DRAWS = 1000
ENCODING_SHARE = 0.7  # of the progress bar


@dataclass(frozen=True)
class Spec(encode.CorpusReading):
    """Compare two languages or more at every layer of an encoder.

    Attributes:
        measures: how languages are compared; a retrieval measure may end in @5 for the top 5.
        resamples: of the sentences, for the intervals; 0 leaves them out.
        seed: of the resamples.
        dtype: float32, bfloat16, float16, or auto for what is fastest here.
    """

    measures: tuple[str, ...] = DEFAULT_MEASURES
    resamples: int = 200
    seed: int = 0
    dtype: str = "auto"


Pairs = Table[Literal["model", "layer", "source", "target", "measure", Interval, "null_mean", "null_high", "n", "seed"]]
Means = Table[Literal["model", "layer", "measure", Interval, "null_mean", "null_high", "n_pairs", "n", "seed"]]
Best = Table[Literal["measure", "layer", "share"]]


@dataclass(frozen=True, eq=False)
class Result:
    """How close every two languages are at every layer; layer 0 is the embedding output, k that of block k.

    With cls pooling there is no layer 0.

    Attributes:
        pairs: every two languages at every layer; symmetric measures have each pair once, the others both ways.
        means: over pairs. `null_high` bounds the 95th percentile of unrelated sentences from above.
        best: share of the resamples in which the mean over pairs is highest at this layer.
        meta: what was compared, and `warnings`, sentences that a reader of the numbers should know.
    """

    pairs: Pairs
    means: Means
    best: Best
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and the corpus, and the version of the encoding."""
    return {**encode.inputs(spec), "encode": str(encode.VERSION)}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The states of each language.

    Raises:
        ValueError: the corpus or a language is not usable.
    """
    languages = corpora.opened(spec.corpus).select(spec.languages, 1).languages
    return [(encode, one) for one in encode.encodings(spec, languages, spec.limit).values()]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Encode what is not stored yet, then compare layer by layer.

    All layers see the same resamples of the sentences, so that "which layer is best" is one joint statement.

    Raises:
        ValueError: the model, the corpus, a language, a measure or a setting is not usable.
    """
    for name in spec.measures:
        measure(name)
    corpus = corpora.opened(spec.corpus).select(spec.languages, spec.limit, SAMPLE_SEED)
    languages = corpus.languages
    if len(languages) < 2:
        raise ValueError(
            f"Languages are compared in pairs, but only {find(languages[0]).name} was chosen: "
            f"choose at least two of {', '.join(corpora.opened(spec.corpus).languages)}."
        )
    if spec.resamples:
        check_enough("A bootstrap", len(corpus))
    states = all_encoded(spec, languages, spec.limit, span(progress, 0.0, ENCODING_SHARE))
    layers = dict(_compared(spec, states, span(progress, ENCODING_SHARE, 1.0)))
    return Result(
        pairs=_pairs(spec, languages, len(corpus), layers),
        means=_means(spec, len(corpus), layers),
        best=_best(spec, layers),
        meta=_meta(spec, encode.about(spec, states)),
    )


def _compared(
    spec: Spec, states: Mapping[str, encode.Result], progress: Progress
) -> Iterator[tuple[int, dict[str, PairScores]]]:
    """One layer after the other, each with its scores by measure."""
    n_states, n, _ = next(iter(states.values())).vectors.shape
    weights = bootstrap_weights(n, spec.resamples, spec.seed) if spec.resamples else None
    kinds = _sharing_work(spec.measures)
    for layer in range(FIRST_LAYER.get(spec.pooling, 0), n_states):
        views = np.stack([each.vectors[layer] for each in states.values()])
        scores: dict[str, PairScores] = {}
        for done, names in enumerate(kinds):  # one kind at a time, so that a cancel is heard in between
            progress((layer + done / len(kinds)) / n_states, f"Comparing languages at layer {layer}")
            try:
                with products_on(models.puts_on_accelerator()):
                    scores |= compare_all(views, names, weights)
            except ValueError as error:
                raise ValueError(f"At layer {layer}, with the views {', '.join(states)}: {error}") from error
        yield layer, scores


def _sharing_work(names: Iterable[str]) -> list[list[str]]:
    """The measures in groups that `compare_all` computes together."""
    kinds: dict[Any, list[str]] = {}
    for name in names:
        kinds.setdefault(measure(name).compare, []).append(name)
    return list(kinds.values())


def _pairs(
    spec: Spec, languages: tuple[str, ...], n: int, layers: Mapping[int, Mapping[str, PairScores]]
) -> pd.DataFrame:
    codes = np.array(languages)
    frames = []
    for layer, scores in layers.items():
        for name in spec.measures:
            score = scores[name]
            low, high = score.intervals()
            source, target = codes[score.pairs].T
            columns = {"model": spec.model, "layer": layer, "source": source, "target": target}
            columns |= {"measure": name, "value": score.values, "ci_low": low, "ci_high": high}
            columns |= {"null_mean": score.null_mean, "null_high": score.null_mean + ONE_SIDED * score.null_sd}
            frames.append(pd.DataFrame(columns | {"n": n, "seed": spec.seed}))
    return pd.concat(frames, ignore_index=True)


def _means(spec: Spec, n: int, layers: Mapping[int, Mapping[str, PairScores]]) -> pd.DataFrame:
    rows = []
    for layer, scores in layers.items():
        for name in spec.measures:
            score = scores[name]
            value = score.values.mean()
            low, high = score.mean_interval()
            null = score.null_mean.mean()
            # as if the nulls of all pairs moved together: the standard deviation of their mean is no larger
            null_high = null + ONE_SIDED * score.null_sd.mean()
            rows.append((layer, name, value, low, high, null, null_high, len(score.values)))
    columns = ["layer", "measure", "value", "ci_low", "ci_high", "null_mean", "null_high", "n_pairs"]
    return led_by(pd.DataFrame(rows, columns=columns).assign(n=n, seed=spec.seed), model=spec.model)


def _best(spec: Spec, layers: Mapping[int, Mapping[str, PairScores]]) -> pd.DataFrame:
    rows = []
    for name in spec.measures if spec.resamples else ():
        scores = [layer[name] for layer in layers.values()]
        replicates = np.stack([score.replicates.mean(axis=1) for score in scores], axis=1)
        if scores[0].method != "share":  # whose replicates are as many as the resamples, and lie around the value
            values = np.array([score.values.mean() for score in scores])
            replicates = _normal_draws(values, deviations(replicates, scores[0].method), spec.seed)
        shares = np.bincount(replicates.argmax(axis=1), minlength=len(layers)) / len(replicates)
        rows += [(name, layer, share) for layer, share in zip(layers, shares, strict=True)]
    return pd.DataFrame(rows, columns=["measure", "layer", "share"])


def _normal_draws(values: np.ndarray, moves: np.ndarray, seed: int) -> np.ndarray:
    """Draws around `values` (layers,) whose covariance is that of the `deviations` `moves`, (replicates, layers).

    Leaving out a group moves a value far less than another sample of sentences would, so the replicates
    themselves say nothing about which layer another sample would prefer.
    """
    return values + np.random.default_rng(seed).standard_normal((NORMAL_DRAWS, len(moves))) @ moves


def _meta(spec: Spec, about: dict[str, Any]) -> dict[str, Any]:
    named = (sample_warning(name, about["n"], about["hidden_size"]) for name in spec.measures)
    missing = cautions.missing_layers(FIRST_LAYER.get(spec.pooling, 0))
    return {
        **about,
        "warnings": [*corpora.opened(spec.corpus).notes, *filter(None, named), *missing, *about["warnings"]],
    }
