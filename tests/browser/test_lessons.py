"""Every step of every lesson as a class walks through it, in Chromium, with the network off."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from dlfa_core import lessons
from tests.browser.serving import ROOT

PAGES = tuple(path.stem.partition("_")[2] for path in sorted((ROOT / "pages").glob("[0-9]*.py")))
QUESTIONS = {
    name: re.search(r'^QUESTION = "(.*)"$', path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    for name in PAGES
    for path in (ROOT / "pages").glob(f"*_{name}.py")
}
BOX = ".st-key-lesson"
CARD = "getComputedStyle(word, '::after')"


def start(page: Page, app: str, lesson: lessons.Lesson) -> None:
    page.goto(f"{app}/Lessons")
    links = page.get_by_role("link", name="Start")
    expect(links).to_have_count(len(lessons.names()))  # nothing moves any more under the pointer
    page.wait_for_load_state("networkidle")
    links.nth(lessons.names().index(lesson.name)).click()


def is_shown(page: Page, lesson: lessons.Lesson, number: int) -> None:
    """The step is there: page, progress, text, the view's choices, no error, and an answer behind a click."""
    step = lesson.steps[number - 1]
    box = page.locator(BOX)
    expect(box.locator(".lesson-head")).to_have_text(f"{lesson.title} · Step {number} of {len(lesson.steps)}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(QUESTIONS[step.view.page])
    expect(page.locator("p.answer").first).to_be_visible()
    expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(box.locator(".lesson-question")).to_be_visible()
    if step.answer:
        answer = box.locator("details p")
        expect(answer).to_be_hidden()
        box.get_by_text("Answer", exact=True).click()
        expect(answer).to_be_visible()
        assert answer.inner_text().strip()
        assert "not computed" not in answer.inner_text()
    page.wait_for_url(lambda url: ("step", str(number)) in parse_qsl(urlsplit(url).query))
    assert urlsplit(page.url).path.strip("/") == step.view.page


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == lessons.names()[-1] else pytest.mark.slow) for name in lessons.names()],
)
def test_a_class_walks_through_every_step(page, app, name):
    lesson = lessons.read(name, PAGES)
    start(page, app, lesson)
    for number, step in enumerate(lesson.steps, 1):
        is_shown(page, lesson, number)
        if step.predict:
            page.locator(BOX).get_by_role("radio", name="6", exact=True).click()
            expect(page.locator(BOX).get_by_role("link", name="Next")).to_have_attribute("href", re.compile("guess=6"))
        if step.reveal:
            expect(page.locator(f"{BOX} .lesson-reveal")).to_contain_text("You chose layer 6")
        if number < len(lesson.steps):
            page.locator(BOX).get_by_role("link", name="Next").click()
    page.locator(BOX).get_by_role("link", name="Previous").click()
    is_shown(page, lesson, len(lesson.steps) - 1)
    page.locator(BOX).get_by_role("button", name="Leave").click()
    expect(page.locator(BOX)).to_have_count(0)


def test_a_step_sets_what_its_view_names_and_resets_the_rest(page, app):
    lesson = lessons.read("1-meeting-in-the-middle", PAGES)
    page.goto(f"{app}/Layers?lesson={lesson.name}&step=3&{str(lesson.steps[2].view).partition('?')[2]}")
    is_shown(page, lesson, 3)
    axis = page.locator(".st-key-families .xtitle")
    expect(axis).to_have_text([re.compile("at layer 0$")])
    page.get_by_role("slider", name="Layer").press("ArrowRight")
    expect(axis).to_have_text([re.compile("at layer 1$")])
    page.locator(BOX).get_by_role("link", name="Next").click()
    is_shown(page, lesson, 4)
    expect(axis).not_to_have_text([re.compile("at layer [01]$")])
    page.locator(BOX).get_by_role("link", name="Previous").click()
    is_shown(page, lesson, 3)
    expect(axis).to_have_text([re.compile("at layer 0$")])
    page.get_by_role("slider", name="Layer").press("ArrowRight")  # a choice does not lead back to another step
    expect(axis).to_have_text([re.compile("at layer 1$")])
    expect(page.locator(f"{BOX} .lesson-head")).to_contain_text("Step 3 of")


def test_the_lesson_goes_on_over_other_pages(page, app):
    lesson = lessons.read("1-meeting-in-the-middle", PAGES)
    start(page, app, lesson)
    is_shown(page, lesson, 1)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Gates").click()
    page.locator(BOX).get_by_role("link", name="Back to step 1, on the Layers page").click()
    is_shown(page, lesson, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_word_is_explained_on_hover_and_from_the_keyboard(new_page, app, scheme):
    page = new_page(color_scheme=scheme)
    page.goto(f"{app}/Layers")
    page.wait_for_selector(".js-plotly-plot .scatterlayer path.js-line")  # from here on nothing moves
    word = page.locator("p.answer .term").filter(has_text="CKA").first

    def wait_for_card(shown: bool) -> None:
        page.wait_for_function(
            f"word => {CARD}.content.includes('Centred kernel') === {str(shown).lower()}", arg=handle
        )

    handle = word.element_handle()
    word.hover()
    wait_for_card(True)
    assert word.evaluate(f"word => {CARD}.color !== {CARD}.backgroundColor")
    page.mouse.move(0, 0)
    wait_for_card(False)
    word.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    wait_for_card(True)
    described = page.locator(f"#{word.get_attribute('aria-describedby')}")
    expect(described).to_contain_text("Centred kernel alignment")
    expect(described).to_be_hidden()


def test_the_sheet_prints_on_two_pages(page, app, new_page, tmp_path):
    page.goto(f"{app}/Lessons")
    for number, name in enumerate(lessons.names()):
        with page.expect_download() as download:
            page.get_by_role("button", name="Sheet to print").nth(number).click()
        kept = tmp_path / f"{name}.html"
        download.value.save_as(kept)
        paper = new_page(offline=True)
        paper.goto(kept.as_uri())
        printed = paper.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, name


def test_a_phone_need_not_scroll_sideways(new_page, app):
    page = new_page(viewport={"width": 390, "height": 844})
    lesson = lessons.read("1-meeting-in-the-middle", PAGES)
    start(page, app, lesson)
    is_shown(page, lesson, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
