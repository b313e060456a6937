"""Text on a page."""

import re
from collections.abc import Iterable, Sequence

import streamlit as st

from ui.glossary import explained
from ui.html import show

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


def problem(error: Exception | str) -> None:
    """Show what is wrong and what to do, in the words of whoever noticed."""
    st.error(plain(error), icon=":material/error:")


def notes(warnings: Iterable[str]) -> None:
    """Show what a reader must know before believing the picture."""
    if said := "\n\n".join(map(plain, warnings)):
        st.warning(said, icon=":material/info:")


def terms(items: Iterable[tuple[str, str]]) -> None:
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
