"""The Lens page: examples, typed sentences, words to hide, nearest sentences."""

from functools import partial

import pytest

from dlfa_core.experiments import lens, readout
from dlfa_core.runtime import jobs, store
from tests.app.conftest import html, opened
from ui.lens import EXAMPLES

at = partial(opened, "pages/7_Lens.py")


@pytest.fixture
def page():
    return at()


def test_the_answer_and_the_figure_are_there_at_once(page):
    assert not page.exception
    assert "From layer 9 on “on” is among the 5 likeliest of 40,000 subwords" in html(page)
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
