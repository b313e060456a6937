import numpy as np
import pandas as pd
import pytest

from dlfa_core.experiments import profile
from dlfa_core.figures.beside import (
    difference_curves,
    score_differences,
    score_pairs,
    similarity_differences,
    similarity_pairs,
)
from dlfa_core.figures.fusion import layered_fusions
from dlfa_core.figures.sentences.beside import difference_said, difference_table
from dlfa_core.figures.theme import STYLES
from tests.conftest import small_profile
from tests.recommended import small_recommendation


def curve(values, reach=0.02, first=0):
    values = np.asarray(values, dtype=float)
    layers = range(first, first + len(values))
    return pd.DataFrame({"layer": layers, "value": values, "ci_low": values - reach, "ci_high": values + reach})


def said(first, second):
    return difference_said(difference_table(first, second), "CKA", "ours", "theirs")


def test_layers_that_both_have_are_compared():
    table = difference_table(curve([0.1, 0.2, 0.3, 0.4]), curve([0.2, 0.1], first=2))
    assert table["layer"].tolist() == [2, 3]
    np.testing.assert_allclose(table["value"], [0.1, 0.3])
    assert ((table["ci_low"] < table["value"]) & (table["value"] < table["ci_high"])).all()


def test_a_level_line_has_no_layer_to_compare():
    level = curve([0.5]).assign(layer=pd.array([pd.NA], dtype="Int64"))
    assert difference_table(level, curve([0.1])).empty
    assert said(level, curve([0.1])) == "CKA: ours and theirs have no layer in common."


def test_only_differences_that_leave_out_0_are_told():
    text = said(curve([0.1, 0.50, 0.60, 0.30, 0.1, 0.4]), curve([0.1, 0.30, 0.30, 0.31, 0.3, 0.2]))
    assert text.startswith("CKA: ours is above theirs at layers 1 to 2 and 5, most at layer 2: +0.300 [+0.2")
    assert " and below theirs at layer 4: −0.200 [" in text


def test_equals_are_not_told_apart():
    assert (
        said(curve([0.1, 0.2]), curve([0.1, 0.21]))
        == "CKA: no difference between ours and theirs is shown at any layer."
    )
    unknown = curve([0.1]).assign(ci_low=np.nan, ci_high=np.nan)
    assert said(unknown, curve([0.1])) == "CKA: how surely ours and theirs differ was not computed."


def test_the_figure_has_a_curve_a_band_and_the_level_of_no_difference():
    pair = (curve([0.5, 0.6, 0.7]), curve([0.1, 0.2, 0.2]), STYLES["cka"])
    figure = difference_curves({"CKA": pair}, "difference")
    band, line = figure.data
    np.testing.assert_allclose(line.y, [0.4, 0.4, 0.5])
    assert band.fill == "toself"
    assert [shape.y0 for shape in figure.layout.shapes] == [0]
    assert tuple(figure.layout.xaxis.range) == pytest.approx((-0.4, 2.4))
    assert not difference_curves({"CKA": (pair[0], curve([0.1], first=9), pair[2])}, "difference").data


def test_results_of_two_encoders_are_compared_in_what_both_hold():
    profiled, trained = small_profile(), small_recommendation()
    twin = profile.Result(**{**vars(profiled), "means": profiled.means[profiled.means["measure"] == "cka"]})
    assert list(similarity_pairs(profiled, twin, ["cka", "anc"])) == ["CKA, debiased"]
    [line] = [trace for trace in similarity_differences(profiled, twin, ["cka"]).data if trace.fill is None]
    np.testing.assert_allclose(line.y, 0, atol=1e-12)
    fusions = layered_fusions(trained)
    assert len(score_pairs(trained, trained, fusions)) == len(fusions)
    assert score_differences(trained, trained, fusions).layout.yaxis.title.text.startswith("difference of ")
    assert not score_pairs(trained, trained, [("unknown", "")])
