"""Two explained texts word by word: what an edit, another model or another layer changes."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

import pandas as pd


class Change(NamedTuple):
    """A word on both sides; None where a side lacks it.

    Attributes:
        left, right: the word as it is written.
        left_score, right_score: its scores; NaN where it was not read.
    """

    left: str | None
    right: str | None
    left_score: float | None
    right_score: float | None

    @property
    def by(self) -> float:
        """How much more the right side gives; a word that a side lacks counts 0 there."""
        return (self.right_score or 0.0) - (self.left_score or 0.0)


def changes(left: pd.DataFrame, right: pd.DataFrame) -> list[Change]:
    """The words of two texts side by side, in reading order.

    Words that stand on both sides in the same order are one row; what was replaced stands beside what replaced it.

    Args:
        left, right: rows of `attribute.Result.words`, of one text each.
    """
    ours, theirs = (list(zip(side["form"], side["score"].astype(float), strict=True)) for side in (left, right))
    matcher = SequenceMatcher(a=[form for form, _ in ours], b=[form for form, _ in theirs], autojunk=False)
    rows = []
    for _, i, i_end, j, j_end in matcher.get_opcodes():
        one, other = ours[i:i_end], theirs[j:j_end]
        for place in range(max(len(one), len(other))):
            (a, a_score), (b, b_score) = _at(one, place), _at(other, place)
            rows.append(Change(a, b, a_score, b_score))
    return rows


def change_said(left: pd.Series, right: pd.Series, rows: Sequence[Change]) -> str:
    """What the right text has that the left one has not, in a sentence.

    Args:
        left, right: rows of `attribute.Result.texts`.
        rows: of `changes`.
    """
    if (left["target"], left["against"]) != (right["target"], right["against"]):
        return (
            f"Left, {left['target']} is explained, and right, {right['target']}: scores of different answers are not "
            "subtracted. Choose one question for both."
        )
    sides = f"{left['target']} against {left['against']}" if left["against"] else left["target"]
    moved = right["value"] - left["value"]
    ends = f"from {_signed(left['value'])} to {_signed(right['value'])}"
    said = f"From left to right, {sides} moves by {_signed(moved)}, {ends}"
    if not (known := [row for row in rows if row.by == row.by and row.by]):
        return f"{said}."
    most = max(known, key=lambda row: abs(row.by))
    if most.left == most.right or most.left is None:
        what = _quoted(most.right)
    elif most.right is None:
        what = f"{_quoted(most.left)}, which is left out"
    else:
        what = f"{_quoted(most.left)} → {_quoted(most.right)}"
    return f"{said}. The word that changes most: {what} ({_signed(most.by)})."


def _at(side: Sequence[tuple[str, float]], place: int) -> tuple[str | None, float | None]:
    return side[place] if place < len(side) else (None, None)


def _quoted(word: str) -> str:
    """Isolated, so that a word from right to left does not turn the sentence around it."""
    return f"“\u2068{word}\u2069”"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
