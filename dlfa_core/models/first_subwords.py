"""Which subword of a word carries its label: the first that has a character of it.

SentencePiece marks where a word begins, and where no subword of the vocabulary begins with both the mark and the word's
characters, the mark stands alone. Of XLM-R's first subwords of Japanese words nine in ten are that mark, and one state
cannot tell words apart that it comes before; English hardly ever has it.
"""

from collections.abc import Sequence

import numpy as np
from transformers import PreTrainedTokenizerBase

MARKS = ("▁", "Ġ")  # of SentencePiece, and of byte-level BPE; the second is a letter in other vocabularies


def word_marks(tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Return the numbers of the subwords that say no more than that a word begins; none of WordPiece's do."""
    written = {token[0] for token in tokenizer.tokenize("a b")} & set(MARKS)
    return frozenset(tokenizer.convert_tokens_to_ids(sorted(written))) - {tokenizer.unk_token_id}


def first_subwords(word_ids: Sequence[int | None], ids: Sequence[int], marks: frozenset[int]) -> np.ndarray:
    """Return where the first subword with a character of each word stands: int (n_words,).

    Args:
        word_ids: (n_subwords,) the number of the word of each subword; None for special tokens.
        ids: (n_subwords,) numbers of the subwords.
        marks: as of `word_marks`. A word of nothing else keeps its mark.
    """
    owners = np.array([-1 if word is None else word for word in word_ids])
    words, firsts = np.unique(owners, return_index=True)
    informative = np.flatnonzero(~np.isin(ids, list(marks)))
    said, earliest = np.unique(owners[informative], return_index=True)
    firsts[np.searchsorted(words, said)] = informative[earliest]
    return firsts[words >= 0]
