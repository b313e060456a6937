"""One spelling of the labels for a whole task, and a refusal of labels that are none."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.conll import WITHHELD
from dlfa_core.data.tasks.formats import TaskFormat
from dlfa_core.data.tasks.values import LabelledSet, QuestionSet

FEW = 10  # so few examples may well have one label between them
MISSING = ("", "-1", "nan", "<na>")  # how tables, the hub and pandas write that a label is not given; in small letters
WHOLE = re.compile(r"(-?\d+)\.0+")  # a number of a class that went through a column of floats


def respelt(part: LabelledSet, recipe: TaskFormat) -> LabelledSet:
    """A set with the recipe's spelling of its labels, without the examples that annotators left unlabelled.

    Raises:
        CorpusError: the labels are placeholders, or missing.
    """
    if recipe.kind == "question":  # answers were held against their contexts, and have no spelling but that
        return part
    if recipe.kind in ("tagging", "choice"):
        _refuse_placeholders(part)
        return part
    spellings = {label.casefold(): label for label in recipe.labels} | dict(recipe.spellings)
    whole = [WHOLE.sub(r"\1", label) if spellings else label for label in part.gold]
    gold = tuple(spellings.get(label.casefold(), label) for label in whole)
    keep = [row for row, label in enumerate(gold) if label.casefold() not in recipe.unlabelled]
    if not keep:
        _refuse_placeholders(replace(part, gold=gold))
    dropped = len(part) - len(keep)
    note = f"{dropped:,} examples of {part.language} {part.split} are left out, because they have no gold label."
    part = replace(part, gold=gold)
    part = part.take(keep, notes=(*part.notes, note)) if dropped else part
    _refuse_placeholders(part)
    return part


def labels_of(train: LabelledSet, recipe: TaskFormat) -> tuple[str, ...]:
    """The task's labels: the recipe's, or else those of the training set, sorted.

    Names in IOB2 have both tags of every type, O first.
    """
    if recipe.kind == "question":
        return recipe.labels
    used = set(train.flat_gold)
    if recipe.labels:
        return tuple(label for label in recipe.labels if label in used or not recipe.fewer) or recipe.labels
    if recipe.kind == "tagging":
        types = sorted({tag[2:] for tag in used if tag != "O"})
        return ("O", *(f"{prefix}-{name}" for name in types for prefix in "BI"))
    return tuple(sorted(used))


def labelled(part: LabelledSet, labels: tuple[str, ...]) -> LabelledSet:
    """A set with the task's labels.

    Raises:
        CorpusError: it uses others; the message lists both.
    """
    if isinstance(part, QuestionSet):
        return replace(part, labels=labels)
    known = set(labels)
    wrong = Counter(label for label in part.flat_gold if label not in known)
    if wrong:
        raise CorpusError(
            f"{part.name} in {part.language} ({part.split}) has labels that the task does not: "
            f"{_counted(wrong)}. The task's labels are {', '.join(labels)}. Rename them, or leave this set out."
        )
    return replace(part, labels=labels)


def _refuse_placeholders(part: LabelledSet) -> None:
    counts = Counter(part.flat_gold)
    missing = {label: count for label, count in counts.items() if label.casefold() in MISSING}
    if missing:
        n = sum(missing.values())
        advice = "Leave these rows out, or fill in their labels; a class that is called so needs another name."
        raise CorpusError(
            f"{n:,} of {sum(counts.values()):,} labels of {part.name} in {part.language} ({part.split}) are missing, "
            f"written {' or '.join(map(repr, missing))}. {WITHHELD if len(missing) == len(counts) else advice}"
        )
    if len(counts) == 1 and len(part) >= FEW:
        raise CorpusError(
            f"All {sum(counts.values()):,} labels of {part.name} in {part.language} ({part.split}) are "
            f"{next(iter(counts))!r}: they are placeholders, and any score on them means nothing. {WITHHELD}"
        )


def _counted(wrong: Counter, most: int = 5) -> str:
    more = f" and {len(wrong) - most} more" if len(wrong) > most else ""
    return ", ".join(f"{label!r} ({count:,} times)" for label, count in wrong.most_common(most)) + more


def listed(names: Sequence[str]) -> str:
    """Names for a message; "none" if there are none."""
    return ", ".join(names) or "none"
