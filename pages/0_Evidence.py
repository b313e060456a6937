"""So, which layer?

Every signal of every layer on one axis: similarity, structure, gates and gains, and what they say together.
"""

from functools import partial

import streamlit as st

import ui
import ui.evidence
from dlfa_core.figures import document, gains
from dlfa_core.figures import evidence as drawn
from dlfa_core.figures.overview import AROUND, ROW, overview
from dlfa_core.figures.sentences import evidence as said
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.figures.sentences import structure as probes

QUESTION = "So, which layer?"
HOW_TO_READ = (
    "All rows share the axis of layers. Bands are 95 % intervals; the dotted level of each row is what nothing at all "
    "would give. The dotted upright line is the layer that the dev set chose, the grey one the layer of the slider.",
    "Translations are alike: CKA and ANC compare whole clouds of sentences, retrieval counts translations that are "
    "nearest neighbours. A probe reads: how much better a linear classifier finds parts of speech in languages that it "
    "never learnt, or the language of a sentence, than labels given at random (selectivity, after Hewitt and Liang "
    "2019). The last layer differs: 1 − CKA of a layer with the last one, on sentences of one language.",
    "How far gates open: the mean gate of a trained model at the layer that it fuses, .5 where neither layer is "
    "preferred. Gain when fused: the score above that of the last layer alone; its band holds for all layers at once.",
)
HOW_TO_READ_BALANCE = (
    "Layers as a path from 0 upwards. To the right grammar is easier to read, further up translations are closer; a "
    "ring marks layers that no other one is above in both."
)
HOW_TO_READ_PREDICTORS = (
    "1 if a signal puts the fused layers in the order of their scores, 0 if it says nothing; depth is the layer's own "
    "number. Layers are few, so the intervals are wide."
)
HOW_TO_READ_TASKS = (
    "Each row is a task, each column the fused layer; brackets mark the layer that the dev set chose. + and − stand "
    "where the interval of a gain, which holds for all layers of its row, leaves out 0; a dot is neither."
)

choice = ui.frame("Evidence", QUESTION)
head, picture, weighed, tasks, others, text, home = (st.container() for _ in range(7))

with picture:
    left, right = st.columns(2, gap="large")
with left:
    sweep = ui.evidence.task(choice.model)
if sweep is None:
    st.stop()

corpus = choice.corpus if ui.corpora.readable(choice.corpus) else "sample"
evidence = ui.evidence.gathered(sweep, corpus)
result = evidence.trained
answer = ui.once(said.answer, result)
with head:
    ui.answer(answer)
with left:
    ui.aside(ui.once(said.reliability, result))
with right:
    layer = ui.evidence.layer(evidence.last, ui.once(said.chosen_layer, evidence))
    ui.aside(ui.once(said.at_layer, evidence, layer))
with picture:
    rows = partial(drawn.evidence_rows, evidence, layer)
    ui.chart(rows, "evidence", alt=answer)
    ui.reading(*HOW_TO_READ)
    if evidence.probed is None:
        ui.evidence.offer_probes(choice.model, corpus)

with weighed:
    ui.section("Why not by similarity alone?")
    swept, names = ui.evidence.all_tasks(choice.model)
    ui.aside(ui.once(said.similarity_alone, evidence, tuple(swept)))
    ui.aside(ui.once(said.disagreement, evidence))
    best = advice.chosen_row(result)
    fusion = (best["fusion"], best["weight"])
    ranked = ui.once(gains.predictor_table, result, fusion)
    one, other = st.columns(2, gap="large")
    balance = None
    with one:
        if evidence.measures and not ui.once(said.balance_table, evidence, evidence.measures[0]).empty:
            measure = ui.evidence.similarity(evidence.measures)
            balance = partial(drawn.balance, evidence, measure, layer)
            ui.aside(ui.once(said.balance_said, evidence, measure))
            ui.chart_in_sight(balance, "balance", alt=ui.once(said.balance_said, evidence, measure), height=380)
        else:
            ui.aside("To weigh similarity against grammar takes both: a profile, and a probe for parts of speech.")
    predictors = partial(gains.predictor_points, result, fusion)
    with other:
        if len(ranked):
            ui.aside(said.ranking(ranked))
            ui.chart_in_sight(predictors, "predictors", alt=said.ranking(ranked), height=32 * len(ranked) + 110)
    ui.reading(
        HOW_TO_READ_BALANCE, HOW_TO_READ_PREDICTORS, ui.once(advice.measured_on, result), title="How to read these"
    )

with tasks:
    ui.section("Which layer for which task?")
    matrix = partial(overview, swept, names)
    ui.chart_in_sight(matrix, "overview", alt="Gain of fusing each layer, by task", height=ROW * len(names) + AROUND)
    ui.aside(HOW_TO_READ_TASKS)

with others:
    ui.section("Beside other models")
    for other in ui.models.others(choice.model):
        st.subheader(ui.models.label(other), anchor=False)
        one, two = st.columns(2, gap="large")
        with one:
            ui.evidence.similarity_beside(evidence, choice.model, corpus, other)
        with two:
            ui.beside.scores(sweep, [fusion], other)

with text:
    probed = evidence.probed
    ui.computed(
        *ui.once(advice.confidence, result),
        *(() if probed is None else (*probes.summary(probed), probes.read_said(probed))),
    )
    of_probes = () if probed is None else probed.meta["warnings"]
    ui.notes([*result.meta["warnings"], *(f"Of the probes: {note}" for note in of_probes)])

with home:
    ui.downloads(
        "evidence",
        lambda: document(
            QUESTION,
            " ".join([answer, ui.once(said.reliability, result), ui.once(said.at_layer, evidence, layer)]),
            [
                ("", rows(), " ".join(HOW_TO_READ)),
                *([("Why not by similarity alone?", balance(), HOW_TO_READ_BALANCE)] if balance else []),
                *([("Could it have been known?", predictors(), HOW_TO_READ_PREDICTORS)] if len(ranked) else []),
                ("Which layer for which task?", matrix(), HOW_TO_READ_TASKS),
            ],
            advice.training_facts(result) | {"Key": sweep.key, "Command": sweep.command},
        ),
        {
            "Gains": result.differences,
            **({"Similarity": evidence.profiled.means} if evidence.profiled is not None else {}),
            **({"Structure": evidence.probed.scores} if evidence.probed is not None else {}),
        },
        sweep.command,
    )
