"""A question about a passage: asked for, answered by a task model, and its likeliest answers in a list."""

from typing import NamedTuple

import streamlit as st

from dlfa_core import encoders
from dlfa_core.data.letters import likely_language
from dlfa_core.experiments import answer
from dlfa_core.figures.sentences import answer as said
from dlfa_core.figures.sentences.numbers import thousandths
from ui import choices, kept, models, task_models
from ui.html import show
from ui.kept import IN_ADDRESS
from ui.limits import is_demo, limits
from ui.results import result
from ui.text import aside, notes, reading

TITLE = "Which answer would it find?"
HOW_TO_READ = (
    "The model scores every subword of the passage as the start and as the end of an answer, and every span between. "
    "The probability is shared out among the answers that are listed: it says how sure the model is of one of them "
    "rather than another, not whether any of them is right."
)
SHOWN = 8  # answers in the list; the download has all


class Asked(NamedTuple):
    """A passage and a question about it, and the language of both, "" where it is not known."""

    context: str
    question: str
    language: str


class _Row(NamedTuple):
    rank: int
    text: str
    said: str
    probability: str


def section(encoder: str) -> answer.Result | None:
    """Ask a question about a passage and show the answers; None where there are none yet.

    Args:
        encoder: of the sidebar, whose task models answer.
    """
    st.header(TITLE, anchor=False)
    answering = () if is_demo() else encoders.answering(encoder)
    if not answering:
        task_models.offer_answers(encoder)
        return None
    asked = _asked()
    spec = answer.Spec(model=answering[0], question=asked.question, context=asked.context, language=asked.language)
    words = f"{task_models.label(spec.model)}, on {models.label(encoder)}, would read the passage."
    found = result(answer, spec, words, slot="_answer", start=True)
    if found is not None:
        _show(found)
    return found


def _asked() -> Asked:
    """What is asked; an example as long as nothing is typed."""

    def forget() -> None:
        for key in ("answer_question", "answer_passage"):
            kept.choose(key, "")

    code = choices.language("Example in", list(answer.EXAMPLES), "answer_example", then=forget)
    passage, question = answer.EXAMPLES[code]
    most = limits().characters
    with st.form("answer", border=False):
        own_passage = st.text_area(
            "A passage, in any language",
            key="answer_passage",
            max_chars=most,
            placeholder=passage,
            height=120,
            **IN_ADDRESS,
        )
        own_question = st.text_input(
            "A question that a part of it answers",
            key="answer_question",
            max_chars=most,
            placeholder=question,
            **IN_ADDRESS,
        )
        st.form_submit_button("Find the answer", type="primary")
    own = Asked(own_passage.strip()[:most], " ".join(own_question.split())[:most], "")
    if not own.context:  # a question of one's own may be about the example
        return Asked(passage, own.question or question, code)
    if not own.question:
        aside("Ask a question about the passage; until then, the example is answered.")
        return Asked(passage, question, code)
    return own._replace(language=likely_language(own.context) or "")


def _show(found: answer.Result) -> None:
    """The passage with its likeliest answer marked, and the list."""
    meta, answers = found.meta, found.answers
    aside(said.best_said(found))
    if len(answers):
        first, last = (int(answers.iloc[0][name]) for name in ("first", "last"))
        context, code = meta["context"], meta["language"]
        show("answers.passage", code, context[:first], context[first:last], context[last:])
        rows = [
            _Row(row["rank"], row["text"], row["text"] or said.NOTHING, thousandths(row["probability"]))
            for row in answers.to_dict("records")[:SHOWN]
        ]
        show("answers.listed", rows, code)
    reading(HOW_TO_READ, f"It learnt from {meta['trained_on']}." if meta["trained_on"] else "")
    notes(meta["warnings"])
