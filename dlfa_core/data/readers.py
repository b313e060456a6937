"""Readers for parallel sentences: a table, a folder, the PUD treebanks, Tatoeba pairs.

Each takes a place on disk (packed or not) and returns a `ParallelCorpus`, or raises a
`CorpusError` that says what is wrong and what to do.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from dlfa_core.data.files import PACKED, existing, name_of, read_lines, read_text, unpacked_name
from dlfa_core.data.parallel import CorpusError, ParallelCorpus, align
from dlfa_core.data.tables import read_columns
from dlfa_core.data.tmx import corpus_of, is_tmx

ID_COLUMNS = ("id", "row", "sent_id")  # the first that a table has names its rows
META_COLUMNS = {"topic": "topic", "category": "topic", "sentiment": "sentiment"}
OTHER_COLUMNS = ("doc", "split")  # NTREX and SIB-200 have them; nothing here needs them
NOT_SENTENCES = ("readme", "license", "licence")
PUD_GENRES = {"n": "news", "w": "encyclopedia"}  # first letter of a sent_id
ABOUT_SENTENCE = re.compile(r"#\s*(sent_id|text)\s*=(.*)")
TATOEBA_FILE = re.compile(r"(?:tatoeba\.)?([a-z]{3})-eng\.(tsv|eng|\1)")


def read_table(file: str | Path | BinaryIO, name: str | None = None) -> ParallelCorpus:
    """A TSV or CSV table with one column per language, headed by a code or name that `languages.find` knows.

    The columns id (or row), topic (or category) and sentiment may stand among them; doc and split
    are passed over. So NTREX and SIB-200 tables open as they are. A translation memory (TMX) is known
    by its first lines.

    Args:
        file: a path, or an open binary stream such as an upload.
        name: for headings; the file's name by default.
    """
    label, text = name_of(file), read_text(file)
    source = f"table:{file}" if isinstance(file, str | Path) else f"upload {label}"
    if is_tmx(text):
        return corpus_of(text, label, source, name)
    return align_table(read_columns(text, label), name=name or label.split(".")[0], source=source)


def align_table(
    columns: Mapping[str, Sequence[str]],
    *,
    name: str,
    source: str,
    licence: str = "not stated",
    notes: Sequence[str] = (),
) -> ParallelCorpus:
    """Sort a table's columns into ids, topics, sentiment and languages, and align them."""
    known = {heading.casefold(): heading for heading in columns}
    naming = next((known[column] for column in ID_COLUMNS if column in known), None)
    n = len(next(iter(columns.values()), ()))
    return align(
        {
            heading: cells
            for heading, cells in columns.items()
            if heading.casefold() not in (*ID_COLUMNS, *META_COLUMNS, *OTHER_COLUMNS)
        },
        numbered(n) if naming is None else columns[naming],
        name=name,
        source=source,
        licence=licence,
        meta={meta: columns[known[column]] for column, meta in META_COLUMNS.items() if column in known},
        notes=notes,
    )


def numbered(n: int) -> tuple[str, ...]:
    """Ids for rows that have none: "1" to "n"."""
    return tuple(str(row) for row in range(1, n + 1))


def read_folder(folder: str | Path) -> ParallelCorpus:
    """One text file per language, one sentence a line; line i says the same in every file.

    The last part of a file's name before .txt is its language: deu.txt, sw.txt.xz,
    newstest2019-ref.zho-CN.txt (NTREX-128).

    Raises:
        CorpusError: also for files with different numbers of lines.
    """
    root = _folder(folder)
    named: dict[str, Path] = {}
    notes = []
    for path in sorted(root.iterdir(), key=lambda path: (len(path.name), path.name)):
        stem, dot, ending = unpacked_name(path).rpartition(".")
        if (dot, ending) != (".", "txt") or stem.casefold().startswith(NOT_SENTENCES):
            continue
        used = named.setdefault(stem.rpartition(".")[2], path)
        if used != path:
            notes.append(f"{path.name} is set aside, because {used.name} has the same language.")
    if not named:
        raise CorpusError(f"{root} has no text files. Give a folder with files such as eng.txt and deu.txt.")
    columns = {heading: read_lines(named[heading]) for heading in sorted(named)}
    check_lengths(columns, named, root.name)
    return align(
        columns,
        numbered(len(next(iter(columns.values())))),
        name=root.name,
        source=f"folder:{folder}",
        notes=notes,
    )


def read_pud(folder: str | Path) -> ParallelCorpus:
    """The parallel treebanks of Universal Dependencies (PUD), aligned by sent_id.

    Takes every file such as de_pud-ud-test.conllu in the folder and its subfolders, and of each
    sentence its `# text`. The topic of a row is its genre, news or encyclopedia.
    """
    root = _folder(folder)
    paths = [path for path in root.rglob("*_pud-*") if unpacked_name(path).endswith(".conllu")]
    if not paths:
        raise CorpusError(f"{root} has no PUD treebanks. Give a folder with files such as de_pud-ud-test.conllu.")
    tables: dict[str, dict[str, str]] = {}
    for path in sorted(paths, key=lambda path: path.name):
        language = path.name.partition("_")[0]
        if language in tables:
            raise CorpusError(f"{root} has two PUD treebanks for {language!r}. Remove {path} or the other one.")
        tables[language] = _sentences(path)
    ids = tuple(dict.fromkeys(sent_id for table in tables.values() for sent_id in table))
    return align(
        {language: [table.get(sent_id, "") for sent_id in ids] for language, table in tables.items()},
        ids,
        name="PUD",
        source=f"pud:{folder}",
        licence="CC BY-SA 3.0 and 4.0",
        meta={"topic": [PUD_GENRES.get(sent_id[0], "") for sent_id in ids]},
    )


def read_tatoeba(path: str | Path) -> ParallelCorpus:
    """One language paired with English from the Tatoeba test sets of LASER.

    The English side differs between languages, so each pair is a corpus of its own. Two layouts are
    known: deu-eng.tsv with the columns text and english, and tatoeba.deu-eng.deu beside
    tatoeba.deu-eng.eng, one sentence a line.

    Raises:
        CorpusError: also for a folder, with the pairs that it has to offer.
    """
    file = existing(path)
    if file.is_dir():
        raise _choose_pair(file)
    match = TATOEBA_FILE.fullmatch(unpacked_name(file))
    if match is None:
        raise CorpusError(
            f"{file.name} is not named like a Tatoeba pair. Give a file such as deu-eng.tsv or tatoeba.deu-eng.deu."
        )
    language, layout = match.groups()
    texts, english = _tatoeba_tsv(file) if layout == "tsv" else _tatoeba_lines(file, language)
    return align(
        {language: texts, "eng": english},
        numbered(len(texts)),
        name=f"Tatoeba {language}-eng",
        source=f"tatoeba:{path}",
        licence="CC BY 2.0 FR",
    )


def _folder(folder: str | Path) -> Path:
    root = existing(folder)
    if not root.is_dir():
        raise CorpusError(f"{root} is a file, not a folder. Give the folder, or open the file as table:{root}.")
    return root.resolve()  # "." has no name


def check_lengths(columns: Mapping[str, Sequence[str]], named: Mapping[str, Path], folder: str) -> None:
    """Raise a CorpusError if the columns, read from the files of the same keys, differ in length."""
    usual = Counter(len(lines) for lines in columns.values()).most_common(1)[0][0]
    odd = [f"{named[key].name} has {len(lines):,}" for key, lines in columns.items() if len(lines) != usual]
    if odd:
        raise CorpusError(
            f"The files of {folder} are not aligned: most have {usual:,} lines, but {', '.join(odd[:5])}. "
            f"Line i must be the same sentence in every file; leave a line empty where a translation is missing."
        )


def _sentences(path: Path) -> dict[str, str]:
    """sent_id -> text of a CoNLL-U file, in whatever order the two stand before a sentence."""
    sentences: dict[str, str] = {}
    about: dict[str, tuple[int, str]] = {}  # of one sentence: its sent_id and text, and the lines where they stand
    begins = 0  # line of its text or of its first word
    for number, line in enumerate((*read_lines(path), ""), start=1):
        match = ABOUT_SENTENCE.fullmatch(line)
        if match and match[1] in about:
            raise CorpusError(
                f"Line {number:,} of {path.name} is a second '# {match[1]}' of one sentence. "
                f"Put an empty line between sentences."
            )
        if match:
            about[match[1]] = number, match[2].strip()
        if line.strip():
            begins = begins or (number if line[0] != "#" or "text" in about else 0)
            continue
        named, sent_id = about.get("sent_id", (begins, ""))
        if begins and not sent_id:
            raise CorpusError(
                f"Line {begins:,} of {path.name} begins a sentence without '# sent_id', so it cannot be aligned. "
                f"Take the file from UD again."
            )
        if sent_id in sentences:
            raise CorpusError(
                f"{path.name} has the sent_id {sent_id} twice, the second time in line {named:,}. "
                f"Take the file from UD again."
            )
        if sent_id and "text" in about:
            sentences[sent_id] = about["text"][1]
        about, begins = {}, 0
    if not sentences:
        raise CorpusError(f"{path.name} has no '# text' lines, so it cannot be aligned. Take the file from UD again.")
    return sentences


def _choose_pair(folder: Path) -> CorpusError:
    pairs = [path.name for path in sorted(folder.iterdir()) if TATOEBA_FILE.fullmatch(unpacked_name(path))]
    if not pairs:
        return CorpusError(f"{folder} has no Tatoeba pairs. Give a file such as deu-eng.tsv.")
    more = f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""
    return CorpusError(
        f"{folder} has {len(pairs)} files of Tatoeba pairs, each with English sentences of its own, so "
        f"they are not one corpus. Choose one: tatoeba:{folder / pairs[0]} ({', '.join(pairs[:3])}{more})."
    )


def _tatoeba_tsv(path: Path) -> tuple[Sequence[str], Sequence[str]]:
    columns = read_columns(read_text(path), path.name)
    if not {"text", "english"} <= columns.keys():
        raise CorpusError(
            f"{path.name} has the columns {', '.join(columns)}. A Tatoeba table has the columns text and english; "
            f"a table with one column per language opens as table:{path}."
        )
    return columns["text"], columns["english"]


def _tatoeba_lines(path: Path, language: str) -> tuple[Sequence[str], Sequence[str]]:
    packing = path.suffix if path.suffix in PACKED else ""
    files = {side: path.with_name(f"tatoeba.{language}-eng.{side}{packing}") for side in (language, "eng")}
    columns = {side: read_lines(existing(file)) for side, file in files.items()}
    check_lengths(columns, files, path.parent.name)
    return columns[language], columns["eng"]
