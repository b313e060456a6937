"""Readers for lexicons: any table, AFINN's and VADER's lists, NRC VAD tables, NusaX word pairs.

Each takes a place on disk (packed or not) and returns a `Lexicon`, or raises a `CorpusError`
that says what is wrong and what to do.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dlfa_core.data.files import existing, unpacked_name
from dlfa_core.data.lexicons.building import Row, build_lexicon, clean
from dlfa_core.data.lexicons.scales import STATE_IT, Scale, check_within, read_scores
from dlfa_core.data.lexicons.shapes import REMARKS, TERMS, language_of_file, no_column, read_long, read_shape, scoreless
from dlfa_core.data.lexicons.tables import WordTable, read_word_table
from dlfa_core.data.lexicons.values import Lexicon
from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import code_of, find

ENDINGS = (".tsv", ".csv", ".txt")
NOT_WORDS = ("readme", "license", "licence")
AFINN, VADER = Scale(-5, 5), Scale(-4, 4)
AFINN_COLUMNS, VADER_COLUMNS = ("term", "score"), ("term", "mean", "std", "ratings")
UNTRANSLATED = ("no translation", "")  # how the NRC's translated tables mark a gap
TRANSLATION = re.compile(r"(.+?)(?:[ -]word|[ -]translation)?(?: \(.*\))?")  # "German Word", "German (Google)"
INDONESIAN = "indonesian"
BELOW_ZERO = re.compile(r"\s*-\s*[\d.]")


def read_table(
    file: str | Path | BinaryIO,
    name: str | None = None,
    *,
    language: str | None = None,
    scale: Scale | None = None,
) -> Lexicon:
    """A TSV or CSV table in one of two shapes.

    Long: one word a row, in a column headed term, word or the like, with its score (valence, score, polarity …)
    and, if there are any, its language, concept and further forms (separated by spaces).
    Wide: one concept a row, with its score and one column per language; a cell may hold several forms of one
    word, separated by " | ", the one that a dictionary lists first.

    Scores are numbers, or the labels positive, neutral, negative. A long table without a column of languages has
    one language: the stated one, or the only one that the file's name mentions (vader-en.tsv).

    Args:
        file: a path, or an open binary stream such as an upload.
        name: for headings; the file's name by default.
        language: code or name of the words' language; of a table in several, the only one to keep.
        scale: of the scores, where they do not show it beyond doubt.

    Raises:
        CorpusError: no column of words or of scores, scores of unknown or several scales, an unknown language.
    """
    table = read_word_table(file)
    found = read_shape(table, language, scale)
    lexicon = build_lexicon(
        found.rows,
        name=name or table.name.split(".")[0],
        source=f"table:{file}" if isinstance(file, str | Path) else f"upload {table.name}",
        scale=found.scale,
        notes=found.notes,
    )
    return lexicon.select([language] if language else None)


def read_afinn(path: str | Path, *, language: str | None = None) -> Lexicon:
    """Lists of AFINN's kind: a word and a score from -5 to 5, with or without a line of headings.

    Takes one file (its language stated, in its name, or in a column `lang`) or a folder with one file per
    language. Files of a folder whose name tells no language (emoticons) are set aside.
    """
    parts, notes = _parts(path)
    found = [read_long(read_word_table(file, AFINN_COLUMNS), code or language, AFINN) for file, code in parts]
    lexicon = build_lexicon(
        chain.from_iterable(part.rows for part in found),
        name=existing(path).resolve().name.split(".")[0],
        source=f"afinn:{path}",
        scale=str(AFINN),
        notes=[*notes, *(note for part in found for note in part.notes)],
    )
    return lexicon.select([language] if language else None)


def read_vader(path: str | Path, *, language: str | None = None) -> Lexicon:
    """VADER's list: a word, its mean rating from -4 to 4 and more; `vader_lexicon.txt` as it is, or with headings."""
    found = read_long(read_word_table(existing(path), VADER_COLUMNS), language or "eng", VADER)
    return build_lexicon(
        found.rows, name="VADER", source=f"vader:{path}", scale=found.scale, licence="MIT", notes=found.notes
    )


def read_nrc_vad(path: str | Path, *, language: str | None = None, scale: Scale | None = None) -> Lexicon:
    """A table of the NRC Valence, Arousal and Dominance lexicon, of which the valence is taken.

    Scores go from 0 to 1, in version 2 from -1 to 1: it is version 2 if any of them is below 0, and else what the
    headings say; a note says which. Columns headed by a language (German, German Word)
    hold translations of the English word, which is their concept. The table is licensed: bring your own.

    Raises:
        CorpusError: no column of words or of valences, no scale that fits, or none that the table shows.
    """
    table = read_word_table(existing(path))
    if "valence" not in table.columns:
        raise no_column(table, "valences", ("valence",), "A lexicon with other columns opens as table:PATH.")
    scores, _ = read_scores(table.columns["valence"], table.name, table.first_line)
    columns: dict[str, Sequence[str]] = {}
    for heading, cells in table.columns.items():
        if code := "eng" if heading in TERMS else _translated_into(heading):
            columns.setdefault(code, cells)
    if not columns:
        raise no_column(table, "words", TERMS, "Or head it by its language, such as German Word.")
    words = next(iter(columns.values()))
    scale, about = (scale, "is stated") if scale else _nrc_scale(table)
    check_within(scores, scale, table.name, words)
    concepts = [clean(word) for word in words] if len(columns) > 1 else [""] * len(words)
    gaps = Counter(code for code, cells in columns.items() for cell in cells if _is_gap(cell))
    rows = (
        Row(word, code, valence, concept)
        for code, cells in columns.items()
        for word, valence, concept in zip(cells, scale.valences(scores).tolist(), concepts, strict=True)
        if valence == valence and not _is_gap(word)  # NaN differs from itself
    )
    lexicon = build_lexicon(
        rows,
        name="NRC VAD",
        source=f"nrc-vad:{path}",
        scale=str(scale),
        licence="NRC VAD terms of use: research only unless licensed, no redistribution",
        notes=[
            f"The valences of {table.name} are read on the scale {scale}, as {about}; another one would be stated "
            f"behind the path, such as #scale=-1..1.",
            *scoreless(int(np.isnan(scores).sum()), table.name),
            *(f"Words without {find(code).name} translation: {count:,}." for code, count in gaps.items()),
        ],
    )
    return lexicon.select([language] if language else None)


def _nrc_scale(table: WordTable) -> tuple[Scale, str]:
    """The scale of NRC VAD scores, and what shows it."""
    cells = chain.from_iterable(table.columns.get(column, ()) for column in ("valence", "arousal", "dominance"))
    if any(map(BELOW_ZERO.match, cells)):
        return Scale(-1, 1), "scores of it are below 0"
    if "term" in table.columns:
        return Scale(-1, 1), "version 2 heads its words 'term'"
    if heading := table.heading("word", "english word"):
        return Scale(0, 1), f"no score is below 0 and version 1 heads its words {heading!r}"
    raise CorpusError(
        f"No score of {table.name} is below 0, and its headings do not show its version: from 0 to 1, or from -1 to 1? "
        f"{STATE_IT}"
    )


def read_nusax(path: str | Path, indonesian: Lexicon) -> Lexicon:
    """NusaX word lists: Indonesian words and their translations, without any polarity.

    Each pair takes the valence of its Indonesian word, which is also its concept; pairs whose Indonesian word
    has none are left out and counted. The Indonesian words that were used are part of the result.

    Args:
        path: one file named by its language (ace.tsv, acehnese.csv), or a folder of them.
        indonesian: where valences come from.

    Raises:
        CorpusError: also if `indonesian` has no words in Indonesian.
    """
    known = {entry.term.casefold(): entry.valence for entry in indonesian["ind"]}
    rows: dict[Row, None] = {}  # each once: the Indonesian words come with every list
    parts, notes = _parts(path)
    for file, code in parts:
        table = read_word_table(file)
        others = [heading for heading in table.columns if heading not in (INDONESIAN, *REMARKS)]
        if INDONESIAN not in table.columns or len(others) != 1:
            advice = "A NusaX list has that column and one of translations."
            raise no_column(table, "Indonesian words beside one of translations", (INDONESIAN,), advice)
        code = code or _translated_into(others[0])
        if code is None:
            raise CorpusError(f"{file.name} does not say which language it translates into. Name it such as ace.tsv.")
        pairs = list(zip(map(clean, table.columns[INDONESIAN]), table.columns[others[0]], strict=True))
        used = [(word, translation) for word, translation in pairs if word.casefold() in known]
        for word, translation in used:
            valence = known[word.casefold()]
            rows |= {Row(word, "ind", valence, word): None, Row(translation, code, valence, word): None}
        if len(used) < len(pairs):
            notes.append(
                f"Pairs with {find(code).name} left out, as {indonesian.name} has no valence for their Indonesian "
                f"word: {len(pairs) - len(used):,} of {len(pairs):,}."
            )
    if not rows:
        raise CorpusError(
            f"{indonesian.name} has a valence for none of the Indonesian words at {path}. "
            f"Choose a lexicon with more Indonesian words."
        )
    return build_lexicon(
        rows,
        name="NusaX",
        source=f"nusax:{path}+{indonesian.source}",
        scale=f"{indonesian.scale}, from the Indonesian words of {indonesian.name}",
        licence=f"CC BY-SA 4.0 (word pairs); {indonesian.licence} (valences)",
        notes=notes,
    )


def _parts(path: str | Path) -> tuple[list[tuple[Path, str | None]], list[str]]:
    """The files at a place with the language that each is named after, and notes on those set aside.

    A file that was named itself may tell its language elsewhere (None here); one of a folder may not.
    """
    root = existing(path)
    if root.is_file():
        return [(root, language_of_file(unpacked_name(root).partition(".")[0]))], []
    parts: list[tuple[Path, str | None]] = []
    notes = []
    for file in sorted(root.iterdir()):
        stem, ending = Path(unpacked_name(file)).stem, Path(unpacked_name(file)).suffix
        if ending not in ENDINGS or stem.casefold().startswith(NOT_WORDS):
            continue
        if code := language_of_file(stem):
            parts.append((file, code))
        else:
            notes.append(f"{file.name} is set aside, because its name tells no language.")
    if not parts:
        raise CorpusError(f"{root} has no word lists. Give a folder with files such as en.tsv and de.tsv.")
    return parts, notes


def _translated_into(heading: str) -> str | None:
    """ISO 639-3 code of a heading such as "German Word", or None."""
    return code_of(TRANSLATION.fullmatch(heading)[1])


def _is_gap(cell: str) -> bool:
    return cell.strip().casefold() in UNTRANSLATED
