"""What a projection says in words, and its curves and trees."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage

from dlfa_core import figures
from dlfa_core import languages as lang
from dlfa_core.figures.family_tree import accepted_merges, leaf_order
from dlfa_core.figures.sentences import project as answers
from dlfa_core.figures.sentences.project import COLUMNS
from dlfa_core.figures.trust_curves import GROUPS
from tests.conftest import LANGUAGES


def changed(projection, measures_left=None, **meta):
    quality = projection.quality
    if measures_left is not None:
        quality = quality[quality["measure"].isin(measures_left)]
    return SimpleNamespace(**{**vars(projection), "quality": quality, "meta": {**projection.meta, **meta}})


def test_the_answer_has_the_layer_the_interval_and_n(projection):
    assert answers.map_answer(projection) == (
        "At layer 8 the nearest neighbour of 61 % [58, 64] of the sentences is a translation; 21 % at layer 0, "
        "41 % at layer 12 (n = 30 sentences in 8 languages)."
    )


def test_how_well_languages_are_told_apart_is_said_beside_the_control_task(projection):
    assert answers.told_apart(projection) == (
        "A linear probe tells the languages apart with 90 % even at layer 5, where it finds it hardest (chance: 12 %); "
        "labels that each sentence got at random it finds with 30 %, which is a selectivity of +0.600 [+0.570, +0.630]."
    )
    assert answers.told_apart(changed(projection, ["drift"])) == ""


def trees_with(projection, p_values):
    quality = projection.quality.copy()
    quality.loc[quality["measure"] == "tree_agreement", "p_value"] = p_values
    return SimpleNamespace(**{**vars(projection), "quality": quality})


def test_trees_that_agree_no_better_than_shuffled_ones_are_a_no(projection):
    """Of thirteen p values one lies below .05 by chance alone."""
    assert answers.tree_answer(trees_with(projection, [0.02, *[0.11] * 12])) == (
        "No sign of it: at no layer does the tree agree with the accepted families more than trees of shuffled "
        "languages do (smallest p = 0.26, corrected for 13 layers)."
    )


def test_layers_whose_trees_agree_are_named(projection):
    said = answers.tree_answer(trees_with(projection, [0.9, *[0.0001] * 3, *[0.9] * 3, 0.0001, *[0.9] * 5]))
    assert said.startswith("In part: at layers 1 to 3, 7 the tree agrees")
    assert "(smallest p = 0.0013, corrected for 13 layers)" in said
    assert answers.tree_answer(trees_with(projection, [0.0001] * 13)).startswith("In part: at all 13 layers the tree")
    assert "at layer 0 the tree" in answers.tree_answer(trees_with(projection, [0.0001, *[0.9] * 12]))


def test_trees_that_were_not_tested_say_nothing(projection):
    assert answers.tree_answer(changed(projection, ["drift"])) == ""
    assert answers.tree_answer(trees_with(projection, np.nan)) == ""


@given(st.sets(st.integers(0, 60)))
def test_spans_name_every_number_once(numbers):
    """Second route: spelt out again."""
    named = []
    for part in filter(None, answers.spans(numbers).split(", ")):
        low, _, high = part.partition(" to ")
        named += range(int(low), int(high or low) + 1)
    assert named == sorted(numbers)


def test_without_a_control_task_nothing_is_said_of_it(projection):
    said = answers.told_apart(changed(projection, ["translation_nearest", "probe_linear"]))
    assert said.endswith("where it finds it hardest (chance: 12 %).")


def test_without_translations_the_answer_says_so(projection):
    said = answers.map_answer(changed(projection, ["drift"]))
    assert said == "This map shows 240 sentences at 13 layers; no two of them are translations."
    assert answers.meeting_layer(changed(projection, ["drift"])) == 12


def test_the_line_on_the_figure_tells_how_faithful_how_many_and_what_was_removed(projection):
    assert answers.reliability(projection, 8) == (
        "Layer 8: trustworthiness 0.94, continuity 0.95, points moved 0.16 of the spread since layer 7. "
        "240 of 480 points shown. Nothing was removed. "
        "UMAP in 2 dimensions, cosine neighbours, each layer started from its neighbour."
    )
    assert "points moved" not in answers.reliability(projection, 0)


def test_the_line_names_what_was_removed_and_the_method(projection):
    said = answers.reliability(changed(projection, removed="The means were subtracted.", method="pca"), 3)
    assert "The means were subtracted. Principal components in 2 dimensions" in said
    assert "cosine" not in said


def test_the_table_has_a_row_per_layer_and_a_column_per_measure(projection):
    table = answers.layer_table(projection)
    assert list(table.index) == list(range(13))
    assert list(table) == list(COLUMNS.values())
    assert table.loc[8, "Translation is nearest"] == pytest.approx(0.61)
    assert np.isnan(table.loc[0, "Drift"])


@pytest.mark.parametrize("group", GROUPS)
def test_every_measure_of_a_group_is_a_curve_at_its_values(projection, group):
    figure = figures.trust_curves(projection, group)
    for measure in GROUPS[group]:
        curve = next(trace for trace in figure.data if trace.name == COLUMNS[measure])
        rows = projection.quality[projection.quality["measure"] == measure].dropna(subset=["value"])
        assert list(curve.x) == rows["layer"].tolist()
        assert list(curve.y) == rows["value"].tolist()
    named = [trace.marker.symbol for trace in figure.data if trace.name]
    assert len(set(named)) == len(named)  # colour is not the only channel


def test_every_measure_is_drawn_once():
    drawn = [measure for group in GROUPS.values() for measure in group]
    assert sorted(drawn) == sorted(COLUMNS)


def test_a_measure_that_was_not_taken_is_left_out(projection):
    assert not figures.trust_curves(changed(projection, ["drift"]), "languages").data


def test_the_tree_names_agreement_null_and_p(projection):
    words = figures.tree_data(projection)["layers"][5]["words"]
    assert words.startswith("Layer 5: of every three languages")
    assert words.endswith(
        "in 60 %; with languages shuffled that is 33 %, and above 45 % in one of twenty draws (p = 0.02)."
    )


def test_two_languages_have_no_tree(projection):
    assert figures.tree_data(changed(projection, languages=["eng", "deu"])) is None


def members(merges, n):
    """The leaves below every merge, in scipy's numbering."""
    below = [[leaf] for leaf in range(n)]
    for a, b, _ in merges:
        below.append(below[int(a)] + below[int(b)])
    return below[n:]


@given(st.integers(3, 12), st.integers(0, 2**32 - 1))
def test_leaves_are_ordered_so_that_no_branch_crosses(n, seed):
    rng = np.random.default_rng(seed)
    merges = linkage(rng.normal(size=(n, 3)), "average")[:, :3].tolist()
    order = leaf_order(merges, {leaf: int(position) for leaf, position in enumerate(rng.permutation(n))})
    assert sorted(order) == list(range(n))
    positions = {leaf: position for position, leaf in enumerate(order)}
    for leaves in members(merges, n):
        own = sorted(positions[leaf] for leaf in leaves)
        assert own[-1] - own[0] == len(own) - 1


def test_a_tree_that_can_follow_the_accepted_order_does():
    merges = accepted_merges(list(LANGUAGES))
    order = [LANGUAGES.index(code) for code in lang.family_order(LANGUAGES)]
    assert leaf_order(merges, {leaf: position for position, leaf in enumerate(order)}) == order


def test_the_accepted_tree_joins_genera_in_families_first():
    codes = ["eng", "deu", "fra", "spa", "hin", "arb", "heb", "cmn"]
    merges = accepted_merges(codes)
    heights = {}
    for (_, _, height), leaves in zip(merges, members(merges, len(codes)), strict=True):
        for one in leaves:
            for other in leaves:
                heights.setdefault(frozenset((codes[one], codes[other])), height)
    assert heights[frozenset(("eng", "deu"))] == heights[frozenset(("fra", "spa"))]
    assert heights[frozenset(("eng", "deu"))] < heights[frozenset(("eng", "hin"))] < heights[frozenset(("eng", "arb"))]
    assert heights[frozenset(("arb", "cmn"))] == heights[frozenset(("eng", "cmn"))] == 1
