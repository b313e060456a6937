"""Files of labelled examples into one set for each language and split."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from dlfa_core.data.files import existing, read_text, unpacked_name
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tables import read_columns
from dlfa_core.data.tasks.conll import read_conllu, read_iob2
from dlfa_core.data.tasks.formats import TASK_FORMATS
from dlfa_core.data.tasks.names import SPLITS, language_in, split_in
from dlfa_core.data.tasks.tables import Columns, read_rows, read_tagged_jsonl, sentence_columns
from dlfa_core.data.tasks.values import LabelledSet, SentenceSet, TaggedSet
from dlfa_core.languages import find

ENDINGS = {"pos": (".conllu", ".jsonl"), "ner": (".iob2", ".bio", ".conll", ".tsv", ".jsonl")}
TABLES = (".tsv", ".csv", ".jsonl")
MANIFEST = "MANIFEST.tsv"  # may lie in a folder above, with the columns path and licence


def find_files(location: str, kind: str) -> list[Path]:
    """The file at a place, or the files in a folder and its subfolders that a task (key of `TASK_FORMATS`) can read.

    Raises:
        CorpusError: nothing is there, or no such file.
    """
    root = existing(location)
    if root.is_file():
        return [root]
    endings = ENDINGS.get(kind, TABLES)
    paths = sorted(path for path in root.rglob("*") if unpacked_name(path).endswith(endings) and path.name != MANIFEST)
    if not paths:
        raise CorpusError(
            f"{root} has no files for this task. Give a folder with files such as train-en{endings[0]}, "
            f"dev-en{endings[0]} and test-de{endings[0]}, packed with .xz or .gz or not."
        )
    return paths


def read_sets(path: Path, kind: str) -> list[LabelledSet]:
    """The examples of one file, one set for each language and split in it, with labels as the file spells them.

    Raises:
        CorpusError: the file is broken, or neither its name nor its columns say which language it is in.
    """
    recipe = TASK_FORMATS[kind]
    common = {"name": recipe.title, "licence": licence_of(path) or recipe.licence}
    return [_tagged_set(path, kind, common)] if recipe.kind == "tagging" else _sentence_sets(path, kind, common)


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
    return f"{path.resolve().parent.name}/{unpacked_name(path).rpartition('.')[0]}"


def _tagged_set(path: Path, kind: str, common: dict) -> TaggedSet:
    if unpacked_name(path).endswith(".jsonl"):
        sentences, notes = read_tagged_jsonl(path, iob2=kind == "ner")
    else:
        sentences, notes = (read_conllu if kind == "pos" else read_iob2)(path)
    stem = _stem(path)
    return TaggedSet(
        language=language_in(path),
        split=split_in(path),
        ids=tuple(f"{stem}/{sentence.sent_id or row}" for row, sentence in enumerate(sentences, start=1)),
        words=tuple(sentence.words for sentence in sentences),
        gold=tuple(sentence.tags for sentence in sentences),
        notes=tuple(notes),
        **common,
    )


def _sentence_sets(path: Path, kind: str, common: dict) -> list[SentenceSet]:
    """The sets of a table: columns fold, split and lang tell its rows apart; else the file's name says what it is.

    Rows headed `id`, and rows of folds, have the same name in all languages; others are named after the file.
    """
    columns = read_rows(path)
    firsts, seconds, gold = sentence_columns(columns, path.name, TASK_FORMATS[kind].kind == "pair")
    everything = SentenceSet(
        language="", split="", ids=_ids(columns, path), texts=firsts, seconds=seconds, gold=gold, **common
    )
    empty = {row for texts in (firsts, seconds or firsts) for row, text in enumerate(texts) if not text}
    notes = (f"{len(empty):,} rows of {path.name} are left out, because a sentence is empty.",) if empty else ()
    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(_languages(columns, path), _splits(columns, path), strict=True)):
        if row not in empty:
            rows.setdefault(key, []).append(row)
    return [
        everything.take(members, language=language, split=split, notes=notes)
        for (language, split), members in rows.items()
    ]


def _ids(columns: Columns, path: Path) -> tuple[str, ...]:
    if "id" in columns:
        return tuple(map(str, columns["id"]))
    if "row" in columns and "fold" in columns:
        return tuple(map(str, columns["row"]))
    stem, rows = _stem(path), columns.get("row", range(1, _height(columns) + 1))
    return tuple(f"{stem}/{row}" for row in rows)


def _languages(columns: Columns, path: Path) -> Sequence[str]:
    if "lang" not in columns:
        return [language_in(path)] * _height(columns)
    codes = {code: find(code).code for code in dict.fromkeys(columns["lang"])}
    return [codes[code] for code in columns["lang"]]


def _splits(columns: Columns, path: Path) -> Sequence[str]:
    named = columns.get("fold") or columns.get("split") or [split_in(path)] * _height(columns)
    return [SPLITS.get(split, split) for split in named]


def _height(columns: Columns) -> int:
    return len(next(iter(columns.values())))
