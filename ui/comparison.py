"""What is compared, and what it was computed from, in the words of a page."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlfa_core.runtime import store
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.experiment import Experiment, name_of
from ui import choices, corpora, models
from ui.text import sentences

_USUAL_LIMIT = 1000


def compare(source: str, problems: DeltaGenerator, pooled: bool = True) -> dict[str, Any] | None:
    """Ask what is compared and how: the fields that specs share, or None for a corpus that cannot be read.

    Args:
        source: the corpus of the sidebar.
        problems: where it is said why a corpus cannot be read, as what is asked may be folded.
        pooled: whether sentences become one vector each, so that there is a choice of how.
    """
    with problems:
        corpus = corpora.readable(source)
    if corpus is None:
        return None
    left, right = st.columns(2, gap="large")
    with left:
        languages = choices.languages(corpus.languages)
    with left if pooled else right:
        limit = choices.sentence_limit(_USUAL_LIMIT)
    with right:
        how = {"pooling": choices.pooling(), "special_tokens": choices.special_tokens()} if pooled else {}
    return {
        "corpus": source,
        "languages": languages,
        "limit": _USUAL_LIMIT if len(corpus) <= min(limit, _USUAL_LIMIT) else limit,  # all is all: one key
        **how,
    }


def in_words(spec, done: bool = False) -> str:
    """Say what computing a profile or a map would do, or what it did."""
    read = "read" if done else "would read"
    return f"{models.label(spec.model)} {read} {extent(spec)}, with {spec.pooling} pooling."


def extent(spec) -> str:
    """Say how many sentences a spec reads, of which corpus and in how many languages."""
    corpus = corpora.read(spec.corpus)
    return f"{n_sentences(spec)} in {len(spec.languages or corpus.languages)} languages"


def n_sentences(spec) -> str:
    """Return how many sentences a spec reads, of which corpus."""
    corpus = corpora.read(spec.corpus)
    return f"{min(len(corpus), spec.limit or len(corpus)):,} sentences of “{corpus.name}”"


def one_sentence(source: str, languages: tuple[str, ...]) -> None:
    """One sentence of the corpus in every language that is compared."""
    corpus = corpora.read(source)
    row = choices.sentence(len(corpus))
    sentences((code, corpus[code][row - 1]) for code in languages)


def provenance(experiment: Experiment, spec, result) -> dict[str, str]:
    """Return what a result of an encoder was computed from, for the page that is taken home."""
    meta = result.meta
    model = {
        "Model": f"{meta['model']}, {meta['n_states']} states of {meta['hidden_size']} neurons",
        "Weights": meta["fingerprint"],
    }
    return facts(experiment, spec, meta, model, {"Pooling": meta["pooling"]})


def facts(
    experiment: Experiment, spec, meta: Mapping[str, Any], first: Mapping[str, str], more: Mapping[str, str]
) -> dict[str, str]:
    """Return what a result was computed from: `first` what read the sentences, then these, `more`, key, command and
    notes.
    """
    return {
        **first,
        "Sentences": f"{meta['corpus_name']}, n = {meta['n']:,}",
        "Languages": ", ".join(meta["languages"]),
        **more,
        "Key": store.key_of(experiment, spec),
        "Command": command(experiment, spec),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }


def command(experiment: Experiment, spec) -> str:
    """The command line that rebuilds a result."""
    return command_line(name_of(experiment), spec)
