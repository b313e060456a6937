"""The choice of a layer, made on one set of examples and scored on another, and what it is held against."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dlfa_core.experiments import transfer
from dlfa_core.experiments.transfer import CONFIGURATION, DIFFERENCES, SCORES, TransferStatistics
from dlfa_core.languages import family_order
from dlfa_core.measures.selection import LargestOfTrainings
from dlfa_core.measures.trainings import TrainingMean, mean_over_trainings

BASELINE = "last"
RECOMMENDED = "dlfa"  # the fusion whose layer is chosen, where it was trained
MARGIN = 0.01  # of a score: two choices that differ by less are as good as each other
FEWEST_LANGUAGES = 4  # for halves to choose on and to score on


class Row(NamedTuple):
    """A choice, or what it is held against.

    Attributes:
        against: its kind, as in `recommend.Result.choices`.
        configurations: those that take part in it; `layers` is what a reader writes for them.
        weights: (configurations, languages), by which its score adds up those of configurations and languages.
    """

    against: str
    configurations: list[int]
    layers: str
    weights: np.ndarray


@dataclass(frozen=True, eq=False)
class Contest:
    """Scores of configurations in the languages that the choice is for.

    Args:
        configurations: fusion, layer, weight.
        values: (seeds, configurations, languages).
        replicates: (resamples, seeds, configurations, languages), on test examples drawn anew.
        dev_scores: (configurations,), mean over seeds on the source language's dev set.
        languages: ISO 639-3 codes, in the order of the last axis.
        n_layers: blocks of the encoder.
    """

    configurations: pd.DataFrame
    values: np.ndarray
    replicates: np.ndarray
    dev_scores: np.ndarray
    languages: tuple[str, ...]
    n_layers: int

    @cached_property
    def candidates(self) -> np.ndarray:
        """Indices of what is chosen among: DLFA at every layer, or every fusion with a layer where there is no DLFA."""
        fused = self.configurations["layer"].notna()
        ours = fused & (self.configurations["fusion"] == RECOMMENDED)
        return np.flatnonzero(ours if ours.any() else fused)

    def best_on_dev(self, among: np.ndarray) -> int:
        """The one with the highest score on the dev set; of equal ones the first."""
        return int(among[self.dev_scores[among].argmax()])

    @cached_property
    def chosen(self) -> int:
        """The candidate that the dev set points at: no test example had a say in it."""
        return self.best_on_dev(self.candidates)

    @cached_property
    def oracle(self) -> int:
        """The candidate with the highest score on the tests themselves."""
        return self._best_in(np.arange(len(self.languages)))

    @cached_property
    def alike(self) -> np.ndarray:
        """Indices of all layers of the fusion and weight that are chosen."""
        table = self.configurations
        same = [(table[name] == table[name][self.chosen]).to_numpy() for name in ("fusion", "weight")]
        return np.flatnonzero(same[0] & same[1] & table["layer"].notna().to_numpy())

    @cached_property
    def high(self) -> np.ndarray:
        """Those of them in the upper third."""
        layers = self.configurations["layer"][self.alike]
        return self.alike[layers.between(*upper_third(self.n_layers)).to_numpy(dtype=bool)]

    def table(self) -> pd.DataFrame:
        """`recommend.Result.choices`."""
        rows = [self._single("chosen", self.chosen), *self._rivals()]
        scores = self.means(np.stack([row.weights for row in rows]))
        gains = self.means(np.stack([rows[0].weights - row.weights for row in rows]))
        low, high = LargestOfTrainings(gains).intervals(inside=DIFFERENCES)
        found = [
            {**self._described(row), **values}
            for row, values in zip(rows, _columns(scores, gains, low, high), strict=True)
        ]
        return pd.DataFrame([found[0], self._beside_oracle(), *found[1:]]).astype({"layer": "Int64", "same": bool})

    def _rivals(self) -> Iterator[Row]:
        table = self.configurations
        if (halves := self._by_halves()) is not None:
            yield halves
        for index in np.flatnonzero(table["fusion"] == BASELINE):
            yield self._single("last", int(index))
        for against, own in (("depth", self.high), ("random", self.alike)):
            if len(own) > 1:
                yield self._mean(against, own)
        others = ~table.index.isin(self.candidates) & (table["fusion"] != BASELINE)
        for _, rows in table[others].groupby(["fusion", "weight"], sort=False):
            yield self._single("control", self.best_on_dev(rows.index.to_numpy()))

    def _by_halves(self) -> Row | None:
        """For each half of the languages, the candidate that the other half points at; relatives are dealt out."""
        if len(self.languages) < FEWEST_LANGUAGES:
            return None
        order = [self.languages.index(code) for code in family_order(list(self.languages))]
        halves = np.array(order[::2]), np.array(order[1::2])
        weights, chosen = np.zeros((len(self.configurations), len(self.languages))), []
        for own, other in (halves, halves[::-1]):
            chosen.append(self._best_in(other))
            weights[chosen[-1], own] = 1 / len(self.languages)
        layers = " and ".join(dict.fromkeys(_numbered(self.configurations["layer"][index]) for index in chosen))
        return Row("languages", chosen, layers, weights)

    def _best_in(self, languages: np.ndarray) -> int:
        means = self.values.mean(axis=0)[np.ix_(self.candidates, languages)].mean(axis=1)
        return int(self.candidates[means.argmax()])

    def _beside_oracle(self) -> dict[str, Any]:
        """The row of the oracle: its intervals hold for every candidate, as it was picked on the scores it is given."""
        at = int(np.flatnonzero(self.candidates == self.oracle)[0])
        candidates = [self._single("oracle", int(index)) for index in self.candidates]
        chosen = self._single("", self.chosen).weights
        scores = self.means(np.stack([row.weights for row in candidates]))
        gains = self.means(np.stack([chosen - row.weights for row in candidates]))
        low, high = LargestOfTrainings(gains).intervals(inside=DIFFERENCES)
        found = _columns(scores, gains, low, high)[at]
        low, high = LargestOfTrainings(scores).intervals(inside=SCORES)
        return {**self._described(candidates[at]), **found, "ci_low": low[at], "ci_high": high[at]}

    def means(self, weights: np.ndarray) -> TrainingMean:
        """Means over seeds of what each of some weights (rows, configurations, languages) adds up."""
        flat = weights.reshape(len(weights), -1).T
        values, drawn = (part.reshape(*part.shape[:-2], len(flat)) @ flat for part in (self.values, self.replicates))
        return mean_over_trainings(values, drawn)

    def _single(self, against: str, index: int) -> Row:
        return self._mean(against, np.array([index]))

    def _mean(self, against: str, indices: np.ndarray) -> Row:
        weights = np.zeros((len(self.configurations), len(self.languages)))
        weights[indices] = 1 / (len(indices) * len(self.languages))
        layers = self.configurations["layer"][indices]
        said = _numbered(layers.iloc[0]) if len(indices) == 1 else f"{layers.min()} to {layers.max()}"
        return Row(against, [int(index) for index in indices], said, weights)

    def _described(self, row: Row) -> dict[str, Any]:
        head = {str(name): value for name, value in self.configurations.loc[row.configurations[0]].items()}
        alone = len(set(row.configurations)) == 1
        return {"against": row.against, **head, "layer": head["layer"] if alone else pd.NA, "layers": row.layers}


def contest_of(trained: transfer.Result, gains: TransferStatistics, languages: Sequence[str]) -> Contest:
    """The choice of a layer for some of the languages that a transfer was tested on; `gains` are those of its heads."""
    values, replicates = gains.by_seed
    columns = [list(gains.counts).index(code) for code in languages]
    scores, dev_scores = (values[..., columns], replicates[..., columns]), dev_scores_of(trained.heads)
    return Contest(gains.configurations, *scores, dev_scores, tuple(languages), trained.meta["n_layers"])


def dev_scores_of(heads: transfer.Heads) -> np.ndarray:
    """(configurations,) mean over seeds of the score on the source language's dev set, in the order of the heads."""
    keys = [heads[name].astype("str").fillna("") for name in CONFIGURATION]
    return heads.groupby(keys, sort=False)["dev_score"].mean().to_numpy()


def _columns(scores: TrainingMean, gains: TrainingMean, low: np.ndarray, high: np.ndarray) -> list[dict[str, Any]]:
    """The numbers of rows: their scores, and how far the chosen one is above them."""
    ci_low, ci_high = scores.score_intervals(SCORES)
    same = (low >= -MARGIN) & (high <= MARGIN)  # false for NaN
    names = ("value", "ci_low", "ci_high", "gain", "gain_low", "gain_high", "same")
    columns = (scores.values, ci_low, ci_high, gains.values, low, high, same)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def upper_third(n_layers: int) -> tuple[int, int]:
    """The first and the last layer of "take a high one": 8 to 11 of an encoder with 12 blocks."""
    return n_layers - max(1, round(n_layers / 3)), n_layers - 1


def _numbered(layer: Any) -> str:
    return "" if pd.isna(layer) else str(layer)
