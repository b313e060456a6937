"""Are answers found in a pool of all languages, at which layer, and does a language prefer its own?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from dlfa_core import models
from dlfa_core.experiments.retrieve import tables
from dlfa_core.experiments.retrieve.states import FIRST_LAYER, State, states_of
from dlfa_core.experiments.sources import SAMPLE_SEED, cautions, pools
from dlfa_core.measures.average_precision import DEPTH, POOL_SCORES, rank_answers
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Interval, Table

__all__ = ["POOLS", "VERSION", "Result", "Spec", "inputs", "run"]

VERSION = 1
POOLS = ("all", "own", "other")
READING_SHARE = 0.6  # of the progress bar


@dataclass(frozen=True)
class Spec:
    """Retrieve answers from a pool in many languages with the states of every layer, and with fused ones.

    Attributes:
        dataset: lareqa:PATH (XQuAD-R: questions, and sentences that answer them), mewslix:PATH (mentions, and
            descriptions of entities), jsonl:PATH, or lareqa:sample and mewslix:sample.
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        models: fusion models whose fused state is read, too: demo-pos and the like, folders or hub ids.
        languages: of the queries, ISO codes or names; all of the set if none are given. The pool keeps its own.
        scores: cosine; centred, after the mean of each language is taken away; csls, less what is near to all.
        depth: candidates that are looked at: XTREME-R's 20; 0 ranks the whole pool, as LAReQA's authors do.
        pooling: what becomes a text's vector: mean, max, or cls (the first token).
        special_tokens: whether mean and max include [CLS] and [SEP].
        max_length: subwords after which a text is cut, special tokens counted.
        queries: the most in each language, drawn at random; 0 takes all.
        candidates: the most in the pool, the right ones and others drawn at random; 0 takes all.
        resamples: of the queries, for the intervals; 0 leaves them out.
        seed: of the resamples.
        dtype: float32, bfloat16, float16, or auto for what is fastest here.
    """

    dataset: str = "lareqa:sample"
    model: str = "demo"
    models: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    scores: tuple[str, ...] = POOL_SCORES
    depth: int = DEPTH
    pooling: str = "mean"
    special_tokens: bool = False
    max_length: int = 256
    queries: int = 0
    candidates: int = 0
    resamples: int = 500
    seed: int = 0
    dtype: str = "auto"


Where = Literal["model", "state", "layer", "score"]
Means = Table[Where | Literal["pool", "language", Interval, "null_mean", "null_high", "n", "n_candidates"]]
Pairs = Table[Where | Literal["query_language", "answer_language", Interval, "share", "expected", "n"]]
Bias = Table[Where | Literal["measure", Interval, "n_languages"]]
Gains = Table[Literal["model", "layer", "score", "pool", Interval, "n"]]
Best = Table[Literal["score", "pool", "layer", "share"]]


@dataclass(frozen=True, eq=False)
class Result:
    """How well answers are found by each state: `layer` of the encoder, or `own_last` and `fused` of a fusion model.

    Attributes:
        means: mAP at `depth` in each query language and as the mean over them ("all"), by pool: "all" of it; "own",
            candidates in the query's language alone, which asks for weak alignment only; "other", those in all other
            languages. `null_mean` is what random orders reach on average, exactly; 95 % of means over random orders lie
            below `null_high`.
        pairs: as LAReQA has its heat map: mAP of queries in one language where the answer in one other is the only
            right candidate of the whole pool. `share` of the `depth` best candidates are in that language, `expected`
            of all.
        bias: means over query languages: "same" and "other", mAP in `pairs` where the answer is in the query's language
            and where it is not; "gap", the first minus the second; "excess", the share of the best candidates in the
            query's language minus that of the pool. 0 is without same-language bias.
        gains: mAP of a fusion model's fused state minus that of its own last state, on the same queries; intervals are
            corrected for the number of fusion models (Bonferroni). Layer is the fused one.
        best: share of the resamples in which a layer of the encoder has the highest mean over languages.
        meta: what was retrieved, and `warnings`, sentences that a reader of the numbers should know.
    """

    means: Means
    pairs: Pairs
    bias: Bias
    gains: Gains
    best: Best
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the models and of the data set's files."""
    named = {f"model {index}": models.fingerprint(name) for index, name in enumerate(spec.models)}
    return {"model": models.fingerprint(spec.model), **named, "dataset": pools.fingerprint(spec.dataset)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Read queries and candidates, then rank the pool for every query by every state.

    All states and scores see the same resamples of the queries, so that differences are joint statements. What is drawn
    are groups of queries: translations of one question, or mentions of one entity, go together.

    Raises:
        ValueError: a model, the data set, a language or a setting is not usable; the message says which.
    """
    if not spec.scores or set(spec.scores) - set(POOL_SCORES):
        raise ValueError(f"scores={spec.scores!r} must name at least one of {', '.join(POOL_SCORES)}.")
    if len(set(spec.models)) < len(spec.models):
        raise ValueError(f"models={spec.models!r} must name each fusion model once.")
    progress(0.0, f"Reading {spec.dataset}")
    asked = pools.opened(spec.dataset).select(spec.languages, spec.queries, spec.candidates, SAMPLE_SEED)
    layout = tables.Layout.of(asked, spec.resamples, spec.seed)
    if "centred" in spec.scores:
        layout.check_centred()
    reading = states_of(spec, asked, span(progress, 0.0, READING_SHARE))
    found = list(_ranked(spec, layout, reading.states, span(progress, READING_SHARE, 1.0)))
    return Result(
        means=_joined(each.means(layout) for each in found),
        pairs=_joined(each.pairs(layout) for each in found),
        bias=_joined(each.bias(layout) for each in found),
        gains=tables.gains_of(found, layout, len(spec.models)),
        best=tables.best_of(found, layout),
        meta={
            "dataset": spec.dataset,
            "dataset_name": asked.name,
            "licence": asked.licence,
            "languages": list(layout.query_codes),
            "pool_languages": [code for code in layout.codes if (layout.groups == layout.codes.index(code)).any()],
            "n": len(asked.queries),
            "n_groups": layout.n_groups,
            "n_candidates": len(asked.candidates),
            "pooling": spec.pooling,
            "depth": spec.depth,
            "seed": spec.seed,
            **reading.about,
            "warnings": [
                *asked.notes,
                *cautions.missing_layers(FIRST_LAYER.get(spec.pooling, 0)),
                *layout.cautions(spec.resamples),
                *reading.warnings,
            ],
        },
    )


def _ranked(spec: Spec, layout: tables.Layout, states: list[State], progress: Progress) -> Iterator[tables.Ranked]:
    for done, (state, score) in enumerate((state, score) for state in states for score in spec.scores):
        progress(done / (len(states) * len(spec.scores)), f"Retrieving with {state.said}")
        queries, candidates = state.vectors
        try:
            ranks = rank_answers(
                queries, candidates, layout.right, layout.groups, layout.query_groups, score, spec.depth
            )
        except ValueError as error:
            raise ValueError(f"With {state.said}, by {score}: {error}") from error
        yield tables.Ranked(state.named(score), ranks, layout)


def _joined(frames: Iterator[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
