"""Which words carry the sentiment: pictures and sentences of a `lexicon.Result` and of explained texts."""

from dlfa_core.figures.lexicon.agreement import pairs
from dlfa_core.figures.lexicon.disagreeing import disagreeing
from dlfa_core.figures.lexicon.faithful import erased
from dlfa_core.figures.lexicon.languages import QUANTITIES, by_language
from dlfa_core.figures.lexicon.layers import by_layer
from dlfa_core.figures.lexicon.sentences import explained_marks, lexicon_marks, sentence_ids, texts_of
from dlfa_core.figures.sentences.attribute import Change, change_said, changes, value_said
from dlfa_core.figures.sentences.lexicon import (
    agreement_said,
    answer,
    coverage_said,
    extremes_said,
    faithful_said,
    rival_said,
    translations_said,
)
from dlfa_core.figures.sentences.systems import (
    TASK_MODELS,
    first_system,
    layered,
    rows_of,
    system_label,
    system_labels,
)

__all__ = [
    "QUANTITIES",
    "TASK_MODELS",
    "Change",
    "agreement_said",
    "answer",
    "by_language",
    "by_layer",
    "change_said",
    "changes",
    "coverage_said",
    "disagreeing",
    "erased",
    "explained_marks",
    "extremes_said",
    "faithful_said",
    "first_system",
    "layered",
    "lexicon_marks",
    "pairs",
    "rival_said",
    "rows_of",
    "sentence_ids",
    "system_label",
    "system_labels",
    "texts_of",
    "translations_said",
    "value_said",
]
