"""Texts with their words coloured, and what the colours mean."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from markupsafe import Markup

from dlfa_core import markup
from dlfa_core.experiments import attribute
from dlfa_core.figures.sentences import attribute as said
from ui import choices
from ui.html import show


def styles() -> Markup:
    """Show what the coloured words need on the page; shown and handed back, as all below."""
    return show("lexicon.styles")


def coloured(text: str, marks: Sequence[markup.Mark], language: str, largest: float | None, note: str) -> Markup:
    """A text with its language above and its words coloured."""
    marked = markup.marked(text, marks, language, largest)
    return show("lexicon.line", choices.language_name(language), note, marked)


def legend(target: str, against: str) -> Markup:
    """Show what the colours mean."""
    body = markup.legend(target or "the label that is predicted", against or None)
    st.html(str(body))
    return body


def sure(text: Mapping[str, Any]) -> None:
    """Show how sure the model is of each of two labels as a bar; in words where one label is explained alone.

    Args:
        text: a row of `attribute.Result.texts`.
    """
    share = said.sureness(text)
    show("lexicon.sure", text["predicted"], text["target"], text["against"], None if share is None else 100 * share)


def strongest(*sides: Sequence[markup.Mark]) -> float | None:
    """The largest score of all, so that a colour means the same on both sides."""
    return max((abs(mark.score) for marks in sides for mark in marks if mark.score == mark.score), default=None)


def asked_of(found: attribute.Result) -> tuple[str, str]:
    """Target and what it is held against, where they are the same for all texts; else empty."""
    sides = found.texts[["target", "against"]].drop_duplicates()
    return tuple(sides.iloc[0]) if len(sides) == 1 else ("", "")
