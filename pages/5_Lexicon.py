"""Which words carry the sentiment?

Every word of a sentence in the colour of what it contributes, and how words of a lexicon do in every language.
"""

from functools import partial

import streamlit as st

import ui
import ui.lexicon
from dlfa_core.experiments import lexicon
from dlfa_core.figures import document
from dlfa_core.figures import lexicon as drawn
from dlfa_core.figures.sentences import lexicon as said
from dlfa_core.figures.sentences import systems

QUESTION = "Which words carry the sentiment?"
AT_A_GLANCE = (
    "The stronger a word’s colour, the more it contributes; point at it for its number. The bar says how sure the "
    "model is of the whole sentence."
)
HOW_TO_READ = (
    "Orange words, with a solid line, speak for the first label; blue ones, dotted, for the other. A sentiment model "
    "scores every word; the classifiers above score those of the lexicon. How sure the model is is its probability of "
    "each label, of these two alone."
)
HOW_TO_READ_LANGUAGES = (
    "Each row is a language, relatives stand together, and lines are 95 % intervals from drawing the sentences again. "
    "Grey bars hold 95 % of what random words of the same texts do in the lexicon's place, as frequent and as long."
)
HOW_TO_READ_LAYERS = (
    "Each line is a way to fuse a lower layer with the last, at every layer that it can fuse; bands are 95 % "
    "intervals. What fuses no layer is level."
)
HOW_TO_READ_ERASED = (
    "A ranking that points at what the model reads does two things: without its first words the answer falls far "
    "(triangles), and with them alone it hardly falls (squares). Dotted lines do the same with words in random order."
)
HOW_TO_READ_PAIRS = "Each cell holds two languages: whether words and their translations get high and low scores alike."

OWN, GROUPS, LAYERS, WRONG, TRUST, FOUND = (
    "A sentence of your own",
    "Language by language",
    "Layer by layer",
    "Words that disagree",
    "Can the scores be trusted?",
    "What was found",
)
choice = ui.frame("Lexicon", QUESTION)
ui.lexicon.styles()
head, asking, picture, own, groups, layers, wrong, alike, found, home = (st.container() for _ in range(10))

with asking:
    more = ui.ask_differently(OWN, GROUPS, LAYERS, WRONG, TRUST, FOUND)
with more:
    asked_how = ui.lexicon.how()
    spec = ui.lexicon.asked(choice.model, choice.corpus)
if spec is None:
    st.stop()

with head:
    spec, result = ui.latest(lexicon, spec, ui.lexicon.in_words(spec)) or (spec, None)
if result is not None:
    with head:
        labels = ui.once(systems.system_labels, result)
        answered = st.container()
    corpus = ui.lexicon.corpus(spec)
    with picture:
        which, where, *places = st.columns([3, 5, 2, 2])
        with which:
            system = ui.lexicon.system(labels, ui.once(systems.first_system, result))
        with where:
            sent_id = ui.lexicon.sentence(ui.once(drawn.sentence_ids, result), corpus)
        with answered:
            answer = ui.once(said.answer, result, system)
            ui.answer(answer)
        texts = ui.once(drawn.texts_of, result, sent_id)
        sides = ui.lexicon.corpus_sides(result.meta["languages"], labels, choice.model, places, more)
        shown = ui.lexicon.lines_of(spec, asked_how, result, sent_id, sides, labels, choice.model)
        coloured = ui.lexicon.corpus_lines(shown)
        ui.aside(AT_A_GLANCE)
        ui.reading(HOW_TO_READ)
        ui.computed(*ui.lexicon.computed_said(shown))
        if (code := sides[0][0]) in texts:
            ui.lexicon.edit(texts[code], code)

with own, st.container(key="own"):  # what is typed is never greyed
    ui.section(OWN)
    if not ui.task_models.for_sentiment(choice.model):
        ui.task_models.offer(choice.model, "sentiment model")
    typed, pressed = ui.lexicon.typed(choice.model)
    if typed:
        ui.lexicon.explained(typed, asked_how, pressed)

if result is None:
    ui.lexicon.prepare(choice.model)
    st.stop()

with groups:
    ui.section(GROUPS)
    quantity = ui.lexicon.quantity()
    reads = f"{HOW_TO_READ_LANGUAGES} {drawn.QUANTITIES[quantity].reads}"
    by_language = partial(drawn.by_language, result, system, quantity)
    ui.chart_in_sight(by_language, "lexicon_languages", alt=answer, height=30 * len(result.meta["languages"]) + 120)
    ui.aside(ui.once(said.extremes_said, result, system), ui.once(said.rival_said, result, system))
    ui.reading(reads, ui.once(said.agreement_said, result, system), ui.once(said.random_said, result, system))
    known, of_the_list = ui.once(said.cautions, result)
    ui.notes(known)

with layers:
    by_layer = None
    if ui.once(systems.layered, result):
        ui.section(LAYERS)
        code = ui.lexicon.one_language("Language of the curves", result.meta["languages"], "curves_of")
        by_layer = partial(drawn.by_layer, result, code, quantity)
        alt = f"Words of the lexicon at every fused layer, {ui.language_name(code)}"
        ui.chart_in_sight(by_layer, "lexicon_layers", alt=alt, height=430)
        ui.reading(HOW_TO_READ_LAYERS)

with wrong:
    ui.section(WRONG)
    code = ui.lexicon.one_language("Language of the words", result.meta["languages"], "words_of")
    ui.lexicon.words_table(ui.once(drawn.disagreeing, result, system, code), corpus)
    ui.aside("Each sentence opens above, with every word in its colour. Words found once are weak evidence.")

with alike:
    ui.section(TRUST)
    left, right = st.columns(2, gap="large")
    erased = pairs = None
    with left:
        if len(result.faithfulness):
            erased = partial(drawn.erased, result, system)
            ui.chart_in_sight(erased, "lexicon_erased", alt=ui.once(said.faithful_said, result, system), height=360)
            ui.aside(ui.once(said.faithful_said, result, system))
            ui.reading(HOW_TO_READ_ERASED)
    with right:
        if len(result.translations):
            pairs = partial(drawn.pairs, result, system)
            height = 22 * len(result.meta["languages"]) + 130
            ui.chart_in_sight(
                pairs, "lexicon_pairs", alt=ui.once(said.translations_said, result, system), height=height
            )
            ui.aside(ui.once(said.translations_said, result, system))
            ui.reading(HOW_TO_READ_PAIRS)

with found:
    ui.section(FOUND)
    ui.aside(ui.once(said.coverage_said, result))
    ui.lexicon.coverage_table(result)
    ui.computed(*of_the_list)

with home:
    figures = [
        ("Language by language", by_language, reads),
        *([("Layer by layer", by_layer, HOW_TO_READ_LAYERS)] if by_layer else []),
        *([("Words erased", erased, HOW_TO_READ_ERASED)] if erased else []),
        *([("Words and their translations", pairs, HOW_TO_READ_PAIRS)] if pairs else []),
    ]
    ui.downloads(
        "lexicon",
        lambda: document(
            QUESTION,
            answer,
            [(title, draw(), text) for title, draw, text in figures],
            ui.lexicon.provenance(spec, result),
            coloured,
        ),
        {
            "Scores": result.scores,
            "Words": result.words,
            "Translations": result.translations,
            "Coverage": result.coverage,
            "Faithfulness": result.faithfulness,
        },
        ui.command(lexicon, spec),
    )

ui.lexicon.prepare(choice.model)
