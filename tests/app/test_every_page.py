"""What holds for each page, also for those that nobody has written yet."""

import os
import subprocess
import sys

import pytest

from tests.app.conftest import PAGES, ROOT, html, open_app
from tests.recommended import small_recommendation

NEVER_IN_THE_PAGE = ("torch", "transformers", "datasets", "umap", "captum")


@pytest.mark.parametrize("page", PAGES)
def test_a_first_visit_finds_question_model_and_answer(page):
    app = open_app().run().switch_page(page).run()
    assert not app.exception
    question = (ROOT / page).read_text(encoding="utf-8").removeprefix('"""').partition("\n")[0]
    assert app.title[0].value == question
    assert '<p class="answer">' in html(app)
    assert names_the_model(app)


def names_the_model(app) -> bool:
    """Whether the page says above its question which model it shows, and how good that is."""
    score = f"{small_recommendation().choices.iloc[0]['value']:.2f}".removeprefix("0")
    return f"· Bundled encoder, 37 M parameters, Sentiment {score}</p>" in html(app)


def test_home_answers_at_once_and_links_to_every_question():
    app = open_app().run()
    assert not app.exception
    assert names_the_model(app)
    assert (
        '<p class="answer">For Sentiment, with the encoder as it is, fuse layer 9 with the last layer: accuracy 0.'
        in html(app)
    )
    assert "Languages meet at layer 6 (CKA, debiased): 0." in html(app)
    links = [link.label for link in app.get("page_link")]
    assert "**At which layer do the languages meet?**" in links
    doors = [label for label in links if label.startswith("**I ")]
    assert len(doors) == 2
    assert doors[0] == "**I do research: Evidence**"
    assert len(links) == 1 + 2 * len(PAGES) + len(doors)  # the sidebar has home and every page, home has every page


def test_the_models_card_is_one_click_away():
    app = open_app().run()
    app.button(key="model_card").click().run()
    assert not app.exception
    assert any("How good it is" in text.value for text in app.markdown)
    assert not any(text.value.startswith("---") for text in app.markdown)


def test_home_without_its_result_offers_to_compute_it(monkeypatch, tmp_path):
    monkeypatch.setattr("dlfa_core.runtime.store.BUNDLED", tmp_path / "nothing")
    app = open_app().run()
    assert not app.exception
    assert app.button(key="compute").label == "Compute"


def test_the_sidebar_choice_follows_to_the_next_page():
    app = open_app().run()
    app.selectbox(key="model").set_value("xlm-roberta-base").run()
    app.switch_page(PAGES[0]).run()
    assert app.selectbox(key="model").value == "xlm-roberta-base"


def test_the_page_process_never_loads_what_the_worker_needs(tmp_path):
    script = f"""
import sys
from pathlib import Path
import pytest
from tests.app.conftest import PAGES, furnish, open_app
from tests.conftest import small_profile
from tests.recommended import small_recommendation

with pytest.MonkeyPatch.context() as patch:
    furnish(Path({str(tmp_path)!r}), small_profile(), small_recommendation(), patch)
    app = open_app().run()
    for page in PAGES:
        app.switch_page(page).run()
        assert not app.exception
        assert app.main.children
loaded = [name for name in {NEVER_IN_THE_PAGE!r} if name in sys.modules]
assert not loaded, loaded
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_a_spawned_process_may_read_the_app_as_its_main_module(tmp_path):
    """Streamlit puts the app in the place of `__main__`, which processes that a test spawns look for."""
    ran = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | {"DLFA_HOME": str(tmp_path), "DLFA_PREPARE": "0"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
