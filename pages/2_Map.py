"""Where do the languages come together?

Sentences of all languages as one map that moves through the layers: each point is a sentence, near ones are alike.
"""

from functools import partial

import streamlit as st

import ui
import ui.map
from dlfa_core import figures
from dlfa_core.experiments import project
from dlfa_core.figures.sentences import project as said
from dlfa_core.runtime import store

QUESTION = "Where do the languages come together?"
AT_A_GLANCE = (
    "Every point is a sentence; points that stand close together are alike for the model. Move the slider: if colours "
    "part, the layer sorts by language, and if they mix, by meaning."
)
HOW_TO_READ = (
    "Only nearness counts: directions mean nothing, and neither do sizes of clusters or gaps between far ones. The "
    "line under the map says how far it can be trusted: trustworthiness falls where points stand together that are no "
    "neighbours, continuity where neighbours were torn apart."
)
HOW_TO_COLOUR = (
    "Eight families at most have a colour of their own, and the others are grey. Names stand in the middle of their "
    "points where there is room; point at any sentence to see its language and family."
)
HOW_TO_READ_CURVES = (
    "These numbers are taken in the model’s own space, not on the map. A silhouette near 1 says that points of one "
    "language, family or sentence form tight groups of their own, 0 that they form none. Probes are tested on "
    "sentences that they were not trained on. In the control task each sentence has, with its translations, a label at "
    "random; what the probe finds of these it has learnt by heart, and selectivity is what is left. Dotted lines and "
    "grey strips are what chance gives."
)
HOW_TO_READ_TREES = (
    "Left, the tree that joins the languages whose mean vectors are closest; right, the accepted classification. "
    "Lines that cross show where they disagree. The trees follow the slider of the map."
)

CURVES_HEIGHT = 776  # of two rows of them


def draw_curves() -> None:
    """Draw the measures beside the map, at every layer."""
    ui.chart(languages, "curves_languages", alt=f"Neighbours and probes at every layer. {answer}")
    left, right = st.columns(2, gap="large")
    with left:
        ui.chart(clusters, "curves_clusters", alt="Silhouettes by sentence, family and language at every layer")
    with right:
        ui.chart(trust, "curves_trust", alt="Trustworthiness, continuity and drift of the map at every layer")


FAMILIES, NUMBERS, SENTENCES = (
    "Does the model know language families?",
    "The numbers beside the picture",
    "What was laid out",
)

choice = ui.frame("Map", QUESTION)
head, asking, picture, typing, reading, trees, curves, text, home = (st.container() for _ in range(9))

with asking, ui.ask_differently(FAMILIES, NUMBERS, SENTENCES):
    compared = ui.compare(choice.corpus, head)
    layout = ui.map.layout()
if compared is None:
    st.stop()

asked = project.Spec(model=choice.model, **compared, **layout)
with head:
    latest = ui.latest(project, asked, ui.in_words(asked))
    if latest is None:
        st.stop()
    spec, result = latest
    answer = ui.once(said.map_answer, result)
    ui.answer(answer)

with typing:
    out_of_sample = ui.map.out_of_sample_points(spec)
with picture:
    start = ui.once(said.meeting_layer, result)
    key = store.key_of(project, spec)
    ui.map.point_map(key, result, out_of_sample, start)
with reading:
    ui.aside(AT_A_GLANCE)
    ui.reading(ui.once(said.told_apart, result), HOW_TO_READ, HOW_TO_COLOUR)
    ui.notes(result.meta["warnings"])

with trees:
    ui.section(FAMILIES)
    ui.aside(ui.once(said.tree_answer, result))
    if ui.map.family_trees(result, start):
        ui.reading(HOW_TO_READ_TREES)
    else:
        ui.aside("A family tree needs at least three languages.")

with curves:
    ui.section(NUMBERS)
    languages, clusters, trust = (
        partial(figures.trust_curves, result, group) for group in ("languages", "clusters", "trust")
    )
    ui.in_sight("curves", draw_curves, height=CURVES_HEIGHT)
    ui.reading(HOW_TO_READ_CURVES)
    ui.map.layer_table(ui.once(said.layer_table, result), start)

with text:
    ui.section(SENTENCES)
    ui.one_sentence(spec.corpus, result.meta["languages"])

with home:
    ui.downloads(
        "map",
        lambda: figures.map_document(
            QUESTION,
            answer,
            result,
            f"{AT_A_GLANCE} {HOW_TO_READ}",
            [
                ("The numbers beside the picture", languages(), HOW_TO_READ_CURVES),
                ("Groups", clusters(), ""),
                ("How far the map can be trusted", trust(), ""),
            ],
            ui.provenance(project, spec, result),
            start,
        ),
        {"Points": lambda: project.table(result), "Numbers": result.quality},
        ui.command(project, spec),
        parquet=["Points"],
    )

ui.map.prepare(spec, result, key)
