"""The published table is complete, and its shapes are those that the papers describe."""

import pandas as pd
import pytest

from dlfa_core import languages as lang
from dlfa_core.figures import curves_behind, published_curves
from dlfa_core.figures.published import MBERT, PATH
from dlfa_core.measures.registry import MEASURES


def curve(measure: str, pair: str) -> pd.Series:
    table = published_curves()
    rows = table[(table["measure"] == measure) & (table["pair"] == pair) & (table["model"] == MBERT)]
    return rows.set_index("layer")["value"]


def test_every_row_says_where_it_is_from_and_how_it_was_read():
    table = published_curves()
    assert list(table) == ["model", "measure", "pair", "layer", "value", "source", "reading"]
    assert table.notna().all().all()


def test_measures_and_languages_are_ours():
    table = published_curves()
    assert set(table["measure"]) <= set(MEASURES)
    codes = {code for pair in table["pair"] for code in pair.split("-")} - {"und"}
    assert {lang.find(code).code for code in codes} == codes


def test_values_are_shares_and_layers_those_of_twelve_blocks():
    table = published_curves()
    assert table["value"].between(0, 1).all()
    assert table["layer"].between(0, 12).all()


def test_no_point_is_listed_twice():
    assert not published_curves().duplicated(["model", "measure", "pair", "layer"]).any()


@pytest.mark.parametrize("pair", ["eng-fra", "eng-deu", "eng-rus", "eng-pol", "eng-ekk", "eng-lvs"])
def test_retrieval_rises_to_block_7_or_8_and_dips_at_11(pair):
    values = curve("retrieval_cosine", pair)
    assert values.idxmax() in (7, 8)
    assert values[11] < values[10]
    assert values[11] < values[12]


@pytest.mark.parametrize("pair", ["eng-fra", "eng-deu", "eng-rus", "eng-pol", "eng-ekk"])
def test_cka_peaks_at_block_6(pair):
    assert curve("cka_biased", pair).idxmax() == 6


def test_the_gap_is_the_difference_of_the_two_cosines():
    parallel, unrelated, gap = (curve(name, "eng-und") for name in ("cosine_parallel", "cosine_random", "cosine_gap"))
    pd.testing.assert_series_equal(gap, (parallel - unrelated).round(2), check_names=False)


def test_curves_come_back_in_the_order_of_layers():
    rows = curves_behind("retrieval_cosine")
    assert rows.groupby("pair")["layer"].apply(lambda layers: layers.is_monotonic_increasing).all()


def test_the_readme_names_every_measure():
    readme = (PATH.parent / "README.md").read_text(encoding="utf-8")
    assert all(f"`{measure}`" in readme for measure in set(published_curves()["measure"]))
