"""Real sentences and words in, frozen values out. Nothing here imports torch."""

from dlfa_core.data.lexicons import Lexicon, Matcher, open_lexicon
from dlfa_core.data.parallel import MAX_SENTENCES, CorpusError, ParallelCorpus
from dlfa_core.data.sources import open_corpus

__all__ = ["MAX_SENTENCES", "CorpusError", "Lexicon", "Matcher", "ParallelCorpus", "open_corpus", "open_lexicon"]
