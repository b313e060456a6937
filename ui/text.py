"""Text on a page."""

import re
from collections.abc import Iterable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlfa_core.figures.sentences.notes import readable
from ui.glossary import explained
from ui.html import show

Terms = Iterable[tuple[str, str]]  # each with what it means
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    """`text` on one line, so that Markdown shows it letter by letter."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(str(text).split()))


def answer(sentence: str) -> None:
    """The computed sentence under the question."""
    show("text.answer", explained(sentence))


def aside(*paragraphs: str) -> None:
    """Quiet explaining text; empty paragraphs are left out."""
    if said := list(filter(None, paragraphs)):
        show("text.aside", [explained(text) for text in said])


def picture(title: str, sentence: str) -> None:
    """What stands above one of several pictures side by side: its title, and what it says in a sentence."""
    show("text.picture", title, sentence)


def reading(*paragraphs: str, terms: Terms = (), title: str = "How to read this") -> None:
    """Explaining text that is folded under its title until a reader asks for it; nothing where there is none.

    Args:
        paragraphs: empty ones are left out.
        terms: each with what it means, below the paragraphs.
    """
    said = [explained(text) for text in paragraphs if text]
    meanings = [(term, explained(text)) for term, text in terms]
    if said or meanings:
        show("text.folded", title, said, meanings)


def computed(*paragraphs: str, terms: Terms = ()) -> None:
    """Text on how the numbers were made, folded as `reading` is."""
    reading(*paragraphs, terms=terms, title="How it was computed")


def outline(*titles: str) -> None:
    """Links to the sections of a long page, which `section` opens, in one row."""
    show("text.outline", [(title, _anchor(title)) for title in titles])


def ask_differently(*sections: str) -> DeltaGenerator:
    """Return where a page asks what else could be compared, behind a button; links to `sections` stand beside it."""
    with st.container(horizontal=True, vertical_alignment="center", key="ask-differently"):
        place = st.popover("Ask it differently", icon=":material/tune:")
        outline(*sections)
    return place


def section(title: str) -> None:
    """The heading of a part of a page that `outline` may lead to."""
    st.header(title, anchor=_anchor(title))


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def problem(error: Exception | str) -> None:
    """Show what is wrong and what to do, in the words of whoever noticed."""
    st.error(plain(error), icon=":material/error:")


def notes(warnings: Iterable[str]) -> None:
    """Show what a reader must know before believing the picture."""
    if said := "\n\n".join(map(plain, map(readable, warnings))):
        st.warning(said, icon=":material/info:")


def terms(items: Terms) -> None:
    """Terms, each with what it means."""
    show("text.terms", [(term, explained(text)) for term, text in items])


def sentences(items: Iterable[tuple[str, str]]) -> None:
    """(language code, sentence) pairs, each in its own direction and with the fonts of its language."""
    show("text.sentences", items)


def command_line(command: str) -> None:
    """A command to copy. Not `st.code`, whose highlighter is 1.5 MB that the first picture would wait for."""
    show("text.command", command)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A small table; the first column names its rows. Not `st.dataframe`, for the same reason."""
    show("text.table", head, rows)
