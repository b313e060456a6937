import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from dlfa_core.measures import cosine_gap, cosine_parallel, cosine_random
from dlfa_core.measures.cosine import compare
from dlfa_core.measures.intervals import jackknife_weights


def test_equals_the_full_matrix_of_scikit_learn(paired_views):
    x, y = paired_views
    cosines = cosine_similarity(x, y)
    others = cosines[~np.eye(80, dtype=bool)].mean()
    assert cosine_parallel(x, y) == pytest.approx(np.diag(cosines).mean(), abs=1e-12)
    assert cosine_random(x, y) == pytest.approx(others, abs=1e-12)
    assert cosine_gap(x, y) == pytest.approx(np.diag(cosines).mean() - others, abs=1e-12)


def test_two_sentences_by_hand():
    x, y = np.array([[1, 0], [0, 2.0]]), np.array([[3, 0], [4, 3.0]])
    assert cosine_parallel(x, y) == pytest.approx((1 + 0.6) / 2)
    assert cosine_random(x, y) == pytest.approx((0.8 + 0) / 2)


@pytest.mark.parametrize(
    ("kind", "measure"), [("parallel", cosine_parallel), ("random", cosine_random), ("gap", cosine_gap)]
)
def test_replicates_leave_groups_out(make_views, kind, measure):
    x, y = views = make_views(2, 45, 4)
    (scores,) = compare(views, np.ones((1, 45)), [{"kind": kind}])
    for replicate, kept in zip(scores.replicates, jackknife_weights(45) > 0, strict=True):
        assert replicate[0, 1] == pytest.approx(measure(x[kept], y[kept]), abs=1e-12)


@pytest.mark.parametrize("measure", [cosine_parallel, cosine_random, cosine_gap])
def test_a_zero_row_is_named(measure, paired_views):
    x, y = paired_views.copy()
    y[3] = 0
    with pytest.raises(ValueError, match=f"{measure.__name__} compares directions, but row 3 is a zero vector"):
        measure(x, y)
