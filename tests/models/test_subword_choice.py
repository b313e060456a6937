"""Which subwords are kept, and how they are counted."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.models.subword_choice import Choice, choose
from dlfa_core.models.subword_counts import CHUNK, character_counts, subword_counts, word_count
from tests.models.tiny_subwords import TEXTS, wordpiece

WIDE = np.array([0, 40, 30, 20, 9, 1, 0, 0])  # a large text, and
NARROW = np.array([0, 0, 0, 2, 0, 0, 5, 3])  # a small one in another language


def test_all_that_occur_are_kept_by_default():
    assert choose([WIDE, NARROW], [1, 1], {0}, Choice()) == {0, 1, 2, 3, 4, 5, 6, 7}


def test_what_occurs_nowhere_is_left_out_however_much_is_asked_for():
    assert choose([WIDE], [1], {0}, Choice()) == {0, 1, 2, 3, 4, 5}
    assert choose([WIDE], [1], {0}, Choice(size=100)) == {0, 1, 2, 3, 4, 5}


def test_languages_count_alike_however_much_text_they_have():
    assert choose([WIDE, NARROW], [1, 1], {0}, Choice(size=3)) == {0, 6, 3}
    assert choose([100 * WIDE, NARROW], [1, 1], {0}, Choice(size=3)) == {0, 6, 3}


def test_a_language_with_more_weight_gets_more():
    assert choose([WIDE, NARROW], [5, 1], {0}, Choice(size=4)) == {0, 1, 2, 3}


counts = st.lists(st.lists(st.integers(0, 50), min_size=12, max_size=12), min_size=1, max_size=4)


@given(counts, st.sets(st.integers(0, 11), max_size=4), st.integers(4, 14), st.floats(0.2, 1.5))
def test_a_size_is_filled_with_the_highest_sums_of_shares(texts, required, size, exponent):
    """Against sums in plain Python."""
    chosen = choose([np.array(text) for text in texts], [1.0] * len(texts), required, Choice(size, exponent=exponent))
    score = [sum((text[i] / max(sum(text), 1)) ** exponent for text in texts) for i in range(12)]
    assert required <= chosen
    assert len(chosen) == min(size, len(required | {i for i in range(12) if score[i]}))
    worst = min((score[i] for i in chosen - required), default=np.inf)
    assert all(score[i] <= worst * (1 + 1e-12) for i in range(12) if i not in chosen)


@given(counts, st.sets(st.integers(0, 11), max_size=3), st.floats(0.05, 0.95))
def test_coverage_is_reached_with_as_few_as_the_order_allows(texts, required, coverage):
    texts = [np.array(text) for text in texts if sum(text)]
    weights = np.arange(1.0, len(texts) + 1)
    if not texts:
        return
    chosen = choose(texts, weights, required, Choice(coverage=coverage, exponent=1.0))

    def covered(ids):
        return np.average([text[sorted(ids)].sum() / text.sum() for text in texts], weights=weights)

    assert covered(chosen) >= coverage - 1e-9
    score = sum(w * text / text.sum() for w, text in zip(weights, texts, strict=True))
    if chosen > required:
        last = min(chosen - required, key=lambda number: (score[number], -number))
        assert covered(chosen - {last}) < coverage + 1e-9


def test_rare_subwords_are_left_out_unless_they_are_required():
    assert choose([WIDE, NARROW], [1, 1], {0, 5}, Choice(min_count=5)) == {0, 1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (
            Choice(size=2),
            r"size=2 is too small: special tokens and the single characters of these texts alone are 3 sub",
        ),
        (Choice(size=-1), r"size=-1 is too small"),
        (Choice(coverage=0.0), r"coverage=0 is no share of the tokens: choose above 0 and up to 1"),
        (Choice(coverage=1.5), r"coverage=1\.5 is no share"),
        (Choice(exponent=0.0), r"exponent=0 must be above 0"),
    ],
)
def test_settings_that_cannot_be_met_are_refused(choice, said):
    with pytest.raises(ValueError, match=said):
        choose([WIDE], [1], {0, 1, 2}, choice)


def test_subwords_are_counted_line_by_line_without_special_tokens():
    tokenizer = wordpiece()
    lines = TEXTS * (CHUNK // 3)  # more than are tokenised at a time
    expected = Counter(number for text in TEXTS for number in tokenizer(text, add_special_tokens=False)["input_ids"])
    found = subword_counts(tokenizer.backend_tokenizer, iter(lines), len(tokenizer))
    assert found.sum() == sum(expected.values()) * (CHUNK // 3)
    assert {number: found[number] // (CHUNK // 3) for number in np.flatnonzero(found)} == expected


def test_no_lines_count_nothing():
    assert subword_counts(wordpiece().backend_tokenizer, [], 9).tolist() == [0] * 9
    assert word_count([]) == 0


def test_characters_and_words_are_counted():
    lines = ["ab a", "", "b!"] * CHUNK
    assert character_counts(lines) == {"a": 2 * CHUNK, "b": 2 * CHUNK, " ": CHUNK, "!": CHUNK}
    assert word_count(lines) == 4 * CHUNK
