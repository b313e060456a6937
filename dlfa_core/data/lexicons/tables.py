"""Tables of words: columns by heading, with or without a line of headings."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from dlfa_core.data.files import name_of, read_text
from dlfa_core.data.lexicons.building import collector_paused, too_many_words
from dlfa_core.data.lexicons.values import MAX_ENTRIES
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tables import SEPARATORS, bare, declared_separator, separator_of


class WordTable(NamedTuple):
    """A table as it stands in a file.

    Attributes:
        name: the file's name, for messages.
        columns: casefolded heading -> cells, in the order of the file.
        first_line: the line of the file with the first row.
    """

    name: str
    columns: dict[str, tuple[str, ...]]
    first_line: int

    def heading(self, *candidates: str) -> str | None:
        """The first of these headings that the table has."""
        return next((heading for heading in candidates if heading in self.columns), None)


@collector_paused()
def read_word_table(file: str | Path | BinaryIO, headless: Sequence[str] = ()) -> WordTable:
    """Read a TSV or CSV table of words.

    The first line decides what separates cells: what it declares (sep=;), tabs if it has any (then quotation marks mean
    nothing), else commas or semicolons.
    A column without a heading, such as row numbers from pandas, is passed over.

    Args:
        file: a path or an open binary stream, unpacked as by `files.read_text`.
        headless: headings of a table whose first line already holds a word and, in its second cell, a number.

    Raises:
        CorpusError: the file cannot be read, a heading stands twice, a row has more or fewer cells than there are
            headings, a quotation mark stays open, there are no rows, or more than `MAX_ENTRIES`.
    """
    name, text = name_of(file), read_text(file, "words and their scores")
    declared, tabs = declared_separator(text), "\t" in text.lstrip().partition("\n")[0]
    separator = "\t" if tabs and not declared else separator_of(text)  # VADER's cells hold commas
    quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, quoting=quoting, strict=True)
    rows: list[list[str]] = []
    try:
        filled = filter(None, reader)
        if declared:
            next(filled)
        first = next(filled, [])
        headings, first_line = _headings(first, name), reader.line_num + 1
        if headless and len(first) > 1 and _is_number(first[1]):
            headings, first_line, rows = [*headless[: len(first)]], reader.line_num, [first]
        for row in reader:
            if len(row) == len(headings):
                rows.append(row)
            elif row:
                raise _ragged(row, headings, reader.line_num, SEPARATORS.get(separator, repr(separator)), name)
            if len(rows) > MAX_ENTRIES:
                raise too_many_words(name)
    except csv.Error as error:
        raise CorpusError(
            f"{name} stops being a table at line {reader.line_num:,} ({error}). "
            f"Look for a quotation mark that opens and never closes, or save the table with tabs between cells."
        ) from None
    if not rows:
        raise CorpusError(f"{name} has headings but no rows. Put one word and its score on each line below them.")
    columns = dict(zip(headings, zip(*rows, strict=True), strict=False))
    columns.pop("", None)
    return WordTable(name, columns, first_line)


def taken_as_headings(headings: Iterable[str]) -> str:
    """Return a sentence about a first line that looks like a row, as it holds a number; empty for any other."""
    if not any(map(_is_number, headings)):
        return ""
    return (
        f"Its first line was taken as headings ({', '.join(headings)}) but holds a number: put headings such as word "
        f"and score above it. SentiWS opens as sentiws:PATH, EmoLex as emolex:PATH."
    )


def _headings(row: Sequence[str], name: str) -> list[str]:
    headings = [bare(heading).casefold() for heading in row]
    seen: set[str] = set()
    for written, heading in zip(row, headings, strict=True):
        if heading and heading in seen:
            raise CorpusError(f"{name} has two columns headed {written.strip()!r}. Rename or delete one of them.")
        seen.add(heading)
    return headings


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _ragged(row: Sequence[str], headings: Sequence[str], line: int, separator: str, name: str) -> CorpusError:
    return CorpusError(
        f"Line {line:,} of {name} has {len(row)} cells, but there are {len(headings)} headings. "
        f"Look for missing or extra {separator} or a line break inside a cell there. "
        f"{taken_as_headings(headings)}".rstrip()
    )
