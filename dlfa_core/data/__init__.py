"""Real sentences in, frozen values out. Nothing here imports torch."""

from dlfa_core.data.parallel import MAX_SENTENCES, CorpusError, ParallelCorpus
from dlfa_core.data.sources import open_corpus

__all__ = ["MAX_SENTENCES", "CorpusError", "ParallelCorpus", "open_corpus"]
