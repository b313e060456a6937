"""Columns of labelled examples in TSV, CSV and JSON lines."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlfa_core.data.files import read_lines, read_text, unpacked_name
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tables import read_columns
from dlfa_core.data.tasks.conll import WITHHELD, Sentence, begun, repair_note

FIRST = ("text", "sentence", "premise", "sentence1")  # of these headings, the first that a table has
SECOND = ("hypothesis", "sentence2", "text2")
LABEL = ("label", "gold_label", "sentiment")
WORDS = ("words", "tokens")
TAGS = ("tags", "ner_tags", "upos")

Columns = Mapping[str, Sequence]


def read_rows(path: Path) -> Columns:
    """Heading -> cells of a table or of JSON lines.

    Raises:
        CorpusError: the file cannot be read; the message names file and line.
    """
    return read_jsonl(path) if unpacked_name(path).endswith(".jsonl") else read_columns(read_text(path), path.name)


def read_jsonl(path: Path) -> dict[str, list]:
    """Key -> values of a file with one JSON object a line, all with the same keys."""
    rows = []
    for number, line in enumerate(read_lines(path), start=1):
        try:
            row = json.loads(line or "null")
        except json.JSONDecodeError as error:
            raise CorpusError(
                f"Line {number:,} of {path.name} is not JSON ({error.msg}). Write one object a line."
            ) from None
        if not isinstance(row, dict) or row.keys() != (rows or [row])[0].keys():
            keys = ", ".join(rows[0]) if rows else "text and label"
            raise CorpusError(f"Line {number:,} of {path.name} is not an object with the keys {keys}, as others are.")
        rows.append(row)
    return {key: [row[key] for row in rows] for key in rows[0]}


def sentence_columns(
    columns: Columns, name: str, pairs: bool
) -> tuple[tuple[str, ...], tuple[str, ...] | None, tuple[str, ...]]:
    """First sentences, second ones (None unless pairs) and labels of a table; a missing value is "".

    Raises:
        CorpusError: a column is not there.
    """
    firsts = _texts(pick(columns, FIRST, name, "the sentence"))
    seconds = _texts(pick(columns, SECOND, name, "the second sentence")) if pairs else None
    return firsts, seconds, _texts(pick(columns, LABEL, name, "the label", WITHHELD))


def read_tagged_jsonl(path: Path, iob2: bool) -> tuple[list[Sentence], list[str]]:
    """Words and tags of JSON lines, and notes on what was repaired in IOB2 tags.

    Raises:
        CorpusError: a line is broken, or has more or fewer tags than words.
    """
    columns = read_jsonl(path)
    rows = zip(
        pick(columns, WORDS, path.name, "the words"), pick(columns, TAGS, path.name, "the tags", WITHHELD), strict=True
    )
    sentences, repaired = [], 0
    for number, (words, old) in enumerate(rows, start=1):
        if len(words) != len(old):
            raise CorpusError(
                f"Line {number:,} of {path.name} has {len(words)} words but {len(old)} tags. Give every word one tag."
            )
        tags = begun(old) if iob2 else tuple(old)
        repaired += sum(new != tag for new, tag in zip(tags, old, strict=True))
        sentences.append(Sentence(None, tuple(words), tags))
    return sentences, [repair_note(repaired, path.name)] if repaired else []


def pick(columns: Columns, headings: Sequence[str], name: str, what: str, hint: str = "") -> Sequence:
    """The first of the headings that a table has.

    Raises:
        CorpusError: it has none of them.
    """
    found = next((heading for heading in headings if heading in columns), None)
    if found is None:
        raise CorpusError(
            f"{name} has the columns {', '.join(columns)}, but none for {what}. "
            f"Head it with {' or '.join(headings)}. {hint}".rstrip()
        )
    return columns[found]


def _texts(cells: Sequence) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell).strip() for cell in cells)
