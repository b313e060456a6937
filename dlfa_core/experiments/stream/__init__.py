"""At which layer do languages meet, over more sentences than fit into memory?

The corpus is read in shards, a few rows at a time, and each shard is a spec of its own: computed once, by whatever
worker is free. What is kept of it are sums, from which the measures of all sentences follow exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core.experiments.sources import cautions
from dlfa_core.experiments.stream import shard
from dlfa_core.languages import find
from dlfa_core.measures.intervals import interval
from dlfa_core.measures.registry import measure
from dlfa_core.measures.streamed import STREAMED, Sums
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment, made_from
from dlfa_core.runtime.progress import Progress, part, silent
from dlfa_core.tables import Interval, Table

__all__ = ["VERSION", "Pairs", "Result", "Spec", "inputs", "parts", "run"]

VERSION = 1
FEWEST_SHARDS = 4  # below, an interval from leaving shards out says nothing


@dataclass(frozen=True)
class Spec:
    """Compare languages at every layer, over a table that is read in shards.

    Attributes:
        corpus: table:PATH, or a path: a table with tabs between cells (.tsv) or Parquet, one column per language.
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        languages: ISO codes or names of two columns or more.
        measures: cka, anc, cosine_gap.
        shards: parts of the table; each is computed on its own, and left out once for the intervals.
        pooling: what becomes a sentence's vector: mean, max, or cls (the first token).
        special_tokens: whether mean and max include [CLS] and [SEP].
        max_length: subwords after which a sentence is cut, special tokens counted.
        dtype: float32, bfloat16, float16, or auto for what is fastest here.
    """

    corpus: str
    model: str = "demo"
    languages: tuple[str, ...] = ("eng", "deu")
    measures: tuple[str, ...] = tuple(STREAMED)
    shards: int = 20
    pooling: str = "mean"
    special_tokens: bool = False
    max_length: int = 256
    dtype: str = "auto"


Pairs = Table[Literal["model", "layer", "source", "target", "measure", Interval, "n"]]


@dataclass(frozen=True, eq=False)
class Result:
    """How close every two languages are at every layer; layer 0 is the embedding output, k that of block k.

    Attributes:
        pairs: every two languages; intervals from leaving out one shard after the other, so that neighbouring rows,
            which may be of one text, are left out together.
        meta: what was compared, `n` complete rows among it, and `warnings`.
    """

    pairs: Pairs
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and of the table, and the version of the shards."""
    return {**shard.inputs(_shard(spec, 0)), "shard": str(shard.VERSION)}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The shards.

    Raises:
        ValueError: as `run`, of the settings.
    """
    _check(spec)
    return [(shard, _shard(spec, number)) for number in range(spec.shards)]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Compute the shards that are not stored yet, then compare.

    Raises:
        ValueError: a measure that is no sum over sentences, fewer than two languages or four shards; or as `shard.run`.
    """
    _check(spec)
    counts, metas = [], []
    for number in range(spec.shards):
        result = store.fetch(shard, _shard(spec, number), part(progress, number, spec.shards))
        counts.append(int(result.n[0]))
        metas.append(result.meta)
    n, n_states = sum(counts), len(result.n)
    truncated = {code: sum(meta["truncated"][code] for meta in metas) for code in _codes(spec)}
    return Result(
        pairs=pd.concat(list(_layers(spec, n_states, n)), ignore_index=True),
        meta={
            **shard.inputs(_shard(spec, 0)),
            "model": spec.model,
            "corpus_name": spec.corpus,
            "languages": list(_codes(spec)),
            "n": n,
            "shards": spec.shards,
            "n_states": n_states,
            "hidden_size": metas[0]["hidden_size"],
            "dtype": metas[0]["dtype"],
            "pooling": spec.pooling,
            "truncated": truncated,
            "warnings": [
                *cautions.truncated_sentences(truncated, n, spec.max_length),
                *cautions.unseen_languages(spec.model, _codes(spec)),
            ],
        },
    )


def _check(spec: Spec) -> None:
    for name in spec.measures:
        measure(name)
        if name not in STREAMED:
            raise ValueError(
                f"{name} holds each sentence against the others, so it is no sum over shards: use "
                f"{', '.join(STREAMED)}, or `profile` with a limit."
            )
    if len(set(_codes(spec))) < 2:
        raise ValueError(f"Languages are compared in pairs, but languages={spec.languages}: name at least two.")
    if spec.shards < FEWEST_SHARDS:
        raise ValueError(f"shards={spec.shards} are too few for intervals: use {FEWEST_SHARDS} or more.")


def _codes(spec: Spec) -> tuple[str, ...]:
    return tuple(find(language).code for language in spec.languages)


def _shard(spec: Spec, number: int) -> shard.Spec:
    return made_from(spec, shard.Spec, languages=_codes(spec), number=number)


def _layers(spec: Spec, n_states: int, n: int) -> Iterator[pd.DataFrame]:
    codes = np.array(_codes(spec))
    a, b = np.triu_indices(len(codes), 1)
    first_token = spec.pooling == "cls"  # which is the same at layer 0 whatever the sentence
    shards = [made for _, made in parts(spec)]
    for layer in range(int(first_token), n_states):
        # opened anew for each layer: what a mapped file was read of counts as memory for as long as it is open
        single = [shard.sums_of(store.fetch(shard, one), layer) for one in shards]
        whole = sum(single[1:], start=single[0])
        for name in spec.measures:
            score = STREAMED[name]
            value = score(whole)[a, b]
            replicates = np.stack([_without(whole, one, score)[a, b] for one in single])
            low, high = interval(value, replicates, "corrected" if name == "anc" else "jackknife")
            columns = {"model": spec.model, "layer": layer, "source": codes[a], "target": codes[b], "measure": name}
            yield pd.DataFrame(columns | {"value": value, "ci_low": low, "ci_high": high, "n": n})


def _without(whole: Sums, one: Sums, score: Any) -> np.ndarray:
    return score(whole - one)
