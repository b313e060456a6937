"""Lexicons in pre-training: what a text, a batch or a step becomes with one. Pure, and nothing here imports torch."""

from dlfa_core.data.augment.controls import (
    CONTROLS,
    ShuffledSwitcher,
    checked_controls,
    neutral_lexicon,
    shuffled_valences,
)
from dlfa_core.data.augment.methods import METHODS, Method, checked_methods
from dlfa_core.data.augment.pseudo import pseudo_text
from dlfa_core.data.augment.switching import Span, Switched, Switcher, without_languages
from dlfa_core.data.augment.valence import ValenceWords
from dlfa_core.data.augment.words import word_groups

__all__ = [
    "CONTROLS",
    "METHODS",
    "Method",
    "ShuffledSwitcher",
    "Span",
    "Switched",
    "Switcher",
    "ValenceWords",
    "checked_controls",
    "checked_methods",
    "neutral_lexicon",
    "pseudo_text",
    "shuffled_valences",
    "without_languages",
    "word_groups",
]
