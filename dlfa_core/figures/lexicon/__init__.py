"""Which words carry the sentiment: pictures of a `lexicon.Result` and of explained texts."""

from dlfa_core.figures.lexicon.agreement import pairs
from dlfa_core.figures.lexicon.faithful import erased
from dlfa_core.figures.lexicon.languages import QUANTITIES, by_language
from dlfa_core.figures.lexicon.layers import by_layer
from dlfa_core.figures.lexicon.sentences import disagreeing, explained_marks, lexicon_marks, sentence_ids, texts_of

__all__ = [
    "QUANTITIES",
    "by_language",
    "by_layer",
    "disagreeing",
    "erased",
    "explained_marks",
    "lexicon_marks",
    "pairs",
    "sentence_ids",
    "texts_of",
]
