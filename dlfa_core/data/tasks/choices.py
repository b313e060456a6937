"""Multiple choice: XCOPA and COPA, Social IQa, and JSON lines with any number of choices."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dlfa_core.data.files import read_lines, unpacked_name
from dlfa_core.data.json_lines import broken, rows_of, shown, value
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.names import language_in, split_in, stem_of
from dlfa_core.data.tasks.values import ChoiceSet
from dlfa_core.data.xtreme_r import XTREME_R
from dlfa_core.languages import code_of

CHOICE_FILES = (".jsonl",)
ASKED = ("cause", "effect")
ENGLISH = ("copa", "siqa", "socialiqa", "social_iqa", "social-iqa")  # folders of sets in English, as they are published
SOCIAL, COPA = "siqa-", "copa-"  # what the ids of their questions begin with
ANSWERS = ("answerA", "answerB", "answerC")
MOST = 9  # choices


class Choice(NamedTuple):
    """A question, its choices and the number of the right one, from 1, as a text; "" where it is withheld."""

    id: str
    text: str
    choices: tuple[str, ...]
    gold: str
    language: str
    split: str


def read_choices(path: Path) -> list[Choice]:
    """The questions of one file of JSON lines.

    As XTREME-R reads them, XCOPA's and COPA's lines (premise, choice1, choice2, question, label 0 or 1, idx) become
    "premise What was the cause?", in English whatever the language; Social IQa's (context, question, answerA to
    answerC, label 1 to 3, which may stand in FILE-labels.lst beside it) become "context question". Others have text,
    choices (a list) and label, from 0. Languages and splits are in the names of files; COPA and Social IQa are in
    English.

    Raises:
        CorpusError: the file is broken; the message names file and line.
    """
    labels = _labels_beside(path)
    found: list[Choice] = []
    seen: dict[str, str] = {}
    for number, (where, row) in enumerate(rows_of(path)):
        given = row if labels is None else {**row, "label": _beside(labels, number, where)}
        choice = _choice(path, number, where, given)
        if choice.id in seen:
            broken(
                where,
                f"has the id {choice.id!r}, which l{seen[choice.id][1:]} has, too",
                "Give each its own idx or id.",
            )
        seen[choice.id] = where
        found.append(choice)
    if labels is not None and len(labels) != len(found):
        raise CorpusError(
            f"{path.name} has {len(found):,} questions but its file of labels {len(labels):,}. Take both again."
        )
    return found


def choice_notes(kind: str, train: ChoiceSet, tests: Mapping[str, ChoiceSet]) -> Iterator[str]:
    """Say what is trained on first, how good guessing is, and which languages of XTREME-R are missing."""
    if n := sum(name.startswith(SOCIAL) for name in train.ids) if in_parts(train) else 0:
        yield (
            f"{n:,} questions of Social IQa are learnt first, and training goes on from there with {len(train) - n:,} "
            "of COPA, as in XTREME-R."
        )
    levels = sorted({round(test.chance, 3) for test in tests.values()})
    yield f"Guessing is right in {' to '.join(f'{100 * level:.0f} %' for level in levels[:: max(len(levels) - 1, 1)])}."
    if kind in XTREME_R and (said := XTREME_R[kind].completeness(tests)):
        yield said


def in_parts(train: ChoiceSet) -> bool:
    """Tell whether a training set has questions of Social IQa and of COPA, which are learnt one after the other."""
    return all(any(name.startswith(origin) for name in train.ids) for origin in (SOCIAL, COPA))


def social_first(examples: ChoiceSet) -> tuple[ChoiceSet, ChoiceSet]:
    """The questions of Social IQa, and all others; of a set that has one of them only, twice the whole."""
    social = [name.startswith(SOCIAL) for name in examples.ids]
    parts = [[row for row, is_social in enumerate(social) if is_social == wanted] for wanted in (True, False)]
    first, then = (examples.take(rows) if rows else examples for rows in parts)
    return first, then


def _choice(path: Path, number: int, where: str, row: Mapping[str, Any]) -> Choice:
    split = split_in(path)
    language = _language(path, row, where)
    if "premise" in row:
        asked = value(row, "question", str, where, "cause or effect")
        if asked not in ASKED:
            broken(where, f"asks for the {asked!r}", "XCOPA asks for the cause or the effect.")
        if not isinstance(row.get("changed", False), bool):
            broken(
                where, f'has {shown(row["changed"])} as its "changed"', "Write true or false there, or leave it out."
            )
        text = f"{value(row, 'premise', str, where)} What was the {asked}?"
        choices = tuple(value(row, name, str, where) for name in ("choice1", "choice2"))
        name = f"{COPA}{split}/{_number(row, 'idx', number, where)}"
        return Choice(name, text, choices, _gold(row, 0, len(choices), where), language, split)
    if "answerA" in row:
        text = f"{value(row, 'context', str, where)} {value(row, 'question', str, where)}"
        choices = tuple(value(row, name, str, where) for name in ANSWERS)
        name = f"{SOCIAL}{split}/{number}"
        return Choice(name, text, choices, _gold(row, 1, len(choices), where), language, split)
    if "choices" not in row:
        advice = 'Lines have a "premise" (XCOPA), an "answerA" (Social IQa), or a list of "choices".'
        broken(where, f"has the keys {', '.join(row) or 'none'}", advice)
    listed = value(row, "choices", list, where, "the choices")
    if not 2 <= len(listed) <= MOST or not all(isinstance(each, str) and each.strip() for each in listed):
        broken(where, f"has the choices {shown(listed)}", f"Write 2 to {MOST} texts.")
    name = str(row.get("id", f"{path.resolve().parent.name}/{stem_of(path)}/{number + 1}"))
    return Choice(
        name, value(row, "text", str, where), tuple(listed), _gold(row, 0, len(listed), where), language, split
    )


def _gold(row: Mapping[str, Any], first: int, n: int, where: str) -> str:
    """The number of the right choice, from 1."""
    written = row.get("label")
    if written is None or written in ("", -1, "-1"):
        return ""
    number = int(written) if isinstance(written, str) and written.strip().isdecimal() else written
    if not isinstance(number, int) or isinstance(number, bool) or not first <= number < first + n:
        broken(
            where, f"has the label {shown(written)}", f"Its {n} choices are numbered from {first} to {first + n - 1}."
        )
    return str(number - first + 1)


def _number(row: Mapping[str, Any], key: str, usual: int, where: str) -> int:
    return value(row, key, int, where) if key in row else usual


def _language(path: Path, row: Mapping[str, Any], where: str) -> str:
    if "language" in row:
        written = value(row, "language", str, where)
        return code_of(written) or broken(
            where, f"is in the language {written!r}, which is not in the table", "Write an ISO 639 code such as de."
        )
    names = (unpacked_name(path).casefold(), path.resolve().parent.name.casefold())
    try:
        return language_in(path)
    except CorpusError:
        if any(known in name and "xcopa" not in name for name in names for known in ENGLISH):
            return "eng"
        raise


def _labels_beside(path: Path) -> list[str] | None:
    """The labels of Social IQa as its authors publish it, one a line in a file of its own."""
    beside = path.with_name(f"{stem_of(path)}-labels.lst")
    return [line.strip() for line in read_lines(beside) if line.strip()] if beside.is_file() else None


def _beside(labels: list[str], number: int, where: str) -> str:
    return labels[number] if number < len(labels) else broken(where, "has no label", "Its file of labels is too short.")
