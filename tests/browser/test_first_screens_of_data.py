"""The first screen of pages on sentences and words: what answers the question is seen whole, without scrolling."""

import pytest
from playwright.sync_api import expect

LAPTOP = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1280, "height": 720}
MAIN = {  # page: parts of its main figure, its axes and its key
    "Map": (".map .tools", ".map .time", ".map .stage", ".map .legend", ".map .honesty"),
    "Gates": (".gated-line", ".gated-key", ".st-key-words_0 .js-plotly-plot", ".st-key-words_1 .js-plotly-plot"),
    "Lexicon": ("p.marked", "p.legend", "p.sure"),
    "Lens": (".st-key-lens .js-plotly-plot", ".st-key-hide-another"),
    "Evidence": (".st-key-evidence .js-plotly-plot",),
}
FIGURES = {"Gates": 7, "Lexicon": 4}  # of the bundled results, in all


@pytest.mark.parametrize("name", MAIN)
@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR], ids=["laptop", "projector"])
def test_answer_figure_and_key_are_seen_at_once(new_page, app, name, size):
    page = new_page(viewport=size)
    page.goto(f"{app}/{name}")
    for part in ("p.answer", *MAIN[name]):
        expect(page.locator(part).first).to_be_visible()
        for each in page.locator(part).all():
            expect(each).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_far_down_are_drawn_when_the_window_grows(new_page, app, name):
    """All come into sight at once then, each in a run of its own."""
    page = new_page(viewport=LAPTOP)
    page.goto(f"{app}/{name}")
    expect(page.locator(MAIN[name][0]).first).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 8000})
    expect(page.locator(".js-plotly-plot:has(.main-svg)")).to_have_count(FIGURES[name])
