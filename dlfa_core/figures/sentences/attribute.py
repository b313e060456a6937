"""Two explained texts word by word: what an edit, another model or another layer changes."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from math import exp
from typing import TYPE_CHECKING, NamedTuple

from dlfa_core.figures.sentences.numbers import (
    between,
    counted,
    percent,
    plain,
    share,
    signed,
    signed_hundredths,
    thousandths,
)
from dlfa_core.tables import Record

if TYPE_CHECKING:
    from dlfa_core.experiments import attribute


NAMED = {"pad": "the padding token", "mask": "the mask token", "zero": "zeros"}


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
        """Return how much more the right side gives; a word that a side lacks counts 0 there."""
        return (self.right_score or 0.0) - (self.left_score or 0.0)


def changes(left: "attribute.Words", right: "attribute.Words") -> list[Change]:
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
        for index in range(max(len(one), len(other))):
            (a, a_score), (b, b_score) = _at(one, index), _at(other, index)
            rows.append(Change(a, b, a_score, b_score))
    return rows


def change_said(left: "Record[attribute.Text]", right: "Record[attribute.Text]", rows: Sequence[Change]) -> str:
    """Say what the right text has that the left one has not, in a sentence.

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
    ends = f"from {signed_hundredths(left['value'])} to {signed_hundredths(right['value'])}"
    said = f"From left to right, {sides} moves by {signed_hundredths(moved)}, {ends}"
    if not (known := [row for row in rows if row.by == row.by and row.by]):
        return f"{said}."
    most = max(known, key=lambda row: abs(row.by))
    if most.left == most.right or most.left is None:
        what = _quoted(most.right)
    elif most.right is None:
        what = f"{_quoted(most.left)}, which is left out"
    else:
        what = f"{_quoted(most.left)} → {_quoted(most.right)}"
    return f"{said}. The word that changes most: {what} ({signed_hundredths(most.by)})."


def value_said(text: "Record[attribute.Text]") -> str:
    """Say what a model says of one explained text: a row of `attribute.Result.texts`."""
    less = f" less that for “{text['against']}”" if text["against"] else ""
    return (
        f"The model says “{text['predicted']}”. Its output for “{text['target']}”{less} is "
        f"{signed_hundredths(text['value'])}, and {signed_hundredths(text['baseline_value'])} for a text without "
        f"words; the scores add up to the difference of {signed_hundredths(text['difference'])}"
        f"{convergence_said(text)}."
    )


def sureness(text: "Record[attribute.Text]") -> float | None:
    """Return the model's probability of the target, of the two labels that are held against each other; None for one.

    Args:
        text: a row of `attribute.Result.texts`, explained by logits.
    """
    return 1 / (1 + exp(-text["value"])) if text["against"] else None


def convergence_said(text: "Record[attribute.Text]") -> str:
    """The convergence error of one text, as the end of a sentence; empty where it has none."""
    missed = text["relative_delta"]
    return f", but for {plain(100 * missed, 1)} % of the sum of their sizes" if missed < 10 else ""


def baseline_said(result: "attribute.Result") -> str:
    """Say what texts are held against, what the model says of that, and how much the scores depend on it."""
    used, rows = result.meta["baseline"], result.baselines.to_dict("records")
    sides = result.texts[["target", "against"]].drop_duplicates()
    two = len(sides) == 1 and sides["against"].iloc[0]
    what = f"“{sides['target'].iloc[0]}” less “{sides['against'].iloc[0]}”" if two else "the distance from undecided"
    leans = {row["baseline"]: signed_hundredths(row["lean"]) for row in rows}
    if used not in leans:
        return ""
    others = ", ".join(f"{lean} of {NAMED[name]}" for name, lean in leans.items() if name != used)
    said = f"Held against {NAMED[used]}: of a text that is nothing else, {what} is {leans[used]}"
    said += f" (it is {others})." if others else "."
    compared = [row for row in rows if row["baseline"] != used and row["words"]]
    if not compared:
        return said
    alike = " and ".join(
        f"{percent(row['same_sign'])} keep their sign against {NAMED[row['baseline']]} "
        f"(correlation {_correlation(row['correlation'])})"
        for row in compared
    )
    n = f"{counted(int(compared[0]['words']), 'word')} in {counted(int(compared[0]['texts']), 'text')}"
    return f"{said} How much hangs on that choice: of {n}, {alike}."


def _correlation(value: float) -> str:
    return signed_hundredths(value) if value == value else "unknown, as the scores do not vary"


def _at(side: Sequence[tuple[str, float]], index: int) -> tuple[str | None, float | None]:
    return side[index] if index < len(side) else (None, None)


def _quoted(word: str | None) -> str:
    """Isolated, so that a word from right to left does not turn the sentence around it."""
    return f"“\u2068{word}\u2069”"


def summary(result: "attribute.Result") -> Iterator[str]:
    """Yield what was explained and how completely; then the strongest words of each text, of a few."""
    texts, meta = result.texts, result.meta
    where = "at the subwords" if meta["layer"] is None else f"at layer {meta['layer']}"
    yield (
        f"{meta['method_label']} of {meta['model']}, {where}, {counted(len(texts), 'text')}; the scores miss the "
        f"difference to the baseline ({meta['baseline']}) by {share(texts['relative_delta'].median(), 2)} of the sum "
        "of their sizes in the median."
    )
    if said := baseline_said(result):
        yield said
    for text in texts.to_dict("records")[:5]:
        own = result.words[(result.words["id"] == text["id"]) & (result.words["language"] == text["language"])]
        strongest = sorted(own.dropna(subset="score").to_dict("records"), key=lambda word: -abs(word["score"]))[:5]
        words = ", ".join(f"{word['form']} {signed(word['score'])}" for word in strongest)
        language = f" ({text['language']})" if text["language"] else ""
        yield f"{text['id']}{language}, {text['predicted']} {signed(text['value'])}: {words}"
    whole = result.faithfulness[result.faithfulness["group"] == "all"]
    for row in whole.to_dict("records"):
        yield (
            f"{row['measure']} at {share(row['share'], 0)} of the words: {thousandths(row['value'])}, random "
            f"{thousandths(row['random'])}, better by {signed(row['gain'])}"
            f"{between(row['gain_low'], row['gain_high'], signed)}"
        )
