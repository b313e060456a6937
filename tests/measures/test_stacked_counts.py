import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.measures.classification import METRICS, score, seqeval_f1
from dlfa_core.measures.stacked_counts import stacked_counts

UPOS = (
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT"),
    *("SCONJ", "SYM", "VERB", "X"),
)
LABELS = {
    "accuracy": ["negative", "neutral", "positive"],
    "token_accuracy": ["NOUN", "X", "SYM"],
    "pos_f1": ["NOUN", "VERB", "SYM", "SCONJ", "X", "INTJ", "DET", "ADJ", "O"],  # few, so that X is often at an edge
    "span_f1": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"],
}


def one_by_one(name, gold, predicted, lengths):
    """The counts of one predictor by `METRICS`, from names."""
    names = np.array(LABELS[name])
    parts = [np.split(names[tags], np.cumsum(lengths)[:-1]) for tags in (gold, predicted)]
    if name == "accuracy":
        parts = [[part[0] for part in row] for row in parts]
    return METRICS[name].counts(*([p if isinstance(p, str) else p.tolist() for p in row] for row in parts))


@pytest.mark.parametrize("name", LABELS)
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


@pytest.mark.parametrize("labels", [UPOS, ["X", "NOUN"], ["X", "O", "B", "SYM"], LABELS["span_f1"]], ids=len)
@pytest.mark.parametrize("seed", range(3))
def test_spans_of_a_whole_file_are_those_of_seqeval(labels, seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 9, size=60)
    gold, *predicted = rng.integers(len(labels), size=(3, lengths.sum()))
    found = stacked_counts("pos_f1", labels, gold, np.array(predicted, dtype=np.uint8), lengths)
    true, *guesses = (
        [part.tolist() for part in np.split(np.array(labels)[tags], np.cumsum(lengths)[:-1])]
        for tags in (gold, *predicted)
    )
    assert found.scores() == pytest.approx([seqeval_f1(true, guess) for guess in guesses], abs=1e-15)


def test_a_span_of_x_goes_on_from_one_sentence_into_the_next():
    labels, tags = ["X", "NOUN", "DET"], np.array([1, 0, 0, 2, 0])
    missed = np.array([1, 1, 0, 2, 0])
    found = stacked_counts("pos_f1", labels, tags, np.stack([tags, missed]), np.array([2, 3]))
    assert found.gold.tolist() == [
        1,
        2,
    ]  # NOUN; X X, which begins in the first sentence, and DET; the last X never ends
    assert found.hits.tolist() == [[1, 2], [0, 1]]  # the first X missed, the span that ends in the second is, too


def test_the_worked_example_of_xtreme_scores_a_half():
    labels = ["DET", "NOUN", "VERB", "PUNCT"]
    found = stacked_counts("pos_f1", labels, np.array([0, 1, 1, 2, 3]), np.array([[0, 1, 2, 2, 3]]), np.array([5]))
    assert found.scores() == [0.5]


@pytest.mark.parametrize("lengths", [[2, 2], [3, 0], []])
def test_labels_that_do_not_fit_the_examples_are_refused(lengths):
    with pytest.raises(ValueError, match=r"labels in .* examples do not fit 3 gold labels and predictions of shape"):
        stacked_counts("token_accuracy", ["X"], np.zeros(3, int), np.zeros((1, 3), int), np.array(lengths, int))
