"""The Gates page: one sentence word by word, distributions, typed sentences."""

from dataclasses import replace
from functools import partial

import pytest

from dlfa_core.experiments import gates
from dlfa_core.models import source
from dlfa_core.runtime import jobs, store
from tests.app.conftest import html, opened
from tests.looked import TEXTS, small_gates

at = partial(opened, "pages/4_Gates.py")


@pytest.fixture
def page():
    return at()


def lines(app) -> list[str]:
    """The sentences in coloured words."""
    return [element.body for element in app.get("html") if 'class="gated-line"' in element.body]


def said(app) -> str:
    return app.main.markdown[0].value.replace("\\", "")


def test_the_answer_has_its_interval_and_n(page):
    assert not page.exception
    assert "The gate takes 0.4" in html(page)
    assert "of a word from layer 8 and the rest from the last, most for punctuation (0.5" in html(page)
    assert "n = 40 sentences in 8 languages." in html(page)


def test_two_languages_show_the_same_sentence_in_their_directions(page):
    left, right = lines(page)
    assert '<div class="gated-line" lang="en" dir="ltr">' in left
    assert '<div class="gated-line" lang="ar" dir="rtl">' in right
    assert left.index("train") < left.index("late")
    assert right.index("القطار") < right.index("متأخر")  # the browser runs them from the right


def test_each_word_carries_its_number_as_text(page):
    assert "<bdi>train</bdi> <small>0.39</small>" in lines(page)[0]


@pytest.mark.parametrize(
    ("language", "lang", "word"), [("Hindi", "hi", "ट्रेन"), ("Thai", "th", "<bdi>ว</bdi>"), ("Chinese", "zh-Hans", "火")]
)
def test_another_language_shows_its_words(page, language, lang, word):
    code = next(code for code in TEXTS if gates.find(code).name == language)
    page.selectbox(key="gates_left").set_value(code).run()
    assert f'lang="{lang}"' in lines(page)[0]
    assert word in lines(page)[0]


def test_a_link_reopens_the_view():
    app = at({"gates_left": "Hindi", "gates_right": "Thai", "look": "3", "quantity": "Change"})
    assert not app.exception
    assert 'lang="hi"' in lines(app)[0]
    assert 'lang="th"' in lines(app)[1]
    assert app.slider(key="look").value == 3
    assert app.segmented_control(key="quantity").value == "change"


@pytest.mark.parametrize("query", [{"look": "999"}, {"gates_left": "<b>"}, {"quantity": "x"}])
def test_a_broken_link_falls_back_to_what_there_is(query):
    app = at(query)
    assert not app.exception
    assert "The gate takes" in html(app)


def test_no_model_asks_for_one(page):
    page.multiselect(key="fusions").set_value([]).run()
    assert not page.exception
    assert "at least one fusion model" in page.info[0].value


def test_another_model_is_offered_not_started(page, desk):
    page.multiselect(key="fusions").set_value(["demo-sentiment"]).run()
    assert "Bundled sentiment model would read 240 sentences of “Sample sentences” in 8 languages" in said(page)
    assert not desk
    page.button(key="compute").click().run()
    assert desk[0].spec == gates.Spec(models=("demo-sentiment",))


def test_bundled_models_are_offered_where_they_are(monkeypatch, tmp_path):
    from dlfa_core.models import source

    usual = ["Bundled tagger (parts of speech)", "Bundled sentiment model"]
    for name in ("demo-ner", "demo-xnli"):
        monkeypatch.setitem(source.BUNDLED, name, tmp_path / name)
    assert at().multiselect(key="fusions").options == usual
    for name in ("demo-ner", "demo-xnli"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")
    app = at({"fusions": ["Bundled inference model (pairs of texts)"]})
    assert not app.exception
    assert app.multiselect(key="fusions").options == [
        *usual,
        "Bundled tagger (names)",
        "Bundled inference model (pairs of texts)",
    ]
    assert app.multiselect(key="fusions").value == ["demo-xnli"]
    assert "Bundled inference model" in said(app)


def test_a_typed_pair_is_asked_for_as_one(page, desk):
    type_sentence(page, "It rains. ||| It is wet.")
    assert desk[0].spec == gates.Spec(texts=("eng:It rains. ||| It is wet.",))


def test_fewer_languages_are_another_look(page, desk):
    page.multiselect(key="languages").set_value(["deu", "tur"]).run()
    page.button(key="compute").click().run()
    assert desk[0].spec.languages == ("deu", "tur")


def test_several_models_ask_which_one_is_shown():
    layers = (3, 9, 6)
    names = [f"layer-{layer}" for layer in layers]
    store.Store(store.BUNDLED).save(gates, gates.Spec(models=tuple(names)), small_gates(layers=layers))
    app = at({"fusions": names})
    assert not app.exception
    assert "from layer 3" in html(app)
    app.selectbox(key="fusion").set_value("layer-9").run()
    assert "from layer 9" in html(app)


def type_sentence(app, text, code="eng"):
    app.selectbox(key="typed_language").set_value(code)
    app.text_input(key="typed_text").set_value(text)
    return app.button(key="FormSubmitter:typed-Look").click().run()


@pytest.fixture
def typed_result():
    """A look at one sentence, as the worker would store it."""
    look = small_gates()
    words = look.words[(look.words["id"] == "s00") & (look.words["language"] == "arb")].assign(id="typed-1")
    meta = look.meta | {"typed": True, "languages": ["arb"], "n": 1}
    return replace(look, words=words.reset_index(drop=True), meta=meta)


def test_a_typed_sentence_starts_its_job_at_once(page, desk):
    type_sentence(page, "نهارك  سعيد", "arb")
    assert [job.spec for job in desk] == [gates.Spec(texts=("arb:نهارك سعيد",))]
    assert "place 2 in the queue" in page.get("progress")[0].proto.text


def test_a_typed_sentence_is_taken_for_the_language_of_its_letters(page, desk):
    type_sentence(page, "แมวนอนบนโต๊ะ")
    assert [job.spec.texts for job in desk] == [("tha:แมวนอนบนโต๊ะ",)]
    assert "These are no letters of English, so the text is taken for Thai" in html(page)


def test_a_finished_look_shows_the_words(page, desk, typed_result):
    type_sentence(page, "القطار", "arb")
    store.save(gates, desk[0].spec, typed_result)
    desk[0].now = jobs.Status("done", 1.0)
    page.run()
    assert not page.exception
    assert "least for “القطار”" in html(page)
    assert lines(page)[2].count("<bdi>") == len(typed_result.words)
    assert 'dir="rtl"' in lines(page)[2]


def test_a_typed_sentence_is_found_again_by_its_link_and_not_started(desk):
    app = at({"typed_text": "Hello", "typed_language": "German"})
    assert not desk
    assert app.button(key="compute_typed").label == "Compute"
    app.button(key="compute_typed").click().run()
    assert desk[0].spec.texts == ("deu:Hello",)


def test_nothing_typed_asks_for_nothing(page, desk):
    type_sentence(page, "   ")
    assert not desk
    assert not page.exception


def test_a_failed_look_says_why_and_may_be_asked_for_again(page, desk):
    type_sentence(page, "Hello")
    desk[0].now = jobs.Status("failed", error="There is no model 'demo-pos' here. Check the name.")
    page.run()
    assert "There is no model" in page.error[0].value.replace("\\", "")
    page.button(key="again_typed").click().run()
    assert len(desk) == 1
    page.button(key="compute_typed").click().run()
    assert len(desk) == 2


def test_typed_markup_is_text(page, desk, typed_result):
    hostile = "<img src=x onerror=alert(1)>"
    words = typed_result.words.assign(word=hostile)
    type_sentence(page, hostile, "arb")
    store.save(gates, desk[0].spec, replace(typed_result, words=words))
    desk[0].now = jobs.Status("done", 1.0)
    page.run()
    assert not page.exception
    assert "<img" not in html(page)
    assert "&lt;img src=x" in lines(page)[2]


def test_words_are_typed_while_the_corpus_has_not_been_looked_at(desk):
    app = at({"fusions": ["Bundled sentiment model"]})
    type_sentence(app, "Hello")
    assert not app.exception
    assert desk[0].spec == gates.Spec(models=("demo-sentiment",), texts=("eng:Hello",))


def test_the_command_rebuilds_the_result(page):
    assert "python -m dlfa_core gates</code>" in html(page)


def test_the_other_pages_keep_the_encoder_that_was_chosen(page):
    page.switch_page("pages/1_Layers.py").run()
    page.selectbox(key="model").set_value("xlm-roberta-base").run()
    page.switch_page("pages/4_Gates.py").run()
    assert not page.exception
    page.switch_page("pages/1_Layers.py").run()
    assert page.selectbox(key="model").value == "xlm-roberta-base"


class TestInPublic:
    @pytest.fixture(autouse=True)
    def public(self, monkeypatch):
        monkeypatch.setenv("DLFA_DEMO", "1")

    @pytest.mark.parametrize("query", [{"fusions": "/etc"}, {"fusions": ["/etc", "some/model"]}])
    def test_a_link_cannot_name_a_model(self, query, desk):
        app = at(query)
        assert not app.exception
        assert "The gate takes" in html(app) or "at least one fusion model" in app.info[0].value
        shipped = source.bundled_task_models()
        assert len(app.multiselect(key="fusions").options) == len(shipped)
        assert not set(app.multiselect(key="fusions").value) - set(shipped)

    def test_typed_text_is_short(self):
        assert at().text_input(key="typed_text").max_chars == 300
        app = at({"typed_text": "a" * 400})
        assert not app.exception
