from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.data.tasks import split_tagged, windows

SUBWORDS = st.lists(st.integers(0, 9), max_size=40)
LIMIT = st.integers(1, 12)


@given(SUBWORDS, LIMIT)
def test_the_parts_put_together_are_the_sentence(subwords, limit):
    words, tags = [f"w{i}" for i in range(len(subwords))], [f"t{i}" for i in range(len(subwords))]
    parts = split_tagged(words, tags, subwords, limit)
    assert [word for part, _ in parts for word in part] == words
    assert [tag for _, part in parts for tag in part] == tags


@given(SUBWORDS, LIMIT)
def test_no_part_is_empty_or_longer_than_the_limit_unless_it_is_one_word(subwords, limit):
    for window in windows(subwords, limit):
        counts = subwords[window]
        assert counts
        assert sum(counts) <= limit or len([count for count in counts if count]) == 1


@given(SUBWORDS, LIMIT)
def test_every_part_is_as_long_as_it_can_be(subwords, limit):
    found = windows(subwords, limit)
    for window, following in pairwise(found):
        assert sum(subwords[window]) + subwords[following.start] > limit


def test_a_short_sentence_stays_whole():
    assert windows([1, 2, 3], 6) == (slice(0, 3),)


def test_a_word_beyond_the_limit_stands_alone():
    assert windows([1, 9, 1], 4) == (slice(0, 1), slice(1, 2), slice(2, 3))


def test_an_empty_sentence_has_no_parts():
    assert windows([], 4) == ()


def test_a_limit_below_one_is_refused():
    with pytest.raises(ValueError, match=r"A window of 0 subwords holds no word. Give a limit of 1 or more"):
        windows([1], 0)


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match=r"A word cannot have -1 subwords"):
        windows([2, -1], 4)


def test_words_tags_and_counts_must_match():
    with pytest.raises(ValueError, match=r"here are 2 words, 1 tags and 2 counts"):
        split_tagged(["a", "b"], ["X"], [1, 1], 4)
