"""What the Gates page asks and shows beyond what pages share."""

from ui.gates.questions import MEASURES, measure, models, one_of, sentence, standing_on, two_languages, typed
from ui.gates.words import in_words, provenance, words_of

__all__ = [
    "MEASURES",
    "in_words",
    "measure",
    "models",
    "one_of",
    "provenance",
    "sentence",
    "standing_on",
    "two_languages",
    "typed",
    "words_of",
]
