"""What the Gates page asks and shows beyond what pages share."""

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from dlfa_core import languages as lang
from dlfa_core.experiments import gates
from dlfa_core.runtime import store
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.experiment import Experiment, name_of
from ui import choices, corpora, task_models
from ui import models as encoders
from ui.limits import limits
from ui.text import problem

USUAL_LIMIT = 1000
_KEPT = {"bind": "query-params", "persist_state": "session"}


def models(encoder: str) -> tuple[str, ...]:
    """Fusion models to look into: those on an encoder, and on one's own machine folders and hub ids."""
    own = task_models.of(encoder)
    return tuple(
        st.multiselect(
            "Fusion models",
            own,
            default=own[:1],
            format_func=task_models.label,
            key=encoders.own_key("fusions", encoder),
            accept_new_options=limits().any_model,
            placeholder="choose at least one",
            help="Several models of one encoder, such as one for each layer, are shown one above the other. "
            + ("Type a folder or a hub id." if limits().any_model else ""),
            **_KEPT,
        )
    )


def standing_on(result, encoder: str) -> str:
    """What fusion models stand on, where that is not the model of the sidebar; else empty."""
    return " ".join(
        f"“{task_models.label(about['name'])}” has {encoders.label(about['encoder'] or 'weights of its own')} as its "
        "encoder, not the model in the sidebar."
        for about in result.meta["models"]
        if encoders.full_name(about["encoder"] or "") != encoder
    )


def compared(source: str) -> dict | None:
    """Languages and sentences of the corpus: the fields of a spec, or None for a corpus that cannot be read."""
    try:
        corpus = corpora.read(source)
    except (ValueError, OSError) as error:
        problem(error)
        return None
    left, right = st.columns(2, gap="large")
    with left:
        languages = choices.languages(corpus.languages)
    with right:
        limit = choices.sentence_limit(USUAL_LIMIT)
    return {
        "corpus": source,
        "languages": languages,
        "limit": USUAL_LIMIT if len(corpus) <= min(limit, USUAL_LIMIT) else limit,  # all is all: one key
    }


def one_of(names: Sequence[str]) -> str:
    """The model that the sentences and figures below are about."""
    if len(names) == 1:
        return names[0]
    return st.selectbox("Model shown", list(names), format_func=task_models.label, key="fusion", **_KEPT)


def sentence(n: int) -> int:
    """Which of the kept sentences is shown, 1 to `n`."""
    return st.slider("Sentence", 1, n, 1, key="look", **_KEPT) if n > 1 else 1


def two_languages(offered: Sequence[str]) -> list[str]:
    """Languages to show side by side: one or two, English and a script from right to left where there are."""
    first = "eng" if "eng" in offered else offered[0]
    others = [code for code in offered if code != first]
    second = next((code for code in others if lang.find(code).direction == "rtl"), others[0] if others else None)
    chosen = []
    for column, key, title, usual in zip(
        st.columns(2), ("left", "right"), ("Left", "Right"), (first, second), strict=True
    ):
        with column:
            if usual is not None:
                code = st.selectbox(
                    title,
                    list(offered),
                    index=list(offered).index(usual),
                    format_func=lambda code: lang.find(code).name,
                    key=f"gates_{key}",
                    **_KEPT,
                )
                chosen.append(code)
    return chosen


def typed() -> tuple[str, bool]:
    """A typed sentence as `gates.Spec.texts` wants it, "" for none, and whether its visitor has just asked for it."""
    with st.form("typed", border=False):
        left, right = st.columns([1, 3], vertical_alignment="bottom")
        with left:
            code = st.selectbox(
                "Language of the sentence",
                sorted(lang.LANGUAGES, key=lambda code: lang.find(code).name),
                index=sorted(lang.LANGUAGES, key=lambda code: lang.find(code).name).index("eng"),
                format_func=lambda code: lang.find(code).name,
                key="typed_language",
                **_KEPT,
            )
        with right:
            text = st.text_input(
                "Sentence of your own",
                key="typed_text",
                max_chars=limits().characters,
                placeholder="Type a sentence in any language",
                help=f"For a model of pairs, write both texts with {gates.BETWEEN} between them.",
                **_KEPT,
            )
        asked = st.form_submit_button("Look", type="primary")
    text = " ".join(text.split())[: limits().characters]
    return (f"{code}:{text}" if text else ""), asked and bool(text)


def words_of(rows: pd.DataFrame, language: str, low: float, high: float) -> None:
    """A sentence in words, each coloured by its mean gate, with the number below it.

    Args:
        rows: the words of one sentence and model, as in `gates.Result.words`.
        language: its code; the words run in the direction of its script.
        low, high: the gates that the palest and the strongest colour stand for.
    """
    known = lang.find(language)
    following = [*rows["start"].iloc[1:], 0]
    parts = []
    for word, begins in zip(rows.itertuples(), following, strict=True):
        share = min(max((word.gate - low) / (high - low), 0), 1)
        apart = " apart" if begins > word.start + len(word.word) else ""  # white space comes next
        parts.append(
            f'<span class="gated{apart}" style="--gate: {100 * share:.0f}%">'
            f"<bdi>{escape(word.word)}</bdi> <small>{word.gate:.2f}</small></span>"
        )
    st.html(
        f'<p class="gated-language">{escape(known.name)}</p>'
        f'<div class="gated-line" lang="{escape(known.bcp47)}" dir="{known.direction}">{"".join(parts)}</div>'
    )


def in_words(spec) -> str:
    """What computing a spec would do."""
    names = " and ".join(map(task_models.label, spec.models))
    if spec.texts:
        return f"{names} would read the sentence that you typed."
    corpus = corpora.read(spec.corpus)
    n = min(len(corpus), spec.limit or len(corpus))
    languages = len(spec.languages or corpus.languages)
    return f"{names} would read {n:,} sentences of “{corpus.name}” in {languages} languages."


def provenance(experiment: Experiment, spec, result) -> dict[str, str]:
    """What a result was computed from, for the page that is taken home."""
    meta = result.meta
    models = {
        f"Model {place}": f"{about['name']}: {about['fusion']}, layer {about['layer']} of {about['n_layers']}, "
        f"weight {about['weight']}; {about['fingerprint']}"
        for place, about in enumerate(meta["models"], start=1)
    }
    return models | {
        "Sentences": f"{meta['corpus_name']}, n = {meta['n']:,}",
        "Languages": ", ".join(meta["languages"]),
        "Key": store.key_of(experiment, spec),
        "Command": command_line(name_of(experiment), spec),
        **{f"Note {i}": text for i, text in enumerate(meta["warnings"], 1)},
    }
