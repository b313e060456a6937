"""Do lexicons in pre‑training help transfer?

One model is pre-trained further, with a lexicon of sentiment words, without, and with controls that mix as much text;
then each learns a task in one language and is tested in all: who gains, by how much, and whether fusing layers gains
more.
"""

from functools import partial

import streamlit as st

import ui
import ui.augmentation
from dlfa_core.data.augment import CONTROLS, METHODS
from dlfa_core.figures import augmentation, document
from dlfa_core.figures.sentences import augment as said
from dlfa_core.figures.sentences import lexicon as of_a_lexicon
from dlfa_core.languages import find

QUESTION = "Do lexicons in pre‑training help transfer?"
HOW_TO_READ = (
    "On the left, scores: a line leads from plain pre-training to pre-training with the lexicon, so its slope is the "
    "lexicon's effect, and on to its controls. With a random dictionary the same words are replaced by translations of "
    "other words; with neutral words, others are replaced that are as frequent. Only what the lexicon gains over these "
    "speaks for what it says; what all of them gain or lose may come from mixing text. The average of the same two "
    "layers and as many extra parameters control for DLFA. The dotted line is what guessing reaches. On the right, "
    "differences against 0, filled where p, corrected by Holm for all of them, is below 0.05. Intervals are 95 %, over "
    "test examples and seeds, each for itself: they are not corrected."
)
HOW_TO_READ_LANGUAGES = (
    "Every mark is a target language; where marks crowd, a line leads from its name to it. If the lexicon itself did "
    "the work, one would expect languages that it covers better to stand higher, and languages without words in it "
    "near 0. The correlation's interval is for other languages like these, of which there are few; where it holds 0, "
    "no relation is shown. About one interval of a language in twenty leaves out 0 by chance."
)
HOW_TO_READ_TRAINING = (
    "Thin lines are seeds. Where the lexicon replaces or hides words, its curve is of harder text: compare how the "
    "curves fall, not how high they are."
)
HOW_TO_READ_SAMPLES = (
    "Above, the sentence as it is; below, as one draw has it. What differs is marked, with its language. Where a "
    "script writes no spaces, words are found by their characters alone, so a part of a longer word may be replaced."
)

LANGUAGES, SAMPLES, TRAINING = "Which languages gain?", "What the model read", "How training went"

choice = ui.frame("Augmentation", QUESTION)
head, controls, picture, languages, samples, training, home = (st.container() for _ in range(7))

with controls:
    chosen, grouped = st.columns(2, gap="large")
    form = st.container()
with chosen:
    comparison = ui.augmentation.choose(choice.model, form)
if comparison is None:
    st.stop()

result = comparison.result
answer = ui.once(said.answer, result)
groups = ui.once(said.levels, result)

more = ui.once(said.more, result)

with head:
    ui.answer(answer)
    ui.aside(ui.once(said.beside_controls, result))

with grouped:
    level = ui.augmentation.group(groups)
with picture:
    cells = partial(augmentation.cells, result, level)
    effects = partial(augmentation.effects, result, level)
    left, right = st.columns(2, gap="large")
    with left:
        ui.chart_at_once(cells, "augment_cells", alt=f"Scores of all models, {groups[level]}. {answer}")
    with right:
        ui.chart(effects, "augment_effects", alt=f"Differences, {groups[level]}")
    ui.outline(LANGUAGES, *([SAMPLES] if len(result.samples) else []), TRAINING)
    methods = [(METHODS[name].label, METHODS[name].explains) for name in result.meta["methods"]]
    named = [name for name in result.meta["arms"] if name in CONTROLS]
    arms = [(augmentation.ARMS[name].capitalize(), CONTROLS[name]) for name in named]
    ui.reading(HOW_TO_READ, *more, terms=[*methods, *arms])
    cautions, of_the_list = ui.once(of_a_lexicon.cautions, result)
    ui.computed(ui.once(said.computed, result), *of_the_list)
    ui.notes(cautions)

with languages:
    ui.section(LANGUAGES)
    fused = ui.augmentation.with_fusion()
    coverage = partial(augmentation.coverage, result, fused)
    alt = "Gain of each target language against the share of texts that are covered"
    ui.chart_in_sight(coverage, "augment_coverage", alt=alt, height=430)
    ui.reading(HOW_TO_READ_LANGUAGES)

with samples:
    method = ui.augmentation.sample_method(list(dict.fromkeys(result.samples["method"])))
    if method:
        ui.section(SAMPLES)
        shown = result.samples[result.samples["method"] == method].groupby("language", sort=False).head(1)
        ui.augmentation.rewritten(shown)
        ui.reading(HOW_TO_READ_SAMPLES)

with training:
    ui.section(TRAINING)
    curves = partial(augmentation.training, result)
    alt = "Masked-language-model loss by step, in every arm"
    ui.chart_in_sight(curves, "augment_training", alt=alt, height=360)
    ui.reading(HOW_TO_READ_TRAINING)

with home:
    table = said.by_language(result)
    ui.downloads(
        "augmentation",
        lambda: document(
            QUESTION,
            " ".join([answer, *more]),
            [
                ("", cells(), HOW_TO_READ),
                (f"Differences, {groups[level]}", effects(), ""),
                (LANGUAGES, coverage(), HOW_TO_READ_LANGUAGES),
                (TRAINING, curves(), HOW_TO_READ_TRAINING),
            ],
            said.facts(result) | {"Key": comparison.key, "Command": comparison.command},
        ),
        {
            "Scores": result.cells,
            "Differences": result.effects,
            "Correlations": result.correlations,
            "Languages": table.assign(name=[find(code).name for code in table["language"]]),
            "Training": result.curves,
            "Sentences": result.samples,
        },
        comparison.command,
    )
