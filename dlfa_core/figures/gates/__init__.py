"""What the gates of fusion models do: pictures and sentences of a `gates.Result`."""

from dlfa_core.figures.gates.branches import branches
from dlfa_core.figures.gates.dimensions import dimensions
from dlfa_core.figures.gates.groups import WORD_MEASURES, by_class, by_language
from dlfa_core.figures.gates.similarity import by_layer, similarity
from dlfa_core.figures.gates.words import range_of_words, sentence_heatmap, sentences_of
from dlfa_core.figures.sentences.gates import (
    answer,
    classes_from,
    dimensions_said,
    layer_of,
    model_names,
    shares_said,
    similarity_said,
    spread_said,
    typed_answer,
)
from dlfa_core.figures.sentences.word_classes import class_name

__all__ = [
    "WORD_MEASURES",
    "answer",
    "branches",
    "by_class",
    "by_language",
    "by_layer",
    "class_name",
    "classes_from",
    "dimensions",
    "dimensions_said",
    "layer_of",
    "model_names",
    "range_of_words",
    "sentence_heatmap",
    "sentences_of",
    "shares_said",
    "similarity",
    "similarity_said",
    "spread_said",
    "typed_answer",
]
