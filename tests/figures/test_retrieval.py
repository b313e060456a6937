"""Retrieval from a pool: what is said and drawn of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dlfa_core.figures import retrieval, sentences
from dlfa_core.figures.sentences import retrieve as said
from tests.retrieved import small_retrieval


@pytest.fixture(scope="module")
def result():
    return small_retrieval()


@pytest.fixture(scope="module")
def chance():
    return small_retrieval(meaning=0.0)


def test_the_answer_names_the_best_layer_with_interval_chance_and_n(result):
    best = said.best_layer(result, "centred")
    assert best["layer"] == 2
    spoken = said.answer(result, "centred")
    assert spoken.startswith(
        "Ranked by “Cosine, centred”, answers in all languages are found best at layer 2: mAP@20 0."
    )
    assert f"[{best['ci_low']:.2f}, {best['ci_high']:.2f}]" in spoken
    assert spoken.endswith("n = 180 queries, 240 candidates.")


def test_what_is_no_better_than_chance_is_not_called_found(chance):
    assert said.answer(chance, "centred").startswith("Ranked by “Cosine, centred”, no layer finds answers in all")


def test_a_part_of_the_pool_has_its_own_answer(result):
    assert "the question's own language" in said.answer(result, "cosine", "own")
    assert said.answer(result, "cosine", "own").endswith("40 candidates.")


def test_another_score_than_the_one_that_speaks_is_named_where_it_is_higher(result):
    scores = said.scores_of(result)
    top = max(scores, key=lambda score: said.best_layer(result, score)["value"])
    rest = [score for score in scores if score != top]
    assert said.highest_said(result, [top, *rest]) == said.highest_said(result, [top]) == ""
    told = said.highest_said(result, [*rest, top])
    assert told.startswith(
        f"The highest of the {len(scores)} scores drawn is that by “{said.SCORE_LABELS[top]}”, mAP@20"
    )
    assert f"at layer {said.best_layer(result, top)['layer']}; " in told
    assert told.endswith("the difference was not tested.")


def test_bias_is_claimed_where_the_interval_leaves_out_0_only(result, chance):
    assert "in the query's own language is found more easily: mAP@20" in said.bias_said(result, "cosine")
    doubtful = result.bias.assign(ci_low=-0.1, ci_high=0.1)
    assert "these queries do not tell" in said.bias_said(replace(result, bias=doubtful), "cosine")
    below = result.bias.assign(ci_low=-0.2, ci_high=-0.1)
    assert "is found less easily" in said.bias_said(replace(result, bias=below), "cosine")
    assert said.bias_said(replace(result, bias=result.bias[:0]), "cosine") == ""


def test_gains_are_claimed_where_the_interval_leaves_out_0_only(result):
    gain = next(said.gains_said(result, "centred"))
    assert gain.startswith("The fused state of demo-pos finds more than its last layer: +0.")
    doubtful = replace(result, gains=result.gains.assign(ci_low=-0.1, ci_high=0.1))
    assert "is not told apart from" in next(said.gains_said(doubtful, "centred"))
    less = replace(result, gains=result.gains.assign(ci_low=-0.2, ci_high=-0.1))
    assert "finds less than" in next(said.gains_said(less, "centred"))


def test_the_command_line_says_what_the_page_says(result):
    lines = sentences.summary("retrieve", result).splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == [
        said.answer(result, s).split(":")[0] for s in said.scores_of(result)
    ]
    assert lines[3] == said.bias_said(result, "cosine")
    assert lines[4] == next(said.gains_said(result, "cosine"))


def test_without_resamples_nothing_is_said_of_draws():
    plain = small_retrieval(resamples=0)
    assert said.certainty(plain, "cosine") == ""
    assert "[" not in said.answer(plain, "cosine")
    assert retrieval.pool_curves(plain, ["cosine"]).data


def test_the_whole_pool_has_no_depth(result):
    assert said.measure_label(replace(result, meta=result.meta | {"depth": 0})) == "mAP"


def test_curves_have_a_line_a_band_and_chance_for_each_score_and_the_fused_states(result):
    figure = retrieval.pool_curves(result, ["cosine", "csls"], "other")
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [trace.name for trace in lines] == ["Cosine", "CSLS"]
    means = result.means.query("score == 'csls' and pool == 'other' and language == 'all' and state == 'layer'")
    np.testing.assert_allclose(lines[1].y, means.sort_values("layer")["value"])
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert {trace.name for trace in marks} == {"demo-pos, fused", "demo-pos, its last layer"}
    assert [list(trace.x) for trace in marks if "fused" in trace.name] == [[2], [2]]
    assert sum(trace.fill == "toself" for trace in figure.data) == 4


def test_a_fused_state_without_a_lower_layer_stands_at_the_last(result):
    means = result.means.copy()
    means.loc[means["state"] == "fused", "layer"] = pd.NA
    figure = retrieval.pool_curves(replace(result, means=means), ["cosine"])
    assert [list(trace.x) for trace in figure.data if trace.mode == "markers"] == [[3], [3]]


def test_the_heat_map_shows_what_languages_find_in_which(result):
    figure = retrieval.language_heatmap(result, "cosine", 1)
    heat = figure.data[0]
    values = np.array(heat.z, dtype=float)
    assert values.shape == (6, 6)
    assert (np.diag(values) > 2 * (values.sum(1) - np.diag(values)) / 5).all()  # layer 1 keeps to its language
    assert (
        "asked in German, answered in German"
        in heat.customdata[list(heat.y).index("German")][list(heat.x).index("German")]
    )
    shares = np.array(retrieval.language_heatmap(result, "cosine", 1, "share").data[0].z, dtype=float)
    np.testing.assert_allclose(shares.sum(1), 1)


def test_what_is_not_there_is_refused(result):
    with pytest.raises(ValueError, match="Choose at least one score"):
        retrieval.pool_curves(result, [])
    with pytest.raises(ValueError, match="margin from all was asked for"):
        retrieval.pool_curves(result, ["margin"])
    with pytest.raises(ValueError, match="no cosine at layer 9"):
        retrieval.language_heatmap(result, "cosine", 9)
