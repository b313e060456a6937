"""Columns that a reader found, into a `Lexicon`: text cleaned, repeated words resolved and counted."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from unicodedata import is_normalized, normalize

from dlfa_core.data.lexicons.values import MAX_ENTRIES, Entry, Lexicon
from dlfa_core.data.parallel import VISIBLE, CorpusError


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause Python's garbage collector, which would walk over millions of new tuples that are all in use."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Row(NamedTuple):
    """One word as a reader found it; `lemma` is empty for a word that is its own."""

    term: str
    language: str
    valence: float
    concept: str = ""
    lemma: str = ""


@collector_paused()
def build_lexicon(
    rows: Iterable[Row],
    *,
    name: str,
    source: str,
    scale: str,
    licence: str = "not stated",
    notes: Sequence[str] = (),
) -> Lexicon:
    """Make a lexicon of rows, or say why they are none.

    A word that occurs several times in a language is one entry: with all its concepts and the mean of its
    valences, or none at all if they have opposite signs. What a lemma says goes before what an inflected
    form of another word would say. All of this is counted in the notes.

    Raises:
        CorpusError: more than `MAX_ENTRIES` rows, or no usable one.
    """
    groups: dict[tuple[str, str], Row | list[Row]] = {}
    blank = 0
    for row in _cleaned(rows, name):
        if not VISIBLE.search(row.term):
            blank += 1
            continue
        key = (row.language, row.term)
        known = groups.setdefault(key, row)
        if known is not row:
            groups[key] = [*(known if isinstance(known, list) else [known]), row]
    entries: dict[str, list[Entry]] = {}
    repeats = Repeats()
    for (language, _), group in groups.items():
        entry = repeats.resolve(group) if isinstance(group, list) else _entry(group)
        if entry is not None:
            entries.setdefault(language, []).append(entry)
    if not entries:
        raise CorpusError(
            f"{name} has no usable word (rows without a word: {blank:,}; words listed as positive and as negative: "
            f"{len(repeats.opposite):,}). Give a list with a word and its valence in every row."
        )
    return Lexicon(
        entries={language: tuple(found) for language, found in entries.items()},
        name=name,
        source=source,
        scale=scale,
        licence=licence,
        notes=(*notes, *_blank(blank, name), *repeats.notes(name)),
    )


def clean(text: str) -> str:
    """NFC with single spaces, and none at the ends."""
    text = text if is_normalized("NFC", text) else normalize("NFC", text)
    return " ".join(text.split())


class Repeats:
    """Joins the rows of a word that occurs several times, and counts what it did."""

    def __init__(self):
        self.joined = self.averaged = 0
        self.opposite: list[str] = []

    def resolve(self, rows: Sequence[Row]) -> Entry | None:
        """One entry for all rows of a word, or None if they contradict each other."""
        rows = [row for row in rows if not row.lemma] or rows
        valences = [row.valence for row in rows]
        if min(valences) < 0 < max(valences):
            self.opposite.append(rows[0].term)
            return None
        self.joined += len(rows) - 1
        self.averaged += min(valences) != max(valences)
        concepts = dict.fromkeys(row.concept for row in rows if row.concept)
        return _entry(rows[0], sum(valences) / len(valences), tuple(concepts))

    def notes(self, name: str) -> Iterator[str]:
        """Sentences about what was resolved."""
        if self.joined:
            mean = (
                f"; of these, words that get the mean of different scores: {self.averaged:,}" if self.averaged else ""
            )
            yield f"Rows of {name} that repeat a word and are joined with it: {self.joined:,}{mean}."
        if self.opposite:
            count, some = len(self.opposite), ", ".join(self.opposite[:5]) + ", …" * (len(self.opposite) > 5)
            yield f"Words of {name} left out, as it lists them as positive and as negative: {count:,} ({some})."


def _cleaned(rows: Iterable[Row], name: str) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count == MAX_ENTRIES:
            raise too_many_words(name)
        term, lemma = clean(row.term), clean(row.lemma)
        if term != row.term or lemma != row.lemma or lemma == term:
            row = row._replace(term=term, lemma="" if lemma == term else lemma)
        yield row


def too_many_words(name: str) -> CorpusError:
    """The error for a lexicon with more than `MAX_ENTRIES` rows."""
    return CorpusError(
        f"{name} has more than {MAX_ENTRIES:,} words, which is the limit. Keep fewer languages, or the frequent words."
    )


def _entry(row: Row, valence: float | None = None, concepts: tuple[str, ...] | None = None) -> Entry:
    return Entry(
        term=row.term,
        language=row.language,
        valence=float(row.valence if valence is None else valence),
        concepts=((row.concept,) if row.concept else ()) if concepts is None else concepts,
        lemma=row.lemma or row.term,
    )


def _blank(count: int, name: str) -> list[str]:
    return [f"Rows of {name} left out, as they have no word: {count:,}."] if count else []
