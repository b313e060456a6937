"""What does AIF let through?

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

QUESTION = "What does AIF let through?"
HOW_TO_READ = (
    "AIF gives each word a gate for every dimension, from 0 (closed) to 1 (open). Under each word is the mean of its "
    "gates, and the stronger its colour, the wider they open. Words are what readers call words, put together from "
    "the subwords that the model sees; in Chinese, Japanese and Thai they are characters or a few together."
)
HOW_TO_READ_ROWS = (
    "Each column is one word, in reading order: sentences in Arabic, Hebrew or Persian begin at the right. With one "
    "model, rows are the mean gate and its percentiles over dimensions; with several, the mean gate at each layer."
)
HOW_TO_READ_GROUPS = (
    "A thick line holds half of the words, a thin one 90 % of them; the mark is the mean with its 95 % interval from "
    "drawing the sentences again. Relatives stand together and share colour and shape."
)
HOW_TO_READ_BRANCHES = (
    "A gate is the sigmoid of two votes: the global branch reads the mean of the sentence and says the same to all of "
    "its words, the local one reads each word. Left, what they say on average: above 0 opens, below 0 closes. Right, "
    "how much of what differs is the local branch's doing: from word to word in one dimension (filled), and between "
    "the dimensions of one word (open)."
)
HOW_TO_READ_SIMILARITY = (
    "Each mark is a language: to the right if its sentences lie close to their English translations at the fused "
    "layer, higher if its words let more through."
)
choice = ui.frame("Gates", QUESTION)
head, picture, controls, own, groups, votes, near, inside, home = (st.container() for _ in range(9))

if not ui.task_models.of(choice.model):
    with head:
        ui.task_models.offer(choice.model, "fusion model")
    st.stop()
with controls:
    st.header("Ask it differently", anchor=False)
    models = ui.gates.models(choice.model)
    compared = ui.compare(choice.corpus, pooled=False)
if not models or compared is None:
    head.info("Choose at least one fusion model, and a corpus that can be read.")
    st.stop()

with head:
    spec = gates.Spec(models=models, **compared)
    result = ui.result(gates, spec, ui.gates.in_words(spec))
if result is not None:
    with head:
        model = ui.gates.one_of(models)
        answer = ui.once(said.answer, result, model)
        ui.answer(answer)
        ui.aside(ui.once(said.spread_said, result, model), ui.gates.standing_on(result, choice.model))

    with picture:
        ids = ui.once(drawn.sentences_of, result)
        strips = st.container()
        sent_id = ids[ui.gates.sentence(len(ids)) - 1]
        languages = ui.gates.two_languages(result.meta["languages"])
        low, high = ui.once(drawn.range_of_words, result)
        own_words = result.words[(result.words["model"] == model) & (result.words["id"] == sent_id)]
        for column, code in zip(strips.columns(len(languages), gap="large"), languages, strict=True):
            with column:
                ui.gates.words_of(own_words[own_words["language"] == code], code, low, high)
        ui.aside(HOW_TO_READ)
        sentences = {}
        for index, (column, code) in enumerate(zip(st.columns(len(languages), gap="large"), languages, strict=True)):
            with column:
                sentences[code] = partial(drawn.sentence_heatmap, result, code, sent_id)
                ui.chart(sentences[code], f"words_{index}", alt=f"Gates of the words of sentence {sent_id}, {code}")
        ui.aside(HOW_TO_READ_ROWS)
        ui.notes(result.meta["warnings"])

with own:
    st.header("A sentence of your own", anchor=False)
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
    st.header("Languages and kinds of words", anchor=False)
    measure = ui.gates.measure()
    by_language, by_class = (partial(draw, result, model, measure) for draw in (drawn.by_language, drawn.by_class))
    left, right = st.columns(2, gap="large")
    with left:
        ui.chart(by_language, "by_language", alt=f"{ui.gates.MEASURES[measure]} by language")
    with right:
        ui.chart(by_class, "by_class", alt=f"{ui.gates.MEASURES[measure]} by class of words")
    ui.aside(HOW_TO_READ_GROUPS, ui.once(said.classes_from, result))

with votes:
    st.header("The word or its sentence?", anchor=False)
    both = partial(drawn.branches, result, model)
    alt = "Global and local branch by language"
    ui.chart_in_sight(both, "branches", alt=alt, height=30 * len(result.meta["languages"]) + 120)
    ui.aside(ui.once(said.shares_said, result, model), HOW_TO_READ_BRANCHES)

with near:
    similarity = None
    if len(result.close):
        st.header("Does it open where languages are close?", anchor=False)
        similarity = partial(drawn.similarity, result, model, "cka")
        ui.chart_in_sight(similarity, "similarity", alt=ui.once(said.similarity_said, result, model, "cka"), height=430)
        ui.aside(*(ui.once(said.similarity_said, result, model, name) for name in ("cka", "retrieval_cosine")))
        ui.aside(HOW_TO_READ_SIMILARITY)
    if len({about["layer"] for about in result.meta["models"]} - {None}) > 1:
        ui.chart(partial(drawn.by_layer, result, "cka"), "by_layer", alt="Mean gate and similarity at each fused layer")

with inside:
    st.header("Inside a word", anchor=False)
    profile = partial(drawn.dimensions, result, model)
    ui.chart_in_sight(profile, "dimensions", alt=ui.once(said.dimensions_said, result, model), height=430)
    ui.aside(ui.once(said.dimensions_said, result, model))

with home:
    taken = [
        *((f"Sentence {sent_id}, {code}", figure, HOW_TO_READ_ROWS) for code, figure in sentences.items()),
        ("Languages", by_language, HOW_TO_READ_GROUPS),
        ("Kinds of words", by_class, ui.once(said.classes_from, result)),
        ("The word or its sentence?", both, HOW_TO_READ_BRANCHES),
        *([("Where languages are close", similarity, HOW_TO_READ_SIMILARITY)] if similarity else []),
        ("Inside a word", profile, ui.once(said.dimensions_said, result, model)),
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
