"""Other words in place of those of the lexicon: what the same figures would be if the lexicon said nothing.

A word of the lexicon is seldom, or long, or both, and scores of all words may lean to one side. So it is held against
words of the same texts that are as frequent and as long, in as many pieces where a script writes no spaces: each draw
puts one of them in the place of every match, with the match's polarity.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dlfa_core.data.words import kind_of
from dlfa_core.experiments.lexicon.systems import Scored

NEAREST = 20  # words in whose place a match may be put, and more where they are as near


@dataclass(frozen=True, eq=False)
class RandomWords:
    """Runs of words of the texts outside the lexicon, and draws of them in the place of matches.

    Attributes:
        scores: float32 (systems, runs).
        drawn: int (draws, matches) numbers of runs; -1 where a language has none that could be drawn.
    """

    scores: np.ndarray
    drawn: np.ndarray

    def of_matches(self, system: int) -> np.ndarray:
        """Scores of a system in the place of matches, float32 (draws, matches); NaN where there are none."""
        return np.append(self.scores[system], np.float32(np.nan))[self.drawn]  # -1 is the number of the last


@dataclass(frozen=True)
class _Run:
    """Consecutive words of a text; `key` is how it is written, for counting."""

    sentence: int
    first: int
    stop: int
    key: str


def draw(scored: Sequence[Scored], sentences: pd.DataFrame, found: pd.DataFrame, draws: int, seed: int) -> RandomWords:
    """Draw words in the place of matches.

    Args:
        scored: what some systems say of each sentence.
        sentences: language, id.
        found: of `matched_words.matches`.
        draws: how many for each match.
        seed: of them.
    """
    rng = np.random.default_rng(seed)
    drawn = np.full((draws, len(found)), -1, dtype=np.int64)
    scores: list[np.ndarray] = []
    index = {key: row for row, key in enumerate(zip(sentences["language"], sentences["id"], strict=True))}
    numbered = found.reset_index(drop=True)
    for language, own in numbered.groupby("language", sort=False):
        matches = {
            int(number): _touched(scored, index[row["language"], row["id"]], row["start"], row["end"])
            for number, row in zip(own.index, own.to_dict("records"), strict=True)
        }
        in_language = np.flatnonzero(sentences["language"] == language).tolist()
        for n_words, numbers in _by_length(matches).items():
            runs = list(_runs(scored, in_language, matches.values(), n_words))
            if not runs:
                continue
            near = _nearest(runs, list(numbers.values()))
            for number, choice in zip(numbers, near, strict=True):
                drawn[:, number] = len(scores) + rng.choice(choice, draws)
            scores += [_score(scored, run) for run in runs]
    n_systems = len(scored[0].scores)
    table = np.stack(scores, axis=1) if scores else np.zeros((n_systems, 0))
    return RandomWords(table.astype(np.float32), drawn)


def _touched(scored: Sequence[Scored], sentence: int, start: int, end: int) -> _Run | None:
    """The words that a match touches; None where there are none."""
    words = scored[sentence].reading.words
    held = [number for number, word in enumerate(words) if word.start < end and start < word.stop]
    return _run(scored, sentence, held[0], held[-1] + 1) if held else None


def _run(scored: Sequence[Scored], sentence: int, first: int, stop: int) -> _Run:
    reading = scored[sentence].reading
    key = reading.text[reading.words[first].start : reading.words[stop - 1].stop].casefold()
    return _Run(sentence, first, stop, key)


def _by_length(matches: Mapping[int, _Run | None]) -> dict[int, dict[int, _Run]]:
    """Words of a match -> the matches with so many, by number."""
    found: dict[int, dict[int, _Run]] = defaultdict(dict)
    for number, match in matches.items():
        if match is not None:
            found[match.stop - match.first][number] = match
    return found


def _runs(
    scored: Sequence[Scored], numbers: Sequence[int], matches: Iterable[_Run | None], n_words: int
) -> Iterator[_Run]:
    """Runs of so many words, all of them read, with letters, and outside the lexicon."""
    of_lexicon = {
        (match.sentence, word) for match in matches if match is not None for word in range(match.first, match.stop)
    }
    for sentence in numbers:
        words = scored[sentence].reading.words
        free = [
            bool(word.subwords) and (sentence, number) not in of_lexicon and kind_of(word.text) == "word"
            for number, word in enumerate(words)
        ]
        for first in range(len(words) - n_words + 1):
            if all(free[first : first + n_words]):
                yield _run(scored, sentence, first, first + n_words)


def _nearest(runs: Sequence[_Run], matches: Sequence[_Run]) -> Iterator[np.ndarray]:
    """Numbers of the runs that are nearest to each match in frequency and length, both on a scale of doublings."""
    counts = Counter(run.key for run in {(run.sentence, run.first): run for run in (*runs, *matches)}.values())
    place = np.log2([[counts[run.key], len(run.key)] for run in (*runs, *matches)])
    for each in place[len(runs) :]:
        away = np.abs(place[: len(runs)] - each).sum(1)
        last = min(NEAREST, len(runs)) - 1
        worst = np.partition(away, last)[last]
        yield np.flatnonzero(away <= worst)


def _score(scored: Sequence[Scored], run: _Run) -> np.ndarray:
    """(systems,) the sum over a run's words."""
    return np.nansum(scored[run.sentence].scores[:, run.first : run.stop], axis=1)
