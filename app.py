"""The home of the app: its questions, and the answers to the first ones, live."""

from functools import partial

import streamlit as st

import ui
import ui.fusion
from dlfa_core import figures
from dlfa_core.experiments import profile
from dlfa_core.figures.sentences import profile as said
from dlfa_core.figures.sentences import recommend as advice

QUESTION = "Which layer of a multilingual encoder should be fused with its last layer, and why?"
DRAWN = ("cka", "retrieval_cosine")

choice = ui.frame("DLFA Explorer", QUESTION)
ui.aside(
    "A multilingual encoder turns sentences of any language into vectors, layer by layer. Somewhere on the way "
    "translations come close to each other, and further up they part again. This app shows where, how surely, and "
    "what that means for fusing a lower layer with the last one."
)

spec = profile.Spec(model=choice.model)
result = ui.result(profile, spec, ui.in_words(spec))
if result is not None:
    ui.answer(ui.once(said.answer, result, DRAWN[0]))
    ui.aside(ui.once(said.disagreement, result, DRAWN[0], DRAWN))
    ui.chart_at_once(partial(figures.curves, result, DRAWN), "home_curves", alt=ui.once(said.answer, result, DRAWN[0]))
    ui.aside(
        f"{len(result.meta['languages'])} languages, {result.meta['n']} sentences each, computed with the model "
        "named above. Hairlines are what others published for mBERT."
    )

if (sweep := ui.fusion.first(choice.model)) is not None:
    ui.answer(ui.once(advice.answer, sweep))
    ui.aside(f"{advice.run_label(sweep.meta)}; the same model. The Fusion page says how sure that is.")

st.header("The questions", anchor=False)
for page in ui.pages():
    with st.container(border=True):
        st.page_link(page.path, label=f"**{page.question}**", icon=":material/arrow_forward:", icon_position="right")
        ui.aside(page.shows)

ui.report_button()
