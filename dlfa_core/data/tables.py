"""TSV and CSV text into columns, strict about everything that would shift a sentence."""

import csv
import re
from collections.abc import Sequence
from io import StringIO
from string import whitespace

from dlfa_core.data.parallel import MAX_SENTENCES, CorpusError, too_many

SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons"}
# what Excel writes and reads above the headings
DECLARED = re.compile(r'\s*"?sep=([^\w\s"]|\t)"?\s*?\n', re.IGNORECASE)


def read_columns(text: str, name: str) -> dict[str, tuple[str, ...]]:
    """Heading -> cells, in the order of the file.

    The first line decides what separates cells: tabs, commas or semicolons, or what it declares (sep=;). A table with
    tabs has no quoting, so a sentence may start with a quotation mark; the others follow the usual CSV rules.
    Blank lines are passed over.

    Args:
        text: the whole table.
        name: what messages call it.

    Raises:
        CorpusError: a nameless or repeated heading, a row with more or fewer cells than headings, an
            open quotation mark, no rows, or more than `MAX_SENTENCES`.
    """
    separator = separator_of(text)
    quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, quoting=quoting, strict=True)
    rows: list[list[str]] = []
    try:
        filled = filter(None, reader)
        if declared_separator(text):
            next(filled)
        headings = _checked([bare(heading) for heading in next(filled, [])], name)
        for row in filled:
            if len(row) != len(headings):
                raise _ragged(row, headings, reader.line_num, SEPARATORS.get(separator, repr(separator)), name)
            if len(rows) == MAX_SENTENCES:
                raise too_many(name)
            rows.append(row)
    except csv.Error as error:
        raise CorpusError(
            f"{name} stops being a table at line {reader.line_num:,} ({error}). "
            f"Look for a quotation mark that opens and never closes, or save the table with tabs between cells."
        ) from None
    if not rows:
        raise CorpusError(
            f"{name} has headings but no rows. Put one sentence in every language on each line below them."
        )
    return dict(zip(headings, zip(*rows, strict=True), strict=True))


def separator_of(text: str) -> str:
    """Return what stands between cells: what the first line declares, or whichever of `SEPARATORS` it has most of."""
    if declared := declared_separator(text):
        return declared
    first = text.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def declared_separator(text: str) -> str | None:
    """Return what a first line such as sep=; says to stand between cells, or None."""
    found = DECLARED.match(text)
    return found[1] if found else None


def bare(heading: str) -> str:
    """Return a heading without the white space and the invisible marks around it."""
    return heading.strip(f"{whitespace}\xa0\ufeff\u200b\u200e\u200f\u2060")


def _checked(headings: list[str], name: str) -> list[str]:
    seen: set[str] = set()
    for number, heading in enumerate(headings, start=1):
        if not heading:
            raise CorpusError(f"Column {number} of {name} has no heading. Head it with a language code, or delete it.")
        if heading in seen:
            raise CorpusError(f"{name} has two columns headed {heading!r}. Rename or delete one of them.")
        seen.add(heading)
    return headings


def _ragged(row: Sequence[str], headings: Sequence[str], line: int, separator: str, name: str) -> CorpusError:
    return CorpusError(
        f"Line {line:,} of {name} has {len(row)} cells, but there are {len(headings)} headings, so its sentences "
        f"would not be aligned. Look for missing or extra {separator} or a line break inside a sentence there."
    )
