"""The Augmentation page as a visitor meets it, with a comparison made without a model in the server's own store."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from dlfa_core.experiments import augment
from dlfa_core.figures.sentences.augment import run_label
from dlfa_core.runtime.store import Store
from tests.augmented import small_augmentation


@pytest.fixture(scope="module")
def compared(app, home):
    """The app, which finds the comparison among its results."""
    Store(home / "results").save(augment, augment.Spec(held_out=("tha", "arb"), steps=60), small_augmentation())
    return app


def open_page(page, app):
    label = run_label(small_augmentation().meta)
    page.goto(f"{app}/Augmentation?{urlencode({'comparison': label})}")
    page.wait_for_selector(".st-key-augment_cells .js-plotly-plot .main-svg")
    page.get_by_role("heading", name="How training went").wait_for()


def test_the_answer_and_every_figure_are_there_and_groups_change_them(page, compared):
    open_page(page, compared)
    expect(page.locator("p.answer")).to_contain_text("over 4 target languages")
    for heading, key in (
        (None, "augment_cells"),
        (None, "augment_effects"),
        ("Which languages gain?", "augment_coverage"),
        ("How training went", "augment_training"),
    ):
        if heading:  # made when it is near
            page.get_by_role("heading", name=heading).scroll_into_view_if_needed()
        expect(page.locator(f".st-key-{key} .main-svg").first).to_be_visible()
    page.get_by_role("radio", name="not in the lexicon").click()
    page.wait_for_url("**group=not*")


def test_switched_sentences_run_in_their_own_direction_and_stay_text(page, compared):
    open_page(page, compared)
    expect(page.locator(".rewritten p[lang=ar]").first).to_have_css("direction", "rtl")
    expect(page.locator(".rewritten p[lang=ar] mark")).to_have_css("direction", "ltr")
    expect(page.locator(".rewritten p[lang=en]").first).to_have_text("The soup was <b>wonderful</b>.")
    assert page.locator(".rewritten b").count() == 0


def test_a_phone_need_not_scroll_sideways(new_page, compared):
    page = new_page(viewport={"width": 390, "height": 844})
    open_page(page, compared)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
