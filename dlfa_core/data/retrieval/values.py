"""Queries and the pool that they search, as a frozen value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import find


@dataclass(frozen=True, eq=False)
class Query:
    """What is searched for: a question, or a mention in its sentence.

    Attributes:
        id: unique in its set.
        language: ISO 639-3.
        text: as an encoder reads it.
        right: ids of the candidates that answer it, at least one.
        group: what queries share that are not independent: translations of one, or mentions of one entity; else its
            own id.
    """

    id: str
    language: str
    text: str
    right: tuple[str, ...]
    group: str


@dataclass(frozen=True, eq=False)
class Candidate:
    """What may be found: a sentence, or the description of an entity.

    Attributes:
        id: unique in its set.
        language: ISO 639-3.
        text: as an encoder reads it.
    """

    id: str
    language: str
    text: str


@dataclass(frozen=True, eq=False)
class RetrievalSet:
    """Queries and one pool of candidates.

    Attributes:
        name: for headings, such as "LAReQA".
        queries, candidates: in the order of the files.
        source: what `open_retrieval` opened.
        licence: as the source states it, or "not stated".
        notes: sentences about what reading left out; show them to whoever chose the set.
    """

    name: str
    queries: tuple[Query, ...]
    candidates: tuple[Candidate, ...]
    source: str = ""
    licence: str = "not stated"
    notes: tuple[str, ...] = ()

    @property
    def entries(self) -> "tuple[Query | Candidate, ...]":
        """All queries, then all candidates."""
        return (*self.queries, *self.candidates)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-3 codes of the queries, in their order."""
        return tuple(dict.fromkeys(query.language for query in self.queries))

    @property
    def right(self) -> list[list[int]]:
        """The numbers of each query's right candidates."""
        number = {candidate.id: row for row, candidate in enumerate(self.candidates)}
        return [[number[name] for name in query.right] for query in self.queries]

    def select(
        self, languages: Sequence[str] = (), queries: int = 0, candidates: int = 0, seed: int = 0
    ) -> "RetrievalSet":
        """The same set with fewer queries, or a random part of the pool.

        Queries of a group are drawn together where all languages have them, and no right candidate is left out.

        Args:
            languages: codes or names of the queries' languages; empty for all. The pool keeps all of its own.
            queries: the most in a language; 0 for all.
            candidates: the most in the pool; 0 for all.
            seed: of the random choice.

        Raises:
            CorpusError: the set has no queries in one of the languages, or a negative limit.
        """
        if min(queries or 0, candidates or 0) < 0:
            raise CorpusError(
                f"A set cannot have {queries} queries and {candidates} candidates. "
                "Give limits of 1 or more, or 0 for all."
            )
        codes = [find(language).code for language in languages] or list(self.languages)
        absent = [code for code in codes if code not in self.languages]
        if absent:
            raise CorpusError(
                f"{self.name} has no queries in {find(absent[0]).name} ({absent[0]}). "
                f"Choose from {', '.join(self.languages)}."
            )
        rng = np.random.default_rng(seed)
        groups = list(dict.fromkeys(query.group for query in self.queries))
        rank = {groups[row]: place for place, row in enumerate(rng.permutation(len(groups)))}
        asked = [query for code in codes for query in self.queries if query.language == code]
        if queries:
            by_rank = sorted(asked, key=lambda query: rank[query.group])
            first = {code: [query for query in by_rank if query.language == code][:queries] for code in codes}
            kept = {query.id for own in first.values() for query in own}
            asked = [query for query in asked if query.id in kept]
        return replace(self, queries=tuple(asked), candidates=self._pool(asked, candidates, rng))

    def _pool(self, asked: Sequence[Query], most: int, rng: np.random.Generator) -> tuple[Candidate, ...]:
        if not most or most >= len(self.candidates):
            return self.candidates
        right = {name for query in asked for name in query.right}
        others = [row for row, candidate in enumerate(self.candidates) if candidate.id not in right]
        drawn = set(rng.permutation(others)[: max(most - len(right), 0)].tolist())
        return tuple(
            candidate for row, candidate in enumerate(self.candidates) if candidate.id in right or row in drawn
        )
