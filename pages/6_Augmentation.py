"""Do lexicons in pre‑training help transfer?

One model is pre-trained further twice, with a lexicon of sentiment words and without; then both learn a task in one
language and are tested in all: who gains, by how much, and whether fusing layers gains more.
"""

from functools import partial

import streamlit as st

import ui
import ui.augmentation
from dlfa_core.data.augment import METHODS
from dlfa_core.figures import augmentation, document
from dlfa_core.figures.sentences import augment as said
from dlfa_core.languages import find

QUESTION = "Do lexicons in pre‑training help transfer?"
HOW_TO_READ = (
    "On the left, scores: a line leads from plain pre-training to pre-training with the lexicon, so its slope is the "
    "lexicon's effect, and lines that are not parallel say that fusing layers changes it. On the right, the same as "
    "differences against 0, filled where p is below 0.05. Intervals are 95 %, from drawing test examples and seeds "
    "again, the same draws in all four cells, so differences can be clear where the intervals of scores overlap."
)
HOW_TO_READ_LANGUAGES = (
    "Every mark is a target language. If the lexicon itself did the work, languages that it covers better would stand "
    "higher, and languages without words in it at 0. With this many languages, about one in twenty is clear by chance."
)
HOW_TO_READ_TRAINING = (
    "Thin lines are seeds. Where the lexicon replaces or hides words, its curve is of harder text: compare how the "
    "curves fall, not how high they are."
)
HOW_TO_READ_SAMPLES = (
    "Above, the sentence as it is; below, as one draw has it. What differs is marked, with its language. Where a "
    "script writes no spaces, words are found by their characters alone, so a part of a longer word may be replaced."
)

choice = ui.frame("Augmentation", QUESTION)
head, picture, languages, samples, training, home = (st.container() for _ in range(6))

with picture:
    comparison = ui.augmentation.choose(choice.model)
if comparison is None:
    st.stop()

result = comparison.result
answer = said.answer(result)
groups = said.levels(result)

with head:
    ui.answer(answer)
    ui.aside(*said.more(result))

with picture:
    level = ui.augmentation.group(groups)
    cells = augmentation.cells(result, level)
    effects = augmentation.effects(result, level)
    left, right = st.columns(2, gap="large")
    with left:
        ui.chart_at_once(cells, "augment_cells", alt=f"Scores of both models, {groups[level]}. {answer}")
    with right:
        ui.chart(effects, "augment_effects", alt=f"Differences, {groups[level]}")
    ui.aside(HOW_TO_READ)
    ui.terms((METHODS[name].label, METHODS[name].explains) for name in result.meta["methods"])
    ui.notes(result.meta["warnings"])

with languages:
    st.header("Which languages gain?", anchor=False)
    fused = ui.augmentation.with_fusion()
    coverage = partial(augmentation.coverage, result, fused)
    alt = "Gain of each target language against the share of texts that are covered"
    ui.chart_in_sight(coverage, "augment_coverage", alt=alt, height=430)
    ui.aside(HOW_TO_READ_LANGUAGES)

with samples:
    method = ui.augmentation.sample_method(list(dict.fromkeys(result.samples["method"])))
    if method:
        st.header("What the model read", anchor=False)
        shown = result.samples[result.samples["method"] == method].groupby("language", sort=False).head(1)
        ui.augmentation.rewritten(shown)
        ui.aside(HOW_TO_READ_SAMPLES)

with training:
    st.header("How training went", anchor=False)
    curves = partial(augmentation.training, result)
    alt = "Masked-language-model loss by step, in both arms"
    ui.chart_in_sight(curves, "augment_training", alt=alt, height=360)
    ui.aside(HOW_TO_READ_TRAINING)

with home:
    table = said.by_language(result)
    ui.downloads(
        "augmentation",
        lambda: document(
            QUESTION,
            " ".join([answer, *said.more(result)]),
            [
                ("", cells, HOW_TO_READ),
                (f"Differences, {groups[level]}", effects, ""),
                ("Which languages gain?", coverage(), HOW_TO_READ_LANGUAGES),
                ("How training went", curves(), HOW_TO_READ_TRAINING),
            ],
            said.facts(result) | {"Key": comparison.key, "Command": comparison.command},
        ),
        {
            "Scores": result.cells,
            "Differences": result.effects,
            "Languages": table.assign(name=[find(code).name for code in table["language"]]),
            "Training": result.curves,
            "Sentences": result.samples,
        },
        comparison.command,
    )
