"""Text on a page. Whatever a visitor or a file brought along is escaped here, and nowhere else."""

import re
from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd
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


def rewritten(items: Iterable[tuple[str, str, str, Sequence[tuple[int, int, str]]]]) -> None:
    """Sentences beside what became of them, each in its own direction.

    Args:
        items: language code, the sentence, what became of it, and in that the words that differ: start, end, language.
    """
    rows = []
    for code, before, after, words in items:
        language = lang.find(code)
        attributes = f'lang="{escape(language.bcp47)}" dir="{language.direction}"'
        rows.append(
            f"<dt>{escape(language.name)}</dt><dd><p {attributes}>{escape(before)}</p>"
            f"<p {attributes}>{_marked(after, words)}</p></dd>"
        )
    st.html(f'<dl class="terms sentences rewritten">{"".join(rows)}</dl>')


def _marked(text: str, words: Sequence[tuple[int, int, str]]) -> str:
    """Words in a text, each marked and isolated from the direction around it."""
    parts, place = [], 0
    for start, end, code in words:
        language = lang.find(code)
        attributes = f'lang="{escape(language.bcp47)}" dir="{language.direction}" title="{escape(language.name)}"'
        parts += [escape(text[place:start]), f"<mark {attributes}>{escape(text[start:end])}</mark>"]
        place = end
    return "".join([*parts, escape(text[place:])])


def command_line(command: str) -> None:
    """A command to copy. Not `st.code`, whose highlighter is 1.5 MB that the first picture would wait for."""
    st.html(f'<pre class="command"><code>{escape(command)}</code></pre>')


def best_layers(table: pd.DataFrame) -> None:
    """The table of `figures.best_layers`. Not `st.dataframe`, for the same reason as above."""
    head = ("Measure", "Best layer", "Value", "95 % interval", "Chance reaches", "Best in resamples")
    rows = (
        f'<th scope="row">{escape(row.label)}</th><td class="layer">{row.layer}</td><td>{row.value:.3f}</td>'
        f"<td>{row.ci_low:.3f} to {row.ci_high:.3f}</td><td>{row.null_high:.3f}</td>"
        f"<td>{_bar(row.share)}</td>"
        for row in table.itertuples()
    )
    _table(head, rows)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A small table; the first column names its rows. Not `st.dataframe`, for the same reason."""
    _table(
        head,
        (
            f'<th scope="row">{escape(str(name))}</th>' + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells)
            for name, *cells in rows
        ),
    )


def _table(head: Sequence[str], rows: Iterable[str]) -> None:
    header = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    st.html(
        f'<div class="scroll"><table class="best"><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def layer_table(table: pd.DataFrame, here: int) -> None:
    """A table with one row per layer, such as `figures.layer_table` gives; the row of the layer `here` stands out."""
    header = "".join(f'<th scope="col">{escape(title)}</th>' for title in ("Layer", *table.columns))
    body = "".join(
        f'<tr{" class=here" if layer == here else ""}><th scope="row">{layer}</th>'
        + "".join(f"<td>{'–' if pd.isna(value) else f'{round(value, 2) + 0:.2f}'}</td>" for value in values)
        + "</tr>"
        for layer, values in zip(table.index, table.to_numpy(), strict=True)
    )
    rows = f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody>"
    st.html(f'<div class="scroll"><table class="best narrow">{rows}</table></div>')


def _bar(share: float) -> str:
    """A share in [0, 1] as a bar and a number; a dash where nothing was resampled."""
    if pd.isna(share):
        return "–"
    return f'<span class="bar" style="--share: {100 * share:.0f}%"></span>{100 * share:.0f} %'
