"""Text on a page. Whatever a visitor or a file brought along is escaped here, and nowhere else."""

import re
from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from dlfa_core import languages as lang

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    """`text` on one line, so that Markdown shows it letter by letter."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(str(text).split()))


def answer(sentence: str) -> None:
    """The computed sentence under the question."""
    st.html(f'<p class="answer">{escape(sentence)}</p>')


def aside(*paragraphs: str) -> None:
    """Quiet explaining text; empty paragraphs are left out."""
    if said := "".join(f'<p class="aside">{escape(text)}</p>' for text in paragraphs if text):
        st.html(said)


def problem(error: Exception | str) -> None:
    """What is wrong and what to do, in the words of whoever noticed."""
    st.error(plain(error), icon=":material/error:")


def notes(warnings: Iterable[str]) -> None:
    """What a reader must know before believing the picture."""
    if said := "\n\n".join(map(plain, warnings)):
        st.warning(said, icon=":material/info:")


def terms(items: Iterable[tuple[str, str]]) -> None:
    """Terms, each with what it means."""
    rows = (f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in items)
    st.html(f'<dl class="terms">{"".join(rows)}</dl>')


def sentences(items: Iterable[tuple[str, str]]) -> None:
    """(language code, sentence) pairs, each in its own direction and with the fonts of its language."""
    rows = []
    for code, text in items:
        language = lang.find(code)
        attributes = f'lang="{escape(language.bcp47)}" dir="{language.direction}"'
        own_name = (
            f" · <span {attributes}>{escape(language.own_name)}</span>" if language.own_name != language.name else ""
        )
        rows.append(f"<dt>{escape(language.name)}{own_name}</dt><dd {attributes}>{escape(text)}</dd>")
    st.html(f'<dl class="terms sentences">{"".join(rows)}</dl>')


def command_line(command: str) -> None:
    """A command to copy. Not `st.code`, whose highlighter is 1.5 MB that the first picture would wait for."""
    st.html(f'<pre class="command"><code>{escape(command)}</code></pre>')


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A small table; the first column names its rows. Not `st.dataframe`, for the same reason."""
    html_table(
        head,
        (
            f'<th scope="row">{escape(str(name))}</th>' + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
            for name, *cells in rows
        ),
    )


def html_table(head: Sequence[str], rows: Iterable[str]) -> None:
    header = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    st.html(
        f'<div class="scroll"><table class="best"><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>'
    )
