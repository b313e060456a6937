"""What a table of arms and fusions says: scores, simple effects, differences of differences, each with its p.

All of them see the same resamples of test examples and of seeds: seed by seed, the arms read the same data in the same
order and their heads start alike, and a test example is drawn in all cells together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dlfa_core.experiments import transfer
from dlfa_core.experiments.training import Group, language_groups
from dlfa_core.experiments.transfer import DIFFERENCES, SCORES, TransferStatistics
from dlfa_core.measures.corrections import holm
from dlfa_core.measures.correlations import correlation_over_languages
from dlfa_core.measures.trainings import TrainingMean, mean_over_trainings

Scores = tuple[np.ndarray, np.ndarray]  # (seeds, cells or effects, languages), and on other examples, (resamples, ...)

ARMS = ("plain", "augmented", "random", "neutral")  # the last two are controls, and may be left out
FUSIONS = ("last", "dlfa", "average", "extra")
EFFECTS: dict[str, dict[tuple[str, str], int]] = {  # what each adds up of the cells
    "augmented": {("augmented", "last"): 1, ("plain", "last"): -1},
    "augmented_fused": {("augmented", "dlfa"): 1, ("plain", "dlfa"): -1},
    "fused": {("plain", "dlfa"): 1, ("plain", "last"): -1},
    "fused_augmented": {("augmented", "dlfa"): 1, ("augmented", "last"): -1},
    "interaction": {
        ("augmented", "dlfa"): 1,
        ("augmented", "last"): -1,
        ("plain", "dlfa"): -1,
        ("plain", "last"): 1,
    },
    "over_random": {("augmented", "last"): 1, ("random", "last"): -1},
    "over_random_fused": {("augmented", "dlfa"): 1, ("random", "dlfa"): -1},
    "over_neutral": {("augmented", "last"): 1, ("neutral", "last"): -1},
    "over_neutral_fused": {("augmented", "dlfa"): 1, ("neutral", "dlfa"): -1},
}
FEWEST_LANGUAGES = 4  # that a correlation over languages is made of


@dataclass(frozen=True, eq=False)
class TwoByTwo:
    """Scores of the arms, each with the last layer alone, with DLFA and with its controls.

    Args:
        arms: of `ARMS`, "plain" and "augmented" at least -> results of `transfer`, one a seed, in the same order of
            seeds; each with all of `FUSIONS`, `dlfa` and `average` at any number of layers.
        resamples: 0 for no intervals.
        seen: ISO 639-3 codes of languages that the lexicon has.
    """

    arms: Mapping[str, Sequence[transfer.Result]]
    resamples: int
    seen: frozenset[str]

    @cached_property
    def layer(self) -> int:
        """The layer that DLFA and the average fuse: DLFA's best on the source language's dev set, over arms and seeds.

        The controls have a say in it, so that no arm has the layer that suits it alone.
        """
        heads = pd.concat([result.heads.copy() for results in self.arms.values() for result in results])
        scores = heads[heads["fusion"] == "dlfa"].groupby("layer")["dev_score"].mean()
        return int(scores.index[int(scores.argmax())])

    @property
    def effect_names(self) -> list[str]:
        """Those of `EFFECTS` whose arms there are."""
        return [name for name, cells in EFFECTS.items() if all(arm in self.arms for arm, _ in cells)]

    def cells(self) -> pd.DataFrame:
        """arm, fusion, level, group, value, ci_low, ci_high, n, n_languages: means over seeds and languages."""
        names = pd.DataFrame([(arm, fusion) for arm in self.arms for fusion in FUSIONS], columns=["arm", "fusion"])
        return pd.concat(
            [self._frame(self._scores, group, SCORES).assign(**names) for group in self._groups], ignore_index=True
        )[[*names, "level", "group", "value", "ci_low", "ci_high", "n", "n_languages"]]

    def effects(self) -> pd.DataFrame:
        """effect, level, group, value, ci_low, ci_high, p, p_holm, n, n_languages.

        Intervals and p, which is two-sided, are for other examples and other seeds: NaN with one seed. p_holm is
        corrected for all effects of the same level.
        """
        found = pd.concat(
            [
                self._frame(self._effects, group, DIFFERENCES).assign(
                    effect=self.effect_names, p=_over(self._effects, group).p_values()
                )
                for group in self._groups
            ],
            ignore_index=True,
        )
        found["p_holm"] = found.groupby("level")["p"].transform(lambda own: holm(own.to_numpy()))
        columns = ["effect", "level", "group", "value", "ci_low", "ci_high", "p", "p_holm", "n", "n_languages"]
        return found[columns]

    def correlations(self, coverage: Mapping[str, float]) -> pd.DataFrame:
        """effect, level, value, ci_low, ci_high, n_languages: how gains and what the lexicon covers go together.

        Pearson's correlation, over the target languages and over those of them that the lexicon has ("seen"). Languages
        are the sample: the interval is for other languages like these, with examples and seeds as they were. No row
        with fewer than four languages, or where all are covered alike.
        """
        rows, values = [], self._effects[0].mean(axis=0)
        for group in self._groups:
            covered = np.array([coverage[self.languages[column]] for column in group.columns])
            if group.level not in ("targets", "seen") or len(covered) < FEWEST_LANGUAGES or np.ptp(covered) == 0:
                continue
            for name in ("augmented", "augmented_fused"):
                gains = values[self.effect_names.index(name), group.columns]
                rows.append((name, group.level, *correlation_over_languages(gains, covered)))
        return pd.DataFrame(rows, columns=["effect", "level", "value", "ci_low", "ci_high", "n_languages"])

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-3 codes of the test languages."""
        return tuple(self._gains["plain"].counts)

    @property
    def _source(self) -> str:
        return self._gains["plain"].source_language

    @cached_property
    def _gains(self) -> dict[str, TransferStatistics]:
        return {arm: transfer.gains_of(*results, resamples=self.resamples) for arm, results in self.arms.items()}

    @property
    def _weights(self) -> np.ndarray:
        """(effects, cells) what each effect adds up."""
        cells = [(arm, fusion) for arm in self.arms for fusion in FUSIONS]
        return np.array([[EFFECTS[name].get(cell, 0) for cell in cells] for name in self.effect_names], dtype=float)

    @cached_property
    def _scores(self) -> Scores:
        """Scores of the cells."""
        parts = [[part[..., self._rows(arm), :] for part in self._gains[arm].by_seed] for arm in self.arms]
        values, replicates = zip(*parts, strict=True)
        return np.concatenate(values, axis=1), np.concatenate(replicates, axis=2)

    @cached_property
    def _effects(self) -> Scores:
        """Effects, seed by seed."""
        values, replicates = self._scores
        return np.einsum("ec,scl->sel", self._weights, values), np.einsum("ec,rscl->rsel", self._weights, replicates)

    def _rows(self, arm: str) -> list[int]:
        """Return the configurations of an arm that are compared, in the order of `FUSIONS`."""
        configurations = self._gains[arm].configurations
        fusion, layer = configurations["fusion"], configurations["layer"]
        right = layer.isna() | (layer == self.layer).fillna(False)
        return [int(np.flatnonzero((fusion == name) & right)[0]) for name in FUSIONS]

    @cached_property
    def _groups(self) -> list[Group]:
        targets = [code for code in self.languages if code != self._source]
        seen, unseen = ([code for code in targets if (code in self.seen) == known] for known in (True, False))
        named = {"targets": targets, "seen": seen, "unseen": unseen}
        return language_groups(self.languages, *((name, name, codes) for name, codes in named.items()))

    def _frame(self, scores: Scores, group: Group, inside: tuple[float, float]) -> pd.DataFrame:
        sizes = [len(count.gold) for count in self._gains["plain"].counts.values()]
        mean = _over(scores, group)
        low, high = mean.intervals(inside=inside)
        about = {"n": sum(sizes[column] for column in group.columns), "n_languages": len(group.columns)}
        return pd.DataFrame({"value": mean.values, "ci_low": low, "ci_high": high}).assign(
            level=group.level, group=group.name, **about
        )


def _over(scores: Scores, group: Group) -> TrainingMean:
    """Return the mean over seeds and over the languages of a group."""
    values, replicates = (part[..., group.columns].mean(axis=-1) for part in scores)
    return mean_over_trainings(values, replicates)
