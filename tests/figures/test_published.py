"""The published table is complete, and its shapes are those that the papers describe."""

import pandas as pd
import pytest

from dlfa_core import languages as lang
from dlfa_core.figures import curves_behind, published_curves
from dlfa_core.figures.published import MBERT, PATH, published_gains, published_transfer
from dlfa_core.measures import METRICS
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


def scores(task: str, group: str = "all", source: str = "ICPR") -> pd.Series:
    """Published scores by layer; the baseline at 0."""
    table = published_transfer()
    rows = table[(table["task"] == task) & (table["group"] == group) & table["source"].str.contains(source)]
    return rows.set_index(rows["layer"].fillna(0).astype(int))["value"]


def test_every_score_says_where_it_is_from_and_how_it_was_read():
    table = published_transfer()
    assert list(table) == ["model", "task", "measure", "fusion", "layer", "group", "value", "source", "reading"]
    assert table.drop(columns="layer").notna().all().all()
    assert (table["layer"].isna() == (table["fusion"] == "last")).all()
    assert not table.duplicated(["task", "fusion", "layer", "group", "source"]).any()


def test_tasks_metrics_and_languages_are_ours():
    table = published_transfer()
    assert set(table["measure"]) <= set(METRICS)
    groups = set(table["group"]) - {"all", "eng deu", "others"}
    assert {lang.find(code).code for code in groups} == groups


@pytest.mark.parametrize(
    ("task", "best", "mean_gain", "below"),
    [("xnli", 11, 0.0091, 0), ("pawsx", 6, 0.0142, 0), ("ner", 8, 0.0003, 5), ("pos", 10, 0.0110, 0)],
)
def test_the_table_has_the_sums_of_the_source(task, best, mean_gain, below):
    """Second route: the means and counts that were taken from the printed table before it was typed in here."""
    gains = published_gains(task, 12).set_index("layer")["gain"]
    assert list(gains.index) == list(range(1, 12))
    assert gains.idxmax() == best
    assert gains.mean() == pytest.approx(mean_gain, abs=0.0001)
    assert (gains < 0).sum() == below


@pytest.mark.parametrize(("task", "of_enf", "layers"), [("xnli", 2 / 15, (0, 8, 11)), ("pawsx", 2 / 7, (0, 6, 10))])
def test_groups_of_languages_recombine_to_the_average(task, of_enf, layers):
    whole, enf, rest = (scores(task, group) for group in ("all", "eng deu", "others"))
    for layer in layers:
        assert of_enf * enf[layer] + (1 - of_enf) * rest[layer] == pytest.approx(whole[layer], abs=0.0002)


@pytest.mark.parametrize("layer", [0, 6, 10])
def test_languages_of_paws_x_average_to_what_is_printed(layer):
    languages = [scores("pawsx", code)[layer] for code in ("eng", "deu", "fra", "spa", "kor", "cmn", "jpn")]
    assert sum(languages) / 7 == pytest.approx(scores("pawsx")[layer], abs=0.0002)


def test_the_baseline_is_the_row_of_xtreme():
    for task in ("xnli", "pawsx", "ner", "pos"):
        assert scores(task)[0] == pytest.approx(scores(task, source="XTREME")[0], abs=0.0006)


@pytest.mark.parametrize(("task", "n_layers"), [("sentiment", 12), ("pos", 6), ("pos", 24)])
def test_nothing_is_drawn_behind_another_task_or_another_depth(task, n_layers):
    assert published_gains(task, n_layers).empty


def test_the_readme_explains_every_column_of_the_scores():
    readme = (PATH.parent / "README.md").read_text(encoding="utf-8")
    assert all(f"`{column}`" in readme for column in published_transfer())
