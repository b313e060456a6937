"""The Gates page as a visitor meets it, in Chromium, with the network off."""

import re
import time
from urllib.parse import urlencode

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WORK

LINE = ".gated-line"
LABELS = ".st-key-words_{} .js-plotly-plot .annotation-text"


def open_gates(page: Page, app: str, **query) -> None:
    page.goto(f"{app}/Gates?{urlencode(query, doseq=True)}")
    page.wait_for_selector(LINE)


def labels(page: Page, index: int):
    return page.locator(LABELS.format(index))


def across(page: Page, index: int) -> list[str]:
    """The words over the first line of a heatmap, from left to right as they stand on the screen."""
    expect(labels(page, index).first).to_be_visible()
    boxes = labels(page, index).evaluate_all(
        "found => found.map(each => [each.getBoundingClientRect().top, each.getBoundingClientRect().left, "
        "each.textContent])"
    )
    top = min(box[0] for box in boxes)
    return [text for _, _, text in sorted(box for box in boxes if box[0] < top + 12 for box in [[0, box[1], box[2]]])]


def test_the_first_sentence_is_there_at_once(page, app, capsys):
    page.goto("about:blank")
    started = time.perf_counter()
    page.goto(f"{app}/Gates")
    page.wait_for_selector(LINE)
    shown = time.perf_counter() - started
    page.wait_for_selector(LABELS.format(0))
    drawn = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n/Gates: the first sentence {shown:.1f} s after opening, its heatmap {drawn:.1f} s")
    expect(page.locator("p.answer")).to_have_text(re.compile(r"(The gate takes|The gate opens to) 0\.\d\d.*n\s=\s\d+"))


def test_another_sentence_changes_words_and_figure(page, app):
    open_gates(page, app)
    before, figure = page.locator(LINE).first.inner_text(), across(page, 0)
    page.get_by_role("slider", name="Sentence").press("ArrowRight")
    expect(page.locator(LINE).first).not_to_have_text(before)
    page.wait_for_url("**look=2**")
    expect(labels(page, 0).first).not_to_have_text(figure[0])


def test_arabic_runs_from_the_right_in_words_and_figure(page, app):
    open_gates(page, app, gates_left="English", gates_right="Arabic")
    arabic = page.locator(f"{LINE}[lang=ar]")
    expect(arabic).to_have_css("direction", "rtl")
    words = arabic.locator("bdi").all_inner_texts()
    lefts = [word.bounding_box()["x"] for word in arabic.locator("bdi").all()[:3]]
    assert lefts == sorted(lefts, reverse=True)
    line = across(page, 1)
    assert line[::-1] == words[: len(line)]
    english = page.locator(f"{LINE}[lang=en] bdi").all_inner_texts()
    assert across(page, 0) == english[: len(across(page, 0))]


def test_another_quantity_changes_the_figure(page, app):
    open_gates(page, app)
    title = page.locator(".st-key-by_language .xtitle")
    expect(title).to_have_text(["gate of a word"])
    page.get_by_role("radio", name="Change").click()
    expect(title).to_have_text(["change, |fused − last| / |last|"])


def test_the_page_taken_home_works_offline(page, app, new_page, tmp_path):
    open_gates(page, app, gates_right="Arabic")
    with page.expect_download() as download:
        page.get_by_role("button", name="Page as HTML").click()
    kept = tmp_path / "gates.html"
    download.value.save_as(kept)
    alone = new_page(offline=True)
    alone.goto(kept.as_uri())
    alone.wait_for_selector(".js-plotly-plot .main-svg")
    expect(alone.locator("p.answer")).to_have_text(page.locator("p.answer").inner_text())
    assert alone.locator(".js-plotly-plot").count() >= 6


def test_the_numbers_download_as_tables(page, app, tmp_path):
    open_gates(page, app)
    for name, columns in (("Words", {"word", "gate", "p95"}), ("Groups", {"level", "value", "ci_low", "n"})):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"{name} as CSV").click()
        download.value.save_as(tmp_path / name)
        table = pd.read_csv(tmp_path / name)
        assert columns <= set(table)
    overall = table[(table["level"] == "all") & (table["measure"] == "gate")]["value"].item()
    shown = float(re.search(r"0\.\d+", page.locator("p.answer").inner_text())[0])
    assert shown == pytest.approx(overall, abs=0.0051)


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("English", "<b>Good</b> day!", 10),
        ("Arabic", "نهارك سعيد", 2),
        ("Hindi", "नमस्ते दुनिया", 2),
        ("Chinese", "你好", 2),
    ],
)
def test_a_typed_sentence_is_looked_at(page, app, language, text, count):
    open_gates(page, app, typed_language=language)
    page.get_by_role("textbox", name="Sentence of your own").fill(text)
    page.get_by_role("button", name="Look").click()
    typed = page.locator(LINE).nth(2)
    expect(typed).to_be_visible(timeout=WORK)
    expect(typed.locator("bdi")).to_have_count(count)
    assert "".join(typed.locator("bdi").all_inner_texts()) == text.replace(" ", "")
    expect(labels_of_typed(page).first).to_be_visible()


def labels_of_typed(page: Page):
    return page.locator(".st-key-typed_words .js-plotly-plot .annotation-text")


def test_a_phone_need_not_scroll_sideways(new_page, app):
    page = new_page(viewport={"width": 390, "height": 844})
    open_gates(page, app, gates_left="Thai", gates_right="Arabic")
    expect(labels(page, 1).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
