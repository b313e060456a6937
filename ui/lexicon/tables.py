"""Tables of words: what an edit changes, what disagrees with the lexicon, and how much of it was found."""

from collections.abc import Sequence
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from dlfa_core import languages as lang
from dlfa_core import markup
from dlfa_core.data.parallel import ParallelCorpus
from dlfa_core.experiments import lexicon
from dlfa_core.figures.sentences.attribute import Change
from dlfa_core.figures.sentences.numbers import percent, signed
from ui import kept
from ui.choices import language_name
from ui.html import show

LINKS = 3  # sentences that are named beside a word


def changes_table(rows: Sequence[Change], languages: tuple[str, str]) -> None:
    """Words of two texts side by side with the difference of their scores."""
    numbers = ("left_score", "right_score", "by")
    written = [row._asdict() | {name: _number(getattr(row, name)) for name in numbers} for row in rows]
    show("lexicon.changes", written, *languages)


def _number(score: float | None) -> str:
    return "–" if score is None else markup.signed(score)


def words_table(words: pd.DataFrame, corpus: ParallelCorpus, most: int = 30) -> None:
    """Words that disagree with the lexicon, each with links to the sentences of the corpus that it stands in."""
    where = {sent_id: row for row, sent_id in enumerate(corpus.ids)}
    rows = [
        row._asdict()
        | {
            "valence": signed(row.valence, 1),
            "score": markup.signed(row.score),
            "wrong": percent(row.wrong),
            "links": [
                (corpus[row.language][where[sent_id]], sentence_link(row.language, sent_id))
                for sent_id in row.ids.split()[:LINKS]
            ],
        }
        for row in words.head(most).itertuples()
    ]
    show("lexicon.disagreeing", rows)


def sentence_link(language: str, sent_id: str) -> str:
    """The address of this page with a sentence shown, and everything else as it is."""
    view = {key: st.query_params.get_all(key) for key in st.query_params}
    return "?" + urlencode(view | {"shown": sent_id, "lexicon_left": language_name(language)}, doseq=True)


def coverage_table(result: lexicon.Result) -> None:
    """Show how much of the lexicon each language's sentences have."""
    head = ("Language", "Listed", "Found", "Positive", "Neutral", "Negative", "Sentences with one")
    show("text.table", head, kept.once(_coverage_rows, result), "best narrow")


def _coverage_rows(result: lexicon.Result) -> list[tuple[str, ...]]:
    coverage = result.coverage
    every = coverage[coverage["polarity"] == "all"].set_index("language")
    rows = []
    for code in lang.family_order(every.index):
        row, own = every.loc[code], coverage[coverage["language"] == code].set_index("polarity")["matches"]
        numbers = [row["lemmas"], row["found"], *(own[name] for name in ("positive", "neutral", "negative"))]
        counts = (f"{number:,}" for number in numbers)
        rows.append((language_name(code), *counts, f"{row['sentences']:,} of {row['n']:,}"))
    return rows
