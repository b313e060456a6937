"""Distributions, branches, closeness and dimensions show what the result holds."""

from dataclasses import replace

import numpy as np
import pytest

from dlfa_core import languages as lang
from dlfa_core.figures import gates as drawn
from tests.looked import HIDDEN, TEXTS, small_gates

MODEL = "demo-pos"


@pytest.fixture
def result():
    return small_gates()


def means(result, **wanted):
    rows = result.means
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows


def marks(figure):
    return next(trace for trace in figure.data if trace.mode == "markers")


@pytest.mark.parametrize("measure", drawn.WORD_MEASURES)
def test_each_language_has_its_mean_interval_and_spread(result, measure):
    figure = drawn.by_language(result, MODEL, measure)
    rows = means(result, level="language", measure=measure).set_index("group").loc[list(lang.family_order(TEXTS))]
    mark = marks(figure)
    assert list(mark.y) == [lang.find(code).name for code in rows.index]
    np.testing.assert_allclose(mark.x, rows["value"])
    np.testing.assert_allclose(np.array(mark.x) + mark.error_x.array, rows["ci_high"])
    np.testing.assert_allclose(np.array(mark.x) - mark.error_x.arrayminus, rows["ci_low"])
    for trace, (low, high) in zip(figure.data[:2], (("p05", "p95"), ("p25", "p75")), strict=True):
        np.testing.assert_allclose(np.array(trace.x).reshape(-1, 3)[:, :2], rows[[low, high]])


@pytest.mark.parametrize("draw", [drawn.by_language, drawn.by_class])
@pytest.mark.parametrize(("measure", "nothing"), [("gate", 0.5), ("weight", 0), ("change", 0)])
def test_all_whiskers_and_what_says_nothing_are_in_sight_and_a_bar_says_how_long_a_tenth_is(
    result, draw, measure, nothing
):
    figure = draw(result, MODEL, measure)
    low, high = figure.layout.xaxis.range
    shown = np.concatenate([np.array(trace.x, float) for trace in figure.data])
    assert low < np.nanmin(shown)
    assert np.nanmax(shown) < high
    line, bar = figure.layout.shapes
    assert low < line.x0 == line.x1 == nothing < high
    assert bar.x1 - bar.x0 == pytest.approx(0.1)
    assert low < bar.x0 < bar.x1 < high
    assert {note.text for note in figure.layout.annotations} & {"half open", "nothing passes", "nothing moves"}


def test_families_differ_in_colour_and_shape(result):
    mark = marks(drawn.by_language(result, MODEL))
    families = [lang.FAMILIES[lang.find(code).family] for code in lang.family_order(TEXTS)]
    assert list(mark.marker.symbol) == [family.symbol for family in families]
    assert list(mark.marker.color) == [family.colour for family in families]


def test_classes_are_named_and_sorted_by_their_mean(result):
    mark = marks(drawn.by_class(result, MODEL))
    assert list(mark.y) == ["punctuation", "nouns"]
    assert list(mark.x) == sorted(mark.x, reverse=True)


def test_a_rare_class_is_drawn_without_an_interval():
    figure = drawn.by_class(small_gates(n=12), MODEL)
    shown = figure.data[-1]
    assert list(shown.error_x.array) == [0, 0]
    assert set(shown.marker.symbol) == {"diamond-open"}
    assert shown.name == "mean, in too few sentences for one"


def test_what_the_model_lacks_is_said_with_what_it_has(result):
    rows = result.means.assign(value=result.means["value"].where(result.means["measure"] != "weight"))
    with pytest.raises(ValueError, match=r"the result has no 'weight' of 'demo-pos': demo-pos has gate, change, "):
        drawn.by_language(replace(result, means=rows), MODEL, "weight")


def test_branches_are_side_by_side_for_every_language(result):
    figure = drawn.branches(result, MODEL)
    codes = list(lang.family_order(TEXTS))
    for trace, measure in zip(figure.data[:2], ("global_logit", "local_logit"), strict=True):
        rows = means(result, level="language", measure=measure).set_index("group").loc[codes]
        np.testing.assert_allclose(trace.x, rows["value"])
    np.testing.assert_allclose(figure.data[2].x, result.shares.set_index("language").loc[codes, "value"])
    assert len({(trace.marker.symbol, trace.marker.color) for trace in figure.data}) == 4


def test_closeness_is_against_what_words_let_through(result):
    trace = drawn.similarity(result, MODEL, "cka").data[0]
    near = result.close[result.close["measure"] == "cka"].set_index("language")["value"]
    gates = means(result, level="language", measure="gate").set_index("group")["value"]
    codes = [lang.find(name).code for name, _ in trace.customdata]
    np.testing.assert_allclose(trace.x, near[codes])
    np.testing.assert_allclose(trace.y, gates[codes])
    assert "eng" not in codes
    assert {name for name in trace.text if name} <= {name for name, _ in trace.customdata}
    assert len([name for name in trace.text if name]) >= 5


def test_closeness_that_was_not_measured_is_named(result):
    with pytest.raises(ValueError, match=r"has the similarity cka, retrieval_cosine of 'demo-pos', but anc was asked"):
        drawn.similarity(result, MODEL, "anc")


def test_layers_have_a_curve_of_their_own():
    result = small_gates(layers=(3, 9, 6))
    figure = drawn.by_layer(result, "cka")
    assert list(figure.data[0].x) == [3, 6, 9]
    np.testing.assert_allclose(np.diff(figure.data[0].y), 0.03)
    np.testing.assert_allclose(
        figure.data[1].y, result.close.query("measure == 'cka'").groupby("layer")["value"].mean()
    )


def test_one_layer_is_no_curve(result):
    with pytest.raises(ValueError, match=r"needs models of two layers or more"):
        drawn.by_layer(result, "cka")


def test_dimensions_are_sorted_and_the_band_holds_every_language(result):
    band, line = drawn.dimensions(result, MODEL).data
    assert list(line.y) == sorted(line.y, reverse=True)
    np.testing.assert_allclose(line.y, np.sort(result.dimensions[0].mean(0))[::-1], atol=1e-6)
    np.testing.assert_allclose(band.y[:HIDDEN], np.array(line.y) + 0.035, atol=1e-6)
    np.testing.assert_allclose(band.y[HIDDEN:][::-1], np.array(line.y) - 0.035, atol=1e-6)
