"""Sentences word by word: which scores are whose, in which order, and what an edit changes."""

import re
from html import unescape

import numpy as np
import pandas as pd
import pytest

from dlfa_core import markup
from dlfa_core.experiments.lexicon.systems import System, frame_of
from dlfa_core.figures import lexicon as drawn
from dlfa_core.figures.sentences.attribute import Change, change_said, changes
from dlfa_core.figures.sentences.systems import first_system, layered, rows_of, system_labels
from dlfa_core.models import FUSIONS
from tests.explained import explained
from tests.figures.lexicon_by_hand import AVERAGE_6, DLFA_3, DLFA_6, LAST, SYSTEMS, by_hand, task_models

ARABIC = "القطار متأخر مرة أخرى."


def shown(html: str) -> str:
    """The text of a coloured line without the numbers for screen readers."""
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r'<bdi class="aside">.*?</bdi>', "", html)))


def test_sentences_with_words_are_listed_once():
    assert drawn.sentence_ids(by_hand()) == ["1", "2"]
    assert drawn.texts_of(by_hand(), "1") == {"eng": "A <b>late</b> train", "arb": ARABIC}
    assert drawn.texts_of(by_hand(), "2") == {"eng": "good"}
    assert drawn.texts_of(by_hand(), "<b>") == {}


@pytest.mark.parametrize(("system", "late", "train"), [(LAST, -0.2, 0.1), (DLFA_3, -0.4, 0.2), (DLFA_6, -0.6, 0.3)])
def test_lexicon_words_are_in_reading_order_with_the_scores_of_their_classifier(system, late, train):
    marks = drawn.lexicon_marks(by_hand(), system, "eng", "1")
    assert [(mark.start, mark.stop) for mark in marks] == [(5, 9), (14, 19)]
    assert [mark.score for mark in marks] == pytest.approx([late, train])


def test_words_beyond_the_limit_have_no_score():
    train, late = drawn.lexicon_marks(by_hand(), AVERAGE_6, "arb", "1")
    assert np.isnan(train.score)
    assert late.score == pytest.approx(-0.9)
    line = markup.marked(ARABIC, (train, late), "arb")
    assert '<span class="word unread" title="not read">القطار</span>' in line


def test_a_sentence_without_words_has_no_marks():
    assert drawn.lexicon_marks(by_hand(), LAST, "eng", "2") == ()
    assert drawn.lexicon_marks(by_hand(), LAST, "hin", "1") == ()


def test_words_from_right_to_left_stay_in_the_order_of_the_text():
    """The order is that of reading; the direction is the line's, not the text's."""
    for marks in (
        drawn.lexicon_marks(by_hand(), LAST, "arb", "1"),
        drawn.explained_marks(explained([("1", "arb", ARABIC)]), "arb", "1"),
    ):
        assert [mark.start for mark in marks] == sorted(mark.start for mark in marks)
        assert [ARABIC[mark.start : mark.stop] for mark in marks][:2] == ["القطار", "متأخر"]
        line = markup.marked(ARABIC, marks, "arb")
        assert line.startswith('<p class="marked" lang="ar" dir="rtl">')
        assert shown(line) == ARABIC


def test_what_a_text_holds_is_escaped():
    text = drawn.texts_of(by_hand(), "1")["eng"]
    line = markup.marked(text, drawn.lexicon_marks(by_hand(), LAST, "eng", "1"), "eng")
    assert "<b>" not in line
    assert shown(line) == text


def test_explained_words_are_those_of_the_text_in_its_language():
    result = explained([("1", "eng", "late train"), ("1", "deu", "Zug"), ("2", "eng", "day")])
    marks = drawn.explained_marks(result, "eng", "1")
    assert [(mark.start, mark.stop) for mark in marks] == [(0, 4), (5, 10)]
    assert [mark.score for mark in marks] == pytest.approx([0.3, -0.2])
    assert drawn.explained_marks(result, "fra", "1") == ()


def test_of_a_pair_of_texts_the_first_is_coloured():
    result = explained([("1", "eng", "late train")])
    result.words.loc[1, "segment"] = 1
    assert len(drawn.explained_marks(result, "eng", "1")) == 1


def test_the_most_wrong_words_come_first_and_neutral_ones_never():
    words = drawn.disagreeing(by_hand(), LAST)
    assert words["lemma"].tolist() == ["<b>late</b>", "متأخر", "good"]
    assert words["wrong"].tolist() == [1.0, 0.5, 0.25]
    assert drawn.disagreeing(by_hand(), LAST, "arb")["lemma"].tolist() == ["متأخر"]
    assert drawn.disagreeing(by_hand(), LAST, "eng", at_least=4)["lemma"].tolist() == ["good"]
    assert drawn.disagreeing(by_hand(), LAST, "hin").empty


def test_classifiers_are_named_by_fusion_and_layer():
    assert system_labels(by_hand()) == ["Last layer alone", "DLFA, layer 3", "DLFA, layer 6", "Average, layer 6"]


def test_a_fusion_is_called_as_everywhere():
    for name, fusion in FUSIONS.items():
        systems = frame_of([System("demo", name)])
        assert system_labels(by_hand(systems=systems)) == [fusion.label + " alone" * (name == "last")]


def test_two_weights_of_one_fusion_are_told_apart():
    systems = frame_of([System("demo", "dlfa", 3, "literal"), System("demo", "dlfa", 3, "gate"), *SYSTEMS[:1]])
    assert system_labels(by_hand(systems=systems)) == [
        "DLFA (literal), layer 3",
        "DLFA (gate), layer 3",
        "Last layer alone",
    ]


def test_task_models_are_named_as_they_were_asked_for():
    result = task_models("demo-sentiment", "some/model")
    assert system_labels(result) == ["Bundled sentiment model", "some/model"]
    assert first_system(result) == 0  # none has a dev score
    assert not layered(result)


def test_a_fusion_that_nobody_named_keeps_its_own_name():
    assert system_labels(by_hand(systems=frame_of([System("demo", "sum", 2)]))) == ["sum, layer 2"]


def test_the_first_classifier_is_the_best_dlfa_of_its_own_training():
    """The average does better, but it is not what the page is about."""
    assert first_system(by_hand()) == DLFA_6
    others = by_hand(systems=frame_of([SYSTEMS[LAST], SYSTEMS[AVERAGE_6]]))
    assert first_system(others) == 1


def test_curves_need_one_fusion_at_two_layers():
    assert layered(by_hand())
    assert not layered(by_hand(systems=frame_of([SYSTEMS[LAST], SYSTEMS[DLFA_3], SYSTEMS[AVERAGE_6]])))


@pytest.mark.parametrize("system", range(4))
def test_rows_are_those_of_one_classifier(system):
    result = by_hand()
    for frame in (result.scores, result.translations, result.words, result.faithfulness):
        rows = rows_of(result, frame, system)
        assert len(rows) == len(frame) / 4
        assert rows["fusion"].unique().tolist() == [SYSTEMS[system].fusion]
        assert rows["layer"].isna().all() if system == LAST else (rows["layer"] == SYSTEMS[system].layer).all()


def words(*scored):
    return pd.DataFrame(scored, columns=["form", "score"])


@pytest.mark.parametrize(
    ("left", "right", "rows"),
    [
        (
            words(("a", 0.1), ("good", 0.5)),
            words(("a", 0.2), ("bad", -0.5)),
            [Change("a", "a", 0.1, 0.2), Change("good", "bad", 0.5, -0.5)],
        ),
        (words(("a", 0.1)), words(("a", 0.1), ("b", 0.3)), [Change("a", "a", 0.1, 0.1), Change(None, "b", None, 0.3)]),
        (words(("a", 0.1), ("b", 0.3)), words(("b", 0.3)), [Change("a", None, 0.1, None), Change("b", "b", 0.3, 0.3)]),
        (words(), words(("a", 0.1)), [Change(None, "a", None, 0.1)]),
        (words(), words(), []),
    ],
    ids=["replaced", "added", "left out", "from nothing", "nothing"],
)
def test_words_that_stay_are_one_row(left, right, rows):
    assert changes(left, right) == rows


def test_a_word_that_a_side_lacks_counts_nothing_there():
    assert Change(None, "b", None, 0.3).by == 0.3
    assert Change("a", None, 0.1, None).by == -0.1
    assert np.isnan(Change("a", "a", np.nan, 0.1).by)


def texts(**columns):
    row = {"target": "positive", "against": "negative", "value": 0.5}
    return pd.Series(row | columns)


@pytest.mark.parametrize(
    ("left", "right", "rows", "said"),
    [
        (
            texts(),
            texts(value=-1.0),
            [Change("a", "a", 0.1, 0.2), Change("good", "bad", 0.5, -0.5)],
            "From left to right, positive against negative moves by −1.50, from +0.50 to −1.00. The word that changes "
            "most: “good” → “bad” (−1.00).",
        ),
        (texts(), texts(), [Change("a", None, 0.25, None)], "most: “a”, which is left out (−0.25)."),
        (texts(), texts(), [Change(None, "b", None, 0.3)], "most: “b” (+0.30)."),
        (texts(), texts(), [Change("a", "a", 0.1, 0.3)], "most: “a” (+0.20)."),
        (texts(), texts(), [], "moves by +0.00, from +0.50 to +0.50."),
        (texts(), texts(), [Change("a", "a", 0.1, 0.1)], "moves by +0.00, from +0.50 to +0.50."),
        (texts(), texts(value=0.75), [Change("a", "a", np.nan, 0.1)], "moves by +0.25, from +0.50 to +0.75."),
        (texts(against=""), texts(against=""), [], "From left to right, positive moves by +0.00, from +0.50 to +0.50."),
        (texts(), texts(target="negative", against="positive"), [], "scores of different answers are not subtracted."),
    ],
)
def test_a_change_is_told_by_its_largest_word(left, right, rows, said):
    told = change_said(left, right, rows)
    assert said in told.replace("\u2068", "").replace("\u2069", "")


def test_words_from_right_to_left_do_not_turn_the_sentence_around():
    """Unicode's isolates, which every other character of a word stands between."""
    told = change_said(texts(), texts(), [Change("جيد", "سيئ", 0.5, -0.5)])
    assert told.endswith("“\u2068جيد\u2069” → “\u2068سيئ\u2069” (−1.00).")
