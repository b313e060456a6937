"""From ranks to tables: means by pool and language, the heat map of languages, same-language bias, gains."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.data.retrieval import RetrievalSet
from dlfa_core.languages import find
from dlfa_core.measures.average_precision import (
    AnswerRanks,
    average_precision,
    random_average_precision,
    reciprocal_ranks,
)
from dlfa_core.measures.clusters import Estimate, clustered_mean, clustered_share
from dlfa_core.measures.intervals import FEWEST_SENTENCES, possible_weights

ONE_SIDED = 1.645  # standard deviations above its mean that 5 % of a normal null exceed
WHERE = ("model", "state", "layer", "score")
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Layout:
    """Queries and candidates in numbers, and the resamples that all states share."""

    codes: tuple[str, ...]  # languages, of queries first
    query_codes: tuple[str, ...]
    query_groups: np.ndarray  # int (n,), indices into `codes`
    groups: np.ndarray  # int (N,)
    right: list[list[int]]
    clusters: np.ndarray  # int (n,), what is drawn together
    weights: np.ndarray  # int (resamples, clusters)

    @classmethod
    def of(cls, asked: RetrievalSet, resamples: int, seed: int) -> "Layout":
        codes = tuple(dict.fromkeys(entry.language for entry in asked.entries))
        query_groups, groups = (
            np.array([codes.index(entry.language) for entry in entries])
            for entries in (asked.queries, asked.candidates)
        )
        numbers = {name: row for row, name in enumerate(dict.fromkeys(query.group for query in asked.queries))}
        clusters = np.array([numbers[query.group] for query in asked.queries])
        weights = possible_weights(len(numbers), resamples, seed)
        return cls(codes, asked.languages, query_groups, groups, asked.right, clusters, weights)

    @property
    def n_groups(self) -> int:
        """How many groups of queries are drawn."""
        return self.weights.shape[1]

    def cautions(self, resamples: int) -> Iterator[str]:
        """Say what is left out."""
        if resamples and self.n_groups < FEWEST_SENTENCES:
            yield (
                f"There are no intervals: {self.n_groups} different queries are fewer than the {FEWEST_SENTENCES} that "
                "they need."
            )

    def check_centred(self) -> None:
        """Raise ValueError if a language has one query, or one candidate, so that its mean is no mean."""
        for groups, what in ((self.query_groups, "queries"), (self.groups, "candidates")):
            alone = np.flatnonzero(np.bincount(groups) == 1)
            if len(alone):
                name = find(self.codes[alone[0]]).name
                raise ValueError(
                    f"Centred retrieval subtracts the mean of each language, but there is one of the {what} in {name}: "
                    "leave centred out of the scores, or take more."
                )

    def kept(self, pool: str) -> np.ndarray | None:
        """bool (n, G), the languages that are in each query's part of the pool; None for all."""
        if pool == "all":
            return None
        own = self.query_groups[:, None] == np.arange(len(self.codes))
        return own if pool == "own" else ~own

    def share(self, values: np.ndarray, rows: np.ndarray) -> Estimate:
        """The mean of values in [0, 1] of some queries, by the number of each."""
        return clustered_share(values, self.clusters[rows], self.weights)

    def null(self, ranks: AnswerRanks, pool: str, rows: np.ndarray) -> tuple[float, float, float]:
        """Mean of random orders, the variance of their mean over queries, and the mean size of the pool."""
        kept = self.kept(pool)
        sizes = np.full(len(rows), ranks.sizes.sum()) if kept is None else (kept[rows] * ranks.sizes).sum(1)
        n_right = ranks.right(kept)[rows]
        kinds, which = np.unique(np.stack([sizes, n_right]), axis=1, return_inverse=True)
        moments = np.array([random_average_precision(int(n), int(m), ranks.depth) for n, m in kinds.T])
        means, sds = moments[which.ravel()].T
        return float(means.mean()), float(np.square(sds).sum() / len(rows) ** 2), float(sizes.mean())


@dataclass(frozen=True, eq=False)
class Ranked:
    """The ranks by one state and score."""

    named: dict[str, Any]
    ranks: AnswerRanks
    layout: Layout

    @cached_property
    def by_language(self) -> dict[str, dict[str, tuple[np.ndarray, Estimate]]]:
        """pool -> code -> the queries that have an answer in their part of the pool, and their mAP; pools without an
        answer are left out.
        """
        found = {pool: self._in_pool(pool) for pool in ("all", "own", "other")}
        return {pool: own for pool, own in found.items() if own}

    def _in_pool(self, pool: str) -> dict[str, tuple[np.ndarray, Estimate]]:
        values, layout = average_precision(self.ranks, self.layout.kept(pool)), self.layout
        found = {}
        for code in layout.query_codes:
            rows = np.flatnonzero((layout.query_groups == layout.codes.index(code)) & np.isfinite(values))
            if len(rows):
                found[code] = rows, layout.share(values[rows], rows)
        return found

    @cached_property
    def overall(self) -> dict[str, Estimate]:
        """pool -> mean over query languages."""
        return {pool: mean_of([each for _, each in own.values()]) for pool, own in self.by_language.items()}

    def means(self, layout: Layout) -> pd.DataFrame:
        """`Result.means` of this state."""
        rows = []
        for pool, mean in self.overall.items():
            found = self.by_language[pool]
            nulls = {code: layout.null(self.ranks, pool, own) for code, (own, _) in found.items()}
            middle, variance, size = np.array(list(nulls.values())).mean(axis=0)
            n = sum(len(own) for own, _ in found.values())
            listed = [("all", mean, (middle, variance / len(nulls), size), n)]
            listed += [(code, each, nulls[code], len(own)) for code, (own, each) in found.items()]
            for code, each, (null, spread, n_candidates), count in listed:
                high = null + ONE_SIDED * np.sqrt(spread)
                rows.append((pool, code, *_bounds(each), null, high, count, n_candidates))
        columns = ["pool", "language", "value", "ci_low", "ci_high", "null_mean", "null_high", "n", "n_candidates"]
        return self._led(rows, columns)

    @cached_property
    def cells(self) -> dict[tuple[str, str], tuple[Estimate, int]]:
        """(query language, answer language) -> mAP of that answer alone, and how many there are."""
        layout, ranks = self.layout, self.ranks
        values, own = reciprocal_ranks(ranks), layout.query_groups[ranks.query]
        found = {}
        for code in layout.query_codes:
            for other in layout.codes:
                chosen = (own == layout.codes.index(code)) & (ranks.group == layout.codes.index(other))
                if chosen.any():
                    found[code, other] = layout.share(values[chosen], ranks.query[chosen]), int(chosen.sum())
        return found

    def pairs(self, layout: Layout) -> pd.DataFrame:
        """`Result.pairs` of this state."""
        expected, rows = self.ranks.sizes / self.ranks.sizes.sum(), []
        for code in layout.query_codes:
            found = self.ranks.found[layout.query_groups == layout.codes.index(code)].sum(axis=0)
            shares = found / found.sum()
            for group, other in enumerate(layout.codes):
                if not self.ranks.sizes[group]:
                    continue
                each, n = self.cells.get((code, other), (None, 0))
                bounds = (np.nan, np.nan, np.nan) if each is None else _bounds(each)
                rows.append((code, other, *bounds, shares[group], expected[group], n))
        columns = ["query_language", "answer_language", "value", "ci_low", "ci_high", "share", "expected", "n"]
        return self._led(rows, columns)

    def bias(self, layout: Layout) -> pd.DataFrame:
        """`Result.bias` of this state; empty where no query has an answer in its own language and one in another."""
        rows = []
        own = {code: self.cells[code, code][0] for code in layout.query_codes if (code, code) in self.cells}
        others = {
            code: mean_of([each for (a, b), (each, _) in self.cells.items() if a == code != b])
            for code in layout.query_codes
            if any(a == code != b for a, b in self.cells)
        }
        both = [code for code in own if code in others]
        if both:
            same, other = (mean_of([table[code] for code in both]) for table in (own, others))
            rows = [(name, *_bounds(each)) for name, each in (("same", same), ("other", other))]
            rows.append(("gap", *_bounds(same - other)))
        excess = self._excess(layout)
        if excess:
            rows.append(("excess", *_bounds(mean_of(excess))))
        return self._led(
            [(*row, len(both or excess)) for row in rows], ["measure", "value", "ci_low", "ci_high", "n_languages"]
        )

    def _excess(self, layout: Layout) -> list[Estimate]:
        """Of each language that is in the pool, how much more of the best candidates than of the pool are in it."""
        found = []
        for group in (layout.codes.index(code) for code in layout.query_codes):
            if self.ranks.sizes[group] and self.ranks.sizes[group] < self.ranks.sizes.sum():
                rows = np.flatnonzero(layout.query_groups == group)
                shares = self.ranks.found[rows, group] / self.ranks.found[rows].sum(axis=1)
                expected = self.ranks.sizes[group] / self.ranks.sizes.sum()
                found.append(clustered_mean(shares - expected, layout.clusters[rows], layout.weights))
        return found

    def _led(self, rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
        frame = pd.DataFrame(rows, columns=list(columns))
        for place, name in enumerate(WHERE):
            frame.insert(
                place, name, pd.Series([self.named[name]] * len(frame), dtype="Int64" if name == "layer" else None)
            )
        return frame


def gains_of(found: Sequence[Ranked], layout: Layout, n_models: int) -> pd.DataFrame:
    """`Result.gains`: each fused state against the last state of the same model, by pool and score."""
    last = {(each.named["model"], each.named["score"]): each for each in found if each.named["state"] == "own_last"}
    rows = []
    for each in found:
        model, score = each.named["model"], each.named["score"]
        if each.named["state"] != "fused":
            continue
        for pool, mean in each.overall.items():
            gain = mean - last[model, score].overall[pool]
            rows.append((model, each.named["layer"], score, pool, *_bounds(gain, 1 - (1 - LEVEL) / n_models)))
    columns = ["model", "layer", "score", "pool", "value", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns).astype({"layer": "Int64"}).assign(n=len(layout.query_groups))


def best_of(found: Sequence[Ranked], layout: Layout) -> pd.DataFrame:
    """`Result.best`; empty without resamples."""
    rows: list[tuple[str, str, int, float]] = []
    groups: dict[tuple[str, str], list[tuple[int, Estimate]]] = {}
    for each in found:
        for pool, mean in each.overall.items() if each.named["state"] == "layer" else ():
            groups.setdefault((each.named["score"], pool), []).append((each.named["layer"], mean))
    for (score, pool), layers in groups.items() if len(layout.weights) else ():
        replicates = np.stack([np.nan_to_num(mean.replicates, nan=-1.0) for _, mean in layers], axis=1)
        shares = np.bincount(replicates.argmax(axis=1), minlength=len(layers)) / len(replicates)
        rows += [(score, pool, layer, share) for (layer, _), share in zip(layers, shares, strict=True)]
    return pd.DataFrame(rows, columns=["score", "pool", "layer", "share"])


def mean_of(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of estimates on the same resamples, at least one; a resample that lacks one of them is without it."""
    values = np.stack([each.values for each in estimates])
    replicates = np.stack([each.replicates for each in estimates])
    there = np.isfinite(replicates)
    counts = there.sum(axis=0)
    total = np.where(there, replicates, 0.0).sum(axis=0)
    means = np.where(counts > 0, total / np.maximum(counts, 1), np.nan)
    return Estimate(values.mean(axis=0), means, min(each.n for each in estimates))


def _bounds(each: Estimate, level: float = LEVEL) -> tuple[float, float, float]:
    low, high = each.interval(level)
    return float(each.values), float(low), float(high)
