"""Methods that take words out and look at the output: occlusion, Shapley values, and whatever else is asked so.

A *variant* of a text keeps some of its words; the subwords of the others have the vectors of the baseline. Variants
need no gradients, so one pass serves every head of a `StackedSubject` at once.
"""

from collections.abc import Sequence
from math import factorial

import numpy as np
import torch
from torch import Tensor

from dlfa_core.data.words import membership
from dlfa_core.models.attribution.baselines import Baseline
from dlfa_core.models.attribution.memory import Budget
from dlfa_core.models.attribution.subject import Subject
from dlfa_core.models.reading import pad
from dlfa_core.models.word_reading import WordReading

EXACT_WORDS = 8  # up to so many words, all variants are read: 256 of them


def read_variants(
    subject: Subject,
    baseline: Baseline,
    readings: Sequence[WordReading],
    kept: Sequence[np.ndarray],
    budget: Budget,
    pad_id: int,
) -> list[Tensor]:
    """Logits of variants of texts.

    Args:
        subject, baseline: of all of them.
        readings: n texts.
        kept: n arrays, bool (variants, n_words): which words each variant keeps.
        budget: of tokens.
        pad_id: number of the padding token.

    Returns:
        n tensors on the processor, float32 (variants, ..., n_labels): what `subject.logits` gives.
    """
    unique = [np.unique(np.packbits(keep, axis=1), axis=0, return_index=True, return_inverse=True) for keep in kept]
    rows = [(text, row) for text, (_, first, _) in enumerate(unique) for row in first]
    lengths = [len(readings[text]) for text, _ in rows]
    subwords = [kept_subwords(reading, keep) for reading, keep in zip(readings, kept, strict=True)]
    found: list[Tensor | None] = [None] * len(rows)

    @torch.no_grad()
    def work(group: np.ndarray, _: int) -> None:
        batch = pad([readings[rows[index][0]] for index in group], pad_id, subject.device)
        keep = np.ones(batch.mask.shape, dtype=bool)
        for line, index in enumerate(group):
            text, row = rows[index]
            keep[line, : lengths[index]] = subwords[text][row]
        stays = torch.from_numpy(keep).to(subject.device)[..., None]
        vectors = torch.where(stays, subject.vectors(batch.ids), baseline.vectors(subject, batch))
        for index, logits in zip(group, subject.logits(None, (vectors,), batch).cpu(), strict=True):
            found[index] = logits

    for _ in budget.over(lengths, np.ones(len(rows), dtype=int), work):
        pass
    ends = np.cumsum([len(first) for _, first, _ in unique])
    return [
        torch.stack(found[end - len(first) : end])[torch.from_numpy(inverse.reshape(-1))]
        for end, (_, first, inverse) in zip(ends, unique, strict=True)
    ]


def kept_subwords(reading: WordReading, keep: np.ndarray) -> np.ndarray:
    """Return which subwords variants keep, bool (variants, length), of which words they keep, (variants, n_words)."""
    return ~((~keep).astype(np.float64) @ membership(reading.words, len(reading)) > 0)


def without_each(n_words: int) -> np.ndarray:
    """Variants of occlusion, bool (1 + n_words, n_words): the whole text, then without each word."""
    return np.vstack([np.ones((1, n_words), dtype=bool), ~np.eye(n_words, dtype=bool)])


class ShapleyPlan:
    """Which variants of a text of n words have to be read for Shapley values, and what to make of them.

    With few words all 2 ** n, which gives the values exactly. Else the words are put in one after the other in random
    orders, each order also backwards: what is drawn too early in one comes late in the other (antithetic sampling).
    Either way the values add up to the difference between the text and its baseline.

    Args:
        n_words: of the text.
        orders: how many are drawn, each with its reverse, where the text is too long for all.
        seed: of the orders.

    Reference: Castro, Gomez and Tejada (2009), Polynomial calculation of the Shapley value based on sampling;
    Mitchell et al. (2022), Sampling Permutations for Shapley Value Estimation.
    """

    def __init__(self, n_words: int, orders: int, seed: int = 0):
        self.exact = n_words <= EXACT_WORDS
        if self.exact:
            numbers = np.arange(2**n_words)
            self.kept = (numbers[:, None] >> np.arange(n_words)) & 1 == 1
            self.empty, self.whole = 0, len(numbers) - 1
        else:
            rng = np.random.default_rng([seed, n_words])
            drawn = np.stack([rng.permutation(n_words) for _ in range(orders)])
            self._orders = np.concatenate([drawn, drawn[:, ::-1]])
            index = self._orders.argsort(axis=1)  # (orders, n_words): when each word comes
            self.kept = (index[:, None] < np.arange(n_words + 1)[:, None]).reshape(-1, n_words)
            self.empty, self.whole = 0, n_words

    def values(self, outputs: np.ndarray) -> np.ndarray:
        """(n_words, ...) Shapley values, of outputs (variants, ...) in the order of `kept`."""
        n_words = self.kept.shape[1]
        if self.exact:
            size = self.kept.sum(1)
            order = np.array([factorial(k) * factorial(n_words - 1 - k) for k in range(n_words)]) / factorial(n_words)
            values = []
            for word in range(n_words):
                present = np.flatnonzero(self.kept[:, word])
                gain = outputs[present] - outputs[present - 2**word]
                values.append(np.tensordot(order[size[present] - 1], gain, axes=1))
            return np.stack(values)
        outputs = outputs.reshape(len(self._orders), n_words + 1, *outputs.shape[1:])
        gains = np.diff(outputs, axis=1)  # (orders, n_words, ...): what the k-th word put in adds
        index = self._orders.argsort(axis=1)
        return np.stack([gains[np.arange(len(index)), index[:, word]].mean(0) for word in range(n_words)])
