import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from dlfa_core.measures import probes
from dlfa_core.measures.probes import linear_probe
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
