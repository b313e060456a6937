"""The Fusion page in Chromium: a sweep that ships, and one that is trained while the page waits."""

import re
from urllib.parse import urlencode

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from dlfa_core.experiments import recommend
from dlfa_core.runtime.store import Store
from tests.browser.conftest import WORK
from tests.browser.test_app import CURVE, LEGEND, SKETCH, answer
from tests.experiments.labelled_small import save_sentences
from tests.experiments.small import save_corpus
from tests.models.tiny import save_checkpoint
from tests.recommended import small_recommendation

HEATMAP = ".st-key-gain_heatmap .heatmaplayer image"


@pytest.fixture(scope="module", autouse=True)
def a_sweep(home):
    """A made-up sweep of the bundled encoder among the visitor's own, whose best layer is 9."""
    result = small_recommendation()
    Store(home / "results").save(recommend, recommend.Spec(resamples=200), result)
    return f"Sentiment, frozen, English, {result.meta['transfer'][:8]}"


def open_fusion(page: Page, app: str, **query) -> None:
    page.goto(f"{app}/Fusion?{urlencode(query, doseq=True)}")
    page.wait_for_selector(CURVE)


def test_a_sweep_opens_at_once_with_its_answer(page, app, a_sweep):
    page.goto(f"{app}/Fusion?{urlencode({'sweep': a_sweep})}")
    page.wait_for_selector(SKETCH, state="attached")
    expect(answer(page)).to_have_text(
        re.compile(
            r"Fuse layer 9 with the last \(DLFA gate, chosen on the English dev set\): accuracy 0\.\d+ on 7 target"
        )
    )
    page.wait_for_selector(CURVE)
    expect(page.locator(SKETCH)).to_be_hidden()
    page.wait_for_selector(HEATMAP)


def test_choices_change_the_figures_and_stay_in_the_address(page, app, a_sweep):
    open_fusion(page, app, sweep=a_sweep)
    axis = page.locator(".st-key-fusion_curves .ytitle")
    gain, score = (
        axis.filter(has_text=text) for text in ("gain over the last layer", "Accuracy, mean over the target")
    )
    expect(gain).to_be_visible()
    page.get_by_text("score", exact=True).click()
    expect(score).to_be_visible()
    expect(gain).to_have_count(0)
    page.get_by_role("button", name="Remove Average").click()
    expect(page.locator(LEGEND).get_by_text("Average")).to_have_count(0)
    expect(page).to_have_url(re.compile("height=score"))
    page.reload()
    page.wait_for_selector(CURVE)
    expect(score).to_be_visible()
    expect(page.locator(LEGEND).get_by_text("Average")).to_have_count(0)


def test_another_fusion_is_looked_at_language_by_language(page, app, a_sweep):
    open_fusion(page, app, sweep=a_sweep, fusion="Average", fused_layer="4")
    expect(page.locator(".st-key-gain_families .xtitle")).to_have_text(["gain of Average at layer 4"])
    expect(page.locator(".st-key-gain_heatmap .ytick").get_by_text("Arabic")).to_be_visible()


def test_the_page_goes_home_and_opens_with_no_network(page, app, new_page, a_sweep, tmp_path):
    open_fusion(page, app, sweep=a_sweep)
    with page.expect_download() as download:
        page.get_by_role("button", name="Page as HTML").click()
    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    alone = new_page(offline=True)
    alone.goto(kept.as_uri())
    alone.wait_for_selector(CURVE)
    expect(answer(alone)).to_contain_text(answer(page).inner_text())
    expect(alone.locator(".js-plotly-plot")).to_have_count(5)


def test_the_numbers_download_as_tables(page, app, a_sweep, tmp_path):
    open_fusion(page, app, sweep=a_sweep)
    for name, columns in (
        ("Scores", {"fusion", "layer", "weight", "level", "group", "n"}),
        ("Gains", {"fusion", "layer", "weight", "level", "group", "n"}),
        ("Choices", {"against", "label", "gain", "gain_low", "gain_high"}),
        ("Predictors", {"predictor", "n_layers"}),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"{name} as CSV").click()
        download.value.save_as(tmp_path / name)
        assert columns | {"value", "ci_low", "ci_high"} <= set(pd.read_csv(tmp_path / name))
    choices = pd.read_csv(tmp_path / "Choices").set_index("against")
    assert f"{choices.loc['last', 'gain']:+.3f}" in answer(page).inner_text()


def test_a_new_sweep_is_trained_while_the_page_waits(page, app, tmp_path):
    asked = {
        "sweep": "New sweep",
        "model": str(save_checkpoint(tmp_path / "tiny")),
        "corpus": save_corpus(tmp_path / "mine.tsv"),
        "task": save_sentences(tmp_path / "animals"),
        "epochs": "1",
        "seeds": "1",
    }
    page.goto(f"{app}/Fusion?{urlencode(asked)}")
    page.get_by_role("button", name="Compute").click()
    page.get_by_role("button", name="Cancel").wait_for()  # looks at every frame, as it may be there for a moment only
    page.wait_for_selector(CURVE, timeout=WORK)
    expect(answer(page)).to_contain_text("on 2 target languages")


def test_a_phone_need_not_scroll_sideways(new_page, app, a_sweep):
    page = new_page(viewport={"width": 390, "height": 844})
    open_fusion(page, app, sweep=a_sweep)
    page.wait_for_selector(HEATMAP)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
