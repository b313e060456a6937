"""How numbers are written: signs, zeros, plurals, and a layer of several."""

from math import nan

import numpy as np
import pandas as pd
import pytest

from dlfa_core.figures.sentences.numbers import (
    best_at,
    between,
    counted,
    drawn_again,
    likely,
    listed,
    percent,
    percent_with_interval,
    plain,
    share,
    signed,
    signed_hundredths,
    thousandths,
    with_interval,
    within,
)


@pytest.mark.parametrize("write", [plain, thousandths, signed, signed_hundredths, percent, share])
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_what_rounds_to_zero_is_not_negative_and_a_minus_is_a_minus(write, kind):
    assert write(kind(-1e-9)) == write(kind(0.0)) == write(kind(-0.0)) == write(kind(1e-9))
    assert "−" not in write(kind(-1e-9))
    assert write(kind(-0.25)).startswith("−")
    assert "-" not in write(kind(-0.25))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (plain(0.625), "0.62"),
        (plain(-12.345, 1), "−12.3"),
        (thousandths(0.0625), "0.062"),
        (signed(0.0625), "+0.062"),
        (signed(-0.0004), "+0.000"),
        (signed_hundredths(-0.5), "−0.50"),
        (percent(0.625), "62 %"),
        (share(0.625), "62.5%"),
        (share(0.625, 0), "62%"),
        (between(0.1, 0.2), " [0.10, 0.20]"),
        (between(-0.1, -0.0001, signed), " [−0.100, +0.000]"),
        (between(nan, nan), ""),
    ],
)
def test_numbers_and_intervals(said, expected):
    assert said == expected


@pytest.mark.parametrize("row", [dict, pd.Series], ids=["a dict", "a series"])
def test_a_value_stands_before_its_interval_where_it_has_one(row):
    whole = row({"value": 0.5, "ci_low": 0.4, "ci_high": 0.6})
    bare = row({"value": 0.5, "ci_low": nan, "ci_high": nan})
    assert with_interval(whole) == "0.50 [0.40, 0.60]"
    assert percent_with_interval(whole) == "50 % [40, 60]"
    assert (with_interval(bare), percent_with_interval(bare)) == ("0.50", "50 %")


@pytest.mark.parametrize(
    ("n", "expected"),
    [(0, "0 languages"), (1, "1 language"), (2, "2 languages"), (np.int64(1), "1 language"), (1200, "1,200 languages")],
)
def test_one_thing_is_singular_and_all_other_numbers_plural(n, expected):
    assert counted(n, "language") == expected


def test_a_plural_may_be_given():
    assert [counted(n, "try", "tries") for n in (1, 3)] == ["1 try", "3 tries"]


def test_parts_are_listed_with_one_and():
    assert [listed(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]


def test_the_number_of_a_layer_is_not_set_against_how_many_there_are():
    assert best_at(6, 5) == ", best at layer 6, of 5 fused layers"
    assert best_at(6, 1) == ", at layer 6"
    assert best_at(pd.NA, 1) == ""


def test_labels_within_a_sentence_begin_small_unless_they_are_abbreviations():
    assert [within(label) for label in ("Accuracy", "POS F1", "F1")] == ["accuracy", "POS F1", "F1"]


@pytest.mark.parametrize(
    ("shares", "layers"),
    [
        ({5: 0.96, 6: 0.04}, (5,)),
        ({5: 0.04, 6: 0.9, 7: 0.06}, (6, 7)),
        ({5: 0.95, 6: 0.05}, (5,)),
        ({}, ()),
    ],
)
def test_the_likely_layers_are_the_fewest_that_hold_95_per_cent(shares, layers):
    assert likely(pd.Series(shares, dtype=float)) == layers


def test_a_range_is_given_where_several_layers_are_likely():
    assert drawn_again("lots", "layer 6 is the best", 0.97, (6,)) == (
        "Draw lots again, and layer 6 is the best in 97 % of the draws."
    )
    assert drawn_again("lots", "layer 6 is the best", 0.7, (5, 6, 8)).endswith(
        "; 95 % of the best lie between layers 5 and 8."
    )
