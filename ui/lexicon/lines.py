"""Texts with their words coloured, and what the colours mean."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from dlfa_core import markup
from dlfa_core.experiments import attribute
from ui import choices


def styles() -> None:
    """What the coloured words need on the page."""
    st.html(f"<style>{markup.STYLE}</style>")


def coloured(text: str, marks: Sequence[markup.Mark], language: str, largest: float | None, note: str) -> str:
    """A text with its language above and its words coloured; as HTML, shown and handed back."""
    body = (
        f'<p class="gated-language">{escape(choices.language_name(language))} · {escape(note)}</p>'
        f"{markup.marked(text, marks, language, largest)}"
    )
    st.html(body)
    return body


def legend(target: str, against: str) -> str:
    """What the colours mean; as HTML, shown and handed back."""
    body = markup.legend(target or "the label that is predicted", against or None)
    st.html(body)
    return body


def strongest(*sides: Sequence[markup.Mark]) -> float | None:
    """The largest score of all, so that a colour means the same on both sides."""
    return max((abs(mark.score) for marks in sides for mark in marks if mark.score == mark.score), default=None)


def asked_of(found: attribute.Result) -> tuple[str, str]:
    """Target and what it is held against, where they are the same for all texts; else empty."""
    sides = found.texts[["target", "against"]].drop_duplicates()
    return tuple(sides.iloc[0]) if len(sides) == 1 else ("", "")
