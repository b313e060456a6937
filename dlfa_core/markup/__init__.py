"""HTML from templates: pages that are taken home, and texts with their words coloured."""

from dlfa_core.markup.render import environment, render
from dlfa_core.markup.words import AGAINST, FOR, Mark, Section, document, legend, marked, signed

__all__ = [
    "AGAINST",
    "FOR",
    "Mark",
    "Section",
    "document",
    "environment",
    "legend",
    "marked",
    "render",
    "signed",
]
