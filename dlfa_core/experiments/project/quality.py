"""How far a map can be trusted, and what stands beside it in numbers: one table for all layers.

Intervals come from drawing the sentences anew, with the map and everybody's neighbours as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.languages import find
from dlfa_core.measures.intervals import bounds, possible_weights
from dlfa_core.measures.neighbourhoods import kept_neighbours, nearest_shares, silhouettes, squared_distances
from dlfa_core.measures.probes import control_labels, linear_probe
from dlfa_core.measures.trees import (
    agreement_null,
    average_linkage,
    decided_triples,
    joining_heights,
    tree_agreement,
)

ANCHOR_POINTS = 2000  # compared with all points; a larger map is measured on a part of its sentences
PROBE_POINTS = 5000  # that the linear probe learns from and is asked about
RESAMPLES, PERMUTATIONS = 200, 999
Row = tuple[Any, ...]  # of `COLUMNS`, or of the tree
COLUMNS = ["layer", "measure", "value", "ci_low", "ci_high", "null_mean", "null_high", "p_value", "n"]


@dataclass(frozen=True, eq=False)
class Plan:
    """What is the same at all layers.

    Attributes:
        languages: codes; point l * n + s is sentence s of language l.
        n: sentences.
        neighbours: k of trustworthiness and continuity.
        cosine: whether distances are squared ones of unit rows, that is, cosine distances.
        seed: of the resamples, the sentences measured and the shuffled languages.
    """

    languages: tuple[str, ...]
    n: int
    neighbours: int
    cosine: bool
    seed: int

    @property
    def n_points(self) -> int:
        return self.n * len(self.languages)

    def some_points(self, most: int) -> np.ndarray:
        """Rows of whole sentences, in all languages, of about `most` points in all; sorted."""
        sentences = min(self.n, max(1, most // len(self.languages)))
        chosen = np.sort(np.random.default_rng(self.seed).permutation(self.n)[:sentences])
        return (np.arange(len(self.languages))[:, None] * self.n + chosen).ravel()

    @property
    def labels(self) -> dict[str, np.ndarray]:
        """Of every point: language, family and sentence."""
        families = [find(code).family for code in self.languages]
        return {
            "language": np.repeat(self.languages, self.n),
            "family": np.repeat(families, self.n),
            "sentence": np.tile(np.arange(self.n), len(self.languages)),
        }

    def score(self, layer: int, measure: str, values: np.ndarray, null_mean: float = np.nan) -> Row:
        """The mean of one value a point, language by language, as a row of `COLUMNS`."""
        of_sentences = values.reshape(len(self.languages), -1).mean(axis=0)
        value = of_sentences.mean()
        weights = self.weights(len(of_sentences))
        low, high = bounds(value, weights @ of_sentences / len(of_sentences))
        return layer, measure, value, low, high, null_mean, np.nan, np.nan, values.size

    def weights(self, n: int) -> np.ndarray:
        """Return how often each resample draws each of n sentences, (R, n); no resamples of very few sentences."""
        return possible_weights(n, RESAMPLES, self.seed)


def neighbour_scores(plan: Plan, layer: int, rows: np.ndarray, layout: np.ndarray) -> Iterator[Row]:
    """Trustworthiness, continuity, silhouettes and what the nearest point tells, as rows of `COLUMNS`.

    Args:
        rows: (n_points, d) whose Euclidean distances are meant.
        layout: (n_points, dims), the map.
    """
    anchors, labels = plan.some_points(ANCHOR_POINTS), plan.labels
    true, shown = squared_distances(rows, anchors), squared_distances(layout, anchors)
    k = min(plan.neighbours, (plan.n_points - 1) // 2)
    yield plan.score(layer, "trustworthiness", kept_neighbours(true, shown, anchors, k))
    yield plan.score(layer, "continuity", kept_neighbours(shown, true, anchors, k))
    true = true if plan.cosine else np.sqrt(true)
    for name, of_points in labels.items():
        if 1 < len(set(of_points)) < plan.n_points:
            yield plan.score(layer, f"silhouette_{name}", silhouettes(true, anchors, of_points))
    if len(plan.languages) > 1 and plan.n > 1:
        chance = 1 / len(plan.languages)
        right = nearest_shares(true, anchors, labels["language"], apart=labels["sentence"])
        yield plan.score(layer, "probe_nearest", right, chance)
        chance = (len(plan.languages) - 1) / (plan.n_points - 1)
        yield plan.score(layer, "translation_nearest", nearest_shares(true, anchors, labels["sentence"]), chance)


def probe_scores(plan: Plan, layer: int, rows: np.ndarray, prepare: Callable[..., np.ndarray]) -> Iterator[Row]:
    """What a linear probe for language finds, and what is left beside a control task, as rows of `COLUMNS`.

    Nothing for one language or sentence. In the control task each sentence has, with its translations, one of as many
    labels at random as there are languages; the probe learns them from other texts of the same sentences, and is as
    wide and learns from about as many points as the one for language.

    Args:
        rows: (n_points, d), before anything is removed.
        prepare: removes it, in each fold as the training points say.
    """
    if len(plan.languages) > 1 and plan.n > 1:
        some = plan.some_points(PROBE_POINTS)
        labels = {name: values[some] for name, values in plan.labels.items()}

        def prepared(part: np.ndarray, fit: np.ndarray) -> np.ndarray:
            return prepare(part, labels["language"], fit)

        right = linear_probe(rows[some], labels["language"], labels["sentence"], plan.seed, prepared)
        yield plan.score(layer, "probe_linear", right, 1 / len(plan.languages))
        if len(set(labels["sentence"])) > 1:
            drawn = control_labels(labels["sentence"], len(plan.languages), plan.seed)
            learnt = linear_probe(rows[some], drawn, np.arange(len(some)), plan.seed, prepared)
            yield plan.score(layer, "probe_control", learnt, 1 / len(set(drawn)))
            yield plan.score(layer, "selectivity", right.astype(np.float64) - learnt)


def language_probe(rows: np.ndarray, languages: Sequence[str], n: int, seed: int) -> dict[str, Row]:
    """Return what a linear probe for language finds at one layer, as a map's table has it: measure -> row of `COLUMNS`.

    Args:
        rows: (languages * n, d), language by language.
        languages: codes.
        n: sentences in each.
        seed: of the folds, the control task and the resamples.
    """
    plan = Plan(tuple(languages), n, neighbours=0, cosine=False, seed=seed)
    return {str(row[1]): row for row in probe_scores(plan, 0, rows, lambda part, *_: part)}


def drift_scores(plan: Plan, maps: np.ndarray) -> Iterator[Row]:
    """Measure how far points move from the layer before, over the spread, as rows of `COLUMNS`.

    Args:
        maps: (n_layers, n_points, dims), each centred, laid onto each other; a layer whose points are all equal has
            no drift to or from it.
    """
    shape = len(maps), len(plan.languages), plan.n
    squares = np.square(maps.astype(np.float64)).sum(axis=2).reshape(shape).mean(axis=1)
    weights = plan.weights(plan.n)
    for layer in range(1, len(maps)):
        moves = np.square(maps[layer].astype(np.float64) - maps[layer - 1]).sum(axis=1)
        moves = moves.reshape(shape[1:]).mean(axis=0)
        spreads = (squares[layer] + squares[layer - 1]) / 2
        if squares[layer].any() and squares[layer - 1].any():
            value = np.sqrt(moves.mean() / spreads.mean())
            low, high = bounds(value, np.sqrt((weights @ moves) / (weights @ spreads)))
            yield layer, "drift", value, low, high, np.nan, np.nan, np.nan, plan.n_points


class Tree:
    """The languages' tree at each layer, and how well it agrees with families and genera."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._triples = decided_triples(_classes(plan.languages), plan.seed)

    @property
    def decided(self) -> int:
        """Triples that the classification decides."""
        return len(self._triples)

    def joins(self, layer: int, rows: np.ndarray) -> tuple[list[Row], list[Row]]:
        """Rows of the tree (layer, a, b, height, size) and of `COLUMNS`, none of either for one language.

        Args:
            rows: (n_points, d), before anything is removed: without language means there would be no tree.
        """
        plan = self._plan
        if len(plan.languages) < 2:
            return [], []
        rows = rows.reshape(len(plan.languages), plan.n, -1)
        linkage = average_linkage(rows.mean(axis=1, dtype=np.float64))
        tree = [(layer, int(a), int(b), height, int(size)) for a, b, height, size in linkage]
        if not self.decided:
            return tree, []
        heights = joining_heights(linkage)
        value = tree_agreement(heights, self._triples)
        null = agreement_null(heights, self._triples, PERMUTATIONS, plan.seed)
        weights = plan.weights(plan.n)
        drawn = np.einsum("rs,lsd->rld", weights / plan.n, rows, optimize=True)
        replicates = [tree_agreement(joining_heights(average_linkage(each)), self._triples) for each in drawn]
        p_value = (1 + (null >= value).sum()) / (1 + PERMUTATIONS)
        low, high = bounds(value, np.array(replicates))
        null_high = np.quantile(null, 0.95)
        return tree, [(layer, "tree_agreement", value, low, high, null.mean(), null_high, p_value, plan.n)]


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows of `COLUMNS` as a frame, by layer."""
    return pd.DataFrame(rows, columns=COLUMNS).sort_values("layer", kind="stable", ignore_index=True)


def _classes(languages: Sequence[str]) -> list[tuple[str, str]]:
    """Family and genus; a language that somebody constructed is nobody's relative."""
    found = (find(code) for code in languages)
    return [(each.code,) * 2 if each.family == "Constructed" else (each.family, each.genus) for each in found]
