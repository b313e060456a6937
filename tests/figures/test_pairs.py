"""Every pair at one layer: the right value in the right cell, relatives side by side."""

from types import SimpleNamespace

import numpy as np
import pytest

from dlfa_core import languages as lang
from dlfa_core.figures import families, family_means, heatmap
from tests.conftest import LANGUAGES, similarity


def cells(figure, codes) -> np.ndarray:
    """The heatmap without the gaps between families, (languages, languages)."""
    table = figure.data[0].z
    edges = np.array(figure.data[0].x)
    wide = np.flatnonzero(np.isclose(np.diff(edges), 1))
    assert len(wide) == len(codes)
    return table[np.ix_(wide, wide)]


@pytest.mark.parametrize("measure", ["cka", "retrieval_cosine"])
def test_a_cell_holds_its_pair(profile_result, measure):
    codes = lang.family_order(LANGUAGES)
    table = cells(heatmap(profile_result, measure, 6), codes)
    for i, source in enumerate(codes):
        for j, target in enumerate(codes):
            if i == j:
                assert np.isnan(table[i, j])
            else:
                positions = LANGUAGES.index(source), LANGUAGES.index(target)
                assert table[i, j] == pytest.approx(similarity(measure, 6, *sorted(positions)))


def test_a_measure_stored_one_way_is_mirrored(profile_result):
    table = cells(heatmap(profile_result, "cka", 3), LANGUAGES)
    np.testing.assert_array_equal(table, table.T)


def test_families_are_parted_by_a_gap(profile_result):
    widths = np.diff(heatmap(profile_result, "cka", 3).data[0].x)
    n_families = len({lang.find(code).family for code in LANGUAGES})
    assert np.sum(~np.isclose(widths, 1)) == n_families - 1


def test_each_family_is_named_beside_its_rows(profile_result):
    named = [note.text for note in heatmap(profile_result, "cka", 3).layout.annotations]
    assert named == list(dict.fromkeys(lang.find(code).family for code in lang.family_order(LANGUAGES)))


def test_a_colour_means_the_same_at_every_layer(profile_result):
    drawn = [heatmap(profile_result, "anc", layer).data[0] for layer in (0, 8)]
    assert (drawn[0].zmin, drawn[0].zmax) == (drawn[1].zmin, drawn[1].zmax)


def test_pointing_at_a_cell_names_both_languages_and_families(profile_result):
    trace = heatmap(profile_result, "cka", 6).data[0]
    said = [text for row in trace.customdata for text in row if "<b>Turkish to English</b>" in text]
    assert len(said) == 1
    assert "Turkic, Indo-European" in said[0]
    assert "n = 240" in said[0]


def test_family_means_are_means_over_pairs(profile_result):
    table = family_means(profile_result, "cka", 6)
    indo_european = [i for i, code in enumerate(LANGUAGES) if lang.find(code).family == "Indo-European"]
    others = [i for i in range(len(LANGUAGES)) if i not in indo_european]
    within = [similarity("cka", 6, i, j) for i in indo_european for j in indo_european if i < j]
    between = [similarity("cka", 6, i, j) for i in indo_european for j in others]
    assert table.loc["Indo-European", "within"] == pytest.approx(np.mean(within))
    assert table.loc["Indo-European", "others"] == pytest.approx(np.mean(between))
    assert table.loc["Indo-European", "languages"] == len(indo_european)


def test_both_directions_count_in_a_family_mean(profile_result):
    one_way = profile_result.pairs.query("source < target")
    both, half = (
        family_means(SimpleNamespace(pairs=pairs, means=profile_result.means, meta=profile_result.meta), "anc", 6)
        for pairs in (profile_result.pairs, one_way)
    )
    np.testing.assert_allclose(both["others"], half["others"])  # this result is symmetric


def test_a_family_with_one_language_has_no_mean_within(profile_result):
    table = family_means(profile_result, "cka", 6)
    assert np.isnan(table.loc["Turkic", "within"])
    assert table.loc["Turkic", "languages"] == 1


def test_families_are_drawn_with_their_colour_and_symbol(profile_result):
    within, others = families(profile_result, "cka", 6).data[-2:]
    first = lang.FAMILIES[within.y[0]]
    assert (within.marker.color[0], within.marker.symbol[0]) == (first.colour, first.symbol)
    assert others.marker.symbol[0] == f"{first.symbol}-open"


def test_a_layer_that_is_not_there_is_refused(profile_result):
    with pytest.raises(ValueError, match="the result has layers 0 to 12, but 13 was asked for"):
        heatmap(profile_result, "cka", 13)


def test_a_measure_that_is_not_there_is_refused(profile_result):
    with pytest.raises(ValueError, match="but svcca was asked for"):
        families(profile_result, "svcca", 3)
