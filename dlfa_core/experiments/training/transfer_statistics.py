"""What counts of hits say about fusions: scores, their means, and differences to the last layer, with intervals.

One bootstrap for all of it: a resample draws test examples and seeds, and every head, language and measure sees the
same draw. An example is its id, so that translations of one sentence are drawn together, and a difference between
two heads is a difference on the same examples and seeds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dlfa_core.languages import by_family
from dlfa_core.measures.intervals import bootstrap_weights, interval_or_nan
from dlfa_core.measures.selection import LargestOfTrainings, signs
from dlfa_core.measures.stacked_counts import Counts, ratio
from dlfa_core.measures.trainings import mean_over_trainings
from dlfa_core.tables import INTERVAL

CONFIGURATION = ["fusion", "layer", "weight"]
SCORES, DIFFERENCES = (0.0, 1.0), (-1.0, 1.0)  # ranges of measures that are ratios of counts, and of their differences


@dataclass(frozen=True, eq=False)
class Resamples:
    """Resamples of test examples and of seeds."""

    examples: Mapping[str, np.ndarray]  # language -> uint8 (resamples, n), how often each example is drawn
    seeds: np.ndarray  # float (resamples, seeds), shares that sum to 1

    @classmethod
    def of(cls, ids: Mapping[str, Sequence[str]], n_seeds: int, resamples: int, seed: int = 0) -> "Resamples":
        """Draw.

        Args:
            ids: language -> names of its examples.
            n_seeds: how many seeds each fusion was trained with.
            resamples: 0 for none.
            seed: of the draws.

        Raises:
            ValueError: fewer than 20 different examples.
        """
        rows = {name: row for row, name in enumerate(dict.fromkeys(name for own in ids.values() for name in own))}
        if resamples:
            weights = bootstrap_weights(len(rows), resamples, seed).astype(np.uint8)  # a count above 255 is not met
        else:
            weights = np.zeros((0, len(rows)), dtype=np.uint8)
        indices = {language: np.array([rows[name] for name in own]) for language, own in ids.items()}
        shares = np.random.default_rng([seed, 1]).multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=resamples)
        return cls({language: weights[:, own] for language, own in indices.items()}, shares / n_seeds)


@dataclass(frozen=True, eq=False)
class TransferStatistics:
    """Statistics of one measure over some heads.

    Args:
        heads: fusion, layer (missing where there is none), weight ("" where there is none), seed; each
            configuration with the same seeds.
        counts: language -> counts of the heads, in their order.
        draws: of the same languages and seeds.
        source_language: ISO 639-3; left out of the mean over targets.
    """

    heads: pd.DataFrame
    counts: Mapping[str, Counts]
    draws: Resamples
    source_language: str

    def scores(self) -> pd.DataFrame:
        """Head by head and language by language; intervals over examples."""
        low, high = interval_or_nan(self._values, self._replicates)
        heads = self.heads[[*CONFIGURATION, "seed"]]
        sizes = [len(count.gold) for count in self.counts.values()]
        return _joined(
            heads.assign(language=language, value=value, ci_low=below, ci_high=above, n=n)
            for language, value, below, above, n in zip(self.counts, self._values.T, low.T, high.T, sizes, strict=True)
        )

    def means(self) -> pd.DataFrame:
        """Means over seeds, and over the languages of each group; intervals over examples and seeds.

        Those of one seed are over examples alone: of this run, not of another one.
        """
        frames = []
        for group, values, replicates in self._by_group(*self.by_seed):
            mean = mean_over_trainings(values, replicates)
            low, high = mean.score_intervals(SCORES)
            frames.append(self._about(group).assign(value=mean.values, ci_low=low, ci_high=high))
        return _joined(frames)[[*CONFIGURATION, "level", "group", *INTERVAL, "n", "n_languages"]]

    def differences(self) -> pd.DataFrame:
        """Score minus that of `last` on the same examples and seeds; empty where `last` was not trained.

        Beside the plain interval of each difference, which holds for a layer that was named beforehand, there are
        `joint_low` and `joint_high`: they hold for all layers of a fusion at once, and so for the best one. `sign` is 1
        or -1 where a difference stands out from 0 among all languages, families and layers of its fusion at once.
        Without seeds to tell how much training itself moves a score, there is no interval.
        """
        values, replicates = self.by_seed
        last = np.flatnonzero(self.configurations["fusion"] == "last")
        columns = [*CONFIGURATION, "level", "group", *INTERVAL, "joint_low", "joint_high", "sign", "n", "n_languages"]
        if not len(last):
            return pd.DataFrame(columns=columns)
        gains = list(self._by_group(values - values[:, last], replicates - replicates[:, :, last]))
        found = _joined(self._against_last(*gain) for gain in gains)
        return found.assign(sign=self._signs(gains))[columns]

    def best(self) -> pd.DataFrame:
        """Share of the resamples in which a layer has the highest mean, by fusion and weight; over the targets."""
        _, replicates = self._over_seeds
        level = self._groups[-1 if len(self._groups) == 1 else 1]
        frames = []
        fused = self.configurations[self.configurations["layer"].notna()]
        for _, rows in fused.groupby(["fusion", "weight"], sort=False):
            means = replicates[:, rows.index][..., level.columns].mean(axis=2)
            wins = np.bincount(means.argmax(axis=1), minlength=len(rows)) if len(means) else np.full(len(rows), np.nan)
            frames.append(rows.assign(level=level.level, share=wins / max(len(means), 1)))
        columns = ["fusion", "weight", "level", "layer", "share"]
        return _joined(frames).astype({"layer": np.int64})[columns] if frames else pd.DataFrame(columns=columns)

    @cached_property
    def configurations(self) -> pd.DataFrame:
        """fusion, layer, weight: each once."""
        return self.heads[CONFIGURATION].drop_duplicates(ignore_index=True)

    def replicates(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean over seeds, (configurations, languages), and its replicates, (resamples, configurations, languages)."""
        return self._over_seeds

    @cached_property
    def _values(self) -> np.ndarray:
        return np.stack([count.scores() for count in self.counts.values()], axis=1)

    @cached_property
    def _replicates(self) -> np.ndarray:
        """(resamples, heads, languages); examples drawn, seeds not."""
        found = np.empty((len(self.draws.seeds), len(self.heads), len(self.counts)))
        for column, (language, count) in enumerate(self.counts.items()):
            # whole numbers stay exact to 2 ** 24, and scores of single precision in twice that
            kind: Any = np.float64 if count.hits.dtype.kind == "f" else np.float32
            weights, parts = self.draws.examples[language].astype(kind), (count.hits, count.predicted, count.gold[None])
            hits, predicted, gold = (weights @ part.astype(kind).T for part in parts)
            found[:, :, column] = ratio(hits, predicted, gold)
        return found

    @cached_property
    def by_seed(self) -> tuple[np.ndarray, np.ndarray]:
        """Scores, (seeds, configurations, languages), and their replicates over examples alone, resamples in front."""
        table = self.heads_of_configurations
        return self._values[table].swapaxes(0, 1), self._replicates[:, table].swapaxes(1, 2)

    @cached_property
    def _over_seeds(self) -> tuple[np.ndarray, np.ndarray]:
        values, replicates = self.by_seed
        return values.mean(axis=0), np.einsum("rs,rscl->rcl", self.draws.seeds, replicates)

    @cached_property
    def heads_of_configurations(self) -> np.ndarray:
        """(configurations, seeds) indices of the heads."""
        keys = self.heads[CONFIGURATION].apply(tuple, axis=1).map(str)
        indices = {key: rows.sort_values("seed").index.to_numpy() for key, rows in self.heads.groupby(keys, sort=False)}
        seeds = {key: tuple(self.heads["seed"][rows]) for key, rows in indices.items()}
        if len(set(seeds.values())) != 1:
            raise ValueError(
                f"Fusions are compared seed by seed, but they have different ones: {seeds}. Train them alike."
            )
        return np.stack(list(indices.values()))

    @cached_property
    def _groups(self) -> list["Group"]:
        targets = [code for code in self.counts if code != self.source_language]
        families = [("family", name, members) for name, members in by_family(targets).items()]
        beside = ("targets", "targets", targets if len(targets) < len(self.counts) else [])
        return language_groups(tuple(self.counts), beside, *families)

    def _by_group(self, values: np.ndarray, replicates: np.ndarray) -> Iterator["GroupScores"]:
        """Mean over the languages of each group, of scores as `by_seed` gives them."""
        for group in self._groups:
            yield group, values[..., group.columns].mean(axis=-1), replicates[..., group.columns].mean(axis=-1)

    def _about(self, group: "Group") -> pd.DataFrame:
        n = sum(len(list(self.counts.values())[column].gold) for column in group.columns)
        return self.configurations.assign(level=group.level, group=group.name, n=n, n_languages=len(group.columns))

    def _against_last(self, group: "Group", values: np.ndarray, replicates: np.ndarray) -> pd.DataFrame:
        mean = mean_over_trainings(values, replicates)
        low, high = mean.intervals(inside=DIFFERENCES)
        joint = np.full((2, values.shape[1]), np.nan)
        for rows in self._fusions.values():
            fused = mean_over_trainings(values[:, rows], replicates[:, :, rows])
            joint[:, rows] = LargestOfTrainings(fused).intervals(inside=DIFFERENCES)
        bounds = {"ci_low": low, "ci_high": high, "joint_low": joint[0], "joint_high": joint[1]}
        return self._about(group).assign(value=mean.values, **bounds)

    def _signs(self, gains: Sequence["GroupScores"]) -> np.ndarray:
        """Signs of differences, int, group by group; corrected over the languages and families of each fusion."""
        found = np.zeros((len(gains), len(self.configurations)), dtype=np.int64)
        mapped = [row for row, (group, *_) in enumerate(gains) if group.level in ("language", "family")]
        for rows in self._fusions.values():
            values = np.stack([gains[row][1][:, rows] for row in mapped], axis=1)
            replicates = np.stack([gains[row][2][:, :, rows] for row in mapped], axis=2)
            found[np.ix_(np.array(mapped), rows)] = signs(mean_over_trainings(values, replicates))
        return found.ravel()

    @cached_property
    def _fusions(self) -> dict[Any, np.ndarray]:
        """Rows of the configurations of each fusion and weight."""
        grouped = self.configurations.groupby(["fusion", "weight"], sort=False)
        return {name: rows.index.to_numpy() for name, rows in grouped}


class Group(NamedTuple):
    """Some of the languages that were tested on, such as the level "family" and the name "Turkic"."""

    level: str
    name: str
    columns: list[int]


GroupScores = tuple[Group, np.ndarray, np.ndarray]  # (seeds, configurations), and with resamples in front


def language_groups(codes: Sequence[str], *some: tuple[str, str, Sequence[str]]) -> list[Group]:
    """All languages together, some of them, and each by itself.

    Args:
        codes: a column each.
        some: level, name and codes of each other group; those without a language are left out.
    """
    listed = [("all", "all", codes), *some, *(("language", code, [code]) for code in codes)]
    return [Group(level, name, [codes.index(code) for code in own]) for level, name, own in listed if own]


def _joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)
