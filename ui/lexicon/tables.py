"""Tables of words: what an edit changes, what disagrees with the lexicon, and how much of it was found."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dlfa_core import languages as lang
from dlfa_core import markup
from dlfa_core.figures import lexicon as drawn


def changes_table(rows: Sequence[drawn.Change], languages: tuple[str, str]) -> None:
    """Words of two texts side by side with the difference of their scores."""
    left, right = (lang.find(code) for code in languages)
    cells = "".join(
        f"<tr>{_word_cell(row.left, left)}<td>{_number(row.left_score)}</td>"
        f"{_word_cell(row.right, right)}<td>{_number(row.right_score)}</td>"
        f'<td class="layer">{_number(row.by)}</td></tr>'
        for row in rows
    )
    _table(("Left", "Score", "Right", "Score", "Right − left"), cells, "best narrow")


def _word_cell(word: str | None, language: lang.Language) -> str:
    if word is None:
        return "<td>–</td>"
    return f'<td lang="{escape(language.bcp47)}" dir="{language.direction}">{escape(word)}</td>'


def _number(score: float | None) -> str:
    return "–" if score is None else markup.signed(score)


def words_table(words: pd.DataFrame, most: int = 30) -> None:
    """Words that disagree with the lexicon, each with links to the sentences that it stands in."""
    rows = "".join(_words_row(row) for row in words.head(most).itertuples())
    _table(("Word", "Language", "Lexicon says", "Mean score", "Wrong sign", "Found", "Sentences"), rows)


def _words_row(row) -> str:
    language = lang.find(row.language)
    links = " ".join(
        f'<a href="{escape(sentence_link(row.language, sent_id))}" target="_self">{escape(sent_id)}</a>'
        for sent_id in row.ids.split()
    )
    return (
        f'<tr><th scope="row" lang="{escape(language.bcp47)}" dir="{language.direction}">{escape(row.lemma)}</th>'
        f"<td>{escape(language.name)}</td><td>{escape(row.polarity)} ({_valence(row.valence)})</td>"
        f"<td>{markup.signed(row.score)}</td><td>{100 * row.wrong:.0f} %</td><td>{row.count}</td>"
        f'<td class="links">{links}</td></tr>'
    )


def _valence(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def sentence_link(language: str, sent_id: str) -> str:
    """The address of this page with a sentence shown, and everything else as it is."""
    kept = {key: st.query_params.get_all(key) for key in st.query_params}
    return "?" + urlencode(kept | {"shown": sent_id, "lexicon_left": lang.find(language).name}, doseq=True)


def coverage_table(coverage: pd.DataFrame) -> None:
    """How much of the lexicon each language's sentences have."""
    every = coverage[coverage["polarity"] == "all"].set_index("language")
    rows = []
    for code in lang.family_order(every.index):
        row, own = every.loc[code], coverage[coverage["language"] == code].set_index("polarity")["matches"]
        numbers = [row["lemmas"], row["found"], *(own[name] for name in ("positive", "neutral", "negative"))]
        cells = [*(f"{number:,}" for number in numbers), f"{row['sentences']:,} of {row['n']:,}"]
        name = f'<th scope="row">{escape(lang.find(code).name)}</th>'
        rows.append(f"<tr>{name}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    titles = ("Language", "Listed", "Found", "Positive", "Neutral", "Negative", "Sentences with one")
    _table(titles, "".join(rows), "best narrow")


def _table(titles: Sequence[str], rows: str, kind: str = "best") -> None:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    st.html(f'<div class="scroll"><table class="{kind}">{body}</table></div>')
