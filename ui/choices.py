"""The choices that several pages offer, each kept in the page's address, so that every view reopens from its link.

Streamlit writes into the address what an option is called on the page, so options are called what a link should say:
`?model=xlm-roberta-base&languages=German&layer=7`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dlfa_core import languages as lang
from dlfa_core.data.letters import can_write, likely_language
from ui import address
from ui.limits import limits
from ui.text import aside


def one_of(
    title: str, offered: Mapping[Any, str] | Sequence[Any], usual: Any, key: str, said: str | None = None
) -> Any:
    """One of a few options, each a button; a mapping says what they are called."""
    called = offered.__getitem__ if isinstance(offered, Mapping) else str
    return st.segmented_control(
        title,
        list(offered),
        default=usual,
        required=True,
        format_func=called,
        help=said,
        **address.option(key, offered, called),
    )


def several_languages(title: str, offered: Sequence[str], key: str, none: str, fewest: int = 1) -> list[str]:
    """Languages in the order in which they were chosen; `none` says what choosing none of them means.

    Where another corpus offers fewer than `fewest` of them, none is chosen.
    """
    at = address.option(key, offered, language_name, fewest)
    return st.multiselect(title, list(offered), format_func=language_name, placeholder=none, **at)


def languages(offered: Sequence[str]) -> tuple[str, ...]:
    """Languages to compare, in the corpus's order; empty for all of them."""
    chosen = several_languages("Languages", offered, "languages", f"all {len(offered)}", fewest=2)
    return () if len(chosen) in (0, len(offered)) else tuple(code for code in offered if code in chosen)


def language(
    title: str, offered: Sequence[str], key: str, usual: str | None = None, then: Callable[[], None] | None = None
) -> str:
    """One language of those that are offered, at first the first one or `usual`; `then` is called after a change."""
    first = 0 if usual is None else list(offered).index(usual)
    at = address.option(key, offered, language_name)
    return st.selectbox(title, list(offered), index=first, format_func=language_name, on_change=then, **at)


def language_of(text: str, chosen: str) -> str:
    """Return the language that is chosen, or the likeliest one where that has other letters, and say so."""
    if can_write(chosen, text) or (likely := likely_language(text)) is None:
        return chosen
    name, other = language_name(likely), language_name(chosen)
    aside(f"These are no letters of {other}, so the text is taken for {name}: choose its language if it is another.")
    return likely


def language_name(code: str) -> str:
    """Return what a language is called on a page; "all" stands for all of them."""
    return "All languages" if code == "all" else lang.find(code).name


def side_by_side(offered: Sequence[str]) -> tuple[str, ...]:
    """Two languages to begin with, English and one from right to left where there are; one where there is one."""
    first = "eng" if "eng" in offered else offered[0]
    others = sorted((code for code in offered if code != first), key=lambda code: lang.find(code).direction != "rtl")
    return (first, *others[:1])


def pooling() -> str:
    """Ask how the vectors of a sentence's subwords become one."""
    said = "The mean over a sentence's subwords, the vector of its first token, or each neuron's largest value."
    return one_of("One vector per sentence", ["mean", "cls", "max"], "mean", "pooling", said)


def special_tokens() -> bool:
    """Ask whether [CLS] and [SEP] count as subwords of the sentence."""
    return st.toggle(
        "Count special tokens",
        help="Include the tokens that open and close every sentence when pooling.",
        **address.switch("special"),
    )


def sentence_limit(default: int, key: str = "limit") -> int:
    """At most how many sentences are read; more narrow the intervals and take longer."""
    most = limits().sentences
    return st.number_input("Sentences at most", 20, most, min(default, most), step=20, **address.number(key, 20, most))


def sentence(n: int, key: str = "sentence") -> int:
    """Ask which sentence is shown, 1 to `n`."""
    return st.slider("Sentence", 1, n, 1, **address.number(key, 1, n))
