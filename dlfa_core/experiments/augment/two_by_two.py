"""What a table of two arms and two fusions says: scores, simple effects, and the difference of differences.

All of them see the same resamples of test examples and of seeds: seed by seed, the two arms read the same data in the
same order and their heads start alike, and a test example is drawn in all four cells together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dlfa_core.experiments import transfer
from dlfa_core.experiments.training import Group, language_groups
from dlfa_core.experiments.transfer import TransferStatistics
from dlfa_core.measures.intervals import bounds, interval_or_nan

ARMS = ("plain", "augmented")
FUSIONS = ("last", "dlfa")
EFFECTS = {  # what each adds up of the cells: arms down, fusions across
    "augmented": ((-1, 0), (1, 0)),
    "augmented_fused": ((0, -1), (0, 1)),
    "fused": ((-1, 1), (0, 0)),
    "fused_augmented": ((0, 0), (-1, 1)),
    "interaction": ((1, -1), (-1, 1)),
}


@dataclass(frozen=True, eq=False)
class TwoByTwo:
    """Scores of two arms, each with the last layer alone and with DLFA.

    Args:
        arms: "plain" and "augmented" -> results of `transfer`, one a seed, in the same order of seeds; each with `last`
            and with `dlfa` at any number of layers.
        resamples: 0 for no intervals.
        seen: ISO 639-3 codes of languages that the lexicon has.
    """

    arms: Mapping[str, Sequence[transfer.Result]]
    resamples: int
    seen: frozenset[str]

    @cached_property
    def layer(self) -> int:
        """The layer that DLFA fuses: best on the dev set of the source language, over both arms and all seeds."""
        heads = pd.concat([result.heads.copy() for results in self.arms.values() for result in results])
        scores = heads[heads["fusion"] == "dlfa"].groupby("layer")["dev_score"].mean()
        return int(scores.index[int(scores.argmax())])

    def cells(self) -> pd.DataFrame:
        """arm, fusion, level, group, value, ci_low, ci_high, n, n_languages: means over seeds and languages."""
        values, replicates = self._scores
        return self._frame(
            values.reshape(4, -1),
            replicates.reshape(len(replicates), 4, values.shape[-1]),
            pd.DataFrame([(arm, fusion) for arm in ARMS for fusion in FUSIONS], columns=["arm", "fusion"]),
        )

    def effects(self) -> pd.DataFrame:
        """effect, level, group, value, ci_low, ci_high, p, n, n_languages; p is two-sided, from the resamples."""
        return self._frame(*self.replicates(), pd.DataFrame({"effect": list(EFFECTS)}), p=True)

    def replicates(self) -> tuple[np.ndarray, np.ndarray]:
        """Effects by language, (effects, languages), and their replicates, (resamples, effects, languages)."""
        values, replicates = self._scores
        weights = np.array(list(EFFECTS.values()), dtype=float)
        return np.einsum("eaf,afl->el", weights, values), np.einsum("eaf,rafl->rel", weights, replicates)

    def correlation(self, effect: str, coverage: Mapping[str, float]) -> tuple[float, float, float] | None:
        """Pearson correlation over target languages of an effect with how much the lexicon covers, and its interval.

        None with fewer than four target languages, or where all are covered alike.
        """
        targets = [column for column, code in enumerate(self.languages) if code != self._source]
        covered = np.array([coverage[self.languages[column]] for column in targets])
        if len(targets) < 4 or np.ptp(covered) == 0:
            return None
        values, replicates = (part[..., list(EFFECTS).index(effect), :][..., targets] for part in self.replicates())
        value, drawn = _pearson(values, covered), _pearson(replicates, covered)
        return float(value), *bounds(float(value), drawn)

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

    @cached_property
    def _scores(self) -> tuple[np.ndarray, np.ndarray]:
        """(arms, fusions, languages) means over seeds, and their replicates, (resamples, arms, fusions, languages)."""
        parts = []
        for arm in ARMS:
            gains = self._gains[arm]
            fusion, layer = gains.configurations["fusion"], gains.configurations["layer"]
            rows = [int(np.flatnonzero(fusion == "last")[0])]
            rows.append(int(np.flatnonzero((fusion == "dlfa") & (layer == self.layer).fillna(False))[0]))
            values, replicates = gains.replicates()
            parts.append((values[rows], replicates[:, rows]))
        values, replicates = zip(*parts, strict=True)
        return np.stack(values), np.stack(replicates, axis=1)

    @cached_property
    def _groups(self) -> list[Group]:
        targets = [code for code in self.languages if code != self._source]
        seen, unseen = ([code for code in targets if (code in self.seen) == known] for known in (True, False))
        named = {"targets": targets, "seen": seen, "unseen": unseen}
        return language_groups(self.languages, *((name, name, codes) for name, codes in named.items()))

    def _frame(self, values: np.ndarray, replicates: np.ndarray, about: pd.DataFrame, p: bool = False) -> pd.DataFrame:
        sizes = [len(count.gold) for count in self._gains["plain"].counts.values()]
        frames = []
        for level, group, columns in self._groups:
            value, drawn = values[:, columns].mean(axis=1), replicates[..., columns].mean(axis=2)
            low, high = interval_or_nan(value, drawn)
            found = about.assign(level=level, group=group, value=value, ci_low=low, ci_high=high)
            if p:
                found["p"] = _p_values(drawn)
            frames.append(found.assign(n=sum(sizes[column] for column in columns), n_languages=len(columns)))
        return pd.concat(frames, ignore_index=True)


def _p_values(replicates: np.ndarray) -> np.ndarray:
    """Twice the share of resamples on the rarer side of 0; never below 2 / (resamples + 1)."""
    if not len(replicates):
        return np.full(replicates.shape[1], np.nan)
    rarer = np.minimum((replicates <= 0).sum(axis=0), (replicates >= 0).sum(axis=0))
    return np.minimum(1.0, 2 * (rarer + 1) / (len(replicates) + 1))


def _pearson(values: np.ndarray, covered: np.ndarray) -> np.ndarray:
    """(...) correlation of the last axis with `covered`; 0 where the values are all alike."""
    x, y = values - values.mean(axis=-1, keepdims=True), covered - covered.mean()
    norms = np.sqrt((x**2).sum(axis=-1) * (y**2).sum())
    return np.divide(x @ y, norms, out=np.zeros_like(norms), where=norms > 0)
