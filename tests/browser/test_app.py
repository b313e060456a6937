"""The app as a visitor meets it, in Chromium, with the network off."""

import re
import time
from itertools import islice, permutations
from urllib.parse import urlencode

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import WORK
from tests.models.tiny import save_checkpoint

CURVE = ".js-plotly-plot .scatterlayer path.js-line"
LEGEND = ".js-plotly-plot .legendtext"
SKETCH = "img.sketch"  # the curve before what draws figures has loaded; 3 s are the goal on an idle machine


def open_layers(page: Page, app: str, **query) -> None:
    page.goto(f"{app}/Layers?{urlencode(query, doseq=True)}")
    page.wait_for_selector(CURVE)


def answer(page: Page):
    return page.locator("p.answer").first


def family_axis(page: Page):
    """The axis title that names the layer which the heatmap shows; for a moment there are two, so ask for a list."""
    return page.locator(".st-key-families .xtitle")


@pytest.mark.parametrize("path", ["", "Layers"])
def test_the_first_curve_is_there_at_once_and_the_figure_takes_its_place(page, app, path, capsys):
    page.goto("about:blank")
    started = time.perf_counter()
    page.goto(f"{app}/{path}")
    page.wait_for_selector(SKETCH, state="attached")
    sketched = time.perf_counter() - started
    page.wait_for_selector(CURVE)
    drawn = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n/{path}: the first curve {sketched:.1f} s after opening, the figure {drawn:.1f} s")
    expect(page.locator(SKETCH).locator("visible=true")).to_have_count(0)
    expect(answer(page)).to_have_text(re.compile(r"layer \d+ .*n\s=\s[\d,]+"))


def test_home_leads_to_the_question(page, app):
    page.goto(app)
    page.get_by_role("link", name="At which layer do the languages meet?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("At which layer do the languages meet?")
    page.wait_for_selector(CURVE)


def test_a_choice_changes_the_figure_and_the_answer(page, app):
    open_layers(page, app)
    expect(page.locator(LEGEND).get_by_text("CKA, debiased")).to_be_visible()
    page.get_by_role("button", name="Remove CKA, debiased").click()
    expect(answer(page)).to_contain_text("(ANC)")
    expect(page.locator(LEGEND).get_by_text("CKA, debiased")).to_have_count(0)


def test_a_view_reopens_from_its_address(page, app, new_page):
    open_layers(page, app, layer=2)
    expect(family_axis(page)).to_have_text(["CKA, debiased,mean over pairs at layer 2"])
    page.get_by_role("slider", name="Layer").press("ArrowRight")
    expect(family_axis(page)).to_have_text(["CKA, debiased,mean over pairs at layer 3"])
    page.wait_for_url("**layer=3**")
    again = new_page()
    again.goto(page.url)
    expect(family_axis(again)).to_have_text(["CKA, debiased,mean over pairs at layer 3"])


def test_the_page_taken_home_works_offline(page, app, new_page, tmp_path):
    open_layers(page, app)
    with page.expect_download() as download:
        page.get_by_role("button", name="Page as HTML").click()
    kept = tmp_path / "layers.html"
    download.value.save_as(kept)
    alone = new_page(offline=True)
    asked = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(kept.as_uri())
    alone.wait_for_selector(CURVE)
    expect(answer(alone)).to_have_text(answer(page).inner_text())
    expect(alone.locator(".js-plotly-plot")).to_have_count(3)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_numbers_download_as_tables(page, app, tmp_path):
    open_layers(page, app)
    for name, columns in (("Curves", {"layer", "measure", "value"}), ("Pairs", {"source", "target"})):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"{name} as CSV").click()
        download.value.save_as(tmp_path / name)
        table = pd.read_csv(tmp_path / name)
        assert columns | {"ci_low", "ci_high", "n", "seed"} <= set(table)
    best = table.groupby(["measure", "layer"])["value"].mean()["cka"].max()
    assert f"{best:.2f}" in answer(page).inner_text()


def test_another_model_is_computed_while_the_page_waits(page, app, tmp_path):
    model = save_checkpoint(tmp_path / "another")
    table = tmp_path / "mine.tsv"
    sentences = permutations(["cat", "dog", "sees", "walks", "home", "green"], 3)
    rows = [f"{' '.join(words)}\t{' '.join(reversed(words))} Haus" for words in islice(sentences, 40)]
    table.write_text("\n".join(["eng\tdeu", *rows]), encoding="utf-8")
    page.goto(f"{app}/Layers?{urlencode({'model': str(model), 'corpus': f'table:{table}'})}")
    page.get_by_role("button", name="Compute").click()
    page.get_by_role("button", name="Cancel").wait_for()  # looks at every frame, as it may be there for a moment only
    page.wait_for_selector(CURVE, timeout=WORK)
    expect(answer(page)).to_contain_text("n = 40")
    page.goto(f"{app}/?{urlencode({'model': 'another', 'corpus': f'table:{table}'})}")  # as the sidebar calls it now
    expect(page.locator("p.eyebrow")).to_have_text("DLFA Explorer · another, 0.0 M parameters")
    page.get_by_role("link", name="Layers", exact=True).click()
    expect(page.locator("p.eyebrow")).to_have_text("Layers · another, 0.0 M parameters")
    expect(answer(page)).to_contain_text("n = 40")


def test_a_bad_table_is_explained_beside_the_picture(page, app):
    open_layers(page, app)
    page.get_by_text("Your own sentences").click()
    broken = {"name": "mine.tsv", "mimeType": "text/plain", "buffer": b"eng\nHello.\n"}
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_role("alert").first).to_contain_text("at least two columns")
    expect(page.locator(CURVE).first).to_be_visible()


def test_right_to_left_sentences_run_right_to_left(page, app):
    open_layers(page, app)
    arabic = page.locator(".sentences dd[lang=ar]")
    expect(arabic).to_have_css("direction", "rtl")
    expect(page.locator(".sentences dd[lang=en]")).to_have_css("direction", "ltr")


@pytest.mark.parametrize(("scheme", "is_light"), [("dark", True), ("light", False)])
def test_text_of_figures_follows_the_theme(new_page, app, scheme, is_light):
    page = new_page(color_scheme=scheme)
    open_layers(page, app)
    fill = page.locator(".js-plotly-plot .xtitle").first.evaluate("title => getComputedStyle(title).fill")
    assert (sum(map(int, re.findall(r"\d+", fill)[:3])) > 380) == is_light


def test_a_phone_need_not_scroll_sideways(new_page, app):
    page = new_page(viewport={"width": 390, "height": 844})
    open_layers(page, app)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
