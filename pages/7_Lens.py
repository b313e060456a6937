"""What would each layer say?

One word of a sentence is hidden: the words that every layer would put there, their languages, and the sentences nearest
to it in 20 languages.
"""

from functools import partial

import streamlit as st

import ui
import ui.answers
import ui.lens
from dlfa_core.experiments import lens, readout
from dlfa_core.figures import document
from dlfa_core.figures import lens as drawn
from dlfa_core.figures.sentences import lens as said
from dlfa_core.figures.sentences import readout as loss_said

QUESTION = "What would each layer say?"
HOW_TO_READ = (
    "Each row is a layer, the last on top, with the words that the model's output for masked words finds likeliest, "
    "their probability and language. “+1” means another language as well, “several” more than three, “Latin?” letters "
    "of many languages on a subword too rare to tell. A hyphen in front marks a part that goes on a word."
)
HOW_TO_READ_RANKS = (
    "In the middle is the rank of the hidden word among all subwords (1 is the likeliest), on a logarithmic scale. "
    "Right is the mean loss of each layer on held-out sentences, read in the same way, beside guessing by frequency "
    "(dashed) and knowing nothing (dotted). Layers below the dotted line across are read no better than guessing by "
    "frequency: that output was trained on the last layer, and what it finds further down may say little of the layer."
)
HOW_LANGUAGES_ARE_TOLD = (
    "A subword is of the fewest languages that make up 80 % of its frequency in the sentences of the corpus, each "
    "language weighing the same; one that stands there only once, or never, is told by its letters alone. A subword "
    "of the right language by its letters need not be a word of it."
)
HOW_NEAREST = (
    "The whole sentence, nothing hidden, is one vector at each layer, the mean of its subwords; every language's mean "
    "is taken from its sentences before cosines are compared."
)

choice = ui.frame("Lens", QUESTION)
if ui.corpora.readable(choice.corpus) is None:
    st.stop()
head, picture, near, asking, home = (st.container() for _ in range(5))

with head:
    answered = st.container()
    example, own, fused = st.columns([2, 5, 2], vertical_alignment="bottom")
    asked = ui.lens.asked(example, own)
    with fused:
        fusion = ui.lens.fusion(choice.model)
    ui.lens.hide_another(asked.text)
spec = lens.Spec(text=asked.text, language=asked.language, model=choice.model, fusion=fusion, corpus=choice.corpus)
losses_spec = readout.Spec(model=choice.model, corpus=choice.corpus)

with picture:
    latest = ui.latest(lens, spec, ui.lens.in_words(spec), start=True)
    drawing, beside = st.container(), st.container()
if latest is None:
    st.stop()
spec, result = latest
with beside:
    losses = ui.result(readout, losses_spec, ui.lens.losses_in_words(losses_spec), slot="_losses")

with answered:
    answer = said.answer(result)
    ui.answer(answer)
with drawing:
    strips = partial(drawn.strips, result, losses)
    ui.chart(strips, "lens", alt=answer)
    ui.aside(f"{said.middle_said(result)} {'' if losses is None else loss_said.readable_said(losses)}".strip())
    ui.notes(result.meta["warnings"])
    ui.reading(
        HOW_TO_READ,
        said.hidden_said(result),
        HOW_TO_READ_RANKS,
        HOW_LANGUAGES_ARE_TOLD,
        said.fused_said(result, ui.task_models.label(spec.fusion)) if spec.fusion else "",
        "" if losses is None else loss_said.held_out_said(losses),
    )

with near:
    st.header("Which sentences are near?", anchor=False)
    at = ui.lens.layer(result.meta["n_states"])
    ui.aside(said.near_said(result, at))
    ui.lens.nearest(result, at)
    ui.aside(HOW_NEAREST)

with asking:
    answers = ui.answers.section(choice.model)

with home:
    ui.downloads(
        "lens",
        lambda: document(QUESTION, answer, [("", strips(), HOW_TO_READ)], ui.lens.provenance(spec, result)),
        {
            "Words": result.words,
            "Ranks": result.truth,
            "Nearest sentences": result.near,
            **({} if losses is None else {"Losses": losses.losses}),
            **({} if answers is None else {"Answers": answers.answers}),
        },
        "\n".join([ui.command(lens, spec), ui.command(readout, losses_spec)]),
    )

ui.lens.prepare(spec)
