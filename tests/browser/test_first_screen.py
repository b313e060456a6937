"""What a page is about is on its first screen: the answer and the whole main figure, with nothing to scroll."""

import tomllib
from pathlib import Path

import pytest
from playwright.sync_api import expect

CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
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


@pytest.mark.slow
@pytest.mark.parametrize(("path", "keys"), MAIN.items())
def test_answer_and_whole_figure_are_on_a_projectors(new_page, app, path, keys):
    page = opened(new_page, f"{app}/{path}", keys, PROJECTOR)
    assert bottom(page, "p.answer") <= PROJECTOR["height"]
    for key in keys:
        assert bottom(page, f"{key} .js-plotly-plot") <= PROJECTOR["height"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_curves_and_bands_have_the_colours_of_the_theme(new_page, app, scheme):
    page = new_page(color_scheme=scheme)
    page.goto(f"{app}/Layers")
    page.wait_for_selector(f".st-key-curves {READY}")
    first = CONFIG["theme"][scheme]["chartCategoricalColors"][0]
    wanted = ", ".join(str(int(first[i : i + 2], 16)) for i in (1, 3, 5))
    for part, colour in (("line", "stroke"), ("fill", "fill")):
        drawn = page.locator(f".st-key-curves .scatterlayer path.js-{part}")
        drawn.first.wait_for(state="attached")
        assert f"rgb({wanted})" in drawn.evaluate_all(f"all => all.map(one => getComputedStyle(one).{colour})")


def test_chips_have_dark_ink_on_slate(new_page, app):
    for scheme, ink in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(21, 24, 28)")):
        page = new_page(color_scheme=scheme)
        page.goto(f"{app}/Layers")
        expect(page.locator("[data-tag]").first).to_have_css("color", ink)
