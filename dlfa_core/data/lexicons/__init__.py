"""Words with a valence, read from many kinds of lists and found again in text. Nothing here imports torch."""

from dlfa_core.data.lexicons.coverage import cut_up, occurrences
from dlfa_core.data.lexicons.matching import Match, Matcher, word_places
from dlfa_core.data.lexicons.sources import open_lexicon
from dlfa_core.data.lexicons.stems import can_stem
from dlfa_core.data.lexicons.values import MAX_ENTRIES, NEUTRAL, POLARITIES, Entry, Lexicon, polarity

__all__ = [
    "MAX_ENTRIES",
    "NEUTRAL",
    "POLARITIES",
    "Entry",
    "Lexicon",
    "Match",
    "Matcher",
    "can_stem",
    "cut_up",
    "occurrences",
    "open_lexicon",
    "polarity",
    "word_places",
]
