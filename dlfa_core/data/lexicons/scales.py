"""Scores as a source gives them, into valences in [-1, 1]. What cannot be known is asked for, not guessed."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dlfa_core.data.parallel import CorpusError

LABELS = {
    **dict.fromkeys(("positive", "pos", "+"), 1.0),
    **dict.fromkeys(("neutral", "neu"), 0.0),
    **dict.fromkeys(("negative", "neg", "-"), -1.0),
}
NO_SCORE = ("", "nan", "na", "none", "null")  # how tables write that a cell is empty
RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*\.\.\s*(-?\d+(?:\.\d+)?)")
STATE_IT = "State it behind the path, such as #scale=-5..5 or #scale=0..1."


class Scale(NamedTuple):
    """The range of a source's scores; its middle is neutral."""

    low: float
    high: float

    def valences(self, scores: np.ndarray) -> np.ndarray:
        """Scores in [low, high] mapped linearly to [-1, 1]."""
        return (2 * scores - self.low - self.high) / (self.high - self.low)

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"


def parse_scale(text: str) -> Scale:
    """The scale that a person wrote, such as -5..5.

    Raises:
        CorpusError: it is not two different numbers, the lower one first.
    """
    found = RANGE.fullmatch(text.strip())
    if not found or float(found[1]) >= float(found[2]):
        raise CorpusError(
            f"{text!r} is no scale of scores. Write the lowest and the highest possible score: -5..5 or 0..1."
        )
    return Scale(float(found[1]), float(found[2]))


def read_scores(cells: Sequence[str], name: str, first_line: int = 2) -> tuple[np.ndarray, bool]:
    """A column of scores as float64 (n,), NaN where a cell is empty, and whether they were labels.

    Labels (positive, neutral, negative) become 1, 0 and -1.

    Args:
        cells: (n,) text.
        name: what messages call the table.
        first_line: the line of the file that the first cell stands on, for messages.

    Raises:
        CorpusError: a cell is neither, the column mixes both kinds, or every cell is empty.
    """
    try:
        if any("_" in cell for cell in cells):  # Python reads 1_0 as 10
            raise ValueError
        scores = np.array(cells, dtype=np.float64)
        labelled = False
    except ValueError:
        scores, labelled = _read_slowly(cells, name, first_line)
    if np.isinf(scores).any():
        line = first_line + int(np.flatnonzero(np.isinf(scores))[0])
        raise CorpusError(f"Line {line:,} of {name} has an infinite score. Give a number, or leave the cell empty.")
    if np.isnan(scores).all():
        raise CorpusError(
            f"{name} has a column of scores, but every cell of it is empty, so no word has a polarity. "
            f"Give a number or one of positive, neutral, negative for every word."
        )
    return scores, labelled


def find_scale(scores: np.ndarray, languages: Sequence[str], name: str) -> Scale:
    """The scale that the scores themselves leave no doubt about.

    That is so when scores of both signs reach as far as 1 (then it is -1 to 1) or as far as a whole number.

    Args:
        scores: (n,) without NaN.
        languages: (n,) their language, to find a table glued together from several scales.
        name: what messages call the table.

    Raises:
        CorpusError: there are several possible scales, or two in one table; the message asks for `#scale=`.
    """
    low, high = scores.min(), scores.max()
    reach = max(abs(low), abs(high))
    if reach == 0:
        raise CorpusError(f"Every score of {name} is 0, so no word has a polarity. Choose a list that has both.")
    if low >= 0:
        raise CorpusError(
            f"The scores of {name} go from {low:g} to {high:g}, none below 0, so their neutral middle is unknown. "
            f"{STATE_IT}"
        )
    if reach <= 1:
        return Scale(-1, 1)
    _check_one_scale(scores, np.asarray(languages), name)
    if reach != round(reach):
        raise CorpusError(
            f"The scores of {name} go from {low:g} to {high:g}, which ends at no whole number, "
            f"so the scale they are on is unknown. {STATE_IT}"
        )
    return Scale(-reach, reach)


def check_within(scores: np.ndarray, scale: Scale, name: str, words: Sequence[str]) -> None:
    """Raise a CorpusError if a score lies outside the scale."""
    outside = np.flatnonzero((scores < scale.low) | (scores > scale.high))
    if len(outside):
        word, score = words[outside[0]], scores[outside[0]]
        raise CorpusError(
            f"{len(outside):,} scores of {name} lie outside the scale {scale}, the first is {score:g} of {word!r}. "
            f"Correct them, or state the scale that fits all of them, such as #scale=-5..5."
        )


def _check_one_scale(scores: np.ndarray, languages: np.ndarray, name: str) -> None:
    """Refuse a table in which fractions up to 1 stand beside whole numbers above it, as a whole or by language."""
    fractions = scores != np.round(scores)
    small = np.abs(scores) <= 1
    if fractions.any() and small[fractions].all():
        raise _mixed(scores[fractions][0], scores[~small][0], name)
    if not fractions.any():
        return
    codes, of = np.unique(languages, return_inverse=True)
    beyond = np.bincount(of, weights=~small)
    fine = np.bincount(of, weights=fractions)
    for small_one in np.flatnonzero((beyond == 0) & (fine > 0)):
        large_one = int(np.argmax(beyond))
        raise _mixed(
            scores[(of == small_one) & fractions][0],
            scores[(of == large_one) & ~small][0],
            f"{name} ({codes[small_one]} and {codes[large_one]})",
        )


def _mixed(small: float, large: float, name: str) -> CorpusError:
    return CorpusError(
        f"The scores of {name} are on two scales: {small:g} looks like one from -1 to 1, and {large:g} does not. "
        f"Bring them to one scale, or state it if they are on one, such as #scale=-5..5."
    )


def _read_slowly(cells: Sequence[str], name: str, first_line: int) -> tuple[np.ndarray, bool]:
    scores = np.full(len(cells), np.nan)
    first: dict[str, tuple[int, str]] = {}
    for row, cell in enumerate(cells):
        text = cell.strip().casefold()
        if text in NO_SCORE:
            continue
        kind = "labels" if text in LABELS else "numbers"
        try:
            scores[row] = LABELS[text] if text in LABELS else float(text.replace("_", "?"))
        except ValueError:
            raise CorpusError(
                f"Line {first_line + row:,} of {name} has the score {cell!r}, which is neither a number (with a "
                f"decimal point) nor one of {', '.join(LABELS)}. Correct it, or leave the cell empty."
            ) from None
        first.setdefault(kind, (first_line + row, cell))
    if len(first) == 2:
        (line, label), (other, number) = first["labels"], first["numbers"]
        raise CorpusError(
            f"{name} mixes labels (line {line:,}: {label}) and numbers (line {other:,}: {number}) in its scores. "
            f"Use one kind throughout."
        )
    return scores, "labels" in first
