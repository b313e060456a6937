"""Texts that a visitor types: asked for, explained, and changed word by word."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from dlfa_core import languages as lang
from dlfa_core import markup
from dlfa_core.experiments import attribute
from dlfa_core.figures import lexicon as drawn
from dlfa_core.figures.sentences import attribute as said
from dlfa_core.runtime.experiment import Experiment
from ui import address, choices, kept, models, task_models
from ui.kept import IN_ADDRESS
from ui.lexicon.downloads import typed_downloads
from ui.lexicon.lines import asked_of, coloured, legend, strongest, sure
from ui.lexicon.names import classifiers
from ui.lexicon.questions import QUESTIONS, explained_in_words
from ui.lexicon.tables import changes_table
from ui.limits import limits
from ui.results import result as ui_result
from ui.text import aside, computed, notes

LANGUAGES = sorted(
    lang.LANGUAGES, key=lambda code: (code != "eng", choices.language_name(code))
)  # the first is the usual one


class Side(NamedTuple):
    """One of the two typed texts, and what explains it."""

    text: str
    language: str
    model: str
    layer: int | None


def typed(encoder: str) -> tuple[list[Side], bool]:
    """One or two typed texts, and whether their visitor has just asked for them.

    Args:
        encoder: of the sidebar, whose sentiment models explain them; where nothing can, nothing is asked.
    """
    if not classifiers(encoder):
        return [], False
    with st.form("explain", border=False):
        sides = [
            _side(column, key, title, encoder)
            for column, key, title in zip(
                st.columns(2, gap="large"), ("left", "right"), ("Text", "Beside it"), strict=True
            )
        ]
        pressed = st.form_submit_button("Explain", type="primary")
    first, second = sides
    if not first.text:
        return [], False
    if not second.text:  # the same text, so in the same language
        second = second._replace(text=first.text, language=first.language)
    same = second._replace(language=first.language) == first
    return ([first] if same else [first, second]), pressed


def _side(column, key: str, title: str, encoder: str) -> Side:
    with column:
        text = st.text_input(
            title,
            key=f"text_{key}",
            max_chars=limits().characters,
            placeholder="Type a sentence in any language" if key == "left" else "The same with another word",
            help=None
            if key == "left"
            else "Change a word; or leave it empty, and choose another model, layer or method of the same text.",
            **IN_ADDRESS,
        )
        one, two = st.columns(2)
        with one:
            code = choices.language_of(text, choices.language("Language", LANGUAGES, f"language_{key}"))
        model = two.selectbox(
            "Model",
            classifiers(encoder),
            format_func=task_models.label,
            key=models.own_key(f"model_{key}", encoder),
            accept_new_options=limits().any_model,
            help="Type a folder or a hub id of a classifier of texts." if limits().any_model else None,
            **IN_ADDRESS,
        )
        layer = st.number_input(
            "Scores given at layer",
            0,
            48,
            None,
            placeholder="none: at the words themselves",
            help="Where scores are given: at the words themselves, or at a layer, 0 = embeddings, k = output of block "
            "k. For methods with gradients.",
            **address.number(f"layer_{key}", 0, 48),
        )
    return Side(" ".join(text.split())[: limits().characters], code, model, layer)


def typed_spec(side: Side, asked_how: Mapping[str, str]) -> attribute.Spec:
    """Return what explains one typed text."""
    return attribute.Spec(
        model=side.model, texts=(side.text,), languages=(side.language,), layer=side.layer, compared=0, **asked_how
    )


def explained(sides: Sequence[Side], asked_how: Mapping[str, str], start: bool) -> None:
    """Typed texts with their words coloured, and what changes from the left one to the right one."""
    specs = [typed_spec(side, asked_how) for side in sides]
    columns = st.columns(2, gap="large")[: len(sides)]
    found = []
    for index, (column, spec) in enumerate(zip(columns, specs, strict=True)):
        with column:
            found.append(ui_result(attribute, spec, explained_in_words(spec), slot=f"_typed_{index}", start=start))
    same = len({(side.model, side.layer) for side in sides}) == 1
    shown = [(*each, marks_of(*each[1:])) for each in zip(columns, sides, found, strict=True) if each[2] is not None]
    scale = strongest(*(marks for *_, marks in shown)) if same else None
    for column, side, each, own in shown:  # the first as soon as it is there
        with column:
            where = "" if side.layer is None else f", at layer {side.layer}"
            coloured(side.text, own, side.language, scale, f"{task_models.label(side.model)}{where}")
            legend(*asked_of(each))
            sure(each.texts.iloc[0])
            computed(said.value_said(each.texts.iloc[0]), said.baseline_said(each))
            notes(each.meta["warnings"])
    if len(shown) < len(sides):
        return
    if len(found) == 2:
        left, right = found
        rows = said.changes(left.words, right.words)
        aside(said.change_said(left.texts.iloc[0], right.texts.iloc[0], rows))
        changes_table(rows, (sides[0].language, sides[1].language))
    typed_downloads(found, specs)


def marks_of(side: Side, found: attribute.Result) -> tuple[markup.Mark, ...]:
    """The words of a typed text with their scores."""
    return drawn.explained_marks(found, side.language, "1")


def edit(text: str, language: str) -> None:
    """A button that puts a sentence into the form, to be changed."""
    st.button("Edit this sentence", key="edit", icon=":material/edit:", on_click=_prefill, args=(text, language))


def _prefill(text: str, language: str) -> None:
    for key in ("left", "right"):
        kept.choose(f"text_{key}", text[: limits().characters])
        kept.choose(f"language_{key}", language)


def prepare(encoder: str) -> None:
    """Have a worker with a sentiment model in it before somebody types, where there is such a model."""
    kept.prepare_once(f"typed {encoder}", lambda: _first_texts(encoder), ())


def _first_texts(encoder: str) -> list[tuple[Experiment, attribute.Spec]]:
    """What is explained at first, as far as a worker can get ready for it."""
    target, against = next(iter(QUESTIONS.values()))
    asked_how = {"target": target, "against": against}
    models_at_hand = task_models.for_sentiment(encoder)[:1]
    return [(attribute, typed_spec(Side("", "eng", name, None), asked_how)) for name in models_at_hand]
