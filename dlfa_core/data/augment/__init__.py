"""Lexicons in pre-training: what a text, a batch or a step becomes with one. Pure, and nothing here imports torch."""

from dlfa_core.data.augment.methods import METHODS, Method, checked_methods
from dlfa_core.data.augment.pseudo import pseudo_text
from dlfa_core.data.augment.switching import Span, Switched, Switcher, without_languages
from dlfa_core.data.augment.valence import ValenceWords
from dlfa_core.data.augment.words import word_groups

__all__ = [
    "METHODS",
    "Method",
    "Span",
    "Switched",
    "Switcher",
    "ValenceWords",
    "checked_methods",
    "pseudo_text",
    "without_languages",
    "word_groups",
]
