"""How well hidden subwords are guessed by who knows how often each occurs, and nothing of its sentence."""

import numpy as np

UNSEEN = 0.5  # of a count, where every subword occurs once or none twice: what the estimate below would leave open


def unigram_losses(sentences: list[np.ndarray], labels: np.ndarray, owners: np.ndarray, size: int) -> np.ndarray:
    """Return what each hidden subword costs by frequency alone: float64 (n,), nats.

    Frequencies are those in all other sentences of the language; absolute discounting leaves something for subwords
    that none of them has, an equal share for each.

    Args:
        sentences: subwords of each sentence.
        labels: (n,) hidden subwords.
        owners: (n,) which sentence each stands in; its own subwords are not counted.
        size: of the vocabulary.

    Reference: Ney, Essen and Kneser (1994), On Structuring Probabilistic Dependences in Stochastic Language Modelling.
    """
    counts = np.bincount(np.concatenate(sentences), minlength=size)
    losses = np.empty(len(labels))
    for owner in np.unique(owners):
        others = counts - np.bincount(sentences[owner], minlength=size)
        own = owners == owner
        losses[own] = -np.log(_discounted(others)[labels[own]])
    return losses


def _discounted(counts: np.ndarray) -> np.ndarray:
    """Probabilities of all subwords, (size,), from how often they were counted."""
    total, seen = counts.sum(), np.count_nonzero(counts)
    if not total:
        return np.full(len(counts), 1 / len(counts))
    once, twice = np.count_nonzero(counts == 1), np.count_nonzero(counts == 2)
    discount = once / (once + 2 * twice) if once and twice else UNSEEN
    return (np.maximum(counts - discount, 0) + discount * seen / len(counts)) / total
