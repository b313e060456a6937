"""JSON lines and what their values must be, with errors that name file and line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn
from unicodedata import normalize

from dlfa_core.data.files import read_lines
from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import code_of

FORMS = ("NFC", "NFD", "NFKC", "NFKD")
SHOWN = 40  # characters of a text in a message


def broken(where: str, wrong: str, advice: str) -> NoReturn:
    """Raise CorpusError: where, what is wrong there, what to do."""
    raise CorpusError(f"{where} {wrong}. {advice}")


def rows_of(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where each JSON object of a file with one a line stands, and the object; empty lines are passed over.

    Raises:
        CorpusError: the file cannot be read, or a line is no object.
    """
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        where = f"Line {number:,} of {path.name}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            broken(where, f"is not JSON ({error.msg})", "Write one object a line.")
        if not isinstance(row, dict):
            broken(where, f"is {shown(row)} and no object", "Write one object a line.")
        yield where, row


def value(row: Mapping[str, Any], key: str, kind: type, where: str, holds: str = "") -> Any:
    """Return what a row has under a key, of this kind; a text is not empty.

    Raises:
        CorpusError: it lacks the key, or has something else there.
    """
    if key not in row:
        broken(where, f'has no "{key}"', f"Write {holds or key} there; it has {', '.join(row) or 'nothing'}.")
    found = row[key]
    if not isinstance(found, kind) or isinstance(found, bool):
        broken(where, f'has {shown(found)} as its "{key}"', f"Write {_called(kind)} there.")
    if kind is str and not found.strip():
        broken(where, f'has an empty "{key}"', f"Write {holds or key} there, or leave the entry out.")
    return found


def language(row: Mapping[str, Any], key: str, where: str) -> str:
    """The language under a key, as ISO 639-3.

    Raises:
        CorpusError: there is none, or it is not in the table of languages.
    """
    written = value(row, key, str, where, "an ISO 639 code such as de")
    code = code_of(written)
    if code is None:
        broken(
            where,
            f"is in the language {written!r}, which is not in the table of languages",
            "Write an ISO 639 code such as de, or leave the entry out.",
        )
    return code


def check_span(text: str, start: int, written: str, where: str, what: str) -> None:
    """Raise CorpusError unless a text has what is written at a place; say so where it stands one beside, or is there
    in another normalisation.
    """
    if text[start : start + len(written)] == written and start >= 0:
        return
    found = f"{shown(text[max(start, 0) :][: len(written)])} stands there"
    form = next((form for form in FORMS if normalize(form, written) in normalize(form, text)), None)
    at = text.find(written)
    if at >= 0:
        advice = f"It begins at {text.find(written, max(0, start - 5)) if start > 5 else at}: correct the place."
    elif form:
        advice = f"It is there after Unicode normalisation ({form}) only: normalise neither, or both before counting."
    else:
        advice = "The text does not hold it anywhere: take the file again."
    broken(where, f"says that its {what} {shown(written)} begins at character {start:,}, but {found}", advice)


def shown(found: object) -> str:
    """A value as JSON has it, short enough for a message."""
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _called(kind: type) -> str:
    return {str: "a text", int: "a whole number", list: "a list", dict: "an object"}[kind]
