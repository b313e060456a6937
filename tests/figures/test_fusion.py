"""Curves, heatmap and dots show what the recommendation holds."""

from dataclasses import replace

import numpy as np
import pytest

from dlfa_core import languages as lang
from dlfa_core.figures import fusion, gains
from dlfa_core.figures.sketch import sketch
from tests.conftest import LANGUAGES
from tests.recommended import small_recommendation

GATE = ("dlfa", "gate")
LAYER_TITLE = "layer (0 = embeddings, k = output of block k)"


def line(figure, name):
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def rows(frame, level="targets", group="targets", name="dlfa", weight="gate"):
    found = frame[(frame["fusion"] == name) & (frame["weight"] == weight) & (frame["level"] == level)]
    return found[found["group"] == group].sort_values("layer")


@pytest.mark.parametrize(("draw", "table"), [(fusion.score_curves, "means"), (fusion.gain_curves, "differences")])
def test_a_curve_is_the_mean_over_the_targets_with_its_interval(recommendation, draw, table):
    figure, expected = draw(recommendation, [GATE]), rows(getattr(recommendation, table))
    drawn = line(figure, "DLFA gate")
    np.testing.assert_array_equal(drawn.x, np.arange(1, 12))
    np.testing.assert_allclose(drawn.y, expected["value"])
    (band,) = [trace for trace in figure.data if trace.fill == "toself"]
    np.testing.assert_allclose(band.y, [*expected["ci_high"], *expected["ci_low"][::-1]])
    assert figure.layout.xaxis.title.text == LAYER_TITLE


def test_what_has_no_layer_is_a_level_line_with_a_band(recommendation):
    figure = fusion.score_curves(recommendation, [("extra", "")])
    drawn = line(figure, "Extra parameters")
    assert drawn.mode == "lines"
    assert len(set(drawn.y)) == 1
    assert drawn.x[0] < 1
    assert drawn.x[-1] > 11
    assert any(trace.fill == "toself" for trace in figure.data)


def test_gains_stand_on_the_last_layer(recommendation):
    figure = fusion.gain_curves(recommendation, [GATE, ("last", "")])
    assert set(line(figure, "Last layer").y) == {0}
    assert figure.layout.shapes[0].y0 == 0
    assert sum(trace.fill == "toself" for trace in figure.data) == 1


def test_guessing_is_marked_under_scores_where_it_is_known(recommendation):
    figure = fusion.score_curves(recommendation, [GATE])
    (level,) = figure.layout.shapes
    assert level.y0 == pytest.approx(1 / 3)
    assert figure.layout.yaxis.range[0] < 1 / 3
    assert [note.text for note in figure.layout.annotations] == ["guessing, 0.33"]


def of_task(result, task, **meta):
    return replace(result, meta={**result.meta, "task": task, **meta})


def test_published_gains_stand_faintly_behind_the_same_task(recommendation):
    figure = fusion.gain_curves(of_task(recommendation, "pos:somewhere"), [GATE])
    published = line(figure, "DLFA as published (mBERT, fine-tuned)")
    assert published.line.width == 1
    assert published.y[9] == pytest.approx(0.7181 - 0.7028)
    assert fusion.has_published(of_task(recommendation, "pos:somewhere"))
    assert not fusion.has_published(recommendation)
    names = [trace.name for trace in figure.data]
    assert names.index(published.name) < names.index("DLFA gate")


@pytest.mark.parametrize(
    ("task", "n_layers", "draw"),
    [
        ("sentiment:sample", 12, fusion.gain_curves),
        ("pos:somewhere", 24, fusion.gain_curves),
        ("pos:somewhere", 12, fusion.score_curves),
    ],
)
def test_published_gains_stand_behind_nothing_else(recommendation, task, n_layers, draw):
    figure = draw(of_task(recommendation, task, n_layers=n_layers), [GATE])
    assert not any("published" in (trace.name or "") for trace in figure.data)


def test_a_figure_of_nothing_is_still_a_figure(recommendation):
    assert not fusion.score_curves(recommendation, []).data
    assert "<svg" in sketch(fusion.gain_curves(recommendation, []), "")


@pytest.mark.parametrize("draw", [fusion.score_curves, fusion.gain_curves])
def test_everything_drawn_lies_within_the_axis(recommendation, draw):
    figure = draw(recommendation, fusion.fusions_of(recommendation))
    low, high = figure.layout.yaxis.range
    assert all(low < min(trace.y) and max(trace.y) < high for trace in figure.data)


def test_fusions_differ_in_more_than_colour(recommendation):
    figure = fusion.gain_curves(recommendation, fusion.fusions_of(recommendation))
    styles = [(trace.line.dash, trace.marker.symbol) for trace in figure.data if trace.name]
    assert len(set(styles)) == len(styles) == 6


def test_what_is_offered_and_what_is_drawn_at_first(recommendation):
    assert fusion.layered_fusions(recommendation) == [("dlfa", "literal"), GATE, ("average", "")]
    assert fusion.fusions_of(recommendation)[3:] == [("last", ""), ("scalar_mix", ""), ("extra", "")]
    assert fusion.first_drawn(recommendation)[:2] == ["DLFA literal", "DLFA gate"]
    assert fusion.fused_layers(recommendation) == list(range(1, 12))


# Language by language


def cells(figure):
    """Gain by row label and layer, without the gaps between families."""
    (trace,) = figure.data
    labels = iter(figure.layout.yaxis.ticktext)
    filled = [row for row in np.asarray(trace.z, dtype=float) if np.isfinite(row).any()]
    return {next(labels): row for row in filled}


def test_a_cell_is_the_gain_of_one_language_at_one_layer(recommendation):
    drawn = cells(gains.heatmap(recommendation, GATE))
    for code in LANGUAGES[1:]:
        expected = rows(recommendation.differences, "language", code)["value"]
        np.testing.assert_allclose(drawn[lang.find(code).name], expected)
    assert "English (trained on)" in drawn


def test_families_with_more_than_one_language_have_a_mean_above_them(recommendation):
    figure = gains.heatmap(recommendation, GATE)
    labels = list(figure.layout.yaxis.ticktext)
    assert [label for label in labels if label.startswith("<b>")] == ["<b>Indo-European, mean</b>"]
    assert labels[1] == "<b>Indo-European, mean</b>"
    drawn = cells(figure)
    members = [drawn[lang.find(code).name] for code in ("deu", "fra", "rus", "hin")]
    np.testing.assert_allclose(drawn[labels[1]], np.mean(members, axis=0), atol=1e-12)


def test_a_sign_stands_where_a_gain_differs_from_zero_among_all(recommendation, undecided):
    sure, unsure = (gains.heatmap(result, GATE).data[0] for result in (recommendation, undecided))
    column = list(sure.x).index(9)
    assert {row[column] for row in sure.text} == {"+", ""}  # nothing in the gaps
    assert not any(text for row in unsure.text for text in row)
    values, texts = np.asarray(sure.z, dtype=float), np.asarray(sure.text)
    assert (values[texts == "+"] > 0).all()
    assert (values[texts == "−"] < 0).all()


def test_the_colour_of_zero_is_the_middle(recommendation):
    (trace,) = gains.heatmap(recommendation, GATE).data
    assert trace.zmin == -trace.zmax
    assert trace.meta == "signed"


def test_a_fusion_without_a_layer_has_no_heatmap(recommendation):
    with pytest.raises(ValueError, match="holds no fused layer of 'extra': choose another fusion"):
        gains.heatmap(recommendation, ("extra", ""))


@pytest.mark.parametrize("draw", [lambda result: gains.heatmap(result, GATE), gains.best_shares])
def test_tables_of_layers_say_how_layers_are_counted(recommendation, draw):
    assert draw(recommendation).layout.xaxis.title.text.replace("<br>", " ") == LAYER_TITLE


def test_families_have_their_gain_and_interval(recommendation):
    figure = gains.families(recommendation, GATE, 9)
    points = {trace.y[0]: trace for trace in figure.data}
    assert list(points)[-1] == "all of them"
    expected = rows(recommendation.differences, "family", "Turkic").set_index("layer").loc[9]
    assert points["Turkic"].x[0] == pytest.approx(expected["value"])
    assert points["Turkic"].x[0] + points["Turkic"].error_x.array[0] == pytest.approx(expected["ci_high"])
    assert points["all of them"].x[0] == pytest.approx(
        rows(recommendation.differences).set_index("layer").loc[9, "value"]
    )


def test_a_layer_that_was_not_fused_is_refused(recommendation):
    with pytest.raises(ValueError, match=r"DLFA gate was fused with \[1, 2, .*\], but not layer 12"):
        gains.families(recommendation, GATE, 12)


def test_shares_of_the_best_layer_are_those_of_the_result(recommendation):
    (trace,) = gains.best_shares(recommendation).data
    assert list(trace.y) == ["DLFA literal", "DLFA gate", "Average"]
    np.testing.assert_allclose(np.sum(trace.z, axis=1), 1)
    expected = recommendation.best.query("fusion == 'dlfa' and weight == 'gate'")["share"]
    np.testing.assert_allclose(trace.z[1], expected)


def test_predictors_stand_with_their_intervals_depth_first(recommendation):
    figure = gains.predictor_points(recommendation, GATE)
    assert [trace.y[0] for trace in figure.data][:2] == ["Depth", "CKA, debiased"]
    table = gains.predictor_table(recommendation, GATE)
    np.testing.assert_allclose([trace.x[0] for trace in figure.data], table["value"])
    assert table["n_layers"].eq(11).all()


def test_without_resamples_figures_have_no_bands_and_no_bars():
    bare = small_recommendation(resamples=0)
    assert not any(trace.fill for trace in fusion.gain_curves(bare, [GATE]).data)
    assert all(trace.error_x.array is None for trace in gains.families(bare, GATE, 9).data)
    assert set(np.asarray(gains.heatmap(bare, GATE).data[0].text).ravel()) == {""}
