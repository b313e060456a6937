"""Files of labelled examples into one set for each language and split."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from dlfa_core.data.files import existing, read_text, unpacked_name
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tables import read_columns
from dlfa_core.data.tasks.choices import CHOICE_FILES, Choice, read_choices
from dlfa_core.data.tasks.conll import read_conllu, read_iob2
from dlfa_core.data.tasks.formats import TASK_FORMATS
from dlfa_core.data.tasks.names import SPLITS, language_in, split_in, stem_of
from dlfa_core.data.tasks.squad import QUESTION_FILES, Question, asks_across, read_questions
from dlfa_core.data.tasks.tables import Columns, read_rows, read_tagged_jsonl, sentence_columns
from dlfa_core.data.tasks.values import ChoiceSet, LabelledSet, QuestionSet, SentenceSet, TaggedSet
from dlfa_core.languages import code_of

Entry = TypeVar("Entry", Question, Choice)
ENDINGS = {
    **dict.fromkeys(("xcopa", "choice"), CHOICE_FILES),
    "pos": (".conllu", ".jsonl"),
    "ner": (".iob2", ".bio", ".conll", ".tsv", ".jsonl"),
}
TABLES = (".tsv", ".csv", ".jsonl")
IDS = ("id", "pairid")  # of these headings, the first that a table has; the second is XNLI's
FOLDS = ("A", "B")  # trained on and tested on
LANGUAGE = ("lang", "language")
MANIFEST = "MANIFEST.tsv"  # may lie in a folder above, with the columns path and licence


def find_files(location: str, kind: str) -> list[Path]:
    """The file at a place, or the files in a folder and its subfolders that a task (key of `TASK_FORMATS`) can read.

    Raises:
        CorpusError: nothing is there, or no such file.
    """
    root = existing(location)
    if root.is_file():
        return [root]
    endings = QUESTION_FILES if TASK_FORMATS[kind].kind == "question" else ENDINGS.get(kind, TABLES)
    paths = sorted(path for path in root.rglob("*") if _is_read(path, kind, endings))
    if not paths:
        raise CorpusError(
            f"{root} has no files for this task. Give a folder with files such as train-en{endings[0]}, "
            f"dev-en{endings[0]} and test-de{endings[0]}, packed with .xz or .gz or not."
        )
    return paths


def _is_read(path: Path, kind: str, endings: tuple[str, ...]) -> bool:
    """Tell whether a file is one of a task's; PAN-X as published has de/train, without an ending."""
    if path.name.startswith(".") or path.name == MANIFEST:  # what file systems and editors leave behind
        return False
    if asks_across(path):
        return False
    unended = kind == "ner" and path.name in SPLITS and path.is_file()
    return unended or unpacked_name(path).endswith(endings)


def read_sets(path: Path, kind: str) -> list[LabelledSet]:
    """The examples of one file, one set for each language and split in it, with labels as the file spells them.

    Raises:
        CorpusError: the file is broken, or neither its name nor its columns say which language it is in.
    """
    recipe = TASK_FORMATS[kind]
    common = {"name": recipe.title, "licence": licence_of(path) or recipe.licence}
    readers: dict[str, Callable[[Path, str, dict], Sequence[LabelledSet]]] = {
        "tagging": _tagged_sets,
        "question": _question_sets,
        "choice": _choice_sets,
    }
    parts = list(readers.get(recipe.kind, _sentence_sets)(path, kind, common))
    if not any(map(len, parts)):
        raise CorpusError(
            f"{path.name} has no examples: it is empty but for comments, headings, and sentences without text. "
            f"Take the file again, or leave it out."
        )
    return parts


@lru_cache(maxsize=512)
def licence_of(path: Path) -> str | None:
    """The licence that a `MANIFEST` in one of the folders above states for a file."""
    for folder in path.resolve().parents[:4]:
        licences = _manifest(folder)
        if licences:
            return licences.get(path.resolve().relative_to(folder).as_posix())
    return None


@lru_cache(maxsize=16)
def _manifest(folder: Path) -> dict[str, str]:
    path = folder / MANIFEST
    columns = read_columns(read_text(path), path.name) if path.is_file() else {}
    return dict(zip(columns.get("path", ()), columns.get("licence", ()), strict=False))


def _stem(path: Path) -> str:
    return f"{path.resolve().parent.name}/{stem_of(path)}"


def _tagged_sets(path: Path, kind: str, common: dict) -> list[TaggedSet]:
    if unpacked_name(path).endswith(".jsonl"):
        sentences, notes = read_tagged_jsonl(path, iob2=kind == "ner")
    else:
        sentences, notes = (read_conllu if kind == "pos" else read_iob2)(path)
    stem = _stem(path)
    whole = TaggedSet(
        language=language_in(path),
        split=split_in(path),
        ids=tuple(f"{stem}/{sentence.sent_id or row}" for row, sentence in enumerate(sentences, start=1)),
        words=tuple(sentence.words for sentence in sentences),
        gold=tuple(sentence.tags for sentence in sentences),
        notes=tuple(notes),
        **common,
    )
    return [whole]


def _question_sets(path: Path, kind: str, common: dict) -> list[QuestionSet]:
    return [
        QuestionSet(
            language=language,
            split=split,
            ids=tuple(question.id for question in own),
            contexts=tuple(question.context for question in own),
            questions=tuple(question.question for question in own),
            gold=tuple(question.answers for question in own),
            **common,
        )
        for (language, split), own in _by_set(read_questions(path)).items()
    ]


def _choice_sets(path: Path, kind: str, common: dict) -> list[ChoiceSet]:
    return [
        ChoiceSet(
            language=language,
            split=split,
            ids=tuple(choice.id for choice in own),
            texts=tuple(choice.text for choice in own),
            choices=tuple(choice.choices for choice in own),
            gold=tuple(choice.gold for choice in own),
            **common,
        )
        for (language, split), own in _by_set(read_choices(path)).items()
    ]


def _by_set(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """Language and split -> the entries of a file that belong to them, in its order."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.language, entry.split), []).append(entry)
    return groups


def _sentence_sets(path: Path, kind: str, common: dict) -> list[SentenceSet]:
    """The sets of a table: columns fold, split and lang or language tell its rows apart; else the file's name does.

    Rows headed `id` or `pairID`, and rows of folds, have the same name in all languages; others are named after the
    file.
    """
    columns = read_rows(path)
    firsts, seconds, gold = sentence_columns(columns, path.name, TASK_FORMATS[kind].kind == "pair")
    everything = SentenceSet(
        language="", split="", ids=_ids(columns, path), texts=firsts, seconds=seconds, gold=gold, **common
    )
    absent = {"", TASK_FORMATS[kind].untranslated}
    empty = {row for texts in (firsts, seconds or firsts) for row, text in enumerate(texts) if text in absent}
    why = " or ".join(["empty", *(f"{text} (not translated)" for text in absent if text)])
    notes = (f"{len(empty):,} rows of {path.name} are left out, because a sentence is {why}.",) if empty else ()
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(_languages(columns, path), _splits(columns, path), strict=True)):
        if row not in empty:
            rows.setdefault(key, []).append(row)
    return [
        everything.take(members, language=language, split=split, notes=notes)
        for (language, split), members in rows.items()
    ]


def _ids(columns: Columns, path: Path) -> tuple[str, ...]:
    naming = next((columns[heading] for heading in IDS if heading in columns), None)
    if naming is not None:
        return tuple(str(row).strip() for row in naming)
    if "row" in columns and "fold" in columns:
        return tuple(map(str, columns["row"]))
    stem, rows = _stem(path), columns.get("row", range(1, _height(columns) + 1))
    return tuple(f"{stem}/{row}" for row in rows)


def _languages(columns: Columns, path: Path) -> Sequence[str]:
    cells = next((columns[heading] for heading in LANGUAGE if heading in columns), None)
    if cells is None:
        return [language_in(path)] * _height(columns)
    named = list(map(str, cells))
    codes = {written: code_of(written) for written in dict.fromkeys(named)}
    unknown = [written for written, code in codes.items() if code is None]
    if unknown:
        raise CorpusError(
            f"{path.name} has rows in the language {unknown[0]!r}, which is not in the table of languages. "
            f"Write an ISO 639 code such as de in the column of languages, or leave these rows out."
        )
    return [codes[written] for written in named]


def _splits(columns: Columns, path: Path) -> Sequence[str]:
    cells = columns.get("fold") or columns.get("split")
    if cells is None:
        return [split_in(path)] * _height(columns)
    named = [str(cell).strip() for cell in cells]
    known = {**SPLITS, **{fold.casefold(): fold for fold in FOLDS}}
    unknown = [written for written in dict.fromkeys(named) if written.casefold() not in known]
    if unknown:
        raise CorpusError(
            f"{path.name} has rows in the split {unknown[0]!r}. Write train, dev or test in the column of splits, or "
            f"{' or '.join(FOLDS)} in the column fold."
        )
    return [known[written.casefold()] for written in named]


def _height(columns: Columns) -> int:
    return len(next(iter(columns.values())))
