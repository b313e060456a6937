"""Queries with their pools as specs name them: read once while their files stay the same."""

from dlfa_core.data.opened import digest_of, opened_once, stamp_of
from dlfa_core.data.retrieval import RetrievalSet, files_of, open_retrieval


@opened_once(files_of, most=2)
def opened(source: str) -> RetrievalSet:
    """The queries and the pool that a source names, read again only when a file of it has changed.

    Raises:
        CorpusError: no such source, or a broken file.
    """
    return open_retrieval(source)


def fingerprint(source: str) -> str:
    """A text that changes when a file of the source changes.

    Raises:
        CorpusError: nothing is there.
    """
    return f"sha256:{digest_of(stamp_of(files_of(source)))}"
