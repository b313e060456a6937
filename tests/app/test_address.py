"""What a link asks of a page: shown where it is offered, told in one sentence where it is not."""

import pytest

from tests.app.conftest import PAGES, html, opened
from tests.models.tiny import save_checkpoint

LAYERS = "pages/1_Layers.py"
REFUSED = [
    ("pooling", "mode", "“mode”, but here it can be “mean”, “cls”, “max”"),
    ("special", "maybe", "“maybe”, but here it can be “true”, “false”"),
    ("limit", "many", "many, but here it is a number from 20 to 20,000"),
    ("layer", "99", "99, but here it is a number from 0 to"),
    ("languages", "Klingon", "“Klingon”, but here it can be “English”"),
    ("measures", "beauty", "“beauty”, but here it can be “CKA, debiased”, “CKA, biased”"),
    *(
        (key, value, f"{value}, but here it is a number from ")
        for key in ("limit", "layer")
        for value in ("inf", "-inf", "1e999", "nan")
    ),
]


def errors(app) -> list[str]:
    return [error.value.replace("\\", "") for error in app.error]


@pytest.mark.parametrize(("key", "value", "said"), REFUSED)
def test_what_is_not_offered_is_named_and_the_usual_view_is_shown(key, value, said):
    app = opened(LAYERS, **{key: value})
    assert not app.exception
    (error,) = errors(app)
    assert error.startswith(f"The address asks for {key}={said}")
    assert error.endswith(": it is left out.")
    assert '<p class="answer">' in html(app)
    usual = opened(LAYERS)
    assert not errors(usual)
    assert [slider.value for slider in app.slider] == [slider.value for slider in usual.slider]


def test_what_is_offered_beside_it_is_shown():
    app = opened(LAYERS, measures=["ANC", "beauty"], layer="3")
    assert len(errors(app)) == 1
    assert app.multiselect(key="measures").value == ["anc"]
    assert app.slider(key="layer").value == 3


def test_a_choice_on_the_page_ends_the_word_about_the_link():
    app = opened(LAYERS, layer="99")
    app.slider(key="layer").set_value(2).run()
    assert not errors(app)


def test_a_corpus_that_cannot_be_read_is_told_alone():
    app = opened(LAYERS, corpus="table:/nowhere/mine.tsv")
    assert not app.exception
    (error,) = errors(app)
    assert "/nowhere/mine.tsv" in error
    assert not app.info
    assert not app.main.markdown


@pytest.mark.parametrize("page", ["app.py", *PAGES])
@pytest.mark.parametrize("corpus", ["~nobody-here/mine.tsv", "hub:x"])
def test_no_page_ends_in_a_traceback_where_its_corpus_cannot_be_read(page, corpus):
    app = opened(page, corpus=corpus)
    assert not app.exception
    assert len(errors(app)) <= 1  # none where the page reads no sentences


def test_without_a_measure_the_page_asks_for_one():
    app = opened(LAYERS)
    app.multiselect(key="measures").set_value([]).run()
    assert [info.value for info in app.info] == ["Choose at least one measure."]


@pytest.mark.parametrize("page", ["app.py", LAYERS, "pages/4_Gates.py", "pages/5_Lexicon.py"])
def test_a_folder_that_cannot_be_used_is_refused_before_anything_is_computed(page, tmp_path):
    folder = save_checkpoint(tmp_path / "mine")
    (folder / "tokenizer.json").unlink()
    app = opened(page, model=str(folder))
    assert not app.exception
    (error,) = errors(app)
    assert "has no tokenizer" in error
    assert "compute" not in [button.key for button in app.button]
    assert '<p class="answer">' not in html(app)


def test_a_second_model_that_cannot_be_used_is_left_out(tmp_path):
    app = opened(LAYERS, beside=str(tmp_path / "nowhere"))
    assert not app.exception
    (error,) = errors(app)
    assert "There is no folder" in error
    assert '<p class="answer">' in html(app)
