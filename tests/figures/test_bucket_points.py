"""The gain bucket by bucket: what the figure and the sentences show is what the result holds."""

from dataclasses import replace

import numpy as np
import pytest

from dlfa_core.figures import gains
from dlfa_core.figures.sentences import buckets as said
from dlfa_core.report.tables import latex
from tests.bucketed import small_buckets


@pytest.fixture(scope="module")
def result():
    return small_buckets()


def test_every_bucket_is_a_point_with_the_interval_that_holds_for_all_and_n_beside(result):
    figure = gains.bucket_points(result, "length")
    rows = [*said.rows_of(result, "length"), *said.rows_of(result, "all")]
    names = [trace.y[0] for trace in figure.data]
    assert names == [*(f"{row['bucket']} (n = {row['n']})" for row in rows[:-1]), "all of them (n = 560)"]
    assert tuple(figure.layout.yaxis.categoryarray) == tuple(names)
    for trace, row in zip(figure.data, rows, strict=True):
        assert trace.x[0] == row["value"]
        np.testing.assert_allclose(trace.error_x.array[0], row["joint_high"] - row["value"])
        np.testing.assert_allclose(trace.error_x.arrayminus[0], row["value"] - row["joint_low"])
    assert figure.layout.xaxis.title.text == "gain of DLFA gate at layer 9, accuracy"
    assert figure.layout.yaxis.title.text == "Sentence length (words)"


def test_scripts_are_named_as_a_reader_calls_them(result):
    names = [trace.y[0] for trace in gains.bucket_points(result, "script").data]
    assert "Cyrillic (n = 80)" in names
    assert "Latin (n = 240)" in names


def test_without_an_interval_there_is_no_bar(result):
    bare = replace(result, differences=result.differences.assign(joint_low=np.nan, joint_high=np.nan))
    assert all(trace.error_x.array is None for trace in gains.bucket_points(bare, "length").data)


def test_a_property_that_the_task_lacks_is_refused(result):
    with pytest.raises(
        ValueError, match=r"No example is in a bucket of 'answer': choose one of length, fertility, reso"
    ):
        gains.bucket_points(result, "answer")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.2, "gains in 4 of 4 buckets, by +0."),
        (-0.2, -0.01, "loses in 4 of 4 buckets, by +0."),
        (-0.01, 0.2, "shows neither gain nor loss in any of 4 buckets."),
        (np.nan, np.nan, "has no interval in any bucket, which shows no gain."),
    ],
)
def test_a_gain_is_claimed_only_where_its_interval_leaves_out_0(result, low, high, words):
    changed = replace(result, differences=result.differences.assign(joint_low=low, joint_high=high))
    assert said.answer(changed, "length").startswith(f"By sentence length, DLFA gate at layer 9 {words}")


def test_the_table_for_a_paper_has_the_buckets_of_the_chosen_head(result):
    table = said.chosen_table(result)
    assert len(table) == 1 + sum(len(said.rows_of(result, name)) for name in result.meta["properties"])
    assert table.iloc[0].to_dict()["bucket"] == "all"
    own = table[table["property"] == "Sentence length"]
    assert own["gain"].tolist() == [row["value"] for row in said.rows_of(result, "length")]
    assert (own["gain_low"] <= own["gain"]).all()
    assert "gain" in latex(table, "Buckets", "buckets")


def test_examples_without_a_property_are_counted(result):
    meta = {**result.meta, "properties": {"length": {**result.meta["properties"]["length"], "left_out": 1}}}
    assert said.left_out_said(result, "script") == ""
    assert said.left_out_said(replace(result, meta=meta), "length") == (
        "1 example of 560 has no such property and is in no bucket."
    )
