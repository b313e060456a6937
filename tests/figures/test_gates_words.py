"""A sentence as a heatmap: the right number under the right word, in the order of its readers."""

from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from dlfa_core.figures.gates import range_of_words, sentence_heatmap, sentences_of
from dlfa_core.figures.gates.words import LINE, PERCENTILES, SHORT
from tests.looked import TEXTS, small_gates

RIGHT_TO_LEFT = "arb"


@pytest.fixture
def result():
    return small_gates()


def words_of(result, language, sent_id="s00"):
    rows = result.words
    return rows[(rows["language"] == language) & (rows["id"] == sent_id)]


def with_words(result, texts, language="eng"):
    """The result with one sentence of other words."""
    first = words_of(result, language).iloc[[0] * len(texts)].reset_index(drop=True)
    gates = np.linspace(0.2, 0.8, len(texts))
    return replace(result, words=first.assign(word=texts, position=range(len(texts)), gate=gates))


def read_out(figure):
    """(word, its numbers from top to bottom) line by line, from left to right as they stand on the screen."""
    labels = sorted((note.y, note.x, unescape(note.text)) for note in figure.layout.annotations)
    lines = sorted({y for y, _, _ in labels})
    found = []
    for y, trace in zip(lines, sorted(figure.data, key=lambda trace: trace.y[0]), strict=True):
        centres = (np.array(trace.x[1:]) + np.array(trace.x[:-1])) / 2
        line = [(x, text) for height, x, text in labels if height == y]
        np.testing.assert_allclose([x for x, _ in line], centres)
        found += [(text, column) for (_, text), column in zip(line, np.array(trace.z).T, strict=True)]
    return found


@pytest.mark.parametrize("language", TEXTS)
def test_words_stand_over_their_own_numbers(result, language):
    shown = read_out(sentence_heatmap(result, language, "s00"))
    words = words_of(result, language)
    shown = shown[::-1] if language == RIGHT_TO_LEFT else shown
    assert [text for text, _ in shown] == list(words["word"])
    np.testing.assert_allclose([column for _, column in shown], words[list(PERCENTILES.values())])


def test_arabic_begins_at_the_right_and_says_its_rows_there(result):
    figure = sentence_heatmap(result, RIGHT_TO_LEFT, "s00")
    assert [text for text, _ in read_out(figure)] == list(words_of(result, RIGHT_TO_LEFT)["word"])[::-1]
    assert figure.data[0].x[-1] == figure.layout.xaxis.range[1] == SHORT
    assert figure.layout.yaxis.side == "right"
    assert sentence_heatmap(result, "hin", "s00").data[0].x[0] == 0


def test_a_sentence_of_usual_length_is_one_row(result):
    """As long as any that is bundled: 120 letters, with room around words."""
    figure = sentence_heatmap(with_words(result, ["absolutely"] * 10), "eng", "s00")
    assert len(figure.data) == 1
    assert SHORT < figure.layout.xaxis.range[1] == figure.data[0].x[-1] <= LINE


@pytest.mark.parametrize("language", ["eng", RIGHT_TO_LEFT])
def test_a_long_sentence_goes_on_in_the_next_line(result, language):
    texts = [f"word{number}" for number in range(60)]
    figure = sentence_heatmap(with_words(result, texts, language), language, "s00")
    assert len(figure.data) > 3
    assert all(0 <= trace.x[0] < trace.x[-1] <= LINE for trace in figure.data)
    shown = [text for text, _ in read_out(figure)]
    per_line = len(figure.data[0].z[0])
    assert shown[:per_line] == (texts[:per_line] if language == "eng" else texts[per_line - 1 :: -1])


def test_a_word_longer_than_a_line_has_a_line_of_its_own(result):
    figure = sentence_heatmap(with_words(result, ["a", "b" * 200, "c"]), "eng", "s00")
    assert [len(trace.z[0]) for trace in figure.data] == [1, 1, 1]
    assert figure.data[1].x == (0, LINE)


def test_marks_take_no_room_and_chinese_characters_that_of_two(result):
    widths = [
        np.diff(sentence_heatmap(with_words(result, [w]), "eng", "s00").data[0].x)[0]
        for w in ("ที่นี่", "ทน", "家门", "abcd")
    ]
    assert widths[0] == widths[1]
    assert widths[2] == widths[3]


def test_words_are_text_and_never_markup(result):
    hostile = "<b>x</b><a href='javascript:alert(1)'>&"
    figure = sentence_heatmap(with_words(result, [hostile]), "eng", "s00")
    assert "<a" not in figure.layout.annotations[0].text
    assert unescape(figure.layout.annotations[0].text) == hostile
    assert "<a" not in figure.data[0].hovertext[0][0]


def test_several_models_are_rows_with_the_highest_layer_on_top():
    result = small_gates(layers=(3, 9, 6))
    figure = sentence_heatmap(result, "eng", "s00")
    assert list(figure.layout.yaxis.ticktext) == ["layer 9", "layer 6", "layer 3"]
    words = words_of(result, "eng")
    for row, layer in zip(figure.data[0].z, (9, 6, 3), strict=True):
        np.testing.assert_allclose(row, words[words["layer"] == layer]["gate"])


def test_models_of_one_layer_are_told_apart_by_name():
    result = small_gates(layers=(3, 9))
    meta = result.meta | {"models": [about | {"layer": 3} for about in result.meta["models"]]}
    figure = sentence_heatmap(replace(result, meta=meta), "eng", "s00")
    assert set(figure.layout.yaxis.ticktext) == {"layer-3, layer 3", "layer-9, layer 3"}


def test_colours_mean_the_same_in_both_languages(result):
    one, other = (sentence_heatmap(result, code, "s00").data[0] for code in ("eng", "tha"))
    assert (one.zmin, one.zmax) == (other.zmin, other.zmax)


def test_nearly_all_words_lie_in_the_range_of_colours(result):
    low, high = range_of_words(result)
    assert 0.95 < result.words["gate"].between(low, high).mean() < 1


def test_pointing_at_a_cell_says_what_the_word_is(result):
    said = sentence_heatmap(result, "eng", "s00").data[0].hovertext[0][-1]
    assert said.startswith("<b>.</b>, punctuation<br>mean: 0.")
    assert said.endswith("; 1 subword")


def test_kept_sentences_are_listed_in_their_order(result):
    assert sentences_of(result)[:2] == ["s00", "s01"]
    assert len(sentences_of(result)) == result.meta["n"]


def test_a_sentence_that_was_not_kept_is_named(result):
    with pytest.raises(ValueError, match=r"the result keeps no words of sentence 's99' in German"):
        sentence_heatmap(result, "deu", "s99")
