"""The curves show what the result holds, and say which layer is which."""

from types import SimpleNamespace

import numpy as np
import pytest

from dlfa_core.figures import curves, curves_behind
from tests.conftest import MEASURES, PEAKS


def lines(figure) -> dict:
    """The lines with points, by name."""
    return {trace.name: trace for trace in figure.data if trace.mode == "lines+markers"}


def test_a_line_is_the_mean_at_every_layer(profile_result):
    means = profile_result.means
    expected = means[means["measure"] == "anc"].sort_values("layer")
    line = lines(curves(profile_result, ["cka", "anc"]))["ANC"]
    np.testing.assert_array_equal(line.x, np.arange(13))
    np.testing.assert_allclose(line.y, expected["value"])


def test_the_band_is_the_interval(profile_result):
    figure = curves(profile_result, ["cka"], published=False)
    rows = profile_result.means.query("measure == 'cka'").sort_values("layer")
    band = figure.data[1]
    np.testing.assert_allclose(band.y, [*rows["ci_high"], *rows["ci_low"][::-1]])


def test_the_grey_strip_ends_where_chance_does(profile_result):
    strip = curves(profile_result, ["cka"], published=False).data[0]
    rows = profile_result.means.query("measure == 'cka'").sort_values("layer")
    np.testing.assert_allclose(strip.y[:13], rows["null_high"])
    np.testing.assert_allclose((strip.y[:13] + strip.y[13:][::-1]) / 2, rows["null_mean"])


@pytest.mark.parametrize("measure", MEASURES)
def test_a_ring_marks_the_best_layer(profile_result, measure):
    ring = curves(profile_result, [measure]).data[-1]
    assert ring.marker.symbol == "circle-open"
    assert ring.x == (PEAKS[measure],)


def test_the_layer_axis_says_how_layers_are_counted(profile_result):
    title = curves(profile_result, ["cka"]).layout.xaxis.title.text
    assert title == "layer (0 = embeddings, k = output of block k)"


def test_each_layer_has_its_tick_unless_there_are_many(profile_result):
    deep = SimpleNamespace(**vars(profile_result) | {"meta": {**profile_result.meta, "n_states": 25}})
    assert curves(profile_result, ["cka"]).layout.xaxis.dtick == 1
    assert curves(deep, ["cka"]).layout.xaxis.dtick == 2


def test_two_models_are_told_apart_by_name_and_dash(profile_result):
    other = SimpleNamespace(**vars(profile_result) | {"meta": {**profile_result.meta, "model": "xlm-roberta-base"}})
    drawn = lines(curves(profile_result, ["cka"], second=other))
    assert set(drawn) == {"CKA, debiased, demo", "CKA, debiased, xlm-roberta-base"}
    assert drawn["CKA, debiased, demo"].line.dash != drawn["CKA, debiased, xlm-roberta-base"].line.dash


def test_a_second_model_without_the_measure_is_left_out(profile_result):
    other = SimpleNamespace(**vars(profile_result) | {"means": profile_result.means.query("measure == 'anc'")})
    assert len(lines(curves(profile_result, ["cka"], second=other))) == 1


def test_what_others_published_is_one_band_for_each_measure_and_drawn_on_request(profile_result):
    figure = curves(profile_result, ["cka", "retrieval_cosine"], published=True)
    others = {trace.name: trace for trace in figure.data if "published" in (trace.name or "")}
    assert list(others) == [
        "CKA, debiased, published for mBERT (5 pairs)",
        "Retrieval, cosine, published for mBERT (6 pairs)",
    ]
    for measure, line in zip(("cka", "retrieval_cosine"), others.values(), strict=True):
        by_layer = curves_behind(measure).groupby("layer")["value"]
        np.testing.assert_allclose(line.y, by_layer.median())
        (band,) = (trace for trace in figure.data if trace.fill and trace.legendgroup == line.legendgroup)
        np.testing.assert_allclose(band.y, np.concatenate([by_layer.max(), by_layer.min()[::-1]]))
    ours = lines(figure)["CKA, debiased"]
    assert all(line.line.width < ours.line.width for line in others.values())
    assert not any("published" in (trace.name or "") for trace in curves(profile_result, ["cka"]).data)
    assert not any("published" in (trace.name or "") for trace in curves(profile_result, ["retrieval_csls"]).data)


def test_published_curves_stand_behind_the_same_quantity_only():
    assert set(curves_behind("cka")["measure"]) == {"cka_biased"}  # 10,000 sentences: bias is small
    assert curves_behind("cka_biased").empty  # ours has few sentences: bias is large
    assert curves_behind("retrieval_csls").empty


def test_pointing_at_a_layer_tells_interval_chance_and_n(profile_result):
    line = lines(curves(profile_result, ["cka"]))["CKA, debiased"]
    assert "n = %{customdata[3]:,}" in line.hovertemplate
    assert line.customdata[0][3] == 240


def test_a_measure_that_the_result_lacks_is_refused(profile_result):
    with pytest.raises(ValueError, match=r"the result holds the measures cka, anc.*but svcca was asked for"):
        curves(profile_result, ["cka", "svcca"])


def test_no_measure_is_refused(profile_result):
    with pytest.raises(ValueError, match="but none was asked for"):
        curves(profile_result, [])
