"""How often do the intervals of the similarity measures cover the truth? Simulations where the truth is known.

    python -m tests.calibration.simulations                                       the table of docs/calibration.md
    python -m tests.calibration.simulations --measures cka anc --distributions heavy --sizes 60 --simulations 200

Three views of the same n sentences are drawn anew in every simulation. What an interval has to cover is, by measure:

- in closed form, debiased CKA and signed ANC: both follow from the covariances of the distribution;
- from a sample of 200,000 sentences, the cosines, which are unbiased at any n;
- the mean of all simulations at the same n, all others: they depend on n by definition, as the share of sentences that
  are nearest among n does. Its standard error is 2 % of an interval's reach at 1,000 simulations.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from dlfa_core.measures import MEASURES, bootstrap_weights, compare_all

N_VIEWS, N_NEURONS = 3, 32
SCALES = np.arange(1, N_NEURONS + 1) ** -0.7  # a falling spectrum, as encoders have
RESAMPLES = 200
SIZES = (60, 200)
MANY = 200_000


@dataclass(frozen=True)
class Distribution:
    """Sentence vectors of several languages: a common meaning and noise, each language's neurons mixed a little.

    Attributes:
        tails: degrees of freedom of Student's t that the meaning follows; None is the normal distribution.
        meaning: its scale; 0 for unrelated sentences.
        noise: scale of each language's own part.
        cone: how far from the origin all sentences lie.
    """

    tails: int | None = None
    meaning: float = 1.0
    noise: float = 0.6
    cone: float = 1.0

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        """Return views (V, n, d) of n sentences."""
        shape = (n, N_NEURONS)
        meaning = rng.standard_normal(shape) if self.tails is None else rng.standard_t(self.tails, shape)
        own = rng.standard_normal((N_VIEWS, *shape))
        return ((self.meaning * meaning + self.noise * own) * SCALES) @ mixing() + self.cone * means()

    def covariances(self) -> np.ndarray:
        """Return (V, V, d, d): the covariance of the neurons of view a with those of view b."""
        common = self.meaning**2 * (1.0 if self.tails is None else self.tails / (self.tails - 2))
        within = common + self.noise**2 * np.eye(N_VIEWS)
        mixed = SCALES[:, None] * mixing()  # (V, d, d)
        return np.einsum("ab,aij,bik->abjk", within, mixed, mixed)


DISTRIBUTIONS = {
    "normal": Distribution(),
    "heavy": Distribution(tails=4),
    "hubs": Distribution(tails=4, noise=1.0, cone=3.0),
    "close": Distribution(noise=0.1),
    "around 0": Distribution(cone=0.0),
    "unrelated": Distribution(meaning=0.0, noise=1.0),
}


@cache
def mixing() -> np.ndarray:
    """(V, d, d) close to the identity, so that neuron k of one language is mostly neuron k of another."""
    noise = np.random.default_rng(5).standard_normal((N_VIEWS, N_NEURONS, N_NEURONS))
    return np.eye(N_NEURONS) + 0.2 * noise / np.sqrt(N_NEURONS)


@cache
def means() -> np.ndarray:
    """(V, 1, d) where the sentences of each language lie: mostly in one direction."""
    return SCALES * (0.7 + 0.3 * np.random.default_rng(6).standard_normal((N_VIEWS, 1, N_NEURONS)))


@dataclass(frozen=True)
class Coverage:
    """How often intervals cover: shares of the simulations.

    Attributes:
        pairs: of the intervals of pairs, averaged over pairs.
        mean: of the interval of the mean over pairs.
        width: mean width of a pair's interval over the standard deviation of its values; 3.92 for normal ones.
    """

    measure: str
    distribution: str
    n: int
    truth: float  # mean over pairs
    pairs: float
    mean: float
    width: float
    simulations: int


def population(measure: str, distribution: str) -> np.ndarray | None:
    """Truth by pair of a measure that does not depend on n, or None."""
    if measure in ("cka", "anc"):
        return _in_closed_form(measure, DISTRIBUTIONS[distribution].covariances())
    return _of_many(distribution)[measure] if measure in _COSINES else None


_COSINES = ("cosine_parallel", "cosine_random", "cosine_gap")


def _in_closed_form(measure: str, covariances: np.ndarray) -> np.ndarray:
    def score(a: int, b: int) -> float:
        own_a, own_b, cross = covariances[a, a], covariances[b, b], covariances[a, b]
        if measure == "cka":
            return np.square(cross).sum() / np.sqrt(np.square(own_a).sum() * np.square(own_b).sum())
        return (np.diag(cross) / np.sqrt(np.diag(own_a) * np.diag(own_b))).mean()

    return np.array([score(a, b) for a, b in combinations(range(N_VIEWS), 2)])


@cache
def _of_many(distribution: str) -> dict[str, np.ndarray]:
    scores = compare_all(DISTRIBUTIONS[distribution].draw(np.random.default_rng(9), MANY), _COSINES)
    return {name: scores[name].values for name in _COSINES}


def usable(measure: str, n: int) -> bool:
    """Whether a measure is defined: 99 % of the variance takes most neurons, of both languages fewer than sentences."""
    return measure != "pwcca" or n > 2 * N_NEURONS


def simulate(measures: Sequence[str], distribution: str, n: int, simulations: int, seed: int = 1) -> Iterator[Coverage]:
    """Yield the coverage of each measure; all see the same simulations."""
    rng = np.random.default_rng(seed)
    measures = [name for name in measures if usable(name, n)]
    values: dict[str, list[np.ndarray]] = {name: [] for name in measures}
    intervals: dict[str, list[np.ndarray]] = {name: [] for name in measures}
    for simulation in range(simulations):
        views = DISTRIBUTIONS[distribution].draw(rng, n)
        scores = compare_all(views, measures, bootstrap_weights(n, RESAMPLES, seed=simulation))
        for name, score in scores.items():
            values[name].append(np.append(score.values, score.values.mean()))
            ends = zip(score.intervals(), score.mean_interval(), strict=True)
            intervals[name].append(np.stack([np.append(pairs, mean) for pairs, mean in ends]))
    for name in measures:
        found, (low, high) = np.stack(values[name]), np.stack(intervals[name], axis=1)
        known = population(name, distribution)
        truth = found.mean(axis=0) if known is None else np.append(known, known.mean())
        covered = ((low <= truth) & (truth <= high)).mean(axis=0)
        spread = found[:, :-1].std(axis=0).mean()
        width = (high - low)[:, :-1].mean() / spread if spread else np.inf
        yield Coverage(name, distribution, n, truth[-1], covered[:-1].mean(), covered[-1], width, simulations)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measures", nargs="+", default=list(MEASURES))
    parser.add_argument("--distributions", nargs="+", default=list(DISTRIBUTIONS), choices=DISTRIBUTIONS)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--simulations", type=int, default=1000)
    options = parser.parse_args()
    print("| measure | distribution | n | truth | pairs | mean | width / sd | simulations |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for distribution in options.distributions:
        for n in options.sizes:
            for found in simulate(options.measures, distribution, n, options.simulations):
                print(
                    f"| {found.measure} | {found.distribution} | {found.n} | {found.truth:.3f} | {found.pairs:.3f} | "
                    f"{found.mean:.3f} | {found.width:.1f} | {found.simulations:,} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
