"""Which layer should be fused?

Trained in one language and tested in others: what every fused layer gains over the last one alone, and whether a
plainer choice does as well.
"""

from functools import partial

import streamlit as st

import ui
import ui.fusion
from dlfa_core.experiments.training import DIFFERENT, MODES
from dlfa_core.figures import document, fusion, gains
from dlfa_core.figures.sentences import buckets as bucket_words
from dlfa_core.figures.sentences import recommend as advice

QUESTION = "Which layer should be fused?"
CURVES = {"gain": fusion.gain_curves, "score": fusion.score_curves}
HOW_TO_READ = (
    "Each point is one lower layer fused with the last; its height is the mean over the target languages and seeds, "
    "its band the 95 % interval over test examples and seeds. Level lines have no layer to choose."
)
HEIGHTS = {
    "gain": "0 is the last layer alone, on the same examples and seeds.",
    "score": "Scores rise and fall together when examples are drawn again, so compare fusions by their gains.",
}
PUBLISHED = (
    "The hairline is what the authors of DLFA report for mBERT on this kind of task, above their own baseline: other "
    "weights, other data, fine-tuned. Compare its shape at most."
)
HOW_TO_READ_RIVALS = (
    "How far the chosen one is above each of them on the same examples and seeds. The dev set chose all layers, "
    "those of controls too; only the oracle knows the tests. The intervals of all gains hold together. In "
    "simulations they cover 96 to 99 % (docs/calibration.md): rather too careful where seeds hardly differ."
)
HOW_TO_READ_LANGUAGES = (
    "Every cell is one language at one fused layer; relatives stand together below the mean of their family. A sign "
    "stands where a gain differs from 0 among all of them at once: under chance alone, one map in twenty has any."
)
HOW_TO_READ_BUCKETS = (
    "Each row is a bucket of test examples of all target languages together, scored as a whole; the bar holds for all "
    "buckets of all properties at once. That one bucket shows a gain and another does not is no difference between "
    "them, and buckets of one property may hold different languages."
)
HOW_TO_READ_SHARES = (
    "How often each layer is the best of its row on the tests when test examples and seeds are drawn again, in per "
    "cent. A row that is spread out has no best layer to speak of."
)
HOW_TO_READ_PREDICTORS = (
    "Whether the order of the layers could have been known without training: 1 if the predictor puts them in the order "
    "of their scores, 0 if it says nothing. Depth is the layer's own number. Intervals know that layers are few, and "
    "are of the correlation as measured: noise brings it nearer to 0. p, on hover, is the chance that an unrelated "
    "curve, as smooth as this one, would agree so well."
)

PLAINER, LANGUAGES, SENTENCES, SURE, BEFOREHAND, SUITE, BESIDE = (
    "Would a plainer choice do?",
    "Which languages gain?",
    "For which sentences does it help?",
    "How sure is the best layer on the tests?",
    "Could it have been known beforehand?",
    "On all tasks of XTREME-R",
    "Beside other models",
)

choice = ui.frame("Fusion", QUESTION)
head, controls, picture, rivals, languages, sentences, sure, predicted, suite, others, home = (
    st.container() for _ in range(11)
)

with controls:
    chosen, lines, height = st.columns([3, 5, 2], gap="medium")
    form = st.container()
with chosen:
    sweep = ui.fusion.choose(choice.model, choice.corpus, form)
if sweep is None:
    st.stop()

result = sweep.result
meta = result.meta
fusions = {advice.fusion_label(result, *one): one for one in ui.once(fusion.fusions_of, result)}
layered = [advice.fusion_label(result, *one) for one in ui.once(fusion.layered_fusions, result)]
best = result.choices.iloc[0]
answer = ui.once(advice.answer, result)
sure_said, against_said = ui.once(advice.sure, result), ui.once(advice.confidence, result)

with head:
    ui.answer(answer)
    ui.aside(sure_said)

with height:
    drawn_as = ui.fusion.curves_show()
with lines:
    shown = ui.fusion.drawn(list(fusions), ui.once(fusion.first_drawn, result))
with picture:
    curves = partial(CURVES[drawn_as], result, [fusions[name] for name in shown])
    ui.chart_at_once(curves, "fusion_curves", alt=answer)
    ui.outline(PLAINER, LANGUAGES, SENTENCES, SURE, BEFOREHAND, SUITE, BESIDE)
    note = f"{HOW_TO_READ} {HEIGHTS[drawn_as]}"
    if drawn_as == "gain" and ui.once(fusion.has_published, result):
        note = f"{note} {PUBLISHED}"
    mode = f"{MODES[meta['mode']]} {DIFFERENT}"
    ui.reading(note)
    ui.computed(mode, ui.once(advice.trained_said, result))
    ui.notes(meta["warnings"])

with rivals:
    ui.section(PLAINER)
    table = ui.once(advice.choices_table, result)
    ui.table(*advice.written_choices(table))
    ui.reading(
        *against_said,
        HOW_TO_READ_RIVALS,
        terms=[(about["label"], about["explains"]) for about in meta["fusions"].values()],
    )

with languages:
    ui.section(LANGUAGES)
    left, right = st.columns(2, gap="large")
    with left:
        looked_at = ui.fusion.looked_at(layered, advice.fusion_label(result, best["fusion"], best["weight"]))
    with right:
        layer = ui.fusion.fused_layer(ui.once(fusion.fused_layers, result), int(best["layer"]))
    heatmap = partial(gains.heatmap, result, fusions[looked_at])
    families = partial(gains.families, result, fusions[looked_at], layer)
    wide, narrow = st.columns([3, 2], gap="large")
    with wide:
        ui.chart(heatmap, "gain_heatmap", alt=f"Gain of {looked_at} by language and layer")
    with narrow:
        ui.chart(families, "gain_families", alt=f"Gain of {looked_at} at layer {layer} by family of languages")
    ui.reading(HOW_TO_READ_LANGUAGES)

bucket_figures, bucket_tables = [], {}
with sentences:
    ui.section(SENTENCES)
    if found := ui.fusion.bucketed(sweep):
        by = ui.fusion.choose_property(found)
        points_of_buckets = partial(gains.bucket_points, found, by)
        said = ui.once(bucket_words.answer, found, by)
        ui.aside(said)
        ui.chart(points_of_buckets, "gain_buckets", alt=said)
        about = found.meta["properties"][by]
        ui.reading(HOW_TO_READ_BUCKETS, about["explains"], bucket_words.left_out_said(found, by))
        bucket_figures = [(SENTENCES, points_of_buckets, HOW_TO_READ_BUCKETS)]
        bucket_tables = {"Buckets": bucket_words.chosen_table(found), "Buckets of every fusion": found.differences}

with sure:
    ui.section(SURE)
    ui.aside(ui.once(advice.sure_on_tests, result))
    shares = partial(gains.best_shares, result)
    ui.chart(shares, "best_shares", alt="Share of resamples in which each layer is the best")
    ui.reading(HOW_TO_READ_SHARES)

with predicted:
    ui.section(BEFOREHAND)
    points = partial(gains.predictor_points, result, fusions[looked_at])
    if len(ui.once(gains.predictor_table, result, fusions[looked_at])):
        ui.chart(points, "predictors", alt=f"Rank correlation of each predictor with {looked_at} over layers")
        ui.reading(HOW_TO_READ_PREDICTORS, ui.once(advice.measured_on, result))
    else:
        ui.aside("Fewer than three layers were fused, or no target language was tested: there is no order to foretell.")
    ui.fusion.by_language(sweep)

with suite:
    ui.section(SUITE)
    ui.fusion.suite(choice.model)

with others:
    ui.section(BESIDE)
    for other in ui.models.others(choice.model):
        st.subheader(ui.models.label(other), anchor=False)
        ui.beside.scores(sweep, [fusions[name] for name in shown], other)

with home:
    ui.downloads(
        "fusion",
        lambda: document(
            QUESTION,
            " ".join([answer, *against_said]),
            [
                ("", curves(), f"{note} {mode}"),
                (LANGUAGES, heatmap(), HOW_TO_READ_LANGUAGES),
                (f"Families at layer {layer}", families(), ""),
                *((title, draw(), how) for title, draw, how in bucket_figures),
                (SURE, shares(), HOW_TO_READ_SHARES),
                (BEFOREHAND, points(), HOW_TO_READ_PREDICTORS),
            ],
            advice.training_facts(result) | {"Key": sweep.key, "Command": sweep.command},
        ),
        {
            "Scores": result.means,
            "Gains": result.differences,
            "Choices": table,
            "Predictors": result.predictors,
            **bucket_tables,
        },
        sweep.command,
    )
    if ui.fusion.names_files(sweep.spec):
        ui.aside("The task is a path: run the command in the folder that it starts from.")
