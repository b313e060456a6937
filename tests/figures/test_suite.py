"""The table of a benchmark: its cells, what is marked as partial, and published rows apart from ours."""

import re

import pandas as pd
import pytest

from dlfa_core.data.xtreme_r import XTREME_R
from dlfa_core.experiments import benchmark
from dlfa_core.experiments.benchmark.cells import Cell
from dlfa_core.experiments.benchmark.together import frames_of
from dlfa_core.figures import suite
from dlfa_core.figures.published import DLFA_SYSTEM, published_suite, published_transfer
from dlfa_core.figures.sentences import benchmark as said
from dlfa_core.report import latex_suite
from dlfa_core.report.tables import escaped


def made(cells, mode="frozen", present=None):
    """A result of these cells, the languages of which are those that are here."""
    present = {cell.task.task: cell.languages for cell in cells} if present is None else present
    about = {"model": "demo_50%", "mode": mode, "suite": "xtreme-r", "reach": 0, "warnings": []}
    return benchmark.Result(**frames_of(cells, present), meta=about)


def scored(task, value, system="last", head=("last", None, ""), missing=0, interval=0.02, differs=()):
    """A cell whose second metric is 10 points below the first."""
    about = XTREME_R[task]
    by_metric = {
        name: (value - 0.1 * row, value - 0.1 * row - interval, value - 0.1 * row + interval)
        for row, name in enumerate(about.metrics)
    }
    return Cell(system, about, head, by_metric, about.languages[missing:], 100, differs)


@pytest.fixture
def whole():
    """All tasks of two systems, all whole."""
    ours = [scored(task, 0.7, "dlfa", ("dlfa", 9, "gate")) for task in XTREME_R]
    return made([*(scored(task, 0.6) for task in XTREME_R), *ours])


@pytest.fixture
def partial():
    """Two tasks, one in 20 of its languages and one from a sample."""
    return made([scored("pos", 0.6, missing=18), scored("xquad", 0.5, differs=("a sample",), interval=float("nan"))])


def test_columns_are_the_tasks_by_group_and_lines_the_systems(whole):
    layout = suite.suite_table(whole)
    assert layout.groups == (
        ("Classification", 2),
        ("Structured prediction", 2),
        ("Question answering", 3),
        ("Retrieval", 3),
    )
    assert layout.columns[0] == ("XNLI", "Acc.")
    assert layout.columns[4] == ("XQuAD", "F1 / EM")
    assert layout.columns[-1] == ("LAReQA", "mAP@20")
    assert [label for label, _ in layout.lines] == ["Last layer", "DLFA, layer by the dev set"]
    assert all(len(cells) == 11 for _, cells in layout.lines)


def test_a_cell_has_its_score_interval_and_head(whole):
    (_, last), (_, ours) = suite.suite_table(whole).lines
    assert last[1] == suite.Cell("60.0", "[58.0, 62.0]")
    assert ours[5] == suite.Cell("70.0 / 60.0", "[63.0, 67.0]", "DLFA gate, layer 9")
    mean = 0.6 - 3 * 0.05 / 10  # three tasks are scored by the mean of 60 and 50
    assert last[0].value == f"{100 * mean:.1f}"


def test_what_is_partial_is_marked_and_explained(partial):
    layout = suite.suite_table(partial)
    ((_, cells),) = layout.lines
    assert cells[0].value == "–"
    assert cells[3].value == "60.0*"
    assert cells[5] == suite.Cell("50.0 / 40.0*", "", "", "a sample")
    assert list(suite.partial_said(layout)) == ["UD-POS: 20 of 38 languages", "XQuAD: a sample"]
    assert [cell.value for cell in cells].count("–") == 9


def test_published_rows_name_their_source_and_are_ours_in_nothing():
    table = published_suite()
    assert table.notna().all().all()
    assert not table.duplicated(["system", "task", "measure"]).any()
    assert table["value"].between(0, 1).all()
    assert all(row["measure"] in XTREME_R[row["task"]].metrics for row in table.to_dict("records"))
    layout = suite.published_table()
    assert all(cells[0].value == "–" for _, cells in layout.lines)  # nothing is averaged
    assert [label for label, _ in layout.lines] == list(dict.fromkeys(table["system"]))


def test_the_published_baseline_is_the_one_of_the_other_table():
    other = published_transfer()
    other = other[(other["fusion"] == "last") & (other["group"] == "all") & other["source"].str.startswith("XTREME")]
    ours = published_suite()
    ours = ours[ours["system"] == "mBERT"].set_index("task")["value"]
    both = other.set_index("task")["value"].drop("pawsx")
    pd.testing.assert_series_equal(ours[both.index], both)


def test_dlfas_published_row_is_its_best_layer():
    rows = published_suite().query("system == @DLFA_SYSTEM").set_index("task")["value"]
    table = published_transfer().query("fusion == 'dlfa' and group == 'all'")
    assert rows.to_dict() == {task: max(table["value"][table["task"] == task]) for task in ("xnli", "ner", "pos")}
    assert DLFA_SYSTEM.endswith("on the tests")


def test_a_published_score_in_fewer_languages_is_marked():
    baseline = dict(zip(XTREME_R, dict(suite.published_table().lines)["mBERT"][1:], strict=True))
    assert baseline["xnli"] == suite.Cell("65.4")
    assert baseline["pos"].value.endswith("*")
    assert baseline["pos"].partial == "33 of 38 languages"
    assert baseline["xquad"].value == "64.5 / –"


def test_latex_has_every_cell_of_both_tables_and_ours_above(whole, partial):
    for result in (whole, partial):
        text = latex_suite(result)
        ours, published = suite.suite_table(result), suite.published_table()
        body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
        rows = [line for line in body.splitlines() if line.count(" & ") == 11]
        labels = [escaped(label) for label, _ in (*ours.lines, *published.lines)]
        assert [row.partition(" & ")[0] for row in rows] == labels
        for row, (_, cells) in zip(rows, (*ours.lines, *published.lines), strict=True):
            written = [re.sub(r"\\shortstack\[r\]\{(.*?)\\\\.*", r"\1", each) for each in row[:-3].split(" & ")[1:]]
            assert written == [escaped(cell.value) for cell in cells]
        apart = body.index("Published by others")
        assert body.index(escaped(ours.lines[-1][0])) < apart < body.index(escaped(published.lines[0][0]))
        bare = re.sub(r"\\[\\{}]", "", text)  # without what stands for the sign itself, and ends of lines
        assert bare.count("{") == bare.count("}")
        assert text.count(r"\begin{") == text.count(r"\end{") == 2
        assert r"demo\_50\%" in text
    assert r"\cmidrule(lr){3-4} \cmidrule(lr){5-6} \cmidrule(lr){7-9} \cmidrule(lr){10-12}" in text
    assert "Here: UD-POS: 20 of 38 languages; XQuAD: a sample." in text


def test_the_summary_says_what_is_here_what_it_scores_and_what_is_absent(whole, partial):
    lines = list(said.summary(whole))
    assert lines[0] == "10 tasks of 10 of XTREME-R are here, 10 of them whole."
    assert "XQuAD (F1 / EM, in per cent)" in lines
    assert "  DLFA, layer by the dev set: 70.0 / 60.0 [63.0, 67.0] (DLFA gate, layer 9)" in lines
    assert "Average over all tasks (10 tasks), Last layer: 58.5 [56.5, 60.5]." in lines
    assert not [line for line in lines if line.startswith("Absent")]
    lines = list(said.summary(partial))
    assert lines[0] == "2 tasks of 10 of XTREME-R are here, none of them whole."
    assert "UD-POS (F1, in per cent), partial: 20 of 38 languages" in lines
    assert "No average stands: each is over all tasks of a group, every one of them whole." in lines
    assert [line.split(":")[1].strip() for line in lines if line.startswith("Absent")] == [
        task.title for name, task in XTREME_R.items() if name != "xquad"
    ]


def test_missing_languages_are_named_while_they_are_few():
    few = dict(said.absent_said(made([scored("mlqa", 0.5, missing=2)])))
    assert few["MLQA"].startswith("Arabic and German missing. In the folder mlqa below DLFA_DATA: ")
    assert few["XNLI"].startswith("15 languages missing. As xnli:hub")


def test_what_was_trained_is_said(whole):
    assert said.MODES["frozen"] in list(said.summary(whole))
    tuned = made([scored("xnli", 0.5)], mode="finetune")
    assert said.MODES["finetune"] in list(said.summary(tuned))
    assert said.answer(tuned) == "1 task of 10 of XTREME-R is here, 1 of them whole."
    some = made([scored("xnli", 0.5), scored("xcopa", 0.5, missing=1)])
    assert said.answer(some) == "2 tasks of 10 of XTREME-R are here, 1 of them whole."
    assert said.answer(made([])) == "None of the 10 tasks of XTREME-R was computed yet."
