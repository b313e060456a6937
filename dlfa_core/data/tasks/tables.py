"""Columns of labelled examples in TSV, CSV and JSON lines."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlfa_core.data.files import read_lines, read_text, unpacked_name
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tables import read_columns
from dlfa_core.data.tasks.conll import WITHHELD, Sentence, in_iob2, name_tags, tag_notes

FIRST = ("text", "sentence", "premise", "sentence1")  # of these headings, the first that a table has
SECOND = ("hypothesis", "sentence2", "text2", "hypo")  # the last in MultiNLI as XNLI translates it
LABEL = ("label", "gold_label", "sentiment")
WORDS = ("words", "tokens")
TAGS = ("tags", "ner_tags", "upos")

Columns = Mapping[str, Sequence]


def read_rows(path: Path) -> Columns:
    """Heading in small letters -> cells of a table or of JSON lines.

    Raises:
        CorpusError: the file cannot be read; the message names file and line.
    """
    jsonl = unpacked_name(path).endswith(".jsonl")
    columns = read_jsonl(path) if jsonl else read_columns(read_text(path), path.name)
    folded = {heading.casefold(): cells for heading, cells in columns.items()}
    if len(folded) < len(columns):
        raise CorpusError(
            f"{path.name} has columns whose headings differ in capitals only, among {', '.join(columns)}. "
            f"Rename or delete one of them."
        )
    return folded


def read_jsonl(path: Path) -> dict[str, list]:
    """Key -> values of a file with one JSON object a line, all with the same keys."""
    rows = []
    lines = read_lines(path)
    while not lines[-1].strip():
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line or "null")
        except json.JSONDecodeError as error:
            raise CorpusError(
                f"Line {number:,} of {path.name} is not JSON ({error.msg}). Write one object a line."
            ) from None
        except (ValueError, RecursionError):  # a number of thousands of digits, or brackets in brackets in brackets
            raise CorpusError(
                f"Line {number:,} of {path.name} holds a number that is too long, or brackets that are nested too "
                f"deeply. Write one object with texts a line."
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
    firsts = _texts(pick(columns, FIRST, name, "the sentence"), name)
    seconds = _texts(pick(columns, SECOND, name, "the second sentence"), name) if pairs else None
    return firsts, seconds, _texts(pick(columns, LABEL, name, "the label", WITHHELD), name)


def read_tagged_jsonl(path: Path, iob2: bool) -> tuple[list[Sentence], list[str]]:
    """Words and tags of JSON lines, and notes on what was repaired in IOB2 tags or left out.

    Raises:
        CorpusError: a line is broken, or has more or fewer tags than words.
    """
    columns, name = read_rows(path), path.name
    rows = zip(pick(columns, WORDS, name, "the words"), pick(columns, TAGS, name, "the tags", WITHHELD), strict=True)
    sentences: list[Sentence] = []
    written = []
    for number, (words, old) in enumerate(rows, start=1):
        line = f"Line {number:,} of {name}"
        _check_texts(words, "words", line)
        _check_texts(old, "tags", line)
        if len(words) != len(old):
            raise CorpusError(f"{line} has {len(words)} words but {len(old)} tags. Give every word one tag.")
        wrong = next((tag for tag in old if iob2 and in_iob2(tag) is None), None)
        if wrong is not None:
            raise CorpusError(f"{line} has the tag {wrong!r}. Tags are O, B-TYPE or I-TYPE, such as B-PER (IOB2).")
        if words:
            sentences.append(Sentence(None, tuple(words), name_tags(old) if iob2 else tuple(old)))
            written.append(old)
    empty = len(columns[next(iter(columns))]) - len(sentences)
    notes = [f"{empty:,} sentences of {name} are left out, because they have no words."] if empty else []
    return sentences, notes + tag_notes(written, [sentence.tags for sentence in sentences], name)


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


def _texts(cells: Sequence, name: str) -> tuple[str, ...]:
    odd = next((row for row, cell in enumerate(cells, start=1) if isinstance(cell, list | dict)), None)
    if odd is not None:
        raise CorpusError(
            f"Row {odd:,} of {name} has {_shown(cells[odd - 1])} where a text belongs. Write one text there."
        )
    missing = (cell is None or cell != cell for cell in cells)  # NaN is how some programs write that nothing is there
    texts = ("" if absent else str(cell).strip() for cell, absent in zip(cells, missing, strict=True))
    return tuple(text if any(map(_is_seen, text)) else "" for text in texts)


def _is_seen(character: str) -> bool:
    """Tell a letter, digit or sign from a space, a control character, or one without width such as U+200B."""
    return character.isprintable() and not character.isspace()


def _check_texts(cells: object, what: str, line: str) -> None:
    """Raises CorpusError unless the value of a key in JSON lines is a list of texts."""
    if not isinstance(cells, list):
        raise CorpusError(f"{line} has {_shown(cells)} for its {what}. Write a list of {what}, one text each.")
    odd = next((cell for cell in cells if not isinstance(cell, str)), "")
    if isinstance(odd, str):
        return
    if what == "tags" and isinstance(odd, int | float):
        raise CorpusError(
            f"{line} has the number {odd} among its tags, and the file does not say which tag it stands for. Write the "
            f"tags' names, such as B-PER; the page of the data set lists them in the order of their numbers."
        )
    raise CorpusError(f"{line} has {_shown(odd)} among its {what}. Write every one of the {what} as a text.")


def _shown(value: object) -> str:
    """A value as JSON has it, short enough for a message."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "…"
