"""What is compared, and what it was computed from, in the words of a page."""

import streamlit as st

from dlfa_core.runtime import store
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.experiment import Experiment, name_of
from ui import choices, corpora, models
from ui.frame import Choice
from ui.text import problem, sentences

_USUAL_LIMIT = 1000


def compare(choice: Choice) -> dict | None:
    """Ask what is compared and how: the fields that specs share, or None for a corpus that cannot be read."""
    try:
        corpus = corpora.read(choice.corpus)
    except (ValueError, OSError) as error:
        problem(error)
        return None
    left, right = st.columns(2, gap="large")
    with left:
        languages = choices.languages(corpus.languages)
        limit = choices.sentence_limit(_USUAL_LIMIT)
    with right:
        pooling = choices.pooling()
        special_tokens = choices.special_tokens()
    return {
        "corpus": choice.corpus,
        "languages": languages,
        "limit": _USUAL_LIMIT if len(corpus) <= min(limit, _USUAL_LIMIT) else limit,  # all is all: one key
        "pooling": pooling,
        "special_tokens": special_tokens,
    }


def in_words(spec) -> str:
    """What computing a spec would do."""
    corpus = corpora.read(spec.corpus)
    n = min(len(corpus), spec.limit or len(corpus))
    return (
        f"{models.label(spec.model)} would read {n:,} sentences of “{corpus.name}” "
        f"in {len(spec.languages or corpus.languages)} languages, with {spec.pooling} pooling."
    )


def one_sentence(source: str, languages: tuple[str, ...]) -> None:
    """One sentence of the corpus in every language that is compared."""
    corpus = corpora.read(source)
    row = choices.sentence(len(corpus))
    sentences((code, corpus[code][row - 1]) for code in languages)


def provenance(experiment: Experiment, spec, result) -> dict[str, str]:
    """What a result was computed from, for the page that is taken home."""
    meta = result.meta
    return {
        "Model": f"{meta['model']}, {meta['n_states']} states of {meta['hidden_size']} neurons",
        "Weights": meta["fingerprint"],
        "Sentences": f"{meta['corpus_name']}, n = {meta['n']:,}",
        "Languages": ", ".join(meta["languages"]),
        "Pooling": meta["pooling"],
        "Key": store.key_of(experiment, spec),
        "Command": command(experiment, spec),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }


def command(experiment: Experiment, spec) -> str:
    """The command line that rebuilds a result."""
    return command_line(name_of(experiment), spec)
