"""Corpora as specs name them: read once while their files stay the same, and fingerprinted without `datasets`."""

import re

from dlfa_core.data import CorpusError, ParallelCorpus, open_corpus
from dlfa_core.data.opened import opened_once
from dlfa_core.data.sources import files_of

COMMIT = re.compile("[0-9a-f]{40}")
ANSWER_WITHIN = 3  # seconds, of the hub


@opened_once(files_of, most=4)
def opened(source: str) -> ParallelCorpus:
    """The corpus that a source names, read again only when a file of it has changed.

    Raises:
        CorpusError: no such source, or the corpus cannot be used.
    """
    return open_corpus(source)


def fingerprint(source: str) -> str:
    """A text that changes when the sentences change: their digest, or for a hub data set its commit.

    Raises:
        CorpusError: no such source, or the hub cannot say which commit it is.
    """
    if source.startswith("hub:"):
        return f"commit:{_hub_commit(source)}"
    return f"sha256:{opened(source).digest}"


def _hub_commit(source: str) -> str:
    from huggingface_hub import HfApi

    name, _, revision = source.split(":")[1].partition("@")
    if COMMIT.fullmatch(revision):
        return revision
    try:
        return HfApi().dataset_info(name, revision=revision or None, timeout=ANSWER_WITHIN).sha
    except Exception as error:  # no network, no such name, a time-out: they share no class
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise CorpusError(
            f"The hub does not say which commit of {name!r} is meant ({why}). Check the name and the network, "
            f"or pin the data set by its 40-digit commit: hub:{name}@COMMIT."
        ) from error
