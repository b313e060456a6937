"""LAReQA (XQuAD-R, MLQA-R): questions, and the sentences of all contexts in all languages as candidates.

Files are those of google-research-datasets/lareqa: SQuAD's JSON, one file a language, with the places of the sentences
of each context beside it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dlfa_core.data.files import existing, read_text, unpacked_name
from dlfa_core.data.json_lines import broken, check_span, shown, value
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.retrieval.checking import checked
from dlfa_core.data.retrieval.values import Candidate, Query, RetrievalSet
from dlfa_core.data.tasks.names import language_in
from dlfa_core.languages import find

LICENCE = "CC BY-SA 4.0"


class _Paragraph(NamedTuple):
    where: str
    language: str
    context: str
    spans: list[tuple[int, int]]  # of its sentences
    asked: list[tuple[str, dict[str, Any]]]  # where each question stands, and what it is


def read_lareqa(location: str, source: str) -> RetrievalSet:
    """Open a folder of files such as de.json, or one file.

    A question's right candidates are the sentences, one in each language, that its answer begins in. An id is one
    question in all languages. As in the official script, every sentence of a context is a candidate, and a question
    whose answer begins in none of the sentences is left out.

    Raises:
        CorpusError: no such files, or a broken one; the message names file and line.
    """
    root = existing(location)
    paths = (
        [root] if root.is_file() else sorted(path for path in root.iterdir() if unpacked_name(path).endswith(".json"))
    )
    if not paths:
        raise CorpusError(f"{root} has no files of LAReQA. Give a folder with files such as de.json.")
    candidates: list[tuple[str, Candidate]] = []
    asked: list[tuple[str, str, str, str]] = []  # where, id, language, question
    answers: dict[str, list[str]] = {}  # id -> its right candidates in all languages
    left_out = 0
    languages: dict[str, Path] = {}
    for path in paths:
        code = language_in(path)
        if code in languages:
            raise CorpusError(
                f"{languages[code].name} and {path.name} are both in {find(code).name} ({code}). Remove one of them."
            )
        languages[code] = path
        for number, paragraph in enumerate(_paragraphs(path, code), start=1):
            sentences = [paragraph.context[start:end] for start, end in paragraph.spans]
            names = [f"{code}_{number}_{row}" for row in range(len(sentences))]
            candidates += [
                (paragraph.where, Candidate(name, code, text))
                for name, text in zip(names, sentences, strict=True)
                if text.strip()
            ]
            for where, question in paragraph.asked:
                sentence = _sentence(question, paragraph, where)
                if sentence is None:
                    left_out += 1
                    continue
                name = value(question, "id", str, where)
                asked.append((where, name, code, value(question, "question", str, where, "the question")))
                answers.setdefault(name, []).extend(
                    own for own, text in zip(names, sentences, strict=True) if text == sentences[sentence]
                )
    queries = [
        (where, Query(f"{name}_{code}", code, text, tuple(dict.fromkeys(answers[name])), group=name))
        for where, name, code, text in asked
    ]
    note = f"{left_out:,} questions are left out, because their answers begin in none of the sentences."
    return RetrievalSet("LAReQA", *checked(queries, candidates, "LAReQA"), source, LICENCE, (note,) if left_out else ())


def _paragraphs(path: Path, language: str) -> Iterator[_Paragraph]:
    text = read_text(path, "questions")
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        broken(f"Line {error.lineno:,} of {path.name}", f"is not JSON ({error.msg})", "Take the file again.")
    if not isinstance(whole, dict):
        broken(path.name, f"is {shown(whole)} and no object", 'SQuAD\'s JSON is an object with "data".')
    lines, number = _Lines(text, path.name), 0
    for article in value(whole, "data", list, path.name, "the articles"):
        if not isinstance(article, dict):
            broken(path.name, f"has {shown(article)} among its articles", "Write objects with paragraphs.")
        for paragraph in value(article, "paragraphs", list, path.name, "the paragraphs"):
            if not isinstance(paragraph, dict):
                broken(path.name, f"has {shown(paragraph)} among its paragraphs", "Write objects with a context.")
            context = value(paragraph, "context", str, path.name, "the context")
            number += 1
            where = lines.of(f"Paragraph {number:,}", context)
            spans = _spans(paragraph, context, where)
            asked = []
            for question in value(paragraph, "qas", list, where, "the questions"):
                if not isinstance(question, dict):
                    broken(where, f"has {shown(question)} among its questions", "Write objects with a question.")
                asked.append((lines.of(f"Question {question.get('id')!r}", question.get("id")), question))
            yield _Paragraph(where, language, context, spans, asked)


def _spans(paragraph: dict[str, Any], context: str, where: str) -> list[tuple[int, int]]:
    """Where the sentences of a context begin and end; they are those that are written out, too, where they are."""
    found = []
    for span in value(paragraph, "sentence_breaks", list, where, "the places of the sentences, as XQuAD-R has them,"):
        whole = isinstance(span, list) and len(span) == 2 and all(isinstance(end, int) for end in span)
        if not whole or not 0 <= span[0] < span[1] <= len(context):
            broken(
                where,
                f"has the sentence {shown(span)} in a context of {len(context):,} characters",
                "Write where each sentence begins and ends, as [0, 42].",
            )
        found.append((span[0], span[1]))
    written = paragraph.get("sentences", [context[start:end] for start, end in found])
    if not isinstance(written, list) or len(written) != len(found):
        n = len(written) if isinstance(written, list) else shown(written)
        broken(where, f"has {n} sentences but the places of {len(found)}", "Give one place for each sentence.")
    for (start, end), text in zip(found, written, strict=True):
        if not isinstance(text, str):
            broken(where, f"has {shown(text)} among its sentences", "Write each as a text.")
        if context[start:end] != text:
            check_span(context, start, text, where, "sentence")
            broken(where, f"ends the sentence {shown(text)} at {end:,}", f"It ends at {start + len(text):,}.")
    return found


def _sentence(question: dict[str, Any], paragraph: _Paragraph, where: str) -> int | None:
    """The number of the sentence that the first answer of a question begins in."""
    given = value(question, "answers", list, where, "the answer")
    if not given or not isinstance(given[0], dict):
        broken(where, "has no answer", "Retrieval needs one: leave the question out.")
    text = value(given[0], "text", str, where, "the answer")
    start = value(given[0], "answer_start", int, where, "where the answer begins")
    check_span(paragraph.context, start, text, where, "answer")
    return next((row for row, (begin, end) in enumerate(paragraph.spans) if begin <= start < end), None)


class _Lines:
    """Where the values of a JSON text stand, asked for in the order of the text; published files are one long line."""

    def __init__(self, text: str, name: str):
        self._text, self._name, self._at = text, name, 0

    def of(self, what: str, found: object) -> str:
        """What has a value, and the line where the value stands next."""
        spelt = [json.dumps(found, ensure_ascii=ascii_only) for ascii_only in (False, True)]
        places = [self._text.find(text, self._at) for text in spelt]
        place = min((place for place in places if place >= 0), default=self._at)
        self._at = place
        return f"{what} in line {self._text.count(chr(10), 0, place) + 1:,} of {self._name}"
