"""Lexicons as specs name them: read once while their files stay the same."""

from pathlib import Path

from dlfa_core.data import CorpusError, Lexicon, open_lexicon
from dlfa_core.data.lexicons.sources import files_of
from dlfa_core.data.opened import opened_once


def _files(source: str) -> list[Path]:
    """Every file of a lexicon but for what is not there, which opening then explains."""
    try:
        return [file for file in files_of(source) if file.exists()]
    except (OSError, CorpusError):
        return []


@opened_once(_files, most=2)  # a large one fills a few hundred megabytes
def opened(source: str) -> Lexicon:
    """The lexicon that a source names, read again only when a file of it has changed.

    Raises:
        CorpusError: no such source, or the lexicon cannot be used.
    """
    return open_lexicon(source)


def fingerprint(source: str) -> str:
    """A text that changes when the words or their valences change.

    Raises:
        CorpusError: no such source, or the lexicon cannot be used.
    """
    return f"sha256:{opened(source).digest}"
