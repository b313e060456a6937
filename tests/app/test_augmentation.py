"""The Augmentation page: what is stored is shown, what is not is offered, and nothing that was brought along is run."""

from functools import partial

import pytest
import streamlit as st

from dlfa_core.runtime import store
from tests.app.conftest import html, opened

visit = partial(opened, "pages/6_Augmentation.py")


@pytest.fixture
def page():
    return visit()


def test_a_first_visit_finds_the_answer_with_interval_p_and_n(page):
    assert not page.exception
    shown = html(page)
    assert (
        '<p class="answer">With the lexicon in pre-training zero-shot accuracy over 4 target languages is 0.' in shown
    )
    assert "higher (n = 240, 3 seeds, Holm&#39;s p = 0.005)." in shown
    assert "With DLFA of layer 2 the lexicon" in shown
    assert "in the 2 target languages that it lacks" in shown


def test_controls_are_told_beside_the_answer_and_the_rest_is_folded(page):
    shown = html(page)
    beside, _, folded = shown.partition("<details")
    assert "With the last layer alone it changes the score by +0." in beside
    assert "With DLFA of layer 2 the lexicon" in folded
    assert "for each of 3 seeds" in folded


def test_sentences_are_escaped_marked_and_run_in_their_own_direction(page):
    shown = html(page)
    assert "was &lt;b&gt;wonderful&lt;/b&gt;." in shown
    assert '<mark lang="en" dir="ltr" title="English">beautiful</mark>' in shown
    assert '<p lang="ar" dir="rtl">كان يوما <mark' in shown
    assert '<p lang="th" dir="ltr">ฉัน <mark lang="zh-Hans" dir="ltr" title="Chinese">爱</mark> เพลง' in shown
    assert "<b>" not in shown.replace("&lt;b&gt;", "").partition('class="terms sentences rewritten"')[2]


def test_the_command_rebuilds_the_result(page):
    assert "python -m dlfa_core augment --held-out tha arb</code>" in html(page)


def test_groups_of_languages_are_shown_by_choice_and_by_link(page):
    page.segmented_control(key="group").set_value("unseen").run()
    assert not page.exception
    again = visit(group="not in the lexicon", with_dlfa="true")
    assert again.segmented_control(key="group").value == "unseen"
    assert again.toggle(key="with_dlfa").value


@pytest.mark.parametrize("query", [{"group": "<b>"}, {"comparison": "none"}, {"with_dlfa": "maybe"}])
def test_a_broken_link_falls_back_to_what_there_is(query):
    page = visit(**query)
    assert not page.exception
    assert '<p class="answer">With the lexicon' in html(page)


def test_a_new_comparison_is_offered_and_asked_for(page, desk):
    page.selectbox(key="comparison").set_value("New comparison").run()
    page.multiselect(key="augment_methods").set_value(["mask", "valence"]).run()
    page.number_input(key="augment_steps").set_value(50).run()
    assert "50 further steps, 12 times" in _offered(page)
    page.multiselect(key="augment_controls").set_value(["neutral"]).run()
    assert "50 further steps, 9 times: with whole-word masking and valence of words" in _offered(page)
    assert "without, with neutral words instead, for each of 3 seeds" in _offered(page)
    assert not desk
    page.button(key="compute").click().run()
    assert not page.exception
    assert desk[0].spec.controls == ("neutral",)
    assert (desk[0].spec.methods, desk[0].spec.steps, desk[0].spec.model) == (("mask", "valence"), 50, "demo")


def _offered(page):
    return page.main.markdown[0].value.replace("\\", "")


def test_no_method_compares_nothing(page):
    page.selectbox(key="comparison").set_value("New comparison").run()
    page.multiselect(key="augment_methods").set_value([]).run()
    assert not page.exception
    assert "Choose at least one method" in page.info[0].value


def test_a_model_without_a_comparison_is_offered_one(desk):
    page = visit(model="bert-base-multilingual-cased")
    assert not page.exception
    page.button(key="compute").click().run()
    assert desk[0].spec.model == "bert-base-multilingual-cased"


def test_a_public_app_trains_nothing(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")
    page = visit()
    assert '<p class="answer">With the lexicon' in html(page)
    assert "New comparison" not in page.selectbox(key="comparison").options
    monkeypatch.setattr(store, "BUNDLED", store.BUNDLED.parent / "nothing")
    st.cache_data.clear()
    empty = visit()
    assert "this public app trains nothing" in empty.info[0].value


def test_a_damaged_result_says_how_to_make_it_again(monkeypatch):
    monkeypatch.setattr(store, "read", lambda *_: None)
    page = visit()
    assert not page.exception
    assert "is damaged. Make it again with" in page.error[0].value.replace("\\", "")
