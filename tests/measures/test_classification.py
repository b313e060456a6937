"""XTREME's metrics: the worked example, seqeval as second route, and counts that add up."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

from dlfa_core.measures import METRICS, metric
from dlfa_core.measures.classification import accuracy, score, seqeval_f1, span_counts, token_accuracy

GOLD = [["DET", "NOUN", "NOUN", "VERB", "PUNCT"]]
PREDICTED = [["DET", "NOUN", "VERB", "VERB", "PUNCT"]]
UPOS = (
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT"),
    *("SCONJ", "SYM", "VERB", "X"),
)
TAGS = {
    "span_f1": ("O", "B-PER", "I-PER", "B-LOC", "I-LOC"),
    "pos_f1": ("DET", "NOUN", "VERB", "SYM", "SCONJ", "ADJ", "PUNCT"),
    "token_accuracy": ("DET", "NOUN", "VERB"),
}


def tagged(tags, seed, sentences=40):
    rng = np.random.default_rng(seed)
    return [rng.choice(tags, size=1 + row % 7).tolist() for row in range(sentences)]


def test_the_worked_example_has_f1_one_half_and_four_of_five_tags_right():
    assert seqeval_f1(GOLD, PREDICTED) == 0.5
    assert token_accuracy(GOLD, PREDICTED) == 0.8


def test_tags_in_s_are_never_merged():
    assert span_counts([["SYM", "SYM", "NOUN", "NOUN"]], [["SYM", "SYM", "NOUN", "NOUN"]]).tolist() == [[3, 3, 3]]


def test_conjunctions_of_either_kind_are_one_type():
    assert seqeval_f1([["CCONJ", "NOUN"]], [["CCONJ", "NOUN"]]) == seqeval_f1([["CCONJ", "NOUN"]], [["SCONJ", "NOUN"]])


def spans_in_a_row(sentences):
    """The spans of a file, by seqeval's rules written out: all sentences in one row, with an O after each."""
    spans, start, before, kind_before = set(), 0, "O", ""
    for place, tag in enumerate([tag for sentence in sentences for tag in [*sentence, "O"]] + ["O"]):
        first, kind = tag[0], tag[1:].split("-", 1)[-1] or "_"
        changed = kind != kind_before
        if before in "ES" or (before in "BI" and first in "BSO") or (before not in "O." and changed):
            spans.add((kind_before, start, place - 1))
        if first in "BS" or (before in "ESO" and first in "EI") or (first not in "O." and changed):
            start = place
        before, kind_before = first, kind
    return spans


@given(st.lists(st.lists(st.sampled_from(UPOS), min_size=1, max_size=8), min_size=1, max_size=8), st.randoms())
def test_parts_of_speech_with_x_are_scored_over_the_whole_file(gold, random):
    predicted = [[random.choice([tag, "X", "NOUN", random.choice(UPOS)]) for tag in sentence] for sentence in gold]
    true, guess = spans_in_a_row(gold), spans_in_a_row(predicted)
    expected = 2 * len(true & guess) / max(len(true) + len(guess), 1)
    assert seqeval_f1(gold, predicted) == pytest.approx(expected, abs=1e-15)
    assert score(span_counts(gold, predicted)) == pytest.approx(expected, abs=1e-15)


def test_names_count_whole():
    gold = [["B-PER", "I-PER", "O", "B-LOC"]]
    assert seqeval_f1(gold, [["B-PER", "O", "O", "B-LOC"]]) == 0.5


def test_accuracy_agrees_with_scikit_learn():
    gold, predicted = np.random.default_rng(0).choice(["a", "b", "c"], size=(2, 50))
    assert accuracy(gold, predicted) == pytest.approx(accuracy_score(gold, predicted), abs=1e-15)


@pytest.mark.parametrize("name", TAGS)
def test_counts_of_sentences_add_up_to_the_metric(name):
    gold, predicted = tagged(TAGS[name], 1), tagged(TAGS[name], 2)
    assert score(metric(name).counts(gold, predicted)) == pytest.approx(
        metric(name).function(gold, predicted), abs=1e-15
    )


@pytest.mark.parametrize("name", TAGS)
def test_weights_are_the_metric_of_the_resampled_sentences(name):
    gold, predicted = tagged(TAGS[name], 1), tagged(TAGS[name], 2)
    rows = np.random.default_rng(0).integers(40, size=(3, 40))
    weights = np.stack([np.bincount(draw, minlength=40) for draw in rows])
    slow = [metric(name).function([gold[i] for i in draw], [predicted[i] for i in draw]) for draw in rows]
    assert score(metric(name).counts(gold, predicted), weights) == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize("name", ["accuracy", *TAGS])
def test_what_is_right_scores_one_and_what_is_wrong_zero(name):
    right, wrong = (["a", "b"], ["c", "c"]) if name == "accuracy" else ([["B-X", "O"]], [["O", "B-Y"]])
    assert metric(name).function(right, right) == 1
    assert metric(name).function(right, wrong) == 0


@given(st.lists(st.lists(st.sampled_from(TAGS["pos_f1"]), min_size=1, max_size=8), min_size=1, max_size=5))
def test_f1_of_a_sentence_against_itself_is_one(gold):
    assert seqeval_f1(gold, gold) == 1


def test_no_span_at_all_scores_zero_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert seqeval_f1([["O"]], [["O"]]) == 0
    assert score(span_counts([["O"]], [["O"]])) == 0


@pytest.mark.parametrize("name", METRICS)
def test_predictions_must_cover_every_example(name):
    with pytest.raises(ValueError, match=r"There are 1 gold .* but 0 predicted ones: predict every example"):
        metric(name).function([["O"]], [])


@pytest.mark.parametrize("name", METRICS)
def test_nothing_to_score_is_an_error(name):
    with pytest.raises(ValueError, match=r"to score: choose a test set that holds some"):
        metric(name).function([], [])


@pytest.mark.parametrize("name", TAGS)
def test_a_sentence_that_was_cut_is_named(name):
    with pytest.raises(ValueError, match=r"Sentence 1 has 2 gold tags but 1 predicted ones.*split long sentences"):
        metric(name).function([["O"], ["O", "O"]], [["O"], ["O"]])


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(ValueError, match=r"Unknown metric 'f1_pos': did you mean '(pos|span)_f1'\? There are accuracy"):
        metric("f1_pos")
