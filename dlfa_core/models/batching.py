"""Texts without repetitions, in batches that will hold almost no padding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedTokenizerBase

from dlfa_core.disk import release
from dlfa_core.models.reading import Reading, tokenise

WINDOW = 8192  # texts sorted at a time: bounds the memory, and more would not save padding
CUT_AT_ONCE = 512  # texts: what the tokenizer says of one takes ten times the memory of what is kept of it


class NoSubwords(ValueError):
    """A text of which a tokenizer leaves nothing, so that no vector can stand for it."""

    def __init__(self, text: str):
        super().__init__(f"The text {text[:40]!r} gives no subwords, so that no vector can stand for it: leave it out.")
        self.text = text


@dataclass(frozen=True, eq=False)
class Distinct:
    """Texts without their repetitions."""

    texts: list[str]  # k, in order of first appearance
    first_row: np.ndarray  # (k,): where each stands first in the texts given
    index: np.ndarray  # (n,): which of the k each text given is

    def fill_repeats(self, vectors: np.ndarray) -> None:
        """Copy the vectors of each text to its repetitions, in (n_states, n, hidden)."""
        source = self.first_row[self.index]
        repeats = np.flatnonzero(source != np.arange(len(source)))
        for start in range(0, len(repeats), WINDOW):  # a copy of all of them could be as large as the output
            some = repeats[start : start + WINDOW]
            for state in vectors:
                state[some] = state[source[some]]
            release(vectors)


def distinct(texts: Sequence[str]) -> Distinct:
    """Find the texts that are different."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    index = np.array([numbers[text] for text in texts], dtype=np.int64)
    return Distinct(list(numbers), np.unique(index, return_index=True)[1], index)


def batch_rows(lengths: Sequence[int], budget: int) -> Iterator[np.ndarray]:
    """Split texts into batches of similar length, the longest first.

    Sorting leaves almost no padding. Starting with the longest asks for the largest memory at once: a run
    that is too big fails in its first second, and later batches fit into what the first has freed.

    Args:
        lengths: subwords of each text.
        budget: the most tokens in a batch, padding counted; a longer text gets a batch of its own.

    Yields:
        Row numbers; together they are every row once.
    """
    lengths = np.asarray(lengths)
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        stop = start + max(1, budget // int(lengths[order[start]]))
        yield order[start:stop]
        start = stop


def sorted_batches(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int, budget: int
) -> Iterator[tuple[np.ndarray, list[Reading], float]]:
    """Cut texts into subwords and batches, `WINDOW` texts at a time.

    Yields:
        Rows of `texts`, their subwords, and the fraction of the work that is done with them; see `batch_rows`.

    Raises:
        NoSubwords: a text gives none but special tokens.
    """
    for start in range(0, len(texts), WINDOW):
        window = []
        for first in range(start, min(start + WINDOW, len(texts)), CUT_AT_ONCE):
            some = texts[first : min(first + CUT_AT_ONCE, start + WINDOW)]
            window += [Reading.of(encoding, tokenizer) for encoding in tokenise(tokenizer, some, max_length)]
        for text, reading in zip(texts[start : start + WINDOW], window, strict=True):
            if not reading.own.any():
                raise NoSubwords(text)
        lengths = np.array([len(reading) for reading in window])
        done = 0
        for rows in batch_rows(lengths, budget):
            done += lengths[rows].sum()
            fraction = (start + len(window) * done / lengths.sum()) / len(texts)
            yield start + rows, [window[row] for row in rows], float(fraction)
