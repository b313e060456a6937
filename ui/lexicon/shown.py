"""What is shown of a comparison: the choices, and one sentence of the corpus in two languages."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from dlfa_core import markup
from dlfa_core.data.parallel import ParallelCorpus
from dlfa_core.experiments import attribute, lexicon
from dlfa_core.figures import lexicon as drawn
from dlfa_core.figures.sentences import attribute as attribute_said
from dlfa_core.figures.sentences import lexicon as said
from ui import address, choices, corpora, models, task_models
from ui.html import html
from ui.kept import IN_ADDRESS
from ui.lexicon.lines import asked_of, coloured, legend, strongest, sure
from ui.lexicon.names import classifiers
from ui.lexicon.questions import explained_in_words, sentences_spec
from ui.limits import limits
from ui.results import result as ui_result


def system(labels: Sequence[str], first: int) -> int:
    """Ask which classifier is shown, as an index into `labels`."""
    if len(labels) == 1:
        return 0
    label = st.selectbox("Classifier", list(labels), index=first, **address.option("classifier", labels))
    return list(labels).index(label)


def quantity() -> str:
    """Ask what is drawn of the words."""
    called = {name: quantity.label for name, quantity in drawn.QUANTITIES.items()}
    return choices.one_of("Quantity", called, "attribution", "lexicon_quantity")


def one_language(title: str, offered: Sequence[str], key: str) -> str:
    """One of the languages, or "all"."""
    return choices.language(title, ["all", *offered], key)


def sentence(ids: Sequence[str], corpus: ParallelCorpus) -> str:
    """The id of the sentence that is shown: each goes by its text, and a link may have its id or words of it."""
    texts = dict(zip(corpus.ids, corpus[corpus.languages[0]], strict=True))
    chosen = st.selectbox(
        "Sentence",
        list(ids),
        format_func=lambda sent_id: texts.get(sent_id, sent_id),
        key="shown",
        accept_new_options=True,
        help="Type words to find a sentence.",
        **IN_ADDRESS,
    )
    if chosen in texts and chosen in ids:
        return chosen
    return next((sent_id for sent_id in ids if chosen.casefold() in texts.get(sent_id, "").casefold()), ids[0])


def corpus_sides(
    languages: Sequence[str],
    labels: Sequence[str],
    encoder: str,
    places: Sequence[DeltaGenerator],
    more: DeltaGenerator,
) -> list[tuple[str, str]]:
    """(language, what scores) left and right: English and a script from right to left where there are.

    Args:
        labels: names of the classifiers that score words of the lexicon only.
        encoder: of the sidebar, whose sentiment models score every word.
        places: of the languages, left and right.
        more: of what scores.
    """
    first, second = (choices.side_by_side(languages) * 2)[:2]
    offered = list(dict.fromkeys([*task_models.for_sentiment(encoder), *labels]))
    sides = []
    for column, key, title, usual in zip(places, ("left", "right"), ("Left", "Right"), (first, second), strict=True):
        with column:
            code = choices.language(title, languages, f"lexicon_{key}", usual)
        with more:
            scored = st.selectbox(
                f"Scores, {key}",
                offered,
                format_func=task_models.label,
                key=models.own_key(f"scores_{key}", encoder),
                accept_new_options=limits().any_model,
                help="A sentiment model scores every word; the classifiers above, words of the lexicon."
                + (" Type a folder or a hub id to have another model score every word." if limits().any_model else ""),
                **IN_ADDRESS,
            )
        sides.append((code, scored))
    return sides


def corpus(spec: lexicon.Spec) -> ParallelCorpus:
    """The sentences that a comparison is of."""
    return corpora.read(spec.corpus)


class Line(NamedTuple):
    """A sentence in one language; `marks` are None while its scores are not there."""

    text: str
    marks: tuple[markup.Mark, ...] | None
    language: str
    scored: str
    question: tuple[str, str]
    text_row: Mapping[str, Any] | None = None  # of `attribute.Result.texts`, where every word was scored
    baseline: str = ""


def lines_of(
    spec: lexicon.Spec,
    asked_how: Mapping[str, str],
    result: lexicon.Result,
    sent_id: str,
    sides: Sequence[tuple[str, str]],
    labels: Sequence[str],
    encoder: str,
) -> list[Line]:
    """One sentence of the corpus, as each of `corpus_sides` has and scores it; asks for scores that are not there."""
    every_word = dict.fromkeys(name for _, name in sides if name not in labels or name in classifiers(encoder))
    explained = {
        model: ui_result(attribute, each, explained_in_words(each), slot=f"_every_{index}")
        for index, model in enumerate(every_word)
        for each in [sentences_spec(model, spec, asked_how)]
    }
    sentences, lines = corpus(spec), []
    for code, scored in sides:
        if scored in every_word:
            found = explained[scored]
            marks = None if found is None else drawn.explained_marks(found, code, sent_id)
            question = ("", "") if found is None or not len(found.texts) else asked_of(found)
            row = None if found is None else _text_row(found, code, sent_id)
            baseline = "" if found is None or not len(found.texts) else attribute_said.baseline_said(found)
        else:
            marks = drawn.lexicon_marks(result, list(labels).index(scored), code, sent_id)
            question, row = (result.meta["target"], result.meta["against"]), None
            baseline = said.baseline_said(result)
        lines.append(Line(sentences[code][sentences.ids.index(sent_id)], marks, code, scored, question, row, baseline))
    return lines


def _text_row(found: attribute.Result, language: str, sent_id: str) -> Mapping[str, Any] | None:
    """What a model says of a sentence; None where it was not explained."""
    own = found.texts[(found.texts["language"] == language) & (found.texts["id"] == sent_id)]
    return own.iloc[0] if len(own) else None


def corpus_lines(lines: Sequence[Line]) -> Markup:
    """A sentence in two languages, its words coloured; what is shown, as HTML that stands alone."""
    together = len({line.scored for line in lines}) == 1  # one scale for one model, else each has its own
    scale = strongest(*(line.marks or () for line in lines)) if together else None
    kept = []
    for column, line in zip(st.columns(2, gap="large"), lines, strict=True):
        with column:
            kept.append(coloured(line.text, line.marks or (), line.language, scale, task_models.label(line.scored)))
            if line.marks is not None and not line.marks:
                st.caption("None of its words was scored: no word of the lexicon stands in it.")
            if line.marks:
                kept.append(legend(*line.question))
            if line.text_row is not None:
                sure(line.text_row)
    return html("lexicon.styles") + Markup().join(kept)


def computed_said(lines: Sequence[Line]) -> list[str]:
    """What words add up to in each line, and what sentences are held against, once for each model."""
    values = [
        f"{choices.language_name(line.language)}: {attribute_said.value_said(line.text_row)}"
        for line in lines
        if line.text_row is not None
    ]
    return [*values, *dict.fromkeys(line.baseline for line in lines if line.baseline)]
