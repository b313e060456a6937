"""The Evidence page: one task, all signals, one layer."""

import shutil
from dataclasses import replace
from functools import partial

import pytest

from dlfa_core.experiments import profile, recommend, structure
from dlfa_core.runtime import store
from tests.app.conftest import PROBED, SWEEP, html, opened
from tests.app.test_fusion import keep
from tests.conftest import small_profile
from tests.recommended import small_recommendation
from tests.structured import small_structure

PAGE = "pages/0_Evidence.py"
SENTENCE = "For Sentiment, with the encoder as it is, fuse layer 9 with the last layer: accuracy 0."


at = partial(opened, PAGE)


@pytest.fixture
def evidence():
    """The page."""
    return opened(PAGE)


def test_a_first_visit_finds_the_answer_and_how_sure_it_is(evidence):
    assert not evidence.exception
    page = html(evidence)
    assert SENTENCE in page
    assert "Draw the 36 dev examples and the seeds again" in page
    assert "Layer 9: CKA 0." in page
    assert "depth alone" in page
    assert "Some signals are highest elsewhere than at layer 9" in page


def test_the_cursor_stands_at_the_chosen_layer_and_the_sentence_follows_it(evidence):
    assert evidence.slider(key="layer").value == 9
    evidence.slider(key="layer").set_value(0).run()
    assert not evidence.exception
    assert "Layer 0, the embeddings: " in html(evidence)
    assert SENTENCE in html(evidence)


def test_a_link_reopens_the_view():
    keep(replace(SWEEP, task="pos:ud-pos"), other_task(), bundled=True)
    app = at({"layer": "4", "sweep": "Sentiment, frozen, English", "alike": "CKA, debiased"})
    assert not app.exception
    assert app.slider(key="layer").value == 4
    assert app.selectbox(key="sweep").value == "Sentiment, frozen, English"
    assert app.segmented_control(key="alike").value == "cka"
    assert SENTENCE in html(app)


def test_the_cursor_goes_with_the_task_until_it_is_moved(evidence):
    keep(replace(SWEEP, task="pos:ud-pos"), other_task(), bundled=True)
    app = at({"sweep": "Sentiment, frozen, English"})
    assert app.slider(key="layer").value == 9
    app.selectbox(key="sweep").set_value("POS, frozen, English").run()
    assert app.slider(key="layer").value == 3
    app.slider(key="layer").set_value(5).run()
    app.selectbox(key="sweep").set_value("Sentiment, frozen, English").run()
    assert app.slider(key="layer").value == 5


def other_task():
    result = small_recommendation(peak=3)
    result.meta.update(task_name="POS", task="pos:ud-pos")
    return result


def test_another_task_has_another_answer_on_the_same_pages(evidence):
    keep(replace(SWEEP, task="pos:ud-pos"), other_task(), bundled=True)
    app = at({"sweep": "POS, frozen, English"})
    assert "For POS, with the encoder as it is, fuse layer 3 with the last layer" in html(app)
    app.switch_page("pages/3_Fusion.py").run()
    assert not app.exception
    assert "Fuse layer 3 with the last" in html(app)


@pytest.mark.parametrize("query", [{"layer": "99"}, {"sweep": "nonsense"}, {"alike": "<b>"}, {"sweep": "New sweep"}])
def test_a_broken_link_falls_back_to_what_there_is(query):
    app = at(query)
    assert not app.exception
    assert SENTENCE in html(app)


def test_a_new_sweep_begun_on_fusion_does_not_follow(evidence):
    fusion = evidence.switch_page("pages/3_Fusion.py").run()
    fusion.selectbox(key="sweep").set_value("New sweep").run()
    again = fusion.switch_page(PAGE).run()
    assert not again.exception
    assert SENTENCE in html(again)


def test_without_probes_they_are_offered_and_the_rest_is_shown(tmp_path, desk):
    shutil.rmtree(store.BUNDLED / "structure")
    app = opened(PAGE)
    assert not app.exception
    assert SENTENCE in html(app)
    assert "takes both: a profile, and a probe for parts of speech" in html(app)
    app.text_input(key="tagged").set_value("pos:some/folder").run()
    app.button(key="compute_probes").click().run()
    assert desk[0].spec == structure.Spec(task="pos:some/folder")


def test_probes_with_words_come_before_those_without():
    store.Store(store.BUNDLED).save(structure, structure.Spec(), small_structure(with_words=False))
    app = opened(PAGE)
    assert "beaten by no other layer" in html(app)
    shutil.rmtree(store.Store(store.BUNDLED).folder(structure, PROBED))
    app = opened(PAGE)
    assert "beaten by no other layer" not in html(app)


def test_a_model_without_a_sweep_says_where_one_is_made():
    app = at({"model": "xlm-roberta-base"})
    assert not app.exception
    assert "No layer of xlm-roberta-base has been fused for a task here" in app.info[0].value


def test_without_similarity_the_rest_is_shown():
    shutil.rmtree(store.BUNDLED / "profile")
    app = at({})
    assert not app.exception
    assert SENTENCE in html(app)


def test_the_public_app_takes_no_path_for_tagged_words(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")
    shutil.rmtree(store.BUNDLED / "structure")
    app = at({"tagged": "pos:/etc"})
    assert not app.exception
    assert not app.text_input
    assert SENTENCE in html(app)


def test_another_encoder_is_held_against_this_one():
    """Of equal results no difference is shown, and none is claimed."""
    twin = "untrained:demo"
    shelf = store.Store(store.BUNDLED)
    shelf.save(profile, profile.Spec(model=twin), profile.Result(**vars(small_profile())))
    app = at({"others": "Bundled encoder (untrained)"})
    assert not app.exception
    assert app.multiselect(key="others").value == [twin]
    page = html(app)
    assert "CKA, debiased: no difference between Bundled encoder and Bundled encoder (untrained) is shown" in page
    assert "has not learnt this task in this way. The same command with another model has it do so:" in page
    assert "python -m dlfa_core recommend --model untrained:demo" in page
    shelf.save(recommend, replace(SWEEP, model=twin), small_recommendation())
    assert (
        "no difference between Bundled encoder and Bundled encoder (untrained)"
        in html(app.run()).split("DLFA gate: ")[-1]
    )
