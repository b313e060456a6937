from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.experiments import attribute, profile
from dlfa_core.runtime import durations
from dlfa_core.runtime.durations import ALIKE, Durations

NAME = profile.__name__
SPEC = profile.Spec(languages=("eng", "deu", "fra"), limit=1000)


@pytest.fixture
def measured(tmp_path):
    return Durations(tmp_path / "home" / "durations.json")


def test_nothing_is_said_where_nothing_was_measured(measured):
    assert measured.expected(NAME, SPEC) is None
    measured.add("another", SPEC, 3.0)
    assert measured.expected(NAME, SPEC) is None


def test_the_median_of_the_last_ones_counts(measured):
    for seconds in (1000.0, *range(1, durations.KEPT + 1)):
        measured.add(NAME, SPEC, seconds)
    assert measured.expected(NAME, SPEC) == (durations.KEPT + 1) / 2


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({"languages": ("eng", "deu", "tha")}, True),
        ({"languages": ("eng", "deu", "fra", "tha")}, True),
        ({"languages": ("eng", "deu", "fra", "tha", "arb")}, False),
        ({"limit": 1400}, True),
        ({"limit": 1600}, False),
        ({"limit": 0}, False),
        ({"seed": 5}, True),
        ({"model": "bert-base-multilingual-cased"}, False),
        ({"pooling": "max"}, False),
    ],
)
def test_what_is_alike_lasts_as_long(measured, change, alike):
    measured.add(NAME, SPEC, 7.0)
    assert measured.expected(NAME, replace(SPEC, **change)) == (7.0 if alike else None)


def test_a_typed_sentence_counts_by_its_length_and_is_not_kept(measured):
    measured.add("attribute", attribute.Spec(texts=("I have never seen this.",)), 2.0)
    assert measured.expected("attribute", attribute.Spec(texts=("Das war wirklich gut.",))) == 2.0
    assert measured.expected("attribute", attribute.Spec(texts=("Das war wirklich gut." * 2,))) is None
    assert "never" not in measured.path.read_text()


@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_being_alike_goes_both_ways(one, other):
    assert durations._near(one, other) == durations._near(other, one)
    assert durations._near(one, other) == (1 / ALIKE < one / other < ALIKE)


def test_they_are_found_again_by_another_process_and_bounded(measured):
    for limit in range(durations.SHAPES + 5):
        measured.add(NAME, replace(SPEC, limit=10**6 + limit), 1.0)
    again = Durations(measured.path)
    again.add(NAME, SPEC, 4.0)
    measured.add("another", SPEC, 6.0)
    assert Durations(measured.path).expected(NAME, SPEC) == 4.0
    assert len(Durations(measured.path)._by_experiment[NAME]) == durations.SHAPES


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 3}', '{"a": [[1, 2]]}', "null"])
def test_a_damaged_file_counts_as_none(measured, text):
    measured.path.parent.mkdir()
    measured.path.write_text(text)
    assert Durations(measured.path).expected("a", SPEC) is None
    measured.add(NAME, SPEC, 1.0)
    assert Durations(measured.path).expected(NAME, SPEC) == 1.0


def test_a_home_that_cannot_be_written_to_is_no_reason_to_fail(tmp_path):
    (tmp_path / "home").write_text("a file")
    measured = Durations(tmp_path / "home" / "durations.json")
    measured.add(NAME, SPEC, 1.0)
    assert measured.expected(NAME, SPEC) == 1.0
