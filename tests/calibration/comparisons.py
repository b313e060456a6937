"""How often do statements about fusions err? Simulated trainings, where it is known which layers are better.

    python -m tests.calibration.comparisons                                      the table of docs/calibration.md
    python -m tests.calibration.comparisons --questions best maps --simulations 200

A configuration gets an example right where a normal latent variable stays below what the language, the configuration
and the seed make easy. The latent variable has parts that all share (how hard the example is), that a language has,
that neighbouring layers share, and that one training has of its own, in all languages. So the score of a configuration
over all seeds and examples is in closed form. Eleven layers are compared with the last layer alone.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
from scipy.special import ndtr

from dlfa_core.experiments.buckets import Bucket, bucket_gains
from dlfa_core.experiments.recommend.by_language import differences_of, rules_of
from dlfa_core.experiments.recommend.contest import Contest
from dlfa_core.measures.buckets import in_quantiles
from dlfa_core.measures.corrections import holm
from dlfa_core.measures.correlations import correlation_over_languages
from dlfa_core.measures.ranks import (
    layer_correlation_interval,
    layer_correlation_p_value,
    shifted_layers_p_value,
)
from dlfa_core.measures.selection import LargestOfTrainings, signs
from dlfa_core.measures.trainings import ROUNDING, TrainingMean, mean_over_trainings

N_LAYERS = 11
RESAMPLES = 200
EXAMPLE, LANGUAGE, LAYER, TRAINING, REST = np.sqrt([0.35, 0.15, 0.15, 0.15, 0.2]).astype(np.float32)
STEEPNESS = 0.34  # of the share of hits, by the latent threshold, at two hits in three
CELLS = np.array([[-1, 0, 1, 0], [0, -1, 0, 1], [-1, 1, 0, 0], [0, 0, -1, 1], [1, -1, -1, 1]])  # effects of 2 x 2
CURVE = np.array([0.30, 0.38, 0.45, 0.52, 0.60, 0.66, 0.70, 0.69, 0.62, 0.50, 0.41])  # a similarity, layer by layer


@dataclass(frozen=True)
class Setting:
    """What is trained and tested.

    Attributes:
        spread: standard deviation of a score between seeds.
        uneven: whether it grows from 0.3 to 1.7 times that over the layers.
        gain: what every layer has above the last layer alone, in the latent variable.
        rise: what the highest layer has above the lowest, likewise.
    """

    n: int = 300
    languages: int = 8
    seeds: int = 3
    spread: float = 0.023
    uneven: bool = False
    gain: float = 0.0
    rise: float = 0.0
    layers: int = N_LAYERS

    def __str__(self) -> str:
        parts = [f"{self.n} examples", f"{self.languages} languages", f"{self.seeds} seeds, sd {self.spread}"]
        parts += ["uneven"] * self.uneven
        parts += [f"gain {self.gain * STEEPNESS:.3f}"] * bool(self.gain)
        parts += [f"rise {self.rise * STEEPNESS:.3f}"] * bool(self.rise)
        return ", ".join(parts)

    def hits(self, rng: np.random.Generator) -> np.ndarray:
        """Return bool (n, languages, seeds, 1 + layers); the last layer alone comes first."""

        def normal(*shape: int) -> np.ndarray:
            return rng.standard_normal(shape, dtype=np.float32)

        latent = REST * normal(self.n, self.languages, self.seeds, 1 + self.layers)
        latent += EXAMPLE * normal(self.n, 1, 1, 1) + LANGUAGE * normal(self.n, self.languages, 1, 1)
        latent += LAYER * self._neighbours(normal(self.n, 1, 1, 1 + self.layers), 0.9)
        latent += TRAINING * self._neighbours(normal(self.n, 1, self.seeds, 1 + self.layers), 0.5)
        seeds = self._neighbours(normal(self.seeds, 1 + self.layers), 0.5) * self._spreads
        return latent < self._easy[:, None, None] + (seeds + self._above).astype(np.float32)

    @property
    def truth(self) -> np.ndarray:
        """(languages, 1 + layers) expected scores, over all examples and seeds."""
        return ndtr((self._easy[:, None] + self._above) / np.sqrt(1 + self._spreads**2))

    @property
    def _easy(self) -> np.ndarray:
        return np.linspace(-0.2, 1.0, self.languages, dtype=np.float32)

    @property
    def _spreads(self) -> np.ndarray:
        uneven = np.linspace(0.3, 1.7, 1 + self.layers) if self.uneven else np.ones(1 + self.layers)
        return self.spread / STEEPNESS * uneven

    @property
    def _above(self) -> np.ndarray:
        return np.append(0.0, self.gain + self.rise * np.linspace(0, 1, self.layers))

    @staticmethod
    def _neighbours(noise: np.ndarray, correlation: float) -> np.ndarray:
        """(..., 1 + layers) made alike from layer to layer; the last layer alone stays apart."""
        for layer in range(2, noise.shape[-1]):
            noise[..., layer] *= np.sqrt(1 - correlation**2)
            noise[..., layer] += correlation * noise[..., layer - 1]
        return noise


@dataclass(frozen=True)
class Found:
    """Shares of the simulations; None where the question has none.

    Attributes:
        covers: of the 95 % intervals.
        errs: of statements at the level of 5 % that are wrong.
    """

    question: str
    setting: str
    covers: float | None
    errs: float | None
    simulations: int


def resampled(scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (...) means over examples of (n, ...), and their replicates, (R, ...)."""
    n = len(scores)
    replicates = weights @ scores.reshape(n, -1).astype(np.float32) / n
    return scores.mean(axis=0), replicates.reshape(len(weights), *scores.shape[1:])


def differences(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(S, k) of the layers and the last layer alone, over languages, and their replicates."""
    hits = setting.hits(rng).mean(axis=1)
    return resampled(hits[..., 1:] - hits[..., :1], weights)


def alone(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """Any fixed layer: coverage and false differences, on average."""
    mean = mean_over_trainings(*differences(setting, rng, weights))
    (low, high), truth = mean.intervals(), _gains(setting)
    missed = (low > truth) | (truth > high)
    return 1 - missed.mean(), np.nan if truth.any() else ((low > 0) | (high < 0)).mean()


def best(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """The best layer on the same scores: coverage of its interval, and of any layer a false difference."""
    largest = LargestOfTrainings(mean_over_trainings(*differences(setting, rng, weights)))
    (low, high), truth, picked = largest.intervals(), _gains(setting), largest.means.values.argmax()
    covered = low[picked] <= truth[picked] <= high[picked]
    return covered, np.nan if truth.any() else ((low > 0) | (high < 0)).any()


def equivalence(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """Layers that are better by the margin itself, called equivalent."""
    mean = mean_over_trainings(*differences(setting, rng, weights))
    return np.nan, (mean.equivalence_p_values(_gains(setting)[0]) < 0.05).mean()


def two_by_two(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """One effect of five in a 2 x 2 table."""
    return np.nan, (_effects(setting, rng, weights) < 0.05).mean()


def two_by_two_holm(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """Any effect of five, by Holm's correction."""
    return np.nan, (holm(_effects(setting, rng, weights)) < 0.05).any()


def maps(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """Any sign in a map of languages and layers, by the maximum of t."""
    return np.nan, signs(_map(setting, rng, weights)).any()


def maps_bh(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """Any sign in a map, by Benjamini and Hochberg: where nothing is true, their rate of false discoveries."""
    return np.nan, signs(_map(setting, rng, weights), "bh").any()


def by_language(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """A layer for each language, by three signals and blindly, beside one for all, and the signals' dealt out: coverage
    of all intervals together, and any false difference.
    """
    hits = np.moveaxis(setting.hits(rng)[..., 1:], 1, 3)  # (n, seeds, layers, languages)
    values, replicates = resampled(hits.astype(np.float32), weights)
    layers, languages = values.shape[1:]
    table = pd.DataFrame({"fusion": "dlfa", "layer": range(1, layers + 1), "weight": ""})
    names = tuple(map(str, range(languages)))
    contest = Contest(table, values, replicates, rng.random(layers), names, layers + 1)
    signals = {name: pd.DataFrame(rng.random((layers, languages)), table["layer"], names) for name in "abc"}
    asked = np.stack(list(differences_of(list(rules_of(contest, signals))).values()))
    low, high = LargestOfTrainings(contest.means(asked)).intervals()
    truth = np.tensordot(asked, setting.truth.T[1:], 2)
    truth[np.abs(truth) < ROUNDING] = 0.0
    missed = ((low > truth) | (truth > high)).any()
    return 1 - missed, np.nan if truth.any() else ((low > 0) | (high < 0)).any()


def buckets(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float]:
    """Four buckets by a length that differs between languages, and one for each pair of languages: coverage of the
    intervals of all buckets together, and any false difference.
    """
    one = replace(setting, layers=1)
    hits = np.moveaxis(one.hits(rng), 1, 3).reshape(setting.n, -1, setting.languages)  # (n, heads, languages)
    own = np.repeat(np.arange(setting.languages), setting.n)
    rows = own * setting.n + np.tile(np.arange(setting.n), setting.languages)
    lengths = in_quantiles(own + setting.languages * rng.standard_normal(len(own)), 4)
    groups = [
        *(lengths == bucket for bucket in range(4)),
        *(own // 2 == pair for pair in range(setting.languages // 2)),
    ]
    flat = np.moveaxis(hits, 2, 0).reshape(len(own), -1).T.astype(np.int64)
    heads = pd.DataFrame(
        {"fusion": ["last", "dlfa"] * setting.seeds, "layer": [pd.NA, 1] * setting.seeds, "weight": ""}
    )
    heads = heads.assign(seed=np.repeat(np.arange(setting.seeds), 2)).astype({"layer": "Int64"})
    trained = SimpleNamespace(
        heads=heads,
        examples=pd.DataFrame({"language": own.astype(str), "id": (rows % setting.n).astype(str)}),
        hits=flat,
        predicted=np.ones_like(flat),
        gold=np.ones(len(own), dtype=np.int64),
        meta={"resamples": len(weights), "source_language": ""},
    )
    found = bucket_gains(
        trained, [Bucket("", str(number), np.flatnonzero(group)) for number, group in enumerate(groups)]
    )
    gains = one.truth[:, 1] - one.truth[:, 0]
    truth = np.array([gains[own[group]].mean() for group in groups])
    low, high = found["joint_low"].to_numpy(), found["joint_high"].to_numpy()
    missed = ((low > truth) | (truth > high)).any()
    return 1 - missed, np.nan if gains.any() else ((low > 0) | (high < 0)).any()


def _gains(setting: Setting) -> np.ndarray:
    truth = setting.truth.mean(axis=0)
    return truth[1:] - truth[0]


def _effects(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    cells = replace(setting, layers=3).hits(rng).mean(axis=1)
    return mean_over_trainings(*resampled(cells @ CELLS.T, weights)).p_values()


def _map(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> TrainingMean:
    hits = setting.hits(rng).astype(np.float32)
    values, replicates = resampled(np.moveaxis(hits[..., 1:] - hits[..., :1], 2, 1), weights)
    return mean_over_trainings(values, replicates)


Question = Callable[[Setting, np.random.Generator, np.ndarray], tuple[float, float]]
CLOSE = [Setting(seeds=seeds, spread=spread) for seeds in (3, 5, 8) for spread in (0.0, 0.023, 0.05)]
HARDER = [
    Setting(n=100, languages=5),
    Setting(n=500, languages=20),
    Setting(spread=0.05, uneven=True),
    Setting(seeds=8, spread=0.05, uneven=True),
    Setting(gain=0.1, rise=0.2),
]
EFFECTS = [Setting(spread=spread) for spread in (0.0, 0.023, 0.05)]
TRAININGS: dict[Question, list[Setting]] = {
    alone: [*CLOSE, *HARDER],
    best: [*CLOSE, *HARDER],
    equivalence: [Setting(spread=spread, gain=0.1) for spread in (0.0, 0.023, 0.05)],
    two_by_two: EFFECTS,
    two_by_two_holm: EFFECTS,
    maps: [Setting(), Setting(seeds=5, spread=0.05), Setting(seeds=3, spread=0.05, uneven=True)],
    maps_bh: [Setting(), Setting(seeds=5, spread=0.05)],
    by_language: [*(Setting(spread=spread) for spread in (0.0, 0.023, 0.05)), *HARDER],
    buckets: [
        *(Setting(spread=spread) for spread in (0.0, 0.023, 0.05)),
        Setting(n=100, languages=5),
        Setting(n=500, languages=20),
        Setting(seeds=8, spread=0.05),
        Setting(gain=0.1),
    ],
}
ORDERS = [Setting(), Setting(seeds=8), Setting(rise=0.1), Setting(rise=0.3), Setting(rise=0.9)]


def trainings(question: Question, setting: Setting, simulations: int, seed: int = 1) -> Found:
    """Return what one of `TRAININGS` comes to."""
    rng = np.random.default_rng(seed)
    weights = _weights(setting, rng)
    found = np.array([question(setting, rng, weights) for _ in range(simulations)], dtype=float)
    covers, errs = (None if np.isnan(share) else float(share) for share in found.mean(axis=0))
    return Found(question.__name__, str(setting), covers, errs, simulations)


def depth(setting: Setting, simulations: int, seed: int = 1) -> Iterator[Found]:
    """Rank correlation of depth with the score, as measured with so many examples, and of the true scores: 0 or 1."""
    rng = np.random.default_rng(seed)
    weights = _weights(setting, rng)
    found = np.array([_depth(setting, rng, weights) for _ in range(simulations)])
    value, low, high = found.T
    assert ((low <= value) & (value <= high)).all()
    for name, truth in (("depth, as measured", value.mean()), ("depth, true scores", float(setting.rise > 0))):
        covers = ((low <= truth) & (truth <= high)).mean()
        errs = None if setting.rise else float(((low > 0) | (high < 0)).mean())
        yield Found(f"{name}: {truth:.2f}", str(setting), float(covers), errs, simulations)


def unrelated(setting: Setting, simulations: int, seed: int = 1) -> Iterator[Found]:
    """Depth, or a similarity that rises and falls, with scores that are flat or wander from layer to layer."""
    rng = np.random.default_rng(seed)
    for truth, size in (("flat", 0.0), ("wandering", 0.07)):
        curves = []
        for _ in range(simulations):
            wander = setting._neighbours(rng.standard_normal(1 + setting.layers), 0.8)[1:]
            curves.append(setting.hits(rng)[..., 1:].mean(axis=(0, 1, 2)) + size * wander)
        for name, x in (("depth", np.arange(setting.layers)), ("similarity", CURVE)):
            for test in (layer_correlation_p_value, shifted_layers_p_value):
                errs = float(np.mean([test(x, y) < 0.05 for y in curves]))
                yield Found(f"{test.__name__}, {name}, {truth} scores", str(setting), None, errs, simulations)


def languages(n: int, correlation: float, simulations: int, seed: int = 1) -> Found:
    """Gain against coverage of a lexicon: skewed coverage, and gains from 100 to 500 examples a language."""
    rng, covered, wrong = np.random.default_rng(seed), 0, 0
    for _ in range(simulations):
        coverage = rng.beta(2, 3, size=n)
        noise = rng.standard_normal(n) * np.sqrt(2 / 3 + 100 / rng.integers(100, 500, size=n))
        noise /= np.sqrt(2 / 3 + 100 * np.log(5) / 400)
        gain = correlation * (coverage - 0.4) / 0.2 + np.sqrt(1 - correlation**2) * noise
        found = correlation_over_languages(coverage, gain)
        covered += found.low <= correlation <= found.high
        wrong += not found.low <= 0 <= found.high
    errs = None if correlation else wrong / simulations
    return Found("languages", f"{n} languages, r {correlation}", covered / simulations, errs, simulations)


def table(questions: list[str], simulations: int) -> Iterator[Found]:
    for question, settings in TRAININGS.items():
        if question.__name__ in questions:
            yield from (trainings(question, setting, simulations) for setting in settings)
    if "depth" in questions:
        for setting in ORDERS:
            yield from depth(setting, simulations)
    if "unrelated" in questions:
        yield from unrelated(Setting(), simulations)
    if "languages" in questions:
        yield from (languages(n, r, simulations) for n in (9, 20, 40) for r in (0.0, 0.5, 0.8))


QUESTIONS = [*(question.__name__ for question in TRAININGS), "depth", "unrelated", "languages"]


def _depth(setting: Setting, rng: np.random.Generator, weights: np.ndarray) -> tuple[float, float, float]:
    scores, replicates = resampled(setting.hits(rng)[..., 1:].mean(axis=1), weights)
    n = setting.seeds
    shares = rng.multinomial(n, np.full(n, 1 / n), size=len(weights)) / n
    seed = int(rng.integers(2**31))
    return layer_correlation_interval(
        np.arange(setting.layers), scores.mean(axis=0), np.einsum("rs,rsk->rk", shares, replicates), seed
    )


def _weights(setting: Setting, rng: np.random.Generator) -> np.ndarray:
    return rng.multinomial(setting.n, np.full(setting.n, 1 / setting.n), size=RESAMPLES).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", nargs="+", default=QUESTIONS, choices=QUESTIONS)
    parser.add_argument("--simulations", type=int, default=1000)
    options = parser.parse_args()
    print("| question | setting | covers | errs | simulations |")
    print("| --- | --- | ---: | ---: | ---: |")
    for found in table(options.questions, options.simulations):
        covers, errs = ("" if share is None else f"{share:.3f}" for share in (found.covers, found.errs))
        print(f"| {found.question} | {found.setting} | {covers} | {errs} | {found.simulations:,} |", flush=True)


if __name__ == "__main__":
    main()
