"""What is asked on the Lexicon page: which comparison, how texts are explained, and what that would do."""

from collections.abc import Mapping

import streamlit as st

from dlfa_core.experiments import attribute, lexicon
from ui import address, choices, corpora, models, task_models
from ui.comparison import extent, n_sentences
from ui.kept import IN_ADDRESS
from ui.lexicon.names import classifiers
from ui.limits import is_demo, limits

QUESTIONS = {"positive against negative": ("positive", "negative"), "the predicted label": ("", "")}
METHODS = ("integrated_gradients", "occlusion", "shapley", "gradient_shap", "deep_lift", "input_x_gradient")
BASELINES = {"auto": "the most neutral", "pad": "pad", "mask": "mask", "zero": "zero"}
SENTENCES = 120  # in each language; those of `lexicon.Spec()`
EXPLAINED = 20  # of them, as they ship, those of which every word is explained: gradients take long


def asked(model: str, corpus: str) -> lexicon.Spec | None:
    """The comparison to look up; in public what ships, or the bundled model on a visitor's sentences."""
    if (read := corpora.readable(corpus)) is None:
        return None
    if is_demo():
        own = task_models.for_sentiment(model)
        if corpus == "sample":
            return lexicon.Spec(model=model)
        if not own:
            task_models.offer(model, "sentiment model")
            return None
        return lexicon.Spec(corpus=corpus, classifiers=tuple(own[:1]), limit=min(SENTENCES, len(read)))
    left, right = st.columns(2, gap="large")
    with left:
        compared = st.multiselect(
            "Classifiers",
            classifiers(model),
            format_func=task_models.label,
            key=models.own_key("classifiers", model),
            accept_new_options=True,
            placeholder="none: heads at every layer",
            help="Task models to compare, a folder or a hub id each. With none, heads are trained on the encoder: "
            "the last layer alone, DLFA and the average at every layer.",
            **IN_ADDRESS,
        )
        source = st.text_input(
            "Lexicon",
            "sample",
            key="lexicon",
            help="`sample`, or words of your own: `table:FILE`, `afinn:FILE`, `vader:FILE`, `nrc-vad:FILE`, "
            "`sentiws:PATH`, `emolex:FILE`, `nusax:FILE+SOURCE`.",
            **IN_ADDRESS,
        )
    with right:
        method = _method("Words of the lexicon scored by", "occlusion", "lexicon_method")
        limit = choices.sentence_limit(SENTENCES, "lexicon_limit")
    encoder = {"classifiers": tuple(compared)} if compared else {"model": model}
    return lexicon.Spec(**encoder, corpus=corpus, lexicon=source.strip() or "sample", method=method, limit=limit)


def how() -> dict[str, str]:
    """Ask how texts are explained: the fields of a spec."""
    left, right = st.columns(2, gap="large")
    with left:
        question = st.selectbox(
            "What is explained",
            list(QUESTIONS),
            key="question",
            accept_new_options=limits().any_model,
            help="The output of one label less that of another. "
            + ("Type others, such as `5 stars against 1 star`." if limits().any_model else ""),
            **IN_ADDRESS,
        )
    with right:
        method = _method("Texts explained by", "integrated_gradients", "method")
    said = "What takes the place of the words: the padding token, the mask token, or zeros; or that of which the model "
    baseline = choices.one_of("Held against", BASELINES, "auto", "baseline", f"{said}says least.")
    target, against = QUESTIONS.get(question) or _sides(question)
    return {"method": method, "baseline": baseline, "target": target, "against": against}


def _method(title: str, usual: str, key: str) -> str:
    known = attribute.models.METHODS
    return st.selectbox(
        title,
        list(METHODS),
        index=METHODS.index(usual),
        format_func=lambda name: known[name].label,
        help="\n\n".join(f"**{known[name].label}.** {known[name].explains}" for name in METHODS),
        **address.option(key, METHODS, lambda name: known[name].label),
    )


def _sides(question: str) -> tuple[str, str]:
    target, _, against = (part.strip() for part in question.partition(" against "))
    return target, against


def sentences_spec(model: str, spec: lexicon.Spec, asked_how: Mapping[str, str]) -> attribute.Spec:
    """Every word of the sentences of a comparison, explained by one model; in public as it ships."""
    usual = {"target": "positive", "against": "negative"}
    limit, how = min(spec.limit, EXPLAINED), usual if is_demo() else asked_how
    return attribute.Spec(model=model, corpus=spec.corpus, limit=limit, **how)


def in_words(spec: lexicon.Spec) -> str:
    """Say what comparing would do."""
    who = (
        " and ".join(map(task_models.label, spec.classifiers))
        or f"{models.label(spec.model)}, with heads for every layer trained on it,"
    )
    return f"{who} would score the words of the lexicon in {n_sentences(spec)}, in every language."


def explained_in_words(spec: attribute.Spec) -> str:
    """Say what explaining would do."""
    if spec.texts:
        return f"{task_models.label(spec.model)} would explain the text that you typed."
    return f"{task_models.label(spec.model)} would explain every word of {extent(spec)}."
