"""At which layer do the languages meet?

The similarity of translations at every layer of a multilingual encoder, over all pairs of languages.
"""

from dataclasses import replace
from functools import partial

import streamlit as st

import ui
import ui.layers
from dlfa_core import figures
from dlfa_core.experiments import profile, retrieve
from dlfa_core.figures import retrieval
from dlfa_core.figures.sentences import profile as said
from dlfa_core.figures.sentences import retrieve as found_said
from dlfa_core.measures.registry import DEFAULT_MEASURES, MEASURES

QUESTION = "At which layer do the languages meet?"
ONE = "Languages are compared in pairs: choose at least one more."
FIRST_DRAWN = ("cka", "anc", "retrieval_cosine")
HOW_TO_READ = (
    "Each point is the mean over all pairs of languages at one layer, its band the 95 % interval from drawing "
    "the sentences again. The grey strip is what unrelated sentences reach: a curve inside it shows nothing. "
    "A ring marks the best layer."
)
PUBLISHED = (
    "Wide faint bands reach over the pairs of languages that others published for mBERT, dotted lines are the median "
    "of the pairs: compare their shape, not their height."
)
HOW_TO_READ_PAIRS = (
    "Every cell is one pair of languages; relatives stand together. Move the slider and watch them come closer: "
    "a colour means the same at every layer. Beside it, per family: the filled mark is the mean over pairs "
    "within the family, the open one over pairs with other families."
)
HOW_TO_READ_FOUND = (
    "For every question all candidates are put in order, and the average precision of the best is 1 where the right "
    "ones come first. Bands are 95 % intervals from drawing questions again; the grey strip is what random orders "
    "reach. Diamonds are task models, named where they are pointed at: open their own last layer, filled "
    "the fused state."
)
HOW_TO_READ_BIAS = (
    "A row is the language that is asked in, a column that of the answer, as if it were the only right one. A diagonal "
    "that stands out is same-language bias: answers are found where they are in the language of the question."
)
PAIRS, BEST, FOUND, COMPARED = (
    "Every pair of languages",
    "The best layer by each measure",
    "Answers from a pool of all languages",
    "What was compared",
)


def spec_of(model: str, measures: list[str], compared: dict) -> profile.Spec:
    """The profile to look up. The usual measures are always in it, so that choosing among them is free."""
    wanted = {*DEFAULT_MEASURES, *measures}
    return profile.Spec(model=model, measures=tuple(name for name in MEASURES if name in wanted), **compared)


choice = ui.frame("Layers", QUESTION)
head, controls, picture, pairs, best, found, text, home = (st.container() for _ in range(8))

with controls:
    wide, narrow = st.columns([3, 1], gap="medium", vertical_alignment="bottom")
    with wide:
        measures = ui.layers.measures(FIRST_DRAWN)
    with narrow:
        published = ui.layers.published()
    with ui.ask_differently(PAIRS, BEST, FOUND, COMPARED):
        compared = ui.compare(choice.corpus, head)
        beside = ui.models.second(choice.model)
if compared is None:
    st.stop()
if not measures:
    head.info("Choose at least one measure.")
    st.stop()

with head:
    asked = spec_of(choice.model, measures, compared)
    latest = ui.latest(profile, asked, ui.in_words(asked), lacks=ONE if len(asked.languages) == 1 else "")
    if latest is None:
        st.stop()
    spec, result = latest
    measures = [name for name in measures if name in spec.measures] or list(spec.measures[:1])
    answer = ui.once(said.answer, result, measures[0])
    ui.answer(answer)
    disagreement = ui.once(said.disagreement, result, measures[0], measures)
    ui.aside(f"{ui.once(said.certainty, result, measures[0])} {disagreement}".strip())

with picture:
    second = None
    if beside:
        other = replace(spec, model=beside)
        second = ui.result(profile, other, ui.in_words(other), slot="_beside")
    curves = partial(figures.curves, result, measures, second, published)
    ui.chart_at_once(curves, "curves", alt=answer)
    if second is not None:
        ui.aside(f"{ui.models.label(beside)}: {ui.once(said.answer, second, measures[0])}")
        ui.beside.similarity(result, spec, measures, beside)
    how_to_read = f"{HOW_TO_READ} {PUBLISHED}" if published else HOW_TO_READ
    ui.reading(
        how_to_read,
        said.WHY_MEASURES_DIFFER if disagreement else "",
        terms=[(said.label_of(name), MEASURES[name].reads) for name in measures],
    )
    ui.computed(ui.in_words(spec, done=True), said.coverage(measures))
    ui.notes(result.meta["warnings"])

with pairs:
    ui.section(PAIRS)
    layer = ui.layers.layer(*said.layer_range(result), ui.once(said.meeting, result, measures[0]).layer)
    title = f"{said.label_of(measures[0])}, layer {layer}"
    heatmap = partial(figures.heatmap, result, measures[0], layer)
    families = partial(figures.families, result, measures[0], layer)
    wide, narrow = st.columns([3, 2], gap="large")
    with wide:
        ui.chart(heatmap, "heatmap", alt=f"{title}: every pair of languages")
    with narrow:
        ui.chart(families, "families", alt=f"{title}: within and between language families")
    ui.reading(HOW_TO_READ_PAIRS)

with best:
    ui.section(BEST)
    ui.layers.best_layers(ui.once(said.best_layers, result))

with found:
    ui.section(FOUND)
    retrieved, asked_of = None, ui.layers.asked(choice.model)
    if asked_of is None:
        ui.aside("Translations that lie close together are not yet found: choose questions, and see whether they are.")
    else:
        asked = retrieve.Spec(dataset=asked_of, model=choice.model, models=tuple(ui.task_models.shown(choice.model)))
        words = f"{ui.models.label(choice.model)} and its task models would look for answers in the whole pool."
        retrieved = ui.result(retrieve, asked, words, slot="_retrieve")
    if retrieved is not None:
        left, right = st.columns([2, 3], gap="medium")
        with left:
            ranked = ui.layers.scores(found_said.scores_of(retrieved)) or found_said.scores_of(retrieved)[:1]
        with right:
            pool = ui.layers.pool(found_said.pools_of(retrieved))
        found_answer = found_said.answer(retrieved, ranked[0], pool)
        ui.aside(f"{found_answer} {found_said.highest_said(retrieved, ranked, pool)}".strip())
        curve = partial(retrieval.pool_curves, retrieved, ranked, pool)
        ui.chart_in_sight(curve, "pool_curves", alt=found_answer, height=retrieval.HEIGHT)
        ui.reading(
            HOW_TO_READ_FOUND,
            found_said.certainty(retrieved, ranked[0], pool),
            terms=[(found_said.SCORE_LABELS[score], found_said.SCORES_EXPLAINED[score]) for score in ranked],
        )
        top = int(found_said.best_layer(retrieved, ranked[0], pool)["layer"])
        cells = ui.layers.cells()
        bias = found_said.bias_said(retrieved, ranked[0])
        ui.aside(bias)
        heat = partial(retrieval.language_heatmap, retrieved, ranked[0], top, cells)
        heat_height = retrieval.heatmap_height(len(retrieved.meta["languages"]))
        alt = bias or f"Languages of questions and answers at layer {top}"
        ui.chart_in_sight(heat, "pool_heatmap", alt=alt, height=heat_height)
        ui.reading(HOW_TO_READ_BIAS, *found_said.gains_said(retrieved, ranked[0]))
        ui.notes(retrieved.meta["warnings"])

with text:
    ui.section(COMPARED)
    ui.one_sentence(spec.corpus, result.meta["languages"])

with home:
    ui.downloads(
        "layers",
        lambda: figures.document(
            QUESTION,
            answer,
            [
                ("", curves(), f"{how_to_read} {said.coverage(measures)}".strip()),
                (title, heatmap(), HOW_TO_READ_PAIRS),
                ("Families", families(), ""),
            ],
            ui.provenance(profile, spec, result),
        ),
        {
            "Curves": result.means,
            "Pairs": result.pairs,
            **({} if retrieved is None else {"Answers": retrieved.means, "Answers by language": retrieved.pairs}),
        },
        ui.command(profile, spec),
    )
