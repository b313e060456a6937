"""Readers for questions with passages: SQuAD's JSON, JSON lines, and the parquet tables of the hub."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from unicodedata import is_normalized, normalize

from dlfa_core.data.files import read_text, unpacked_name
from dlfa_core.data.json_lines import rows_of
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.conll import WITHHELD
from dlfa_core.data.tasks.names import language_in, split_in
from dlfa_core.languages import code_of

QUESTION_FILES = (".json", ".jsonl", ".parquet")
LANGUAGE = ("language", "lang")
FORMS = ("NFC", "NFD", "NFKC", "NFKD")
CODE = "([a-z]{2,3})"
ASKED = (  # MLQA's files and the hub's configurations of it: the context's language, then the question's
    re.compile(f"context-{CODE}-question-{CODE}"),
    re.compile(rf"\bmlqa\.{CODE}\.{CODE}\b"),
)
BENCHMARK = re.compile(rf"\b(?:xquad|tydiqa)\.{CODE}\b")  # file or folder of one language
SQUAD = re.compile(r"(?:train|dev)-v[12]\.\d")  # SQuAD's own files are in English, and no part of their names says so
ENGLISH_FOLDERS = ("squad", "squad_v2", "plain_text")
SHOWN = 40  # characters of a text in a message


class Question(NamedTuple):
    """A question and its passage; `answers` as in `QuestionSet.gold`."""

    id: str
    context: str
    question: str
    answers: tuple[tuple[str, int], ...]
    language: str
    split: str


class _Entry(NamedTuple):
    """A question as its file has it, and where that is, for messages."""

    where: str
    context: Any
    fields: dict[str, Any]


def read_questions(path: Path) -> list[Question]:
    """The questions of one file.

    SQuAD's JSON has articles with paragraphs with questions; JSON lines and parquet tables have a question each, with
    the keys id, context, question and answers, which holds lists `text` and `answer_start`. Questions without an answer
    are those that `is_impossible` marks, or in tables and lines those whose lists are empty, as the hub has them.

    A language is what a column `language` or `lang` says, the name of the file or of its folder (xquad.de.json,
    test-context-de-question-de.json), or where these say nothing the words that TyDiQA's ids begin with
    (finnish-123). SQuAD's own files are in English.

    Raises:
        CorpusError: the file is broken; the message names file and line, or the number of the entry.
    """
    text = "" if _is_parquet(path) else read_text(path, "questions")
    entries = list(_entries(path, text))
    marked = any("is_impossible" in entry.fields for entry in entries)
    reader = _Reader(path, text, marked)
    found = [reader.question(entry) for entry in entries]
    if found and not marked and not any(question.answers for question in found):
        raise CorpusError(f"None of the {len(found):,} questions of {path.name} has an answer. {WITHHELD}")
    return found


def asks_across(path: Path) -> bool:
    """Tell whether a file of MLQA asks in another language than it is answered in."""
    pair = _asked(path)
    return pair is not None and pair[0] != pair[1]


def _asked(path: Path) -> tuple[str, str] | None:
    """The languages of contexts and of questions, as a file's name or its folder's writes them."""
    match = next((m for name in _names(path) for pattern in ASKED if (m := pattern.search(name))), None)
    return (match[1], match[2]) if match else None


def _names(path: Path) -> tuple[str, str]:
    return unpacked_name(path), path.resolve().parent.name


def _language_of(path: Path) -> str:
    """The language that the name of a file or of its folder says; "" for none.

    Raises:
        CorpusError: it may mean two languages.
    """
    pair = _asked(path)
    written = pair[0] if pair else next((m[1] for name in _names(path) if (m := BENCHMARK.search(name))), "")
    if code := code_of(written) if written else None:
        return code
    try:
        return language_in(path)
    except CorpusError as error:
        if "may mean" in str(error):
            raise
    folders = path.resolve().parts[-4:-1]
    return "eng" if SQUAD.match(path.name) or any(name in folders for name in ENGLISH_FOLDERS) else ""


def _split_of(path: Path) -> str:
    """The split that a name says; XQuAD is there to be tested on, whatever the hub calls it."""
    return "test" if any("xquad" in name for name in _names(path)) else split_in(path)


def _is_parquet(path: Path) -> bool:
    return unpacked_name(path).endswith(".parquet")


def _entries(path: Path, text: str) -> Iterator[_Entry]:
    if _is_parquet(path):
        yield from _rows(path)
    elif unpacked_name(path).endswith(".jsonl"):
        yield from _lines(path)
    else:
        yield from _articles(path, text)


def _rows(path: Path) -> Iterator[_Entry]:
    """The rows of a parquet table."""
    from pyarrow import ArrowException, parquet

    try:
        table = parquet.read_table(path)
    except (ArrowException, OSError) as error:
        raise CorpusError(
            f"{path.name} cannot be read as a parquet table ({str(error).partition(chr(10))[0]}). Download it again."
        ) from error
    for number, row in enumerate(table.to_pylist(), start=1):
        yield _Entry(f"Row {number:,} of {path.name}", row.get("context"), row)


def _lines(path: Path) -> Iterator[_Entry]:
    for where, row in rows_of(path):
        yield _Entry(where, row.get("context"), row)


def _articles(path: Path, text: str) -> Iterator[_Entry]:
    """The questions of SQuAD's JSON, or of a list of objects with a question each."""
    name = path.name
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        raise CorpusError(
            f"{name} is not JSON: line {error.lineno:,} is broken at its character {error.colno:,} ({error.msg}). "
            f"Take the file again; one object a line belongs in a file that ends with .jsonl."
        ) from None
    articles = whole.get("data") if isinstance(whole, dict) else whole
    for a, article in enumerate(_listed(articles, f"{name} has", "data", "articles"), start=1):
        if isinstance(article, dict) and "context" in article:
            yield _Entry(f"Entry {a:,} of {name}", article["context"], article)
            continue
        paragraphs = _listed(_value(article, "paragraphs"), f"Article {a:,} of {name} has", "paragraphs", "paragraphs")
        for p, paragraph in enumerate(paragraphs, start=1):
            where = f"paragraph {p:,} of article {a:,} of {name}"
            asked = _listed(_value(paragraph, "qas"), f"{where[0].upper()}{where[1:]} has", "qas", "questions")
            for q, fields in enumerate(asked, start=1):
                if not isinstance(fields, dict):
                    raise CorpusError(f"Question {q:,} of {where} is no object. Write id, question and answers.")
                yield _Entry(f"Question {q:,} of {where}", _value(paragraph, "context"), fields)


def _value(thing: Any, key: str) -> Any:
    return thing.get(key) if isinstance(thing, dict) else None


def _listed(found: Any, what: str, key: str, holds: str) -> list[Any]:
    if not isinstance(found, list):
        raise CorpusError(f'{what} no list "{key}". Write the {holds} there, as SQuAD does.')
    return found


class _Reader:
    """Checks the questions of one file, one after the other.

    Args:
        path: of the file.
        text: of the file, to tell lines; "" where there are none.
        marked: whether the file marks questions without an answer.
    """

    def __init__(self, path: Path, text: str, marked: bool):
        self.path, self.marked = path, marked
        self._text = "" if unpacked_name(path).endswith(".jsonl") else text  # there, entries name their lines
        self._language: str | None = None
        self._split = _split_of(path)
        self._first: dict[str, str] = {}

    def question(self, entry: _Entry) -> Question:
        """Return a question whose answers stand where they are said to stand."""
        fields = entry.fields
        name = self._named(entry)
        context = self._text_of(entry, "context", entry.context)
        question = self._text_of(entry, "question", fields.get("question"))
        answers = self._answers(entry, context)
        return Question(name, context, question, answers, self._language_of(entry, name), self._split_of(entry))

    def _named(self, entry: _Entry) -> str:
        name = entry.fields.get("id")
        if not isinstance(name, str | int) or not str(name).strip():
            self._broken(entry, "has no id", "Give every question an id, the same for its translations only.")
        first = self._first.setdefault(str(name), entry.where)
        if first != entry.where:
            before = first[0].lower() + first[1:]
            self._broken(entry, f"has the id of {before}", "Give every question an id of its own.")
        return str(name)

    def _text_of(self, entry: _Entry, what: str, text: Any) -> str:
        if not isinstance(text, str) or not text.strip():
            shown = "no" if text is None else "an empty" if isinstance(text, str) else f"{text!r} for a"
            self._broken(entry, f"has {shown} {what}", f"Write the {what} as a text, or leave the question out.")
        return text

    def _answers(self, entry: _Entry, context: str) -> tuple[tuple[str, int], ...]:
        pairs = self._pairs(entry)
        impossible = entry.fields.get("is_impossible", False)
        if not isinstance(impossible, bool):
            self._broken(entry, f"has is_impossible: {impossible!r}", "Write true or false.")
        if impossible and pairs:
            advice = "Take away one of the two; SQuAD writes what only looks like an answer to plausible_answers."
            self._broken(entry, "has is_impossible: true and an answer", advice)
        if not (pairs or impossible or isinstance(entry.fields.get("answers"), dict)):
            other = "its mark is_impossible says that it has one" if self.marked else "no question here is marked so"
            advice = "Write its answer, or is_impossible: true where the context has none."
            self._broken(entry, f"has no answer, and {other}", advice)
        return tuple(self._answer(entry, context, *pair) for pair in pairs)

    def _pairs(self, entry: _Entry) -> list[tuple[Any, Any]]:
        """Texts and starts of the answers, however they are written."""
        answers = entry.fields.get("answers")
        if isinstance(answers, dict):  # as the hub writes them
            texts, starts = answers.get("text"), answers.get("answer_start")
            if not isinstance(texts, list) or not isinstance(starts, list) or len(texts) != len(starts):
                advice = "Write two lists of one length, text and answer_start."
                self._broken(entry, "has answers whose texts and starts do not match", advice)
            return list(zip(texts, starts, strict=True))
        if answers is None and entry.fields.get("is_impossible") is True:
            return []
        if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
            self._broken(entry, 'has no list "answers"', f"Write text and answer_start of each. {WITHHELD}")
        return [(answer.get("text"), answer.get("answer_start")) for answer in answers]

    def _answer(self, entry: _Entry, context: str, text: Any, start: Any) -> tuple[str, int]:
        if not isinstance(text, str) or not text.strip():
            advice = "Write the words of the context, or leave the answer out."
            self._broken(entry, f"has {'an empty' if isinstance(text, str) else 'no'} text as an answer", advice)
        if isinstance(start, bool) or not isinstance(start, int):
            advice = "Write the number of the character of the context that it begins at, counted from 0."
            self._broken(entry, f"has the answer {_shown(text)} at {start!r}", advice)
        if start < 0 or context[start : start + len(text)] != text:
            self._misplaced(entry, context, text, start)
        return text, start

    def _misplaced(self, entry: _Entry, context: str, text: str, start: int) -> NoReturn:
        """Say where an answer stands that is not where it is said to be."""
        places = _places(context, text)
        there = context[start : start + len(text)] if 0 <= start < len(context) else ""
        found = f"where {_shown(there)} stands" if there else f"but the context has {len(context):,} characters"
        wrong = f"has the answer {_shown(text)} at character {start:,}, {found}"
        if places:
            nearest = min(places, key=lambda place: abs(place - start))
            self._broken(entry, f"{wrong}; it stands at {nearest:,}{_why(context, nearest, start)}", _COUNT)
        form = next((form for form in FORMS if normalize(form, text) in normalize(form, context)), None)
        if form:
            written = f"{wrong}; the two are written in different forms of Unicode, {_form(text)} and {_form(context)}"
            self._broken(entry, written, f"Normalise contexts and answers alike, to {form}, and count again.")
        self._broken(entry, f"{wrong}; it is not in the context at all", "Copy the answer from the context.")

    def _language_of(self, entry: _Entry, name: str) -> str:
        written = next((entry.fields[key] for key in LANGUAGE if entry.fields.get(key)), None)
        if written is not None:
            code = code_of(str(written))
            if code is None:
                advice = "Write an ISO 639 code such as de."
                self._broken(entry, f"is in the language {written!r}, which is not in the table of languages", advice)
            return code
        if self._language is None:
            self._language = _language_of(self.path)
        code = self._language or code_of(name.partition("-")[0])
        if not code:
            advice = "Name files by split and language code, such as train-en.json, or add a key language."
            self._broken(entry, "is in no language that its file's name, its id or a key tells", advice)
        return code

    def _split_of(self, entry: _Entry) -> str:
        written = entry.fields.get("split")
        if written is None:
            return self._split
        split = {"validation": "dev"}.get(str(written), str(written))
        if split not in ("train", "dev", "test"):
            self._broken(entry, f"is in the split {written!r}", "Write train, dev or test.")
        return split

    def _broken(self, entry: _Entry, wrong: str, advice: str) -> NoReturn:
        name = entry.fields.get("id")
        line = self._line(entry, name)
        about = ", ".join(filter(None, [f"id {name!r}" if name else "", f"line {line:,}" if line else ""]))
        raise CorpusError(f"{entry.where}{f' ({about})' if about else ''} {wrong}. {advice}")

    def _line(self, entry: _Entry, name: Any) -> int:
        """The line that an id is written in; 0 where lines say nothing."""
        written = "|".join(re.escape(json.dumps(name, ensure_ascii=ascii_only)) for ascii_only in (False, True))
        places = [match.start() for match in re.finditer(rf":\s*(?:{written})", self._text)] if name else []
        again = self._first.get(str(name), entry.where) != entry.where  # the second of two equal ids
        return self._text.count("\n", 0, places[again]) + 1 if len(places) > again else 0


_COUNT = "Write where it begins, counted in characters from 0."


def _places(context: str, text: str) -> list[int]:
    """Every character of a context that a text begins at."""
    return [match.start() for match in re.finditer(f"(?={re.escape(text)})", context)]


def _why(context: str, place: int, start: int) -> str:
    """Return what may have moved an answer, in words."""
    if abs(place - start) == 1:
        return ", one before" if place < start else ", one after"
    before = context[:place]
    if len(before.encode()) == start:
        return f" ({start:,} counts bytes)"
    return f" ({start:,} counts units of UTF-16)" if len(before.encode("utf-16-le")) == 2 * start else ""


def _form(text: str) -> str:
    return next((form for form in FORMS if is_normalized(form, text)), "a mixed one")


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
