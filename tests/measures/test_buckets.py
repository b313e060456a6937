"""Buckets of about the same size: properties over many numbers, and cases by hand."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.measures.buckets import NO_BUCKET, in_quantiles, span_of_bucket

NUMBERS = st.lists(st.one_of(st.integers(0, 30).map(float), st.just(float("nan"))), min_size=1, max_size=60)


@given(NUMBERS, st.integers(1, 6))
def test_buckets_are_in_order_filled_and_keep_equal_numbers_together(values, most):
    values = np.array(values)
    found = in_quantiles(values, most)
    known = ~np.isnan(values)
    assert ((found == NO_BUCKET) == ~known).all()
    used = np.unique(found[known])
    assert used.tolist() == list(range(len(used)))
    assert len(used) <= most
    for low, high in pairwise(used):
        assert values[found == low].max() < values[found == high].min()


@given(st.permutations(range(40)), st.integers(1, 6))
def test_buckets_of_different_numbers_differ_by_one_at_most(values, most):
    sizes = np.bincount(in_quantiles(values, most))
    assert len(sizes) == most
    assert sizes.max() - sizes.min() <= 1


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 5), st.integers(1, 3))
def test_only_the_order_of_numbers_counts(values, most, factor):
    values = np.array(values, dtype=float)
    np.testing.assert_array_equal(in_quantiles(values, most), in_quantiles(factor * values + 7, most))


def test_many_of_one_number_give_fewer_buckets():
    assert in_quantiles([1, 1, 1, 1, 1, 2, 3], 4).tolist() == [0, 0, 0, 0, 0, 1, 1]
    assert in_quantiles([5, 5, 5], 4).tolist() == [0, 0, 0]
    assert in_quantiles([np.nan, np.nan], 4).tolist() == [NO_BUCKET, NO_BUCKET]


@pytest.mark.parametrize(
    ("values", "digits", "said"), [([3, 3], 0, "3"), ([12, 8, 9], 0, "8 to 12"), ([1.25, 1.5], 2, "1.25 to 1.50")]
)
def test_a_bucket_is_called_by_what_lies_in_it(values, digits, said):
    assert span_of_bucket(values, digits) == said


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match=r"most=0 leaves no bucket to put an example into: give 1 or more"):
        in_quantiles([1.0], 0)
    with pytest.raises(ValueError, match=r"one number for each example, \(n,\), but got \(1, 2\)"):
        in_quantiles([[1.0, 2.0]], 4)
