"""Scores of words from what a classifier says without them."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dlfa_core.models.attribution.question import Question
from dlfa_core.models.attribution.variants import ShapleyPlan, without_each
from dlfa_core.models.word_reading import WordReading


@dataclass(frozen=True, eq=False)
class WordScores:
    """What taking out words of one text says, for each of some systems.

    Attributes:
        scores: float64 (systems, n_words), NaN for words that were not read.
        whole, empty: (systems, n_labels) logits of the text and of its baseline.
    """

    scores: np.ndarray
    whole: Tensor
    empty: Tensor


def word_scores(
    question: Question, reading: WordReading, plan: "Occlusion | ShapleyPlan", logits: Tensor
) -> WordScores:
    """Of logits (variants, systems, n_labels)."""
    whole = logits[plan.whole]
    values = question.values(logits, question.targets(whole).expand(logits.shape[:-1])).double().numpy()
    scores = np.full((logits.shape[1], len(reading.words)), np.nan)
    scores[:, list(reading.read)] = plan.values(values).T
    return WordScores(scores, whole, logits[plan.empty])


class Occlusion:
    """Which variants occlusion reads, and what it makes of them; as `ShapleyPlan`."""

    def __init__(self, n_words: int):
        self.kept = np.vstack([without_each(n_words), np.zeros((1, n_words), dtype=bool)])
        self.whole, self.empty = 0, n_words + 1

    def values(self, outputs: np.ndarray) -> np.ndarray:
        return outputs[0] - outputs[1:-1]


def plan_of(method: str, reading: WordReading, steps: int, seed: int) -> "Occlusion | ShapleyPlan":
    """Return what a method reads of one text."""
    n_words = len(reading.read)
    return Occlusion(n_words) if method == "occlusion" else ShapleyPlan(n_words, steps, seed)


def all_words(reading: WordReading, kept: np.ndarray) -> np.ndarray:
    """Variants of the words that were read, as variants of all words."""
    full = np.ones((len(kept), len(reading.words)), dtype=bool)
    full[:, list(reading.read)] = kept
    return full
