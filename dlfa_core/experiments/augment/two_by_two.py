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
from dlfa_core.experiments.transfer import TransferStatistics
from dlfa_core.lazy import Later
from dlfa_core.measures.intervals import interval_or_nan

special = Later("scipy.special")  # pages import this module and never call it

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
LEAST_P = 1e-9
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
        values, replicates = self._scores
        return pd.concat(
            [self._frame(values, replicates, group).assign(**names) for group in self._groups], ignore_index=True
        )[[*names, "level", "group", "value", "ci_low", "ci_high", "n", "n_languages"]]

    def effects(self) -> pd.DataFrame:
        """effect, level, group, value, ci_low, ci_high, p, p_holm, n, n_languages.

        p is two-sided (`p_values`); p_holm is corrected for all effects of the same level.
        """
        (values, replicates), (by_seed, seed_replicates) = self.replicates(), self._effects_by_seed
        found = pd.concat(
            [
                self._frame(values, replicates, group).assign(
                    effect=self.effect_names,
                    p=p_values(_over(by_seed, group), _over(seed_replicates, group)),
                )
                for group in self._groups
            ],
            ignore_index=True,
        )
        found["p_holm"] = found.groupby("level")["p"].transform(lambda own: holm(own.to_numpy()))
        columns = ["effect", "level", "group", "value", "ci_low", "ci_high", "p", "p_holm", "n", "n_languages"]
        return found[columns]

    def replicates(self) -> tuple[np.ndarray, np.ndarray]:
        """Effects by language, (effects, languages), and their replicates, (resamples, effects, languages)."""
        values, replicates = self._scores
        return np.einsum("ec,cl->el", self._weights, values), np.einsum("ec,rcl->rel", self._weights, replicates)

    def correlations(self, coverage: Mapping[str, float]) -> pd.DataFrame:
        """effect, level, value, ci_low, ci_high, n_languages: how gains and what the lexicon covers go together.

        Pearson's correlation, over the target languages and over those of them that the lexicon has ("seen"). Languages
        are the sample: the interval is for other languages like these (`fisher_interval`), with examples and seeds as
        they were. No row with fewer than four languages, or where all are covered alike.
        """
        rows, (values, _) = [], self.replicates()
        for group in self._groups:
            covered = np.array([coverage[self.languages[column]] for column in group.columns])
            if group.level not in ("targets", "seen") or len(covered) < FEWEST_LANGUAGES or np.ptp(covered) == 0:
                continue
            for name in ("augmented", "augmented_fused"):
                value = pearson(values[self.effect_names.index(name), group.columns], covered)
                rows.append((name, group.level, value, *fisher_interval(value, len(covered)), len(covered)))
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
    def _scores(self) -> tuple[np.ndarray, np.ndarray]:
        """(cells, languages) means over seeds, and their replicates, (resamples, cells, languages)."""
        parts = [[part[..., self._rows(arm), :] for part in self._gains[arm].replicates()] for arm in self.arms]
        values, replicates = zip(*parts, strict=True)
        return np.concatenate(values), np.concatenate(replicates, axis=1)

    @cached_property
    def _effects_by_seed(self) -> tuple[np.ndarray, np.ndarray]:
        """(seeds, effects, languages), and replicates in which examples are drawn, (resamples, seeds, ...)."""
        parts = [[part[..., self._rows(arm), :, :] for part in self._gains[arm].by_seed()] for arm in self.arms]
        values, replicates = zip(*parts, strict=True)
        return (
            np.einsum("ec,csl->sel", self._weights, np.concatenate(values)),
            np.einsum("ec,rcsl->rsel", self._weights, np.concatenate(replicates, axis=1)),
        )

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

    def _frame(self, values: np.ndarray, replicates: np.ndarray, group: Group) -> pd.DataFrame:
        sizes = [len(count.gold) for count in self._gains["plain"].counts.values()]
        value = _over(values, group)
        low, high = interval_or_nan(value, _over(replicates, group))
        about = {"n": sum(sizes[column] for column in group.columns), "n_languages": len(group.columns)}
        return pd.DataFrame({"value": value, "ci_low": low, "ci_high": high}).assign(
            level=group.level, group=group.name, **about
        )


def p_values(by_seed: np.ndarray, replicates: np.ndarray) -> np.ndarray:
    """Return two-sided p of effects being 0, for other examples and other seeds.

    The mean over seeds varies with the examples and with the seeds, and so few seeds tell their part badly. A 95 %
    interval reaches as far as the root of the summed squares of what either alone would take, each with Student's t of
    its own degrees of freedom (Howe's); p is where such an interval ends at 0. One t with the degrees of freedom of
    Satterthwaite would be too often below 0.05 with three seeds: 8 % where they vary three times as much as examples.
    What examples do to each seed by itself is in both parts, so p is rather too large. It is NaN without resamples, and
    with one seed.

    Args:
        by_seed: (S, ...) effects seed by seed.
        replicates: (R, S, ...) the same with other examples drawn, the same ones for all seeds.

    Reference: Howe (1974), Approximate Confidence Limits on the Mean of X + Y Where X and Y Are Two Tabled Independent
    Random Variables.
    """
    n_seeds, shape = len(by_seed), by_seed.shape[1:]
    if len(replicates) < 2 or n_seeds < 2:
        return np.full(shape, np.nan)
    examples = replicates.mean(axis=1).var(axis=0, ddof=1)
    seeds = by_seed.var(axis=0, ddof=1) / n_seeds
    low, high = np.full(shape, np.log(LEAST_P)), np.zeros(shape)
    for _ in range(40):
        middle = (low + high) / 2
        far, farther = (special.stdtrit(freedom, np.exp(middle) / 2) for freedom in (len(replicates) - 1, n_seeds - 1))
        holds_0 = examples * far**2 + seeds * farther**2 >= by_seed.mean(axis=0) ** 2
        low, high = np.where(holds_0, middle, low), np.where(holds_0, high, middle)
    return np.exp(high)


def holm(p: np.ndarray) -> np.ndarray:
    """Return p values (n,) corrected for their number, so that claims below a level hold together; NaN stays NaN.

    Reference: Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure.
    """
    corrected, known = np.full(len(p), np.nan), np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    times = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * times))
    return corrected


def pearson(values: np.ndarray, covered: np.ndarray) -> float:
    """Return the correlation of two rows of numbers; 0 where one is all alike."""
    x, y = values - values.mean(), covered - covered.mean()
    norm = np.sqrt((x**2).sum() * (y**2).sum())
    return float(x @ y / norm) if norm > 0 else 0.0


def fisher_interval(correlation: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a correlation over n languages, 4 or more: Fisher's z with Student's t of n - 2.

    Fisher's own interval takes the normal distribution; the t is a little wider, for few languages.

    Reference: Fisher (1921), On the "Probable Error" of a Coefficient of Correlation Deduced from a Small Sample.
    """
    middle = np.arctanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12))
    reach = special.stdtrit(n - 2, 0.975) / np.sqrt(n - 3)
    return float(np.tanh(middle - reach)), float(np.tanh(middle + reach))


def _over(numbers: np.ndarray, group: Group) -> np.ndarray:
    """Mean over the languages of a group, which are the last axis."""
    return numbers[..., group.columns].mean(axis=-1)
