"""Aligned sentences in several languages, as one frozen value."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from types import MappingProxyType

import numpy as np
import pandas as pd
import regex

from dlfa_core.languages import UnknownLanguage, find

MANY_EQUAL = 0.05  # share of rows: names and numbers alone make fewer sentences equal to their translations
MAX_SENTENCES = 200_000  # rows of one corpus: more neither fits a laptop's memory nor sharpens an interval
LONGEST_MESSAGE = 1500  # characters of an error
LONG_WORD = re.compile(r"\S{200,}")
INCIDENTAL = regex.compile(r"[\p{N}\p{P}\p{S}\s]+")  # numbers, punctuation and blanks
VISIBLE = regex.compile(r"[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]")  # U+2800: braille without a dot


class CorpusError(ValueError):
    """A corpus cannot be used; the message says what is wrong with it and what to do.

    What it quotes of a file may be of any length: of long words, and of all that is long, the middle is left out.
    """

    def __init__(self, message: str):
        words = LONG_WORD.sub(lambda found: f"{found[0][:60]}…{found[0][-20:]}", message)
        super().__init__(words if len(words) <= LONGEST_MESSAGE else f"{words[:1000]} … {words[-400:]}")


@dataclass(frozen=True, eq=False)  # compare `digest` instead
class ParallelCorpus:
    """Sentences that are translations of each other.

    Row i of every language says the same thing; `ids[i]` names it.

    Attributes:
        ids: (n,) unique names of the rows.
        texts: ISO 639-3 code -> (n,) sentences, none empty; read-only.
        name: for headings, such as "PUD".
        source: what `sources.open_corpus` opened, or where a table came from.
        licence: as the source states it, or "not stated".
        meta: (n, m) table of strings indexed by `ids`, with columns such as topic and sentiment; or None.
        notes: sentences about what reading left out; show them to whoever chose the corpus.
    """

    ids: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]
    name: str
    source: str
    licence: str = "not stated"
    meta: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "texts", MappingProxyType(dict(self.texts)))

    def __reduce__(self):  # a read-only view cannot be pickled, and Dask and Streamlit send corpora around
        values = (self.ids, dict(self.texts), self.name, self.source, self.licence, self.meta, self.notes)
        return ParallelCorpus, values

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, language: str) -> tuple[str, ...]:
        return self.texts[self._own(language)]

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-3 codes, in the order of the source."""
        return tuple(self.texts)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over ids, texts and meta, in order; name, source, licence and notes play no part."""
        digest = hashlib.sha256()
        for part in (self.ids, *self.texts.items(), *_columns(self.meta)):
            digest.update(json.dumps(part).encode())  # JSON marks where every string ends
        return digest.hexdigest()

    def select(
        self, languages: Sequence[str] | None = None, limit: int | None = None, seed: int = 0
    ) -> "ParallelCorpus":
        """The same rows in fewer languages, or a random part of the rows in their old order.

        Args:
            languages: codes or names to keep, in this order; None or empty for all.
            limit: rows to keep; None, 0 or more than there are for all. With one seed, a larger
                limit keeps every row of a smaller one.
            seed: of the random choice.

        Raises:
            CorpusError: the corpus has no such language, or a negative limit.
        """
        if limit is not None and limit < 0:
            raise CorpusError(f"A corpus cannot have {limit} sentences. Give a limit of 1 or more, or 0 for all.")
        codes = dict.fromkeys(self._own(language) for language in languages or self.languages)
        rows = np.arange(len(self))
        if limit and limit < len(self):
            rows = np.sort(np.random.default_rng(seed).permutation(len(self))[:limit])
        return replace(
            self,
            ids=_take(self.ids, rows),
            texts={code: _take(self.texts[code], rows) for code in codes},
            meta=None if self.meta is None else self.meta.iloc[rows],
        )

    def _own(self, language: str) -> str:
        code = language if language in self.texts else find(language).code
        if code not in self.texts:
            raise CorpusError(
                f"{self.name} has no sentences in {find(code).name} ({code}). Choose from {', '.join(self.languages)}."
            )
        return code


def align(
    columns: Mapping[str, Sequence[str]],
    ids: Sequence[str],
    *,
    name: str,
    source: str,
    licence: str = "not stated",
    meta: Mapping[str, Sequence[str]] | None = None,
    notes: Sequence[str] = (),
) -> ParallelCorpus:
    """Make a corpus of columns that a reader found, or say why they are none.

    A row that lacks a sentence in some language is left out and counted in `notes`; what is invisible
    (NUL, U+200B, U+FEFF) is no sentence. Where several columns hold one language (zho_Hans and zho_Hant), one in the
    language's usual script is kept.

    Args:
        columns: heading -> (n,) sentences; a heading is anything that `languages.find` knows.
        ids: (n,) names of the rows.
        meta: heading -> (n,) further values, such as topics.
        notes: what the reader itself left out.

    Raises:
        CorpusError: fewer than two languages, an unknown one, no rows or more than
            `MAX_SENTENCES`, a repeated id, or no complete row.
    """
    chosen, set_aside = _one_column_per_language(columns, name)
    if len(chosen) < 2:
        raise CorpusError(
            f"{name} has sentences in {len(chosen)} language{'s' * (len(chosen) != 1)}, but languages are compared "
            f"in pairs. Give at least two columns or files headed by language codes, such as eng and deu."
        )
    if not len(ids):
        raise CorpusError(f"{name} has no sentences. Choose a file or a part of it that holds some.")
    if len(ids) > MAX_SENTENCES:
        raise too_many(name)
    _check_unique(ids, name)
    texts = {code: tuple(map(_sentence, columns[heading])) for code, heading in chosen.items()}
    complete = np.array([all(row) for row in zip(*texts.values(), strict=True)], dtype=bool)
    gaps = [] if complete.all() else [_gaps(texts, complete, name)]
    rows = np.flatnonzero(complete)
    kept = _take(ids, rows)
    table = {column: _take(values, rows) for column, values in (meta or {}).items()}
    return ParallelCorpus(
        ids=kept,
        texts={code: _take(column, rows) for code, column in texts.items()},
        name=name,
        source=source,
        licence=licence,
        meta=pd.DataFrame(table, index=pd.Index(kept, name="id"), dtype=object) if table else None,
        notes=(
            *notes,
            *set_aside,
            *gaps,
            *_likenesses({code: _take(column, rows) for code, column in texts.items()}, name),
        ),
    )


def too_many(name: str) -> CorpusError:
    """The error for a corpus with more than `MAX_SENTENCES` rows."""
    return CorpusError(
        f"{name} has more than {MAX_SENTENCES:,} sentences, which is the limit. "
        f"Keep a random sample of its rows; a few thousand already give narrow intervals."
    )


def _likenesses(texts: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """Notes on languages that share many rows, as untranslated text does, and on rows that are repeated.

    Rows are equal that differ only in case and in blanks.
    """
    plain = _hashed(texts, lambda text: " ".join(text.casefold().split()))
    n = len(next(iter(plain.values())))
    shared = {pair: int((plain[pair[0]] == plain[pair[1]]).sum()) for pair in combinations(plain, 2)}
    many = sorted((pair for pair in shared if shared[pair] > MANY_EQUAL * n), key=shared.get, reverse=True)
    notes = []
    if many:
        named = _some([f"{find(one).name} and {find(two).name} {shared[one, two]:,}" for one, two in many])
        notes.append(
            f"Of the {n:,} rows of {name}, many are the same in two languages: {named}. Where text is not translated, "
            f"similarity is high at every layer and says nothing: check these columns."
        )
    repeated = n - _kinds(plain)
    if repeated:
        notes.append(
            f"{repeated:,} of {n:,} rows of {name} repeat an earlier row in every language: intervals are narrower "
            f"than the sentences warrant. Leave repeated rows out."
        )
    near = n - repeated - _kinds(_hashed(texts, lambda text: INCIDENTAL.sub(" ", text.casefold()).strip()))
    if near > MANY_EQUAL * n:
        notes.append(
            f"{near:,} of {n:,} rows of {name} differ from an earlier row in numbers or punctuation alone, in every "
            f"language: such sentences are hard to tell apart at any layer, and intervals are narrower than they "
            f"warrant. Keep one of each kind."
        )
    return notes


def _hashed(texts: Mapping[str, Sequence[str]], plain: Callable[[str], str]) -> dict[str, np.ndarray]:
    """A number for every text, the same where `plain` leaves the same of it."""
    return {code: np.array([hash(plain(text)) for text in column]) for code, column in texts.items()}


def _kinds(rows: Mapping[str, np.ndarray]) -> int:
    """How many different rows there are, by what stands in each language."""
    return len(np.unique(np.stack(list(rows.values()), axis=1), axis=0))


def _sentence(text: str) -> str:
    """The text without blanks around it; empty where it has no visible character."""
    return text.strip() if VISIBLE.search(text) else ""


def _one_column_per_language(columns: Iterable[str], name: str) -> tuple[dict[str, str], list[str]]:
    """ISO 639-3 code -> heading, in the order of the columns, and notes on what was set aside."""
    variants: dict[str, list[str]] = {}
    for heading in columns:
        try:
            variants.setdefault(find(heading).code, []).append(heading)
        except UnknownLanguage as error:
            raise CorpusError(f"{name} has a column or file for {heading!r}. {error}") from None
    chosen = {code: min(headings, key=_oddity) for code, headings in variants.items()}
    notes = [
        f"{name} has several versions of {find(code).name}: {chosen[code]} is used, "
        f"{', '.join(heading for heading in headings if heading != chosen[code])} set aside."
        for code, headings in variants.items()
        if len(headings) > 1
    ]
    return chosen, notes


def _oddity(heading: str) -> tuple[bool, bool, int]:
    """Sorts the plain version of a language first: usual script, own code, no region."""
    language, tags = find(heading), heading.replace("_", "-").split("-")
    scripts = {tag for tag in tags[1:] if len(tag) == 4}
    return bool(scripts - {language.script}), tags[0] not in (language.code, language.alpha2), len(tags)


def _check_unique(ids: Sequence[str], name: str) -> None:
    repeated = [row for row, count in Counter(ids).items() if count > 1]
    if repeated:
        raise CorpusError(
            f"{name} uses {len(repeated):,} ids more than once, {_some(repeated)} among them. "
            f"Give every row an id of its own, or leave the column of ids out (Indonesian is ind, not id)."
        )


def _gaps(texts: Mapping[str, Sequence[str]], complete: np.ndarray, name: str) -> str:
    """Counts the rows without a sentence in some language; an error if no row is complete."""
    empty = {code: sum(not text for text in column) for code, column in texts.items()}
    worst = sorted((code for code in empty if empty[code]), key=empty.get, reverse=True)
    counts = _some([f"{find(code).name} {empty[code]:,}" for code in worst])
    if not complete.any():
        raise CorpusError(
            f"No row of {name} has a sentence in every language; empty are: {counts or 'all'} of "
            f"{len(complete):,}. Fill the gaps, or delete the languages with the most of them."
        )
    return (
        f"{np.count_nonzero(~complete):,} of {len(complete):,} rows of {name} are left out, "
        f"because a language has no sentence there: {counts}."
    )


def _columns(table: pd.DataFrame | None) -> list[tuple[str, list[str]]]:
    return [] if table is None else [(column, table[column].tolist()) for column in table]


def _take(values: Sequence[str], rows: np.ndarray) -> tuple[str, ...]:
    return tuple(values[row] for row in rows)


def _some(values: Sequence[str], most: int = 3) -> str:
    """The first few of a list, and how many more there are."""
    rest = f" and {len(values) - most:,} more" if len(values) > most else ""
    return ", ".join(values[:most]) + rest
