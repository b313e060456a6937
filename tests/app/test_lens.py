"""The Lens page: examples, typed sentences, words to hide, nearest sentences."""

from functools import partial

import pandas as pd
import pytest

from dlfa_core import encoders
from dlfa_core.experiments import answer, lens, readout, train
from dlfa_core.figures.sentences import answer as said
from dlfa_core.runtime import jobs, store
from tests.app.conftest import html, opened
from ui.lens import EXAMPLES

at = partial(opened, "pages/7_Lens.py")


@pytest.fixture
def page():
    return at()


def test_the_answer_and_the_figure_are_there_at_once(page):
    assert not page.exception
    assert "From layer 9 on, “on” is among the 5 likeliest of 40,000 subwords" in html(page)
    assert "Only layer 8 and those above can be read better than guessing by frequency" in html(page)
    assert len(page.get("plotly_chart")) == 1


def test_nearest_sentences_are_escaped_and_run_in_their_direction(page):
    shown = html(page)
    assert "A &lt;i&gt;cup&lt;/i&gt;." in shown
    assert 'lang="ar" dir="rtl">فنجان.' in shown


def test_every_example_has_one_hidden_word_of_its_language():
    for code, text in EXAMPLES.items():
        gap = lens.gap_of(text)
        assert gap.word, code
        assert lens.Spec(text=text, language=code)


def test_a_typed_sentence_starts_a_job(page, desk):
    page.text_input(key="lens_text").set_value("A cup of [tea]").run()
    assert not page.exception
    assert [(job.experiment, job.spec.text, job.spec.language) for job in desk] == [(lens, "A cup of [tea]", "")]


def test_a_link_opens_a_typed_sentence(desk):
    app = at({"lens_text": "A cup of [tea]"})
    assert app.text_input(key="lens_text").value == "A cup of [tea]"
    assert desk[0].spec.text == "A cup of [tea]"


def test_a_sentence_that_cannot_be_asked_fails_in_the_jobs_own_words(page, desk):
    page.text_input(key="lens_text").set_value("No brackets").run()
    desk[0].now = jobs.Status("failed", error="No word of 'No brackets' is hidden")
    page.run()
    assert "No word of" in page.error[0].value


def test_a_click_on_a_word_hides_it(page, desk):
    page.button(key="hide_4").click().run()
    assert page.text_input(key="lens_text").value == "The [book] is on the table."
    assert desk[0].spec.text == "The [book] is on the table."


def test_a_hidden_word_without_blanks_around_it_stands_whole_in_its_brackets(page, desk):
    page.text_input(key="lens_text").set_value("书在[桌子]上。").run()
    shown = {
        button.key: (button.label, button.disabled) for button in page.button if str(button.key).startswith("hide_")
    }
    assert shown["hide_2"] == ("[桌子]", True)
    assert "hide_3" not in shown
    assert [label for label, disabled in shown.values() if not disabled]


def test_the_last_sentence_stays_greyed_until_the_next_one_is_read(page, desk):
    page.text_input(key="lens_text").set_value("A cup of [tea]").run()
    assert not page.exception
    assert "grayscale" in html(page)
    assert "From layer 9 on, “on” is among the 5 likeliest" in html(page)
    assert len(page.get("plotly_chart")) == 1
    assert "dlfa_core lens" in html(page)
    assert "A cup of [tea]" not in html(page)  # what is taken home is of what is shown


def test_another_example_takes_the_place_of_what_was_typed(desk):
    app = at({"lens_text": "A cup of [tea]"})
    app.selectbox(key="lens_example").set_value("tha").run()
    assert not app.text_input(key="lens_text").value
    assert desk[-1].spec == lens.Spec(text=EXAMPLES["tha"], language="tha", fusion="demo-pos")


def test_without_losses_they_are_offered_and_the_words_stand(monkeypatch, tmp_path):
    store.Store(store.BUNDLED).folder(readout, readout.Spec()).rename(tmp_path / "away")
    app = at()
    assert not app.exception
    assert app.button(key="compute_losses").label == "Compute"
    assert len(app.get("plotly_chart")) == 1


def test_the_layer_of_the_nearest_sentences_is_in_the_address():
    app = at({"near_layer": "3"})
    assert app.slider(key="near_layer").value == 3
    assert "At layer 3 the 2 nearest sentences" in html(app)


ANSWERING = "/somewhere/qa-sample"


@pytest.fixture
def answering(monkeypatch):
    """A home with a model that answers questions."""
    monkeypatch.setattr(encoders, "answering", lambda encoder: (ANSWERING,))
    monkeypatch.setattr(answer, "inputs", lambda spec: {"model": spec.model})


def listed(context: str, spans, language: str) -> answer.Result:
    """A list of answers, each a part of the context with its probability."""
    rows = [
        (language, "typed", rank, text, context.index(text), context.index(text) + len(text), 0.0, share, float("nan"))
        for rank, (text, share) in enumerate(spans, start=1)
    ]
    columns = ["language", "id", "rank", "text", "first", "last", "score", "probability", "exact"]
    about = {"question": "?", "context": context, "language": language, "task": "", "trained_on": "", "warnings": []}
    found = pd.DataFrame(columns=["language", "measure", "value", "ci_low", "ci_high", "n"])
    return answer.Result(pd.DataFrame(rows, columns=columns), found, about)


def test_without_a_model_that_answers_one_is_offered(page, desk):
    assert any("no model that answers questions" in text.value for text in page.markdown)
    page.button(key="compute_train_answers").click().run()
    assert not page.exception
    assert [(job.experiment, job.spec.task) for job in desk] == [(train, "qa:sample")]


def test_in_public_no_model_is_offered_to_answer(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")
    app = at()
    assert not app.exception
    assert any("no model that answers questions" in box.value and "trains nothing" in box.value for box in app.info)


@pytest.mark.parametrize("code", answer.EXAMPLES)
def test_an_example_is_answered_in_its_language_and_direction(code, answering, desk):
    app = at()
    app.selectbox(key="answer_example").set_value(code).run()
    context, question = answer.EXAMPLES[code]
    job = desk[-1]
    assert job.spec == answer.Spec(model=ANSWERING, question=question, context=context, language=code)
    best, next_best = context[3:9], context[10:14]
    store.own().save(answer, job.spec, listed(context, [(best, 0.75), (next_best, 0.25)], code))
    app.run()
    assert not app.exception
    shown = html(app)
    assert f"{context[:3]}<mark>{best}</mark>{context[9:]}" in shown
    assert (
        f"The likeliest answer is {said.written(best)}, with 75 % of the probability of the 2 answers listed" in shown
    )
    assert ('dir="rtl"' in shown.partition('class="passage"')[2][:60]) == (code == "arb")


def test_a_passage_of_ones_own_is_taken_for_the_language_of_its_letters_and_escaped(answering, desk):
    app = at({"answer_passage": "<b>Anna</b> lives in Rome.", "answer_question": "Where?"})
    spec = desk[-1].spec
    assert (spec.context, spec.question, spec.language) == ("<b>Anna</b> lives in Rome.", "Where?", "eng")
    store.own().save(answer, spec, listed(spec.context, [("<b>Anna</b>", 1.0)], "eng"))
    assert "<mark>&lt;b&gt;Anna&lt;/b&gt;</mark> lives in Rome." in html(app.run())


def test_a_question_of_ones_own_may_be_about_the_example(answering, desk):
    at({"answer_question": "Who was born?"})
    assert (desk[-1].spec.context, desk[-1].spec.question) == (answer.EXAMPLES["eng"][0], "Who was born?")


def test_a_passage_without_a_question_waits_for_one(answering, desk):
    app = at({"answer_passage": "Anna lives in Rome."})
    assert "Ask a question about the passage" in html(app)
    assert desk[-1].spec.context == answer.EXAMPLES["eng"][0]


def test_that_a_passage_has_no_answer_is_said(answering, desk):
    app = at()
    spec = desk[0].spec
    found = listed(spec.context, [("Paris", 0.2)], "eng")
    nothing = found.answers.assign(text="", first=0, last=0, probability=0.8)
    both = pd.concat([nothing, found.answers.assign(rank=2)], ignore_index=True)
    store.own().save(answer, spec, answer.Result(both, found.found, found.meta))
    shown = html(app.run())
    assert "The likeliest answer is no answer here, with 80 %" in shown
    assert "<mark>" not in shown
