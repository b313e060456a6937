"""What the gates of fusion models do: pictures of a `gates.Result`."""

from dlfa_core.figures.gates.branches import branches
from dlfa_core.figures.gates.dimensions import dimensions
from dlfa_core.figures.gates.groups import WORD_MEASURES, by_class, by_language
from dlfa_core.figures.gates.similarity import by_layer, similarity
from dlfa_core.figures.gates.words import range_of_words, sentence_heatmap, sentences_of

__all__ = [
    "WORD_MEASURES",
    "branches",
    "by_class",
    "by_language",
    "by_layer",
    "dimensions",
    "range_of_words",
    "sentence_heatmap",
    "sentences_of",
    "similarity",
]
