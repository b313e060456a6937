import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.measures.classification import METRICS, score
from dlfa_core.measures.stacked_counts import stacked_counts

LABELS = {
    "accuracy": ["negative", "neutral", "positive"],
    "token_accuracy": ["NOUN", "X", "SYM"],
    "pos_f1": ["NOUN", "VERB", "SYM", "SCONJ", "X", "INTJ", "DET", "ADJ", "O"],
    "span_f1": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
}


def one_by_one(name, gold, predicted, lengths):
    """The counts of one predictor by `METRICS`, from names."""
    names = np.array(LABELS[name])
    parts = [np.split(names[tags], np.cumsum(lengths)[:-1]) for tags in (gold, predicted)]
    if name == "accuracy":
        parts = [[part[0] for part in row] for row in parts]
    return METRICS[name].counts(*([p if isinstance(p, str) else p.tolist() for p in row] for row in parts))


@pytest.mark.parametrize("name", METRICS)
@given(data=st.data())
def test_counts_equal_those_taken_sentence_by_sentence(name, data):
    lengths = [1] * 5 if name == "accuracy" else data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    number = st.integers(0, len(LABELS[name]) - 1)
    row = st.lists(number, min_size=sum(lengths), max_size=sum(lengths))
    gold, *predicted = np.array(data.draw(st.tuples(row, row, row)))
    found = stacked_counts(name, LABELS[name], gold, np.array(predicted), np.array(lengths))
    for head, tags in enumerate(predicted):
        expected = one_by_one(name, gold, tags, lengths)
        np.testing.assert_array_equal(found.hits[head], expected[:, 0])
        np.testing.assert_array_equal(found.predicted[head], expected[:, 1])
        np.testing.assert_array_equal(found.gold, expected[:, 2])
        assert found.scores()[head] == pytest.approx(score(expected))


def test_the_worked_example_of_xtreme_scores_a_half():
    labels = ["DET", "NOUN", "VERB", "PUNCT"]
    found = stacked_counts("pos_f1", labels, np.array([0, 1, 1, 2, 3]), np.array([[0, 1, 2, 2, 3]]), np.array([5]))
    assert found.scores() == [0.5]


@pytest.mark.parametrize("lengths", [[2, 2], [3, 0], []])
def test_labels_that_do_not_fit_the_examples_are_refused(lengths):
    with pytest.raises(ValueError, match=r"labels in .* examples do not fit 3 gold labels and predictions of shape"):
        stacked_counts("token_accuracy", ["X"], np.zeros(3, int), np.zeros((1, 3), int), np.array(lengths, int))
