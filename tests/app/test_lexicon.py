"""The Lexicon page: coloured words, typed texts beside each other, words that disagree."""

import re
from functools import partial
from html import unescape

import pytest

from dlfa_core.experiments import attribute, lexicon
from dlfa_core.runtime import jobs, store
from tests.app.conftest import EXPLAINED, html, opened
from tests.explained import explained, small_lexicon

HOSTILE = "<img src=x onerror=alert(1)> day"


at = partial(opened, "pages/5_Lexicon.py")


@pytest.fixture
def page():
    return at()


def lines(app) -> list[str]:
    """The texts in coloured words."""
    return [element.body for element in app.get("html") if 'class="marked"' in element.body]


def explain(app, left, right="", code="eng"):
    app.text_input(key="text_left").set_value(left)
    app.text_input(key="text_right").set_value(right)
    app.selectbox(key="language_left").set_value(code)
    app.selectbox(key="language_right").set_value(code)
    return app.button(key="FormSubmitter:explain-Explain").click().run()


def finish(app, desk):
    """What was asked for is there, as the worker would store it."""
    for job in desk:
        (text,), (code,) = job.spec.texts, job.spec.languages
        store.save(attribute, job.spec, explained([("1", code, text)], layer=job.spec.layer))
        job.now = jobs.Status("done", 1.0)
    return app.run()


def test_the_answer_has_its_interval_and_n(page):
    assert not page.exception
    said = html(page)
    assert re.search(r"DLFA, layer 6: a positive word speaks more for “positive” .* in \d+ % \[\d+, \d+\]", said)
    assert "where 50 % is chance; n = 40 sentences in 8 languages." in said
    assert "The last layer alone: " in said
    assert "of the words have the sign that the lexicon gives them" in said


def test_words_without_sentiment_are_no_finding():
    store.Store(store.BUNDLED).save(lexicon, lexicon.Spec(limit=60), small_lexicon(helpful=False))
    app = at({"lexicon_limit": "60"})
    assert "words of the lexicon do not carry the sentiment" in html(app)
    assert "no more than chance (50 %); n = 40 sentences" in html(app)


def test_one_sentence_stands_in_two_languages_in_their_directions(page):
    left, right = lines(page)[:2]
    assert '<p class="marked" lang="en" dir="ltr">' in left
    assert '<p class="marked" lang="ar" dir="rtl">' in right
    assert "late" in left
    assert "متأخر" in right


def test_every_word_has_its_number_for_those_who_see_no_colour(page):
    assert 'title="+0.300">The<bdi class="aside"> (+0.300)</bdi></span>' in lines(page)[0]


@pytest.mark.parametrize(("language", "lang", "word"), [("Hindi", "hi", "ट्रेन"), ("Chinese", "zh-Hans", "火")])
def test_a_link_reopens_the_view(language, lang, word):
    app = at({"lexicon_left": language, "shown": "7", "lexicon_quantity": "Order"})
    assert not app.exception
    assert f'lang="{lang}"' in lines(app)[0]
    assert word in lines(app)[0]
    assert app.selectbox(key="shown").value == "7"
    assert app.segmented_control(key="lexicon_quantity").value == "order"


@pytest.mark.parametrize("query", [{"shown": "<b>"}, {"lexicon_left": "x"}, {"classifier": "x"}, {"layer_left": "-4"}])
def test_a_broken_link_falls_back_to_what_there_is(query):
    app = at(query)
    assert not app.exception
    assert "a positive word speaks more for" in html(app)


def test_a_sentence_goes_by_its_text_and_is_found_by_words_of_it(page):
    box = page.selectbox(key="shown")
    assert box.options[0] == "The train is late again. 0"
    for named in (box.options[3], "again. 3"):
        app = at({"shown": named})
        assert not app.exception
        assert re.search(r">3<bdi", lines(app)[0])


def test_the_bar_says_how_sure_the_model_is(page):
    bars = [element.body for element in page.get("html") if 'class="sure"' in element.body]
    assert len(bars) == 2
    low, high = map(int, re.findall(r"(\d+) %", bars[0]))
    assert low + high == 100
    assert "Its output for" in next(body for body in folds(page) if "How it was computed" in body)


def folds(app) -> list[str]:
    return [element.body for element in app.get("html") if 'class="folded"' in element.body]


def test_a_classifier_colours_words_of_the_lexicon_only(page):
    page.selectbox(key="scores_left").set_value("DLFA, layer 3").run()
    assert not page.exception
    marked = re.findall(r'<span class="word[^>]*>([^<]*)<bdi', lines(page)[0])
    assert marked == ["train", "late", "again"]
    assert "DLFA, layer 3" in lines(page)[0]


def test_another_classifier_is_another_answer(page):
    page.selectbox(key="classifier").set_value("Last layer alone").run()
    assert "Last layer alone: a positive word" in html(page)
    assert "The last layer alone: " not in html(page)


def test_without_explained_sentences_the_page_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(attribute, "inputs", lambda spec: {"model": "changed"})
    app = at()
    assert not app.exception
    assert "Bundled sentiment model would explain every word of 20 sentences" in app.main.markdown[0].value.replace(
        "\\", ""
    )
    assert lines(app)  # the sentence itself is there, without colours


def test_words_that_disagree_link_to_their_sentences(page):
    page.selectbox(key="words_of").set_value("hin").run()
    table = next(element.body for element in page.get("html") if "Wrong sign" in element.body)
    assert "<td>Hindi</td>" in table
    assert "<td>German</td>" not in table
    link = unescape(re.search(r'href="([^"]*)"', table).group(1))
    query = dict(pair.split("=") for pair in link.removeprefix("?").split("&"))
    app = at({"lexicon_left": query["lexicon_left"], "shown": query["shown"]})
    assert app.selectbox(key="lexicon_left").value == "hin"
    assert app.selectbox(key="shown").value == query["shown"]


def test_coverage_and_trust_are_told(page):
    said = html(page)
    assert "Sample words list 72 words; 24 of them stand in the sentences, 960 times" in said
    assert "Erasing the 20 % of the words with the highest scores lowers the probability" in said
    assert "A word and its translation in the same sentence" in said


def test_a_typed_text_starts_its_job_at_once(page, desk):
    explain(page, "نهارك  سعيد", code="arb")
    assert [job.spec for job in desk] == [
        attribute.Spec(texts=("نهارك سعيد",), languages=("arb",), target="positive", against="negative", compared=0)
    ]


def test_an_edited_word_shows_what_changes(page, desk):
    finish(explain(page, "a good day", "a bad day"), desk)
    assert len(desk) == 2
    assert not page.exception
    assert "From left to right, positive against negative moves by" in html(page)
    table = next(element.body for element in page.get("html") if "Right − left" in element.body)
    assert '<td lang="en" dir="ltr">good</td>' in table
    assert '<td lang="en" dir="ltr">bad</td>' in table


def test_one_text_at_two_layers(page, desk):
    page.number_input(key="layer_right").set_value(6)
    finish(explain(page, "a good day"), desk)
    assert [job.spec.layer for job in desk] == [None, 6]
    assert "at layer 6" in lines(page)[3]


def test_one_text_is_explained_once_in_its_language(page, desk):
    """With nothing beside it, it is not compared with itself as English."""
    page.selectbox(key="language_left").set_value("tha")
    page.text_input(key="text_left").set_value("รถไฟมาสาย")
    page.button(key="FormSubmitter:explain-Explain").click().run()
    assert [(job.spec.texts, job.spec.languages) for job in desk] == [(("รถไฟมาสาย",), ("tha",))]
    finish(page, desk)
    assert not page.exception
    assert "From left to right" not in html(page)
    assert 'lang="th"' in lines(page)[2]


def test_the_same_text_in_another_language_is_no_comparison(page, desk):
    page.selectbox(key="language_left").set_value("tha")
    page.text_input(key="text_left").set_value("OK")
    page.text_input(key="text_right").set_value("OK")
    page.button(key="FormSubmitter:explain-Explain").click().run()
    assert len(desk) == 1


def test_another_layer_of_a_text_keeps_its_language(page, desk):
    page.number_input(key="layer_right").set_value(6)
    page.selectbox(key="language_left").set_value("tha")
    page.text_input(key="text_left").set_value("รถไฟมาสาย")
    page.button(key="FormSubmitter:explain-Explain").click().run()
    assert [(job.spec.languages, job.spec.layer) for job in desk] == [(("tha",), None), (("tha",), 6)]


def test_the_first_of_two_texts_is_shown_while_the_other_is_explained(page, desk):
    explain(page, "a good day", "a bad day")
    finish(page, desk[:1])
    assert not page.exception
    assert "good" in lines(page)[2]
    assert len(lines(page)) == 3
    assert page.get("progress")
    assert "From left to right" not in html(page)


def test_typed_markup_is_text(page, desk):
    finish(explain(page, HOSTILE, "<script>alert(1)</script>"), desk)
    assert not page.exception
    assert "<img" not in html(page)
    assert "<script" not in html(page)
    assert "&lt;" in lines(page)[2]


def test_a_sentence_of_the_corpus_goes_into_the_form(page):
    page.button(key="edit").click().run()
    assert page.text_input(key="text_left").value == "The train is late again. 0"
    assert page.selectbox(key="language_right").value == "eng"


def test_nothing_typed_asks_for_nothing(page, desk):
    explain(page, "   ")
    assert not desk
    assert not page.exception


def test_texts_are_typed_while_nothing_was_compared(monkeypatch, tmp_path, desk):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "nothing")
    app = explain(at(), "Hello")
    assert not app.exception
    assert "would score the words of the lexicon" in app.main.markdown[0].value
    assert desk[0].spec.texts == ("Hello",)


def test_another_question_is_put_to_the_typed_text(desk):
    spec = attribute.Spec(texts=("Hello",), languages=("eng",), target="5 stars", against="1 star", compared=0)
    store.save(attribute, spec, explained([("1", "eng", "Hello")]))
    app = at({"question": "5 stars against 1 star", "text_left": "Hello"})
    assert not app.exception
    assert ">Hello<bdi" in lines(app)[2]
    assert not desk  # a link starts nothing


def test_the_command_rebuilds_the_result(page):
    assert "python -m dlfa_core lexicon</code>" in html(page)


class TestInPublic:
    @pytest.fixture(autouse=True)
    def public(self, monkeypatch):
        monkeypatch.setenv("DLFA_DEMO", "1")

    @pytest.mark.parametrize(
        "query", [{"model_left": "/etc", "text_left": "Hi"}, {"scores_left": "/etc"}, {"classifiers": ["/etc"]}]
    )
    def test_a_link_cannot_name_a_model(self, query, desk):
        app = at(query)
        assert not app.exception
        assert "/etc" not in html(app)
        assert app.selectbox(key="model_left").options == ["Bundled sentiment model"]

    def test_another_question_leaves_the_bundled_sentences_as_they_are(self):
        app = at({"method": "Occlusion by word"})
        assert not app.exception
        assert app.selectbox(key="method").value == "occlusion"
        assert store.find(attribute, EXPLAINED) is not None
        assert "(+0.300)" in lines(app)[0]

    def test_typed_text_is_short(self):
        assert at().text_input(key="text_left").max_chars == 300


def test_figures_far_below_are_made_when_they_are_near(monkeypatch):
    """Not for the first picture, which they would keep waiting."""
    made = []
    for name in ("by_language", "by_layer", "erased", "pairs"):
        monkeypatch.setattr(f"dlfa_core.figures.lexicon.{name}", lambda *_, name=name: made.append(name))
    page = at()
    assert not page.exception
    assert lines(page)
    assert not made


def test_the_baseline_and_what_hangs_on_it_are_told(page):
    said = html(page)
    assert "Held against the mask token: of a text that is nothing else, “positive” less “negative” is −0.95" in said
    assert "(it is +3.77 of the padding token, +4.93 of zeros)" in said
    assert "of 90 words in 12 texts, 70 % keep their sign against the padding token (correlation +0.40)" in said
    assert "but for 0.2 % of the sum of their sizes" in said  # the convergence error of the sentence that is shown


def test_random_words_stand_beside_the_lexicon_s(page):
    said = html(page)
    assert re.search(
        r"Random words of the same texts, as frequent and as long, in their place: \d+ % \[\d+, \d+\]", said
    )
    assert re.search(r"above these in \d of 8 languages", said)
