"""Which subwords are kept: what must be, then what texts use most, all languages alike.

After Abdaoui, Pradel & Sigel (2020), Load What You Need: Smaller Versions of Multilingual BERT.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Choice:
    """How much is kept.

    Attributes:
        size: the most subwords to keep, special ones and single characters among them; 0 leaves it to the next two.
        coverage: share of the tokens that the kept subwords make up, mean over the texts by their weights.
        min_count: subwords that occur less often in all texts together are not kept for the sake of coverage.
        character_count: characters that occur as often are never unknown afterwards, unless they were before.
        exponent: of a subword's share in a text; below 1, many languages' rare subwords count for more beside one
            language's frequent ones.
    """

    size: int = 0
    coverage: float = 1.0
    min_count: int = 1
    character_count: int = 1
    exponent: float = 0.9


def choose(
    counts: Sequence[np.ndarray], weights: Sequence[float], required: Collection[int], choice: Choice
) -> set[int]:
    """Choose subwords by the sum of their shares in the texts, each raised to `choice.exponent`.

    Args:
        counts: for each text, int (n_subwords,) how often each subword occurs.
        weights: of the texts.
        required: ids that are kept in any case.
        choice: how many more.

    Returns:
        Ids, those in `required` among them.

    Raises:
        ValueError: a setting is out of its range, or `choice.size` does not even hold what is required.
    """
    _check(choice, len(required))
    totals = np.array([text.sum() for text in counts])
    shares = [text / max(total, 1) for text, total in zip(counts, totals, strict=True)]
    score = sum(weight * share**choice.exponent for weight, share in zip(weights, shares, strict=True))
    order = np.argsort(-score, kind="stable")
    free = order[(score[order] > 0) & ~np.isin(order, list(required))]
    if choice.size:
        return {*required, *free[: choice.size - len(required)].tolist()}
    free = free[sum(counts)[free] >= choice.min_count]
    if choice.coverage < 1:
        mean = sum(weight * share for weight, share in zip(weights, shares, strict=True)) / sum(weights)
        reached = mean[list(required)].sum() + np.concatenate([[0.0], mean[free].cumsum()])
        free = free[: np.searchsorted(reached, choice.coverage)]
    return {*required, *free.tolist()}


def _check(choice: Choice, n_required: int) -> None:
    if not 0 < choice.coverage <= 1:
        raise ValueError(f"coverage={choice.coverage:g} is no share of the tokens: choose above 0 and up to 1.")
    if not choice.exponent > 0:
        raise ValueError(f"exponent={choice.exponent:g} must be above 0: 1 counts shares as they are, 0.9 evens them.")
    if choice.size and choice.size < n_required:
        raise ValueError(
            f"size={choice.size:,} is too small: special tokens and the single characters of these texts alone are "
            f"{n_required:,} subwords. Ask for more, for fewer languages, or for characters seen more often "
            f"(character_count={choice.character_count})."
        )
