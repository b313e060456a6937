"""Does a model's answer hang on the words that its attribution puts first? Rankings against random ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.measures import clustered_mean, erasures, probability_drops
from dlfa_core.measures.erasure import SHARES
from dlfa_core.runtime.progress import Progress

MEASURES = ("comprehensiveness", "sufficiency")
COLUMNS = ["group", "measure", "share", "value", "ci_low", "ci_high", "random", "gain", "gain_low", "gain_high", "n"]
TEXTS_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class ProbabilityDrops:
    """By how much the probability of the answer falls when words are erased.

    Attributes:
        own: (texts, 2, shares, systems) with the rankings of each system's scores; `MEASURES`, then `SHARES`.
        random: the same, on average over random rankings.
    """

    own: np.ndarray
    random: np.ndarray


def probability_drops_of(
    explainer: "models.Explainer",
    readings: Sequence[Any],
    scores: Sequence[np.ndarray],
    question: Any,
    baseline: str,
    draws: int,
    seed: int,
    progress: Progress,
) -> ProbabilityDrops:
    """Erase the first words of rankings.

    The answer is what the model says of the whole text: the target, or, where two labels are held against each other,
    whichever of them is ahead; its probability is taken between these two.

    Args:
        explainer: of the systems.
        readings: of its `read`.
        scores: (systems, n_words) for each text, NaN for words that were not read.
        question: of its `question`.
        baseline: that takes the place of erased words.
        draws: random rankings of each text, the same for all systems.
        seed: of these.
        progress: of this part.
    """
    own, random = [], []
    for start in range(0, len(readings), TEXTS_AT_ONCE):
        progress(start / len(readings), "Erasing words")
        part = slice(start, start + TEXTS_AT_ONCE)
        plans = [_plan(each, draws, seed) for each in scores[part]]
        kept = [
            np.vstack([np.ones((1, plan.shape[-1]), dtype=bool), plan.reshape(-1, plan.shape[-1])]) for plan in plans
        ]
        for plan, logits in zip(plans, explainer.variants(readings[part], kept, baseline), strict=True):
            chances = _chances(question, logits if logits.ndim == 3 else logits[:, None])
            found = probability_drops(chances[0], chances[1:].reshape(*plan.shape[:3], -1))
            own.append(found[0])
            random.append(found[1])
    return ProbabilityDrops(np.stack(own), np.stack(random))


def frame_of(
    drops: ProbabilityDrops, sentences: np.ndarray, languages: np.ndarray, weights: np.ndarray
) -> Iterator[pd.DataFrame]:
    """One frame of `COLUMNS` for each system; groups are all texts, and those of each language that is known.

    `gain` is how much better than random ones the ranking is: more comprehensive, or more sufficient (a smaller fall).

    Args:
        drops: of n texts.
        sentences: (n,) the number of each text's sentence, which its translations share.
        languages: (n,) codes, "" where it is not known.
        weights: (R, sentences) of the bootstrap.
    """
    groups = [("all", np.ones(len(languages), dtype=bool))]
    groups += [(code, languages == code) for code in dict.fromkeys(languages) if code]
    sign = np.array([1.0, -1.0])[:, None]
    for system in range(drops.own.shape[-1]):
        rows = []
        for name, held in groups:
            own, random = (np.moveaxis(part[held][..., system], 0, -1) for part in (drops.own, drops.random))
            value, gain = (
                clustered_mean(each, sentences[held], weights) for each in (own, sign[..., None] * (own - random))
            )
            bounds, gains = value.interval(), gain.interval()
            for index in np.ndindex(value.values.shape):
                rows.append(
                    (
                        name,
                        MEASURES[index[0]],
                        SHARES[index[1]],
                        *(each[index] for each in (value.values, *bounds, random.mean(-1), gain.values, *gains)),
                        int(held.sum()),
                    )
                )
        yield pd.DataFrame(rows, columns=COLUMNS)


def _plan(scores: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """`erasures` of the words that were read; the others are kept, which changes nothing."""
    read = ~np.isnan(scores).any(0)
    chosen = erasures(scores[:, read], draws, seed)
    kept = np.ones((*chosen.shape[:-1], scores.shape[1]), dtype=bool)
    kept[..., read] = chosen
    return kept


def _chances(question: Any, logits: Any) -> np.ndarray:
    """(variants, systems) probability of the answer to the whole text, which is the first variant."""
    targets = question.targets(logits[0]).expand(logits.shape[:-1])
    chances = question.chances(logits, targets).double().numpy()
    if question.against is None:
        return chances
    return np.where(chances[0] >= 0.5, chances, 1 - chances)
