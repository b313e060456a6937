"""Tokenised text to draw training batches from, and the same batches again for the same seed and step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True, eq=False)
class Pool:
    """Sentences as subword ids, without special tokens, end to end in one array."""

    ids: np.ndarray  # (all subwords,)
    ends: np.ndarray  # (sentences,) where each sentence ends

    @classmethod
    def of(cls, sentences: Sequence[Sequence[int]]) -> "Pool":
        """Pack sentences given as lists of subword ids."""
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        return cls(np.fromiter(chain.from_iterable(sentences), np.int32, lengths.sum()), lengths.cumsum())

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, row: int) -> np.ndarray:
        return self.ids[self.ends[row - 1] if row else 0 : self.ends[row]]

    @cached_property
    def lengths(self) -> np.ndarray:
        """(sentences,) number of subwords."""
        return np.diff(self.ends, prepend=0)


class Location(NamedTuple):
    """Where a sentence stands: its language, and its row there."""

    language: str
    row: int


@dataclass(frozen=True, eq=False)
class Mixture:
    """Text of several languages, drawn with smoothed shares.

    A language with share p of all subwords is drawn with probability proportional to p ** `exponent`: 1 draws as the
    text is, 0 draws every language alike.
    """

    pools: Mapping[str, Pool]
    exponent: float = 0.5
    longest: int = 64  # subwords; what a longer sentence has beyond is not read

    @property
    def probabilities(self) -> np.ndarray:
        """Of drawing each language, in the order of `pools`."""
        sizes = np.array([len(pool.ids) for pool in self.pools.values()], dtype=float)
        weights = (sizes / sizes.sum()) ** self.exponent
        return weights / weights.sum()

    def draw(self, tokens: int, seed: int, step: int) -> list[np.ndarray]:
        """Sentences of similar length whose subwords, padded to the longest and with two special tokens, fit `tokens`.

        Lengths are alike inside a batch so that little is padding; which length a batch has is chance, in proportion
        to the tokens that it covers.
        """
        return [self.read(location) for location in self.locations(tokens, seed, step)]

    def locations(self, tokens: int, seed: int, step: int) -> list[Location]:
        """Return where the sentences of `draw` stand."""
        rng = np.random.default_rng([seed, step])
        languages, pools = list(self.pools), list(self.pools.values())
        drawn = rng.choice(len(pools), size=max(64, tokens // 2), p=self.probabilities)
        rows = rng.integers(np.array([len(pool) for pool in pools])[drawn])
        lengths = np.empty(len(drawn), dtype=np.int64)
        for number, pool in enumerate(pools):
            own = drawn == number
            lengths[own] = np.minimum(pool.lengths[rows[own]], self.longest)
        order = np.argsort(lengths, kind="stable")
        covered = np.cumsum(lengths[order] + 2)
        longest = int(np.searchsorted(covered, rng.random() * covered[-1], side="right"))
        batch = max(1, tokens // (int(lengths[order[longest]]) + 2))
        return [Location(languages[drawn[i]], int(rows[i])) for i in order[max(0, longest + 1 - batch) : longest + 1]]

    def read(self, location: Location) -> np.ndarray:
        """The subword ids of a sentence."""
        return self.pools[location.language][location.row][: self.longest]


@dataclass(frozen=True, eq=False)
class Aligned:
    """Corpora whose row i is the same sentence in every language that the corpus has."""

    corpora: Sequence[Mapping[str, Pool]]
    longest: int = 40  # subwords; what a longer sentence has beyond is not read

    def draw(self, pairs: int, seed: int, step: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Distinct sentences, each in two random languages: row i of the one list translates row i of the other.

        Languages differ from row to row, so that a language tells nothing about which rows belong together.
        A corpus is drawn from in proportion to the texts that it holds: one sentence in 30 languages says as much
        as 15 sentences in two.
        """
        rng = np.random.default_rng([seed, step])
        sizes = np.array([len(next(iter(corpus.values()))) for corpus in self.corpora])
        texts = np.repeat([len(corpus) for corpus in self.corpora], sizes)
        picked = rng.choice(len(texts), size=min(pairs, len(texts)), replace=False, p=texts / texts.sum())
        which = np.searchsorted(np.cumsum(sizes), picked, side="right")
        rows = picked - (np.cumsum(sizes) - sizes)[which]
        left, right = [], []
        for corpus, row in zip((self.corpora[i] for i in which), rows, strict=True):
            one, other = rng.choice(list(corpus), size=2, replace=False)
            left.append(corpus[one][row][: self.longest])
            right.append(corpus[other][row][: self.longest])
        return left, right

    def sentences(self, least: int = 3) -> list[list[np.ndarray]]:
        """For each sentence, its subword ids in each language, whole.

        Args:
            least: languages that a corpus must have to be listed, unless none has so many. Co-occurrence in pairs
                of short sentences is loud and says little: subword vectors from corpora in 37 languages find 57 % of
                the translations among 1,000, and 5 % with 36 corpora of pairs beside them.
        """
        wide = [corpus for corpus in self.corpora if len(corpus) >= least] or self.corpora
        return [
            [pool[row] for pool in corpus.values()]
            for corpus in wide
            for row in range(len(next(iter(corpus.values()))))
        ]
