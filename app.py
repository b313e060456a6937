"""The home of the app: the answer, live, where to start, and the questions."""

from functools import partial

import streamlit as st

import ui
import ui.evidence
from dlfa_core import figures
from dlfa_core.experiments import profile
from dlfa_core.figures import fusion, gains
from dlfa_core.figures.compact import compact
from dlfa_core.figures.overview import AROUND, ROW, overview
from dlfa_core.figures.sentences import evidence
from dlfa_core.figures.sentences import profile as said
from dlfa_core.figures.sentences import recommend as advice
from ui import sweeps

QUESTION = "Which layer of a multilingual encoder should be fused with its last layer, and why?"
DRAWN = ("cka", "retrieval_cosine")
DOORS = (  # for whom, and the page that they start with: the first one of these that there is
    ("I do research", ("Evidence", "Fusion")),
    ("I teach a class", ("Lessons", "Layers")),
)
TASKS = "Which layer for which task?"
HOW_TO_READ = (
    "An encoder turns sentences of any language into vectors, layer by layer. Somewhere on the way translations come "
    "close to each other, and further up they part again; a layer from there may be fused with the last one.",
    "Bands are 95 % intervals. On the left, 1 is the same and the grey strip what unrelated sentences reach; a ring "
    "marks the best layer. In the middle, 0 is the last layer alone. On the right, 1 means that a signal puts the "
    "layers in the order of their scores.",
)
HOW_TO_READ_TASKS = (
    "Each row is a task, each column a lower layer that is fused with the last; brackets mark the layer that the dev "
    "set chose. + and − stand where the interval of a gain leaves out 0."
)


def doors() -> None:
    """Where to start, by who somebody is."""
    there = {page.name: page for page in ui.pages()}
    for column, (who, names) in zip(st.columns(len(DOORS), gap="medium"), DOORS, strict=True):
        page = next(there[name] for name in names if name in there)
        with column.container(border=True, gap="xsmall", height="stretch"):
            label = f"**{who}: {page.name}**"
            st.page_link(page.path, label=label, icon=":material/arrow_forward:", icon_position="right")
            ui.aside(page.question)


choice = ui.frame("DLFA Explorer", QUESTION)
head, start, pictures, tasks = (st.container() for _ in range(4))
sweep = sweeps.first(choice.model)

with head:
    spec = profile.Spec(model=choice.model)
    result = ui.result(profile, spec, ui.in_words(spec))
    if sweep is not None:
        ui.answer(ui.once(evidence.answer, sweep))
        ui.aside(ui.once(evidence.reliability, sweep))
    elif result is not None:
        ui.answer(ui.once(said.answer, result, DRAWN[0]))
with start:
    doors()

with pictures:
    left, middle, right = st.columns(3, gap="medium")
    if result is not None:
        with left:
            meeting = ui.once(said.answer, result, DRAWN[0])
            ui.picture("Translations come close", meeting)
            ui.chart_at_once(partial(compact, "layer", figures.curves, result, DRAWN), "home_curves", alt=meeting)
    if sweep is not None:
        best = advice.chosen_row(sweep)
        shown = (best["fusion"], best["weight"])
        with middle:
            gained = (
                f"{advice.run_label(sweep.meta)}: the dev set chooses layer {best['layer']}; 0 is the last layer alone."
            )
            ui.picture("What each layer gains when fused", gained)
            ui.chart_at_once(
                partial(compact, "fused layer", fusion.gain_curves, sweep, (shown,)), "home_gains", alt=gained
            )
        ranked = ui.once(gains.predictor_table, sweep, shown)
        if len(ranked):
            with right:
                foretold = evidence.ranking(ranked)
                ui.picture("Could it have been known?", foretold)
                points = partial(compact, "rank correlation", gains.predictor_points, sweep, shown)
                ui.chart(points, "home_predictors", alt=foretold)
    ui.reading(*HOW_TO_READ)

with tasks:
    swept, names = ui.evidence.all_tasks(choice.model)
    if swept:
        ui.section(TASKS)
        matrix, height = partial(overview, swept, names), ROW * len(names) + AROUND
        ui.chart_in_sight(matrix, "home_tasks", alt="Gain of fusing each layer, by task", height=height)
        ui.reading(HOW_TO_READ_TASKS)

st.header("The questions", anchor=False)
for page in ui.pages():
    with st.container(border=True):
        st.page_link(page.path, label=f"**{page.question}**", icon=":material/arrow_forward:", icon_position="right")
        ui.aside(page.shows)

ui.report_button()
