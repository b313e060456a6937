"""Lexicons as specs name them: read once while their files stay the same."""

from functools import lru_cache

from dlfa_core.data import CorpusError, Lexicon, open_lexicon
from dlfa_core.data.lexicons.sources import places


def opened(source: str) -> Lexicon:
    """The lexicon that a source names, read again only when a file of it has changed.

    Raises:
        CorpusError: no such source, or the lexicon cannot be used.
    """
    return _opened(source, _stamp(source))


def fingerprint(source: str) -> str:
    """A text that changes when the words or their valences change.

    Raises:
        CorpusError: no such source, or the lexicon cannot be used.
    """
    return f"sha256:{opened(source).digest}"


@lru_cache(maxsize=2)  # a large one fills a few hundred megabytes
def _opened(source: str, stamp: tuple) -> Lexicon:
    return open_lexicon(source)


def _stamp(source: str) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every file; nothing for what is not there, which opening then explains."""
    try:
        return tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in places(source))
    except (OSError, CorpusError):
        return ()
