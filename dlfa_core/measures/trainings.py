"""How sure is a mean over a few trainings, each scored on the same examples?

Two things vary: which examples were tested on, and what a seed made of the training. Resampling three seeds tells
little about how far apart others would lie, and percentiles of such resamples call every seventh difference between
equals. So the two variances are estimated apart, and the one between trainings, of few degrees of freedom, counts with
Student's quantile. docs/calibration.md says how often the intervals cover the truth.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.lazy import Later
from dlfa_core.measures.equivalence import check_margin
from dlfa_core.measures.intervals import interval_or_nan

special = Later("scipy.special")  # pages import measures and never call this

ROUNDING = 1e-12  # what sums of scores may differ by though they are equal
ONE_TRAINING = (
    "One training says nothing about how far others would lie from it: there is no interval of a difference between "
    "trainings and no test. Train with three seeds or more."
)
NO_RESAMPLES = "Without resamples of the examples there is no interval and no test: ask for two hundred or more."


@dataclass(frozen=True, eq=False)
class TrainingMean:
    """Means over trainings of scores, or of differences between scores, and how far they may be off.

    Shapes (...) are those of one training's values: (k,) configurations, say, or (languages, layers).

    Attributes:
        values: (...) means over the trainings.
        replicates: (R, ...) the same on every resample of the examples; the trainings stay as they are.
        between: (...) variance of the means that shows between trainings, >= 0; NaN with one training.
        n_trainings: how many, S.
    """

    values: np.ndarray
    replicates: np.ndarray
    between: np.ndarray
    n_trainings: int

    @property
    def untested(self) -> str:
        """Why there is neither interval nor test, as a sentence for the reader; "" where there are."""
        if self.n_trainings < 2:
            return ONE_TRAINING
        return NO_RESAMPLES if len(self.replicates) < 2 else ""

    @property
    def within(self) -> np.ndarray:
        """(...) variance of the means that comes from the examples; NaN without resamples."""
        if len(self.replicates) < 2:
            return np.full_like(self.values, np.nan)
        return _exact(self.replicates.var(axis=0, ddof=1))

    @property
    def standard_errors(self) -> np.ndarray:
        """(...) of both together; NaN where `untested`."""
        return np.sqrt(self.within + self.between)

    def intervals(
        self, level: float = 0.95, inside: tuple[float, float] = (-np.inf, np.inf)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (low, high), each (...), around the values; NaN where `untested`.

        The reach is the root of z^2 * within + t^2 * between, with the quantiles of the normal and, of S - 1 degrees of
        freedom, of Student's distribution. Where trainings vary most it is exact, where they vary little it covers more
        than it says; Satterthwaite's, with three seeds, misses 6 to 7 % where they vary most.

        Args:
            level: coverage, in (0, 1).
            inside: range of the measure, such as (0, 1) for scores; no bound lies outside.

        Raises:
            ValueError: level outside (0, 1).

        Reference: Cochran (1964), Approximate Significance Levels of the Behrens-Fisher Test; Graybill and Wang (1980),
        Confidence Intervals on Nonnegative Linear Combinations of Variances.
        """
        check_level(level)
        reach = self._reach(np.full_like(self.values, 1 - level))
        return np.clip(self.values - reach, *inside), np.clip(self.values + reach, *inside)

    def score_intervals(self, inside: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
        """Return `intervals` of scores; with one training those over examples alone, which are of this one run."""
        return interval_or_nan(self.values, self.replicates) if self.n_trainings == 1 else self.intervals(inside=inside)

    def p_values(self, null: float = 0.0) -> np.ndarray:
        """Return two-sided p values (...): 1 - level of the interval that ends at `null`; NaN where `untested`.

        A value that nothing could have moved has p 1 where it is `null`, and 0 elsewhere.
        """
        distance = np.abs(self.values - null)
        low, high = np.zeros_like(distance), np.ones_like(distance)
        for _ in range(50):  # halvings: 1e-15
            middle = (low + high) / 2
            beyond = self._reach(middle) < distance
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        p = np.where(distance <= ROUNDING, 1.0, high)
        return np.where(np.isfinite(self.standard_errors) & np.isfinite(distance), p, np.nan)

    def equivalence_p_values(self, margin: float) -> np.ndarray:
        """Return p values (...) of two one-sided tests that the truth is at least `margin` from 0.

        Below .05 the 90 % interval lies within -margin to margin, and only then are two things shown to do as well as
        each other: that no difference was found shows no equality. NaN where `untested`.

        Args:
            margin: largest difference that does not matter, stated before looking; above 0.

        Raises:
            ValueError: margin not above 0.

        Reference: Schuirmann (1987), A Comparison of the Two One-Sided Tests Procedure and the Power Approach.
        """
        check_margin(margin)
        upper, lower = self.p_values(margin), self.p_values(-margin)
        return np.maximum(
            np.where(self.values < margin, upper / 2, 1 - upper / 2),
            np.where(self.values > -margin, lower / 2, 1 - lower / 2),
        )

    def _reach(self, miss: np.ndarray) -> np.ndarray:
        """(...) half the width of intervals that miss with these probabilities, each in (0, 1)."""
        if self.untested:
            return np.full_like(self.values, np.nan)
        examples = special.stdtrit(len(self.replicates) - 1, miss / 2)
        trainings = special.stdtrit(self.n_trainings - 1, miss / 2)
        return np.sqrt(examples**2 * self.within + trainings**2 * self.between)


def mean_over_trainings(values: ArrayLike, replicates: ArrayLike) -> TrainingMean:
    """Return the mean over trainings, with its variance over examples and over further trainings.

    The variance between the values of trainings holds what their own mistakes on the same examples add to it. Taking
    that off, which resamples show too, leaves too little too often: a mean over three trainings that happen to lie
    close would pass for exact, and p values below .01 come three times as often as they say.

    Args:
        values: (S, ...), of every training. A difference between configurations is taken training by training, where
            the seeds of both go together, and on the same examples.
        replicates: (R, S, ...), the same on every resample of the examples, which all trainings share; R may be 0.

    Raises:
        ValueError: no training, or shapes that do not match.

    Reference: Owen (2007), The Pigeonhole Bootstrap, which counts the mistakes of crossed samples twice likewise.
    """
    values, replicates = np.asarray(values, dtype=np.float64), np.asarray(replicates, dtype=np.float64)
    if values.ndim == 0 or len(values) == 0 or replicates.shape[1:] != values.shape:
        raise ValueError(
            f"Values of trainings, (S, ...), are shaped {values.shape} and their replicates {replicates.shape}, not "
            "(R, S, ...): pass those of every training on the same resamples, before any mean over seeds."
        )
    n, means = len(values), replicates.mean(axis=1)
    if n < 2 or len(replicates) < 2:
        return TrainingMean(values.mean(axis=0), means, np.full(values.shape[1:], np.nan), n)
    return TrainingMean(values.mean(axis=0), means, _exact(values.var(axis=0, ddof=1) / n), n)


def check_level(level: float) -> None:
    """Raise ValueError for a coverage that is not in (0, 1)."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, but is {level}: 0.95 gives 95 % intervals.")


def _exact(variance: np.ndarray) -> np.ndarray:
    """The variance, 0 where it is rounding."""
    return np.where(variance <= ROUNDING**2, 0.0, variance)
