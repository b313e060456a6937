"""Sentences beside what became of them."""

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from dlfa_core import languages as lang


def rewritten(samples: pd.DataFrame) -> None:
    """Rows of `augment.Result.samples`: each sentence, and what became of it with what differs marked."""
    rows = []
    for row in samples.itertuples():
        language = lang.find(row.language)
        attributes = f'lang="{escape(language.bcp47)}" dir="{language.direction}"'
        rows.append(
            f"<dt>{escape(language.name)}</dt><dd><p {attributes}>{escape(row.original)}</p>"
            f"<p {attributes}>{_marked(row.changed, _spans(row.spans))}</p></dd>"
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


def _spans(text: str) -> list[tuple[int, int, str]]:
    """The words of a row of `Result.samples`: start, end and language."""
    found = []
    for word in text.split():
        place, _, code = word.partition(":")
        start, _, end = place.partition("-")
        found.append((int(start), int(end), code))
    return found
