"""Two shapes of word tables into rows: one word a row (long), or one concept a row and a column per language (wide)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dlfa_core.data.lexicons.building import Row
from dlfa_core.data.lexicons.scales import Scale, check_within, find_scale, read_scores
from dlfa_core.data.lexicons.tables import WordTable, taken_as_headings
from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import UnknownLanguage, code_of, find

TERMS = ("term", "word", "headword", "lemma", "phrase", "token", "entry", "text")  # the first that a table has is used
SCORES = ("valence", "score", "polarity", "sentiment", "mean", "rating", "value", "label")
LANGUAGES = ("language", "lang", "iso")
CONCEPTS = ("concept", "concept_id", "synset", "id")
FORMS = "forms"
REMARKS = ("pos", "gloss", "sense", "note", "notes", "comment", "topic", "category", "row", "index")  # not languages
BETWEEN_FORMS = re.compile(r"\s+\|\s+")  # a bare bar may belong to an emoticon


class Found(NamedTuple):
    """What a table holds: its rows, how its scores were read, and notes on what was left out."""

    rows: Iterable[Row]
    scale: str
    notes: list[str]


def read_shape(table: WordTable, language: str | None = None, scale: Scale | None = None) -> Found:
    """Read a table in whichever of the two shapes it has.

    Args:
        table: its columns; which are used is up to the constants above.
        language: of the words, where the table does not say it.
        scale: of the scores, where they do not show it beyond doubt.

    Raises:
        CorpusError: no column of words or of scores, scores of unknown or several scales, an unknown language.
    """
    return read_long(table, language, scale) if table.heading(*TERMS) else _read_wide(table, scale)


def read_long(table: WordTable, language: str | None = None, scale: Scale | None = None) -> Found:
    """One word a row, with its score and, if there are any, its language, concept and further forms."""
    words = table.heading(*TERMS)
    if words is None:
        raise no_column(table, "words", TERMS)
    terms = table.columns[words]
    column, concept = table.heading(*LANGUAGES), table.heading(*CONCEPTS)
    codes, notes = _language_codes(table, column) if column else _stated_language(table, language)
    valences, scale_name, about = _valences(table, scale, terms, codes)
    concepts = table.columns[concept] if concept else [""] * len(terms)
    used = zip(terms, codes, valences.tolist(), map(str.strip, concepts), strict=True)
    rows = (Row(*cells) for cells in used)
    if FORMS in table.columns:
        rows = _with_forms(rows, table.columns[FORMS])
    return Found(_usable(rows), scale_name, notes + about)


def _read_wide(table: WordTable, scale: Scale | None) -> Found:
    """One concept a row, with its score and one column per language."""
    passed = {*SCORES, *CONCEPTS, *REMARKS}
    columns: dict[str, str] = {}
    for heading in table.columns:
        if heading in passed:
            continue
        try:
            code = find(heading).code
        except UnknownLanguage as error:
            raise CorpusError(
                f"{table.name} has the column {heading!r}, which is neither a language nor one of "
                f"{', '.join((*TERMS, *SCORES, *LANGUAGES, *CONCEPTS, FORMS))}. "
                f"{taken_as_headings(table.columns) or error}"
            ) from None
        if code in columns:
            raise CorpusError(
                f"{table.name} has two columns for {find(code).name}: {columns[code]} and {heading}. Delete one."
            )
        columns[code] = heading
    if not columns:
        raise no_column(table, "words", TERMS, "Or give one column per language, headed by a code such as deu.")
    naming = table.heading(*CONCEPTS)
    first = table.columns[next(iter(columns.values()))]
    concepts = table.columns[naming] if naming else [str(row) for row in range(1, len(first) + 1)]
    valences, scale_name, notes = _valences(table, scale, first, [""] * len(first))
    rows = (
        row
        for code, heading in columns.items()
        for cell, valence, concept in zip(table.columns[heading], valences.tolist(), concepts, strict=True)
        for row in _forms_of_cell(cell, code, valence, concept.strip())
    )
    return Found(_usable(rows), scale_name, notes)


def no_column(table: WordTable, what: str, candidates: Sequence[str], advice: str = "") -> CorpusError:
    """The error for a table without a column that it needs."""
    return CorpusError(
        f"{table.name} has no column of {what}; its columns are {', '.join(table.columns)}. "
        f"Head one {' or '.join(candidates)}. {taken_as_headings(table.columns) or advice}".strip()
    )


def language_of_file(name: str) -> str | None:
    """ISO 639-3 code of the only language that a file's name mentions, such as vader-en.tsv; else None."""
    codes = set(map(code_of, re.split(r"[-_.\s]", name))) - {None}
    return codes.pop() if len(codes) == 1 else None


def _stated_language(table: WordTable, language: str | None) -> tuple[list[str], list[str]]:
    """The one language of a table without a column for it, once for each row, and a note where the name told it."""
    n = len(next(iter(table.columns.values())))
    if language:
        return [find(language).code] * n, []
    code = language_of_file(table.name.split(".")[0])
    if code is None:
        raise CorpusError(
            f"{table.name} does not say which language its words are in. State it behind the path, such as "
            f"#language=deu, give it a column headed language, or rename it to one such as words-deu.tsv."
        )
    return [code] * n, [f"The words of {table.name} are taken for {find(code).name}, as its name says."]


def _language_codes(table: WordTable, column: str) -> tuple[list[str], list[str]]:
    """A code for each row, empty for an unknown language, and a note that counts these rows."""
    known = {cell: code_of(cell) or "" for cell in dict.fromkeys(table.columns[column])}
    unknown = Counter(cell for cell in table.columns[column] if not known[cell])
    if len(unknown) == len(known):
        raise CorpusError(
            f"{table.name} names no known language in its column {column!r}: {', '.join(list(unknown)[:5])}. "
            f"Write ISO 639 codes such as deu or de, or names such as German."
        )
    codes = [known[cell] for cell in table.columns[column]]
    if not unknown:
        return codes, []
    count, some = sum(unknown.values()), ", ".join(f"{cell!r} {n:,}" for cell, n in unknown.most_common(5))
    return codes, [f"Rows of {table.name} left out, as their language is unknown: {count:,} ({some})."]


def _valences(
    table: WordTable, scale: Scale | None, terms: Sequence[str], codes: Sequence[str]
) -> tuple[np.ndarray, str, list[str]]:
    """(n,) valences, NaN where there is no score, the scale in words, and notes."""
    column = table.heading(*SCORES)
    if column is None:
        raise no_column(table, "scores, so its words have no polarity", SCORES, "For NusaX pairs, write nusax:PATH+…")
    cells = table.columns[column]
    scores, labelled = read_scores(cells, table.name, table.first_line)
    given = ~np.isnan(scores)
    notes = scoreless(len(scores) - int(given.sum()), table.name)
    if labelled:
        return scores, "labels", notes
    if scale is None:
        scale = find_scale(scores[given], np.asarray(codes)[given], table.name)
        notes.append(f"The scores of {table.name} are read as a scale from {scale}; 0 is neutral.")
    check_within(scores, scale, table.name, terms)
    return scale.valences(scores), str(scale), notes


def scoreless(count: int, name: str) -> list[str]:
    """The note on rows without a score."""
    return [f"Words of {name} left out, as they have no score: {count:,}."] if count else []


def _usable(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows with a known language and a valence."""
    return (row for row in rows if row.language and row.valence == row.valence)  # NaN differs from itself


def _with_forms(rows: Iterable[Row], forms: Iterable[str]) -> Iterator[Row]:
    for row, cell in zip(rows, forms, strict=True):
        yield row
        if " " not in row.term.strip():  # the forms of a phrase would be cut apart
            yield from (row._replace(term=form, lemma=row.term) for form in cell.split() if form != "|")


def _forms_of_cell(cell: str, code: str, valence: float, concept: str) -> Iterator[Row]:
    lemma, *others = BETWEEN_FORMS.split(cell)
    yield Row(lemma, code, valence, concept)
    yield from (Row(form, code, valence, concept, lemma) for form in others)
