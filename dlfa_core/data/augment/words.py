"""Which subwords of a text belong to one word of a lexicon."""

from collections.abc import Sequence

import numpy as np


def word_groups(subwords: Sequence[tuple[int, int]], words: Sequence[tuple[int, int]]) -> np.ndarray:
    """The lexicon word that each subword belongs to.

    A subword belongs to a word if it has a character of it. Where words are not written apart, a subword may have
    characters of two lexicon words: both are then one group, so that a group is hidden whole or not at all.

    Args:
        subwords: (n,) (start, end) in characters, in order.
        words: (m,) (start, end) of lexicon words, in order, none overlapping another.

    Returns:
        int32 (n,) 0 for subwords of no word, else the number of the subword's group, from 1.
    """
    groups, number, index = np.zeros(len(subwords), dtype=np.int32), 0, 0
    for start, end in words:
        while index < len(subwords) and subwords[index][1] <= start:
            index += 1
        last = index
        while last < len(subwords) and subwords[last][0] < end:
            last += 1
        if last == index:
            continue
        if not groups[index]:
            number += 1
        groups[index:last] = groups[index] or number
    return groups
