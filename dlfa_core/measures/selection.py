"""How far above another value is the best of several, when it was picked for being the best?"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures.trainings import ROUNDING, TrainingMean, check_level

stats = Later("scipy.stats")  # pages import measures and never call this

SHARED_SEEDS = 0.5  # correlation of differences to one base, each training of which varies as much as the others
DRAWS = 2000

Correction = Literal["max_t", "bh", "by"]


def simultaneous_intervals(
    values: ArrayLike, replicates: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Intervals that hold for all of several values at once, and so for whichever of them is picked.

    A plain interval of the largest of eleven values forgets that it was looked for: where all are equal, it lies
    above their common value far more often than one time in forty. These intervals are values -+ c * se, with the c
    that the largest |replicate - mean| / se stays below in `level` of the resamples; correlated values, such as the
    scores of neighbouring layers on the same examples, widen it little.

    Args:
        values: (k,).
        replicates: (R, k), of the values on every resample; all share the same resamples.
        level: joint coverage, in (0, 1).

    Returns:
        low, high, each (k,); equal to the value where no replicate differs from another.

    Raises:
        ValueError: fewer than two replicates, shapes that do not match, or level outside (0, 1).

    Reference: Westfall and Young (1993), Resampling-Based Multiple Testing; the maximum of t.
    """
    values, replicates = np.asarray(values, dtype=np.float64), np.asarray(replicates, dtype=np.float64)
    check_level(level)
    if replicates.ndim != 2 or replicates.shape[1:] != values.shape or len(replicates) < 2:
        raise ValueError(
            f"Intervals of {values.shape} values need two or more replicates of each, (R, k), but got "
            f"{replicates.shape}: draw resamples that all values share."
        )
    errors = replicates - replicates.mean(axis=0)
    spread = errors.std(axis=0, ddof=1)
    varying = spread > 1e-12
    if not varying.any():
        return values.copy(), values.copy()
    largest = (np.abs(errors[:, varying]) / spread[varying]).max(axis=1)
    reach = np.where(varying, np.quantile(largest, level) * spread, 0.0)
    return values - reach, values + reach


@dataclass(frozen=True, eq=False)
class LargestOfTrainings:
    """How far the largest of several means over trainings may lie from its truth: the maximum of t.

    Few seeds leave the variance between trainings of some values far too small by chance, and the largest t is found
    just there. So no value counts with less than the mean of these variances over all values. The quantiles come from
    draws of the whole rule: what examples do from the replicates, so that neighbouring layers go together, and seeds
    that move all values apart, whose variances are estimated anew in each draw.

    Attributes:
        means: of values (...) that one is picked from, or that make one family: configurations, or languages x layers.
        seed: of the draws.

    Reference: Westfall and Young (1993), Resampling-Based Multiple Testing; Smyth (2004), Linear Models and Empirical
    Bayes Methods, for variances that borrow from each other.
    """

    means: TrainingMean
    seed: int = 0

    def intervals(
        self, level: float = 0.95, inside: tuple[float, float] = (-np.inf, np.inf)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (low, high), each (...), that hold for all values at once; NaN where `TrainingMean.untested`.

        None is narrower than that of its value alone.

        Args:
            level: joint coverage, in (0, 1).
            inside: range of the measure; no bound lies outside.

        Raises:
            ValueError: level outside (0, 1).
        """
        check_level(level)
        alone = self.means.intervals(level)[1] - self.means.values
        reach = np.maximum(np.quantile(self._largest, level) * self.standard_errors, alone)
        return np.clip(self.means.values - reach, *inside), np.clip(self.means.values + reach, *inside)

    def p_values(self) -> np.ndarray:
        """Return two-sided p values (...) of 0, corrected for all values; never below 1 / (draws + 1)."""
        errors = self.standard_errors
        distance = np.abs(self.means.values)
        distance = np.where(distance <= ROUNDING, 0.0, distance)
        t = np.divide(distance, errors, out=np.where(distance > 0, np.inf, 0.0), where=errors > 0)
        as_large = len(self._largest) - np.searchsorted(np.sort(self._largest), t)
        return np.maximum((as_large + 1) / (len(self._largest) + 1), self.means.p_values())  # NaN where that is

    @cached_property
    def standard_errors(self) -> np.ndarray:
        """(...) with the variance between trainings at least the mean one; 0 where nothing ever differed."""
        return np.sqrt(self.means.within + self._between)

    @cached_property
    def _between(self) -> np.ndarray:
        moves = (self.means.within > 0) | (self.means.between > 0)
        mean = self.means.between[moves].mean() if moves.any() else 0.0
        return np.where(moves, np.maximum(self.means.between, mean), self.means.between)

    @cached_property
    def _largest(self) -> np.ndarray:
        """(draws,) the largest |t| where every truth is met; NaN where untested."""
        moves = self.standard_errors > 0  # false for NaN
        if not moves.any():
            return np.full(DRAWS, np.nan if self.means.untested else 0.0)
        rng = np.random.default_rng(self.seed)
        within, between = self.means.within[moves], self._between[moves]
        examples = self.means.replicates[:, moves] - self.means.replicates[:, moves].mean(axis=0)
        drawn = examples[rng.integers(len(examples), size=DRAWS)]
        drawn += np.sqrt(between) * rng.standard_normal((DRAWS, len(between)))
        degrees = self.means.n_trainings - 1
        estimated = np.zeros_like(drawn)
        for _ in range(degrees):
            common, own = rng.standard_normal((DRAWS, 1)), rng.standard_normal(drawn.shape)
            estimated += np.square(np.sqrt(SHARED_SEEDS) * common + np.sqrt(1 - SHARED_SEEDS) * own)
        estimated *= between / degrees
        estimated = np.maximum(estimated, estimated.mean(axis=1, keepdims=True))
        return (np.abs(drawn) / np.sqrt(within + estimated)).max(axis=1)


def signs(means: TrainingMean, correction: Correction = "max_t", level: float = 0.95, seed: int = 0) -> np.ndarray:
    """Return which of many means over trainings are above or below 0: a map of languages and layers, say.

    "max_t" errs anywhere in at most 1 - level of the maps. "bh" and "by" let 1 - level of the signs be wrong on
    average: "bh" (Benjamini and Hochberg) where cells go together or not at all, "by" (Benjamini and Yekutieli) always.
    Both start from p values cell by cell, which three seeds seldom bring low enough.

    Args:
        means: (...) cells.
        correction: one of `Correction`.
        level: in (0, 1).
        seed: of the draws of "max_t".

    Returns:
        int8 (...): 1 above, -1 below, 0 neither shown; all 0 where `means.untested` says why.

    Raises:
        ValueError: unknown correction, or level outside (0, 1).

    Reference: Westfall and Young (1993), Resampling-Based Multiple Testing; Benjamini and Hochberg (1995), Controlling
    the False Discovery Rate; Benjamini and Yekutieli (2001), The Control of the False Discovery Rate under Dependency.
    """
    check_level(level)
    if correction not in ("max_t", "bh", "by"):
        raise ValueError(f"correction must be max_t, bh or by, but is {correction!r}.")
    if means.untested:
        return np.zeros(means.values.shape, dtype=np.int8)
    if correction == "max_t":
        p = LargestOfTrainings(means, seed).p_values()
    else:
        p = stats.false_discovery_control(means.p_values().ravel(), method=correction).reshape(means.values.shape)
    return np.where(p <= 1 - level, np.sign(means.values), 0).astype(np.int8)
