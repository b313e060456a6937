"""What does the gate let through?

The gates of a fusion model, word by word: how much of a lower layer each word takes, in every language.
"""

from functools import partial

import streamlit as st

import ui
import ui.gates
from dlfa_core.experiments import gates
from dlfa_core.figures import document
from dlfa_core.figures import gates as drawn
from dlfa_core.figures.sentences import gates as said

QUESTION = "What does the gate let through?"
AT_A_GLANCE = "Under each word is the mean of its gates, from 0 (closed) to 1 (open); the colour says the same."
HOW_TO_READ = (
    "The gate is that of attentional information fusion (AIF), which mixes a lower layer into the last one: each word "
    "has a gate for every dimension of its vector. Words are what readers call words, put together from the subwords "
    "that the model sees; in Chinese, Japanese and Thai they are characters or a few together."
)
HOW_TO_READ_ROWS = (
    "Each column is one word, in reading order: sentences in Arabic, Hebrew or Persian begin at the right. With one "
    "model, rows are the mean gate and its percentiles over dimensions; with several, the mean gate at each layer."
)
HOW_TO_READ_GROUPS = (
    "A thick line holds half of the words, a thin one 90 % of them; the mark is the mean with its 95 % interval from "
    "drawing the sentences again. The dotted line is a gate that neither opens nor closes, or no change at all, and "
    "the bar at the bottom shows how long a tenth is. Relatives stand together and share colour and shape."
)
HOW_TO_READ_BRANCHES = (
    "A gate is the sigmoid of the sum of two votes: one branch, the global one, reads the mean of the sentence and "
    "says the same to all of its words; the other, the local one, reads each word. Left, what they say on average: "
    "above 0 opens, below 0 closes. Right, how much of what differs is the word's own doing: from word to word in one "
    "dimension (filled), and between the dimensions of one word (open)."
)
HOW_TO_READ_SIMILARITY = (
    "Each mark is a language: to the right if its sentences lie close to their English translations at the fused "
    "layer, higher if its words let more through."
)
OWN, GROUPS, VOTES, NEAR, INSIDE = (
    "A sentence of your own",
    "Languages and kinds of words",
    "The word or its sentence?",
    "Does it open where languages are close?",
    "Inside a word",
)
choice = ui.frame("Gates", QUESTION)
head, asking, controls, picture, own, groups, votes, near, inside, home = (st.container() for _ in range(10))

if not ui.task_models.of(choice.model):
    with head:
        ui.task_models.offer(choice.model, "fusion model")
    st.stop()
with asking, ui.ask_differently(OWN, GROUPS, VOTES, NEAR, INSIDE):
    compared = ui.compare(choice.corpus, head, pooled=False)
with controls:
    which, where, left, right = st.columns([4, 3, 3, 3], gap="medium")
with which:
    models = ui.gates.models(choice.model)
if compared is None:
    st.stop()
if not models:
    head.info("Choose at least one fusion model.")
    st.stop()

with head:
    wanted = gates.Spec(models=models, **compared)
    spec, result = ui.latest(gates, wanted, ui.gates.in_words(wanted)) or (wanted, None)
if result is not None:
    with which:
        model = ui.gates.one_of(models)
    with head:
        answer = ui.once(said.answer, result, model)
        ui.answer(answer)
        ui.aside(ui.gates.standing_on(result, choice.model))
    with where:
        ids = ui.once(drawn.sentences_of, result)
        sent_id = ids[ui.gates.sentence(len(ids)) - 1]
    languages = ui.gates.two_languages(result.meta["languages"], (left, right))

    with picture:
        low, high = ui.once(drawn.range_of_words, result)
        own_words = result.words[(result.words["model"] == model) & (result.words["id"] == sent_id)]
        for column, code in zip(st.columns(len(languages), gap="large"), languages, strict=True):
            with column:
                ui.gates.words_of(own_words[own_words["language"] == code], code, low, high)
        sentences = {}
        for index, code in enumerate(languages):
            sentences[code] = partial(drawn.sentence_heatmap, result, code, sent_id)
            alt = f"Gates of the words of sentence {sent_id}, {ui.language_name(code)}"
            ui.chart(sentences[code], f"words_{index}", alt=alt)
        ui.aside(AT_A_GLANCE)
        ui.reading(HOW_TO_READ, HOW_TO_READ_ROWS)
        ui.notes(result.meta["warnings"])

with own, st.container(key="own"):  # what is typed is never greyed
    ui.section(OWN)
    text, asked = ui.gates.typed()
    if text:
        typed_spec = gates.Spec(models=models, texts=(text,))
        looked = ui.result(gates, typed_spec, ui.gates.in_words(typed_spec), slot="_typed", start=asked)
        if looked is not None:
            code = looked.meta["languages"][0]
            shown = models[0] if result is None else model
            ui.aside(said.typed_answer(looked, shown))
            rows = looked.words[looked.words["model"] == shown]
            ui.gates.words_of(rows, code, *ui.once(drawn.range_of_words, looked if result is None else result))
            ui.chart(
                partial(drawn.sentence_heatmap, looked, code, "typed-1"), "typed_words", alt="Gates of the typed words"
            )

if result is None:
    st.stop()

with groups:
    ui.section(GROUPS)
    measure = ui.gates.measure()
    by_language, by_class = (partial(draw, result, model, measure) for draw in (drawn.by_language, drawn.by_class))
    left, right = st.columns(2, gap="large")
    with left:
        ui.chart(by_language, "by_language", alt=f"{ui.gates.MEASURES[measure]} by language")
    with right:
        ui.chart(by_class, "by_class", alt=f"{ui.gates.MEASURES[measure]} by class of words")
    ui.aside(ui.once(said.spread_said, result, model))
    ui.reading(HOW_TO_READ_GROUPS, ui.once(said.classes_from, result))

with votes:
    ui.section(VOTES)
    both = partial(drawn.branches, result, model)
    alt = ui.once(said.shares_said, result, model)
    ui.chart_in_sight(both, "branches", alt=alt, height=30 * len(result.meta["languages"]) + 120)
    ui.aside(alt)
    ui.reading(HOW_TO_READ_BRANCHES)

with near:
    similarity = None
    if len(result.close):
        ui.section(NEAR)
        closer = ui.once(said.similarity_said, result, model)
        similarity = partial(drawn.similarity, result, model, "cka")
        ui.chart_in_sight(similarity, "similarity", alt=closer, height=430)
        ui.aside(closer)
        ui.reading(HOW_TO_READ_SIMILARITY)
    if len({about["layer"] for about in result.meta["models"]} - {None}) > 1:
        ui.chart(partial(drawn.by_layer, result, "cka"), "by_layer", alt="Mean gate and similarity at each fused layer")

with inside:
    ui.section(INSIDE)
    profile = partial(drawn.dimensions, result, model)
    ui.chart_in_sight(profile, "dimensions", alt=ui.once(said.dimensions_said, result, model), height=430)
    ui.aside(ui.once(said.dimensions_said, result, model))

with home:
    taken = [
        *(
            (f"Sentence {sent_id}, {ui.language_name(code)}", draw, HOW_TO_READ_ROWS)
            for code, draw in sentences.items()
        ),
        ("Languages", by_language, HOW_TO_READ_GROUPS),
        ("Kinds of words", by_class, ui.once(said.classes_from, result)),
        (VOTES, both, HOW_TO_READ_BRANCHES),
        *([("Where languages are close", similarity, HOW_TO_READ_SIMILARITY)] if similarity else []),
        (INSIDE, profile, ui.once(said.dimensions_said, result, model)),
    ]
    ui.downloads(
        "gates",
        lambda: document(
            QUESTION,
            answer,
            [(title, draw(), text) for title, draw, text in taken],
            ui.gates.provenance(spec, result),
        ),
        {"Words": result.words, "Groups": result.means, "Branches": result.shares, "Similarity": result.close},
        ui.command(gates, spec),
    )
