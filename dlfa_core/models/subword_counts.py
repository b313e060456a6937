"""How often the subwords, characters and words of texts occur."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from tokenizers import Tokenizer

from dlfa_core.data.words import count_words

CHUNK = 4096  # lines that are tokenised at a time


@dataclass(frozen=True)
class Text:
    """Lines in one language.

    Attributes:
        language: ISO 639-3 code.
        lines: gives the lines, from the first one each time it is called.
        weight: of what this text needs beside what the others need.
    """

    language: str
    lines: Callable[[], Iterable[str]]
    weight: float = 1.0


def subword_counts(tokenizer: Tokenizer, lines: Iterable[str], length: int) -> np.ndarray:
    """Count how often each subword occurs, special tokens around a line not counted.

    Args:
        tokenizer: one that neither cuts lines off nor pads them.
        lines: read once, some thousand at a time.
        length: one more than the largest id.

    Returns:
        int64 (length,).
    """
    counts = np.zeros(length, dtype=np.int64)
    for part in _chunks(lines):
        encoded = tokenizer.encode_batch_fast(part, add_special_tokens=False)
        ids = np.fromiter(chain.from_iterable(found.ids for found in encoded), dtype=np.int64)
        counts += np.bincount(ids, minlength=length)
    return counts


def character_counts(lines: Iterable[str]) -> Counter[str]:
    """Count how often each character occurs."""
    counts: Counter[str] = Counter()
    for part in _chunks(lines):
        counts.update("".join(part))
    return counts


def word_count(lines: Iterable[str]) -> int:
    """Count how many words there are, as `data.words` has them."""
    return sum(map(count_words, lines))


def _chunks(lines: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(lines)
    while part := list(islice(rest, CHUNK)):
        yield part
