"""What a page is about is on its first screen: the answer and the whole main figure, with nothing to scroll."""

import pytest

LAPTOP = {"width": 1440, "height": 900}
PROJECTOR = {"width": 1280, "height": 720}
MAIN = {  # the page's address -> what must be seen whole: figures by their keys
    "": (".st-key-home_curves", ".st-key-home_gains", ".st-key-home_predictors"),
    "Layers": (".st-key-curves",),
    "Fusion": (".st-key-fusion_curves",),
    "Augmentation": (".st-key-augment_cells", ".st-key-augment_effects"),
}
READY = ".js-plotly-plot .main-svg"


def bottom(page, selector: str) -> float:
    """How far down the lowest part of something reaches, in pixels from the top of the screen."""
    boxes = [part.bounding_box() for part in page.locator(selector).all()]
    return max(box["y"] + box["height"] for box in boxes if box)


def opened(new_page, address: str, keys, size):
    page = new_page(viewport=size)
    page.goto(address)
    for key in keys:
        page.wait_for_selector(f"{key} {READY}")
    page.wait_for_load_state("networkidle")  # fonts and figures change where things stand
    return page


@pytest.mark.parametrize(("path", "keys"), MAIN.items())
def test_answer_and_whole_figure_are_on_a_laptops_first_screen(new_page, app, path, keys):
    page = opened(new_page, f"{app}/{path}", keys, LAPTOP)
    assert bottom(page, "p.answer") <= LAPTOP["height"]
    for key in keys:
        assert bottom(page, f"{key} .js-plotly-plot") <= LAPTOP["height"]
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0


@pytest.mark.parametrize(("path", "keys"), MAIN.items())
def test_answer_and_most_of_the_figure_are_on_a_projectors(new_page, app, path, keys):
    page = opened(new_page, f"{app}/{path}", keys, PROJECTOR)
    assert bottom(page, "p.answer") <= PROJECTOR["height"]
    for key in keys:
        box = page.locator(f"{key} .js-plotly-plot").bounding_box()
        assert box["y"] + 0.75 * box["height"] <= PROJECTOR["height"]


def test_curves_have_the_colours_of_the_theme(new_page, app):
    drawn = {}
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        page.goto(f"{app}/Layers")
        line = page.locator(".st-key-curves .scatterlayer path.js-line").first
        line.wait_for(state="attached")
        fill = page.locator(".st-key-curves .scatterlayer path.js-fill").first
        drawn[scheme] = [
            part.evaluate("part => getComputedStyle(part).cssText || part.getAttribute('style')")
            for part in (line, fill)
        ]
    assert drawn["light"] != drawn["dark"]
