import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import RidgeClassifier

from dlfa_core.measures import probes
from dlfa_core.measures.probes import control_labels, linear_probe
from dlfa_core.measures.removal import without_means

LANGUAGES, N = np.repeat(["eng", "deu", "hin"], 40), 120
SENTENCES = np.tile(np.arange(40), 3)


@pytest.fixture
def rows():
    """Three languages of 40 sentences, each language a little off."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(3, 8)).repeat(40, axis=0) * 0.4 + rng.normal(size=(N, 8))


def test_it_answers_as_scikit_learn_does_fold_by_fold(rows):
    found, folds = linear_probe(rows, LANGUAGES, SENTENCES), np.random.default_rng(0).permutation(40) % 5
    for fold in range(5):
        test = folds[SENTENCES] == fold
        train = rows[~test] - rows[~test].mean(axis=0)
        alpha = probes.RIDGE * np.square(train).sum() / 8
        guess = RidgeClassifier(alpha=alpha).fit(rows[~test], LANGUAGES[~test]).predict(rows[test])
        np.testing.assert_array_equal(found[test], guess == LANGUAGES[test])


def test_languages_apart_are_told_and_shuffled_ones_are_guessed(rows):
    assert linear_probe(rows + (LANGUAGES == "hin")[:, None] * 9, LANGUAGES == "hin", SENTENCES).all()
    rng = np.random.default_rng(1)
    shuffled = [linear_probe(rows, rng.permutation(LANGUAGES), SENTENCES).mean() for _ in range(20)]
    assert np.mean(shuffled) == pytest.approx(1 / 3, abs=0.04)


def test_a_sentence_is_never_learnt_from_its_translation():
    """Labels that only the sentence decides: learnt from translations they would all be known."""
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(40, 60))[SENTENCES]
    label = rng.integers(2, size=40)[SENTENCES]
    assert linear_probe(rows, label, np.arange(N)).mean() > 0.95
    assert linear_probe(rows, label, SENTENCES).mean() == pytest.approx(0.5, abs=0.2)


def test_removal_within_folds_leaves_chance_and_removal_over_all_leaves_less(rows):
    """Means taken over test sentences too would make the classes of the training sentences lean the other way."""
    leaking = linear_probe(without_means(rows, LANGUAGES), LANGUAGES, SENTENCES).mean()
    honest = linear_probe(
        rows, LANGUAGES, SENTENCES, prepare=lambda part, fit: without_means(part, LANGUAGES, fit)
    ).mean()
    assert leaking < honest
    assert honest == pytest.approx(1 / 3, abs=0.08)


def test_more_dimensions_than_points_are_no_obstacle():
    assert linear_probe(np.eye(N)[:, :100] + 1, LANGUAGES, SENTENCES).shape == (N,)
    assert linear_probe(np.ones((N, 4)), LANGUAGES, SENTENCES).mean() == pytest.approx(1 / 3)


def test_one_label_or_one_group_is_refused(rows):
    with pytest.raises(ValueError, match="there are 1 labels and 40 groups: use two of each"):
        linear_probe(rows, np.zeros(N), SENTENCES)
    with pytest.raises(ValueError, match="there are 3 labels and 1 groups: use two of each"):
        linear_probe(rows, LANGUAGES, np.zeros(N))


@given(st.lists(st.sampled_from("abcdefgh"), min_size=2).filter(lambda types: len(set(types)) > 1), st.integers(2, 5))
def test_control_labels_are_one_for_each_type_and_as_frequent_as_each_other(types, n_labels):
    drawn = control_labels(types, n_labels)
    of_type = dict(zip(types, drawn.tolist(), strict=True))
    assert [of_type[kind] for kind in types] == drawn.tolist()
    counts = np.bincount(list(of_type.values()), minlength=n_labels)
    assert counts.max() - counts.min() <= 1
    assert len(counts) == n_labels


def test_other_seeds_draw_other_labels():
    assert len({tuple(control_labels(SENTENCES, 3, seed)) for seed in range(10)}) == 10


def test_control_labels_are_learnt_by_heart_only_where_the_rows_tell_the_types_apart(rows):
    """A wide row that is the same for a sentence and its translations can be learnt; rows without sentences cannot."""
    rng = np.random.default_rng(2)
    drawn = control_labels(SENTENCES, 3)
    assert linear_probe(rng.normal(size=(40, 60))[SENTENCES], drawn, np.arange(N)).mean() > 0.95
    unrelated = [linear_probe(rng.normal(size=(N, 8)), drawn, np.arange(N)).mean() for _ in range(20)]
    assert np.mean(unrelated) == pytest.approx(1 / 3, abs=0.05)


@pytest.mark.parametrize(("types", "n_labels"), [(["a", "a"], 3), (["a", "b"], 1)])
def test_a_control_task_needs_two_types_and_two_labels(types, n_labels):
    with pytest.raises(ValueError, match=r"there are \d types and \d labels: use two of each"):
        control_labels(types, n_labels)
