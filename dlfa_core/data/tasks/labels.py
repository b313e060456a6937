"""One spelling of the labels for a whole task, and a refusal of labels that are none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.conll import WITHHELD
from dlfa_core.data.tasks.formats import TaskFormat
from dlfa_core.data.tasks.values import LabelledSet

FEW = 10  # so few examples may well have one label between them
MISSING = ("", "-1")  # how tables and the hub write that a label is not given


def respelt(part: LabelledSet, recipe: TaskFormat) -> LabelledSet:
    """A set with the recipe's spelling of its labels, without the examples that annotators left unlabelled.

    Raises:
        CorpusError: the labels are placeholders, or missing.
    """
    if recipe.kind == "tagging":
        _refuse_placeholders(part)
        return part
    keep = [row for row, label in enumerate(part.gold) if label not in recipe.unlabelled]
    dropped = len(part) - len(keep)
    note = f"{dropped:,} examples of {part.language} {part.split} are left out, because they have no gold label."
    part = part.take(keep, notes=(*part.notes, note)) if dropped else part
    _refuse_placeholders(part)
    return replace(part, gold=tuple(recipe.spellings.get(label.casefold(), label) for label in part.gold))


def labels_of(train: LabelledSet, recipe: TaskFormat) -> tuple[str, ...]:
    """The task's labels: the recipe's, or else those of the training set, sorted.

    Names in IOB2 have both tags of every type, O first.
    """
    used = set(train.flat_gold)
    if recipe.labels:
        return tuple(label for label in recipe.labels if label in used or not recipe.fewer)
    if recipe.kind == "tagging":
        types = sorted({tag[2:] for tag in used if tag != "O"})
        return ("O", *(f"{prefix}-{name}" for name in types for prefix in "BI"))
    return tuple(sorted(used))


def labelled(part: LabelledSet, labels: tuple[str, ...]) -> LabelledSet:
    """A set with the task's labels.

    Raises:
        CorpusError: it uses others; the message lists both.
    """
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
    missing = sum(counts[label] for label in MISSING)
    if missing:
        raise CorpusError(
            f"{missing:,} of {sum(counts.values()):,} labels of {part.name} in {part.language} ({part.split}) are "
            f"missing. {WITHHELD}"
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
