"""Queries and candidates that belong together: ids once, and right candidates that are there."""

from collections.abc import Iterable, Sequence

from dlfa_core.data.json_lines import broken
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.retrieval.values import Candidate, Query


def checked(
    queries: Sequence[tuple[str, Query]], candidates: Sequence[tuple[str, Candidate]], name: str
) -> tuple[tuple[Query, ...], tuple[Candidate, ...]]:
    """Queries and candidates, each with where it stands, without the places.

    Raises:
        CorpusError: an id twice, a right candidate that the pool lacks, no queries, or fewer than two candidates.
    """
    if not queries or len(candidates) < 2:
        raise CorpusError(
            f"{name} has {len(queries):,} queries and {len(candidates):,} candidates. Give at least one query, and two "
            "candidates to choose from."
        )
    _check_once(((where, query.id) for where, query in queries), "query")
    _check_once(((where, candidate.id) for where, candidate in candidates), "candidate")
    pool = {candidate.id for _, candidate in candidates}
    for where, query in queries:
        absent = [answer for answer in query.right if answer not in pool]
        if absent or not query.right:
            broken(
                where,
                f"asks for the candidate {absent[0]!r}, which the pool does not have"
                if absent
                else "has no right candidate",
                f"Add it to the candidates, {len(pool):,} so far, or leave this query out.",
            )
    return tuple(query for _, query in queries), tuple(candidate for _, candidate in candidates)


def _check_once(names: Iterable[tuple[str, str]], what: str) -> None:
    first: dict[str, str] = {}
    for where, name in names:
        if name in first:
            broken(
                where,
                f"has the {what} id {name!r}, which {first[name][0].lower()}{first[name][1:]} has, too",
                f"Give every {what} an id of its own.",
            )
        first[name] = where
