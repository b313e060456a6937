"""All tasks of XTREME-R as far as their data are here: cells, averages, what is absent, and going on."""

from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlfa_core import models
from dlfa_core.data.tasks.hub import HUB
from dlfa_core.data.xtreme_r import XTREME_R
from dlfa_core.experiments import benchmark, profile, recommend, retrieve, transfer
from dlfa_core.experiments.benchmark.cells import Cell, careful_mean, retrieved_cells, trained_cells
from dlfa_core.experiments.benchmark.present import folders_of, how_to_get, sources_of
from dlfa_core.experiments.benchmark.together import frames_of
from dlfa_core.languages import find
from dlfa_core.measures import retrieval_accuracy
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import made_from
from dlfa_core.tables import columns_of
from tests.experiments.labelled_small import SENTENCES, save_names, save_questions, save_tags
from tests.experiments.small import ROWS
from tests.recommended import small_sweep
from tests.retrieved import small_retrieval

SMALL = {"fusions": ("dlfa", "last", "average"), "weights": ("gate",), "seeds": (0, 1), "epochs": 2, "resamples": 40}
GROUPS = {
    "classification": ["xnli", "xcopa"],
    "structured prediction": ["pos", "ner"],
    "question answering": ["xquad", "mlqa", "tydiqa"],
    "retrieval": ["tatoeba", "mewslix", "lareqa"],
}


@pytest.fixture
def data(tmp_path):
    """A folder with words to tag, with German and English sentences that stand side by side, and nothing else."""
    folder = tmp_path / "data"
    folder.mkdir()
    save_tags(folder / "ud-pos", ("eng", "deu", "dan"))  # Danish is no language of XTREME-R
    (folder / "tatoeba").mkdir()
    for code, column in (("deu", 1), ("hin", 2)):
        lines = ["text\tenglish", *(f"{row[column]}\t{row[0]}" for row in ROWS)]
        (folder / "tatoeba" / f"{code}-eng.tsv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def spec(model, data):
    return benchmark.Spec(model=model, data=(str(data),), dtype="float32", **SMALL)


@pytest.fixture
def counted(monkeypatch):
    """Specs that were computed, in their order."""
    asked = []

    def watch(experiment):
        plain = experiment.run
        monkeypatch.setattr(experiment, "run", lambda spec, *more: asked.append(spec) or plain(spec, *more))

    for experiment in (transfer, profile, retrieve):
        watch(experiment)
    return asked


def cell(result, system, task):
    rows = result.cells
    return rows[(rows["system"] == system) & (rows["task"] == task)].iloc[0]


def made_up(task, score, system="last", missing=0, differs=()):
    """A cell with `score` in each metric, without as many of its task's languages."""
    about = XTREME_R[task]
    by_metric = dict.fromkeys(about.metrics, (score, score - 0.1, score + 0.1))
    return Cell(system, about, ("last", None, ""), by_metric, about.languages[missing:], 100, differs)


def test_the_columns_are_the_documented_ones(spec):
    result = benchmark.run(spec)
    names = ("cells", "metrics", "averages", "absent")
    assert columns_of(benchmark.Result) == {name: tuple(getattr(result, name)) for name in names}


def test_a_cell_is_the_mean_over_the_benchmarks_languages_of_the_head_that_the_dev_set_chose(spec):
    result = benchmark.run(spec)
    trained = store.find(transfer, made_from(spec, transfer.Spec, task=f"pos:{spec.data[0]}/ud-pos"))
    dev = {}
    for row in trained.heads.to_dict("records"):
        dev.setdefault((row["fusion"], str(row["layer"])), []).append(row["dev_score"])
    for system, fusion in (("last", "last"), ("dlfa", "dlfa"), ("control", "average")):
        own = {head: sum(scores) for head, scores in dev.items() if head[0] == fusion}
        _, layer = max(own, key=own.get)
        rows = [
            row["value"]
            for row in trained.scores.to_dict("records")
            if (row["fusion"], str(row["layer"])) == (fusion, layer)
            and row["measure"] == "pos_f1"
            and row["language"] in ("eng", "deu")
        ]
        found = cell(result, system, "pos")
        assert len(rows) == 4
        assert found["value"] == pytest.approx(np.mean(rows))
        assert found["ci_low"] <= found["value"] <= found["ci_high"]
        assert ("None" if pd.isna(found["layer"]) else str(found["layer"])) == layer
        assert found["n"] == 48
        assert (found["n_languages"], found["of_languages"], found["whole"]) == (2, 38, False)
        assert found["partial"] == "2 of 38 languages"


def test_tatoeba_is_the_accuracy_of_english_queries_over_the_last_layers_vectors(spec):
    result = benchmark.run(spec)
    encoder = models.Encoder.from_pretrained(spec.model, dtype="float32")
    english, *others = (
        encoder.encode([row[column] for row in ROWS], "mean", True, 512).vectors[-1] for column in (0, 1, 2)
    )
    found = cell(result, "last", "tatoeba")
    assert found["value"] == pytest.approx(np.mean([retrieval_accuracy(english, other) for other in others]))
    assert found["n"] == 72
    assert found["partial"] == "2 of 41 languages"
    assert set(result.cells["system"][result.cells["task"] == "tatoeba"]) == {"last"}


def test_questions_are_scored_by_the_mean_of_f1_and_exact_match(spec, tmp_path):
    source = save_questions(tmp_path / "qa", ("eng", "deu", "dan")).replace("qa:", "xquad:", 1)
    asked = replace(spec, data=(source,), languages=("en", "German", "es"), seeds=(0,), layers=(1,), epochs=1)
    with pytest.raises(ValueError, match="XQuAD: XQuAD has no test set in Spanish"):
        benchmark.run(asked)
    result = benchmark.run(replace(asked, languages=("en", "German")))
    trained = store.find(transfer, made_from(asked, transfer.Spec, task=source, languages=("deu", "eng")))
    scores = trained.scores
    last = scores[scores["fusion"] == "last"]
    assert cell(result, "last", "xquad")["value"] == pytest.approx(last.groupby("measure")["value"].mean().mean())
    by_metric = result.metrics[result.metrics["system"] == "last"].set_index("metric")["value"]
    assert list(by_metric) == pytest.approx(list(last.groupby("measure", sort=False)["value"].mean()))
    assert list(by_metric.index) == ["squad_f1", "squad_em"]
    beyond = benchmark.run(replace(asked, languages=()))  # Danish is tested, too, and its exact match has no interval
    plain = beyond.metrics[beyond.metrics["metric"] == "squad_em"]
    assert plain["ci_low"].isna().all()
    np.testing.assert_allclose(plain["value"], result.metrics["value"][result.metrics["metric"] == "squad_em"])


@settings(max_examples=15)
@given(st.lists(st.floats(0.2, 0.8), min_size=10, max_size=10))
def test_an_average_is_over_tasks_group_by_group_where_all_are_whole(scores):
    by_task = dict(zip(XTREME_R, scores, strict=True))
    frame = frames_of([made_up(*pair) for pair in by_task.items()], {})["averages"].set_index("group")
    for group, tasks in {**GROUPS, benchmark.ALL: list(by_task)}.items():
        row = frame.loc[group]
        assert row["value"] == pytest.approx(sum(by_task[task] for task in tasks) / len(tasks))
        assert (row["n_tasks"], row["of_tasks"]) == (len(tasks), len(tasks))
        assert row["ci_high"] - row["ci_low"] == pytest.approx(0.2)


@pytest.mark.parametrize("partial", [{"missing": 1}, {"differs": ("a part of the examples",)}])
@pytest.mark.parametrize("task", list(XTREME_R))
def test_what_is_partial_is_in_no_average(task, partial):
    cells = [made_up(name, 0.5) for name in XTREME_R if name != task] + [made_up(task, 0.7, **partial)]
    frame = frames_of(cells, {})["averages"].set_index("group")
    for group, tasks in {**GROUPS, benchmark.ALL: list(XTREME_R)}.items():
        assert np.isnan(frame.loc[group, "value"]) == (task in tasks)
        assert frame.loc[group, "n_tasks"] == len(tasks) - (task in tasks)


def test_systems_are_averaged_each_by_itself():
    cells = [
        made_up(task, score, system) for task, (score, system) in product(XTREME_R, [(0.5, "last"), (0.6, "dlfa")])
    ]
    frame = frames_of(cells[:-1], {})["averages"].set_index(["system", "group"])["value"]
    assert frame["last", benchmark.ALL] == pytest.approx(0.5)
    assert frame["dlfa", "classification"] == pytest.approx(0.6)
    assert np.isnan(frame["dlfa", benchmark.ALL])


@given(st.lists(st.tuples(st.floats(0.01, 0.3), st.floats(-1, 1)), min_size=1, max_size=5))
def test_the_interval_of_a_mean_is_no_shorter_than_that_of_any_estimates_with_these(estimates):
    """Standard deviation of a mean of normal estimates that share as much as they like: here, one factor each."""
    deviations, shared = np.array([sd for sd, _ in estimates]), np.array([share for _, share in estimates])
    covariance = np.outer(deviations * shared, deviations * shared)
    np.fill_diagonal(covariance, deviations**2)
    of_mean = np.sqrt(covariance.sum()) / len(estimates)
    _, low, high = careful_mean([(0.5, 0.5 - 1.96 * sd, 0.5 + 1.96 * sd) for sd in deviations])
    assert high - low >= 2 * 1.96 * of_mean - 1e-12


def test_nothing_is_computed_twice_and_new_data_alone_when_they_come(spec, data, counted):
    for experiment, one in benchmark.parts(spec):
        store.fetch(experiment, one)
    n = len(counted)
    assert n == 3  # one transfer, two pairs
    first = store.fetch(benchmark, spec)
    assert len(counted) == n  # all of it is made of its parts
    again = store.fetch(benchmark, spec)
    pd.testing.assert_frame_equal(first.cells, again.cells)
    assert len(counted) == n
    save_names(data / "panx", ("eng", "deu"))
    more = store.fetch(benchmark, spec)
    assert [one.task for one in counted[n:]] == [f"ner:{data}/panx"]
    pd.testing.assert_frame_equal(more.cells[more.cells["task"] != "ner"].reset_index(drop=True), first.cells)


def test_a_task_that_cannot_be_read_keeps_no_other_from_being_stored(spec, data, counted):
    (data / "tatoeba" / "deu-eng.tsv").write_text("text\tenglish\n", encoding="utf-8")
    (data / "xcopa").mkdir()
    (data / "xcopa" / "test.et.jsonl").write_text("{", encoding="utf-8")
    assert [experiment for experiment, _ in benchmark.parts(spec)] == [transfer, transfer]
    with pytest.raises(ValueError, match="2 of 3 tasks could not be computed; the others are stored") as told:
        benchmark.run(spec)
    assert "Mend their data, or name in data only those to compute. XCOPA: " in str(told.value)
    assert " Tatoeba: " in str(told.value)
    n = len(counted)
    alone = benchmark.run(replace(spec, data=(f"pos:{data}/ud-pos",)))
    assert len(counted) == n
    assert set(alone.cells["task"]) == {"pos"}


def test_what_is_absent_is_named_with_the_way_to_it(spec):
    absent = benchmark.run(spec).absent.set_index("task")
    assert list(absent.index) == list(XTREME_R)
    for task, row in absent.iterrows():
        here = {"pos": {"eng", "deu"}, "tatoeba": {"deu", "hin"}}.get(task, set())
        assert set(row["languages"].split()) == set(XTREME_R[task].languages) - here
        assert f"n the folder {folders_of(task)[0]} below DLFA_DATA: " in row["how"]
        if task in HUB:
            assert f"{HUB[task].repository} of the hub, revision {HUB[task].revision}" in row["how"]
    whole = frames_of([], {name: task.languages for name, task in XTREME_R.items()})["absent"]
    assert whole.empty


def test_xtreme_rs_own_languages_are_asked_of_the_hub_by_its_name():
    ner = XTREME_R["ner"]
    assert how_to_get(ner, [find("pl").code]).startswith("As ner:hub:xtreme-r (")
    assert how_to_get(ner, [find("de").code]).startswith("As ner:hub (")


def test_folders_are_found_by_the_names_that_they_are_downloaded_with(tmp_path, monkeypatch):
    for name in ("udpos", "panx", "xquad", "mlqa", "squad", "xcopa", "copa", "bucc2018"):
        (tmp_path / name).mkdir()
    found = sources_of([str(tmp_path), "ner:hub", "lareqa:sample"])
    assert found == {
        "xcopa": f"xcopa:{tmp_path}/copa+{tmp_path}/xcopa",
        "pos": f"pos:{tmp_path}/udpos",
        "ner": "ner:hub",
        "xquad": f"xquad:{tmp_path}/squad+{tmp_path}/xquad",
        "mlqa": f"mlqa:{tmp_path}/squad+{tmp_path}/mlqa",
        "lareqa": "lareqa:sample",
    }
    monkeypatch.setenv("DLFA_DATA", str(tmp_path))
    assert sources_of([]).keys() == found.keys() - {"lareqa"}
    assert sources_of(["ner:hub"]) == {"ner": "ner:hub"}  # what is named goes before the environment


def test_samples_run_end_to_end_and_stand_in_for_nothing(model):
    asked = benchmark.Spec(
        model=model,
        data=("lareqa:sample", "mewslix:sample", "xcopa:sample", "xquad:sample"),
        dtype="float32",
        **{**SMALL, "seeds": (0,), "epochs": 1},
        layers=(1,),
    )
    result = benchmark.run(asked)
    assert set(result.cells["task"]) == {"lareqa", "mewslix", "xcopa", "xquad"}
    assert not result.cells["whole"].any()
    assert result.cells["partial"].str.endswith("bundled sample in place of the data").all()
    assert result.averages["value"].isna().all()
    pool = store.find(
        retrieve, retrieve.Spec("lareqa:sample", model, scores=("cosine",), resamples=40, dtype="float32")
    )
    rows = pool.means[(pool.means["pool"] == "all") & (pool.means["language"] == "all")]
    assert cell(result, "last", "lareqa")["value"] == rows[rows["layer"] == 3]["value"].item()


def test_where_nothing_is_trained_a_task_models_fused_state_is_held_against_its_own_last():
    found = small_retrieval()
    asked = retrieve.Spec(models=("demo-pos",), resamples=60)
    cells = {each.system: each for each in retrieved_cells(XTREME_R["lareqa"], asked, found)}
    rows = found.means.query("pool == 'all' and language == 'all' and score == 'cosine'").set_index("state")
    assert {name: each.score[0] for name, each in cells.items()} == {
        "last": rows.loc["own_last", "value"],
        "dlfa": rows.loc["fused", "value"],
    }
    assert cells["dlfa"].head == ("dlfa", 2, "")
    assert cells["dlfa"].partial.endswith("bundled sample in place of the data; states of demo-pos")
    about = {**found.meta, "models": [{**found.meta["models"][0], "fusion": "iterated"}]}
    with pytest.raises(ValueError, match="demo-pos fuses as iterated does, which is neither DLFA nor plainer"):
        list(retrieved_cells(XTREME_R["lareqa"], asked, replace(found, meta=about)))


def test_the_layer_is_the_one_that_recommend_calls_chosen():
    """On what ships: both read the dev set, each in its own way."""
    bundled = store.Store(store.BUNDLED)
    entry = next(one for one in bundled.listing(recommend) if one.spec.task == "ner:ner-panx")
    chosen = bundled.read(recommend, entry.key).choices.iloc[0]
    trained = bundled.read(transfer, entry.values["meta"]["transfer"])
    cells = {each.system: each for each in trained_cells(XTREME_R["ner"], recommend.trained_as(entry.spec), trained)}
    assert cells["dlfa"].head == (chosen["fusion"], chosen["layer"], chosen["weight"])
    rows = trained.means[(trained.means["level"] == "all") & (trained.means["measure"] == "span_f1")]
    same = rows[(rows["fusion"] == "dlfa") & (rows["layer"] == chosen["layer"]) & (rows["weight"] == chosen["weight"])]
    np.testing.assert_allclose(cells["dlfa"].score, same[["value", "ci_low", "ci_high"]].iloc[0].astype(float))
    assert "trained on 1,000 examples at most; 200 test examples a language at most" in cells["dlfa"].partial


def test_stored_transfers_fill_the_table_with_the_fullest_of_each_task():
    trained = small_sweep(resamples=20)
    few = SimpleNamespace(**{**vars(trained), "meta": {**trained.meta, "languages": ["eng", "deu"]}})
    asked = transfer.Spec(task="pos:ud-pos")
    found = benchmark.of_transfers("demo", [(asked, few), (asked, trained), (replace(asked, task="pair:x"), trained)])
    own = [code for code in trained.meta["languages"] if code in XTREME_R["pos"].languages]
    assert set(found.cells["task"]) == {"pos"}
    assert set(found.cells["n_languages"]) == {len(own)}
    assert found.meta["reach"] == len(own) > 2
    assert benchmark.of_transfers("demo", []).cells.empty


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"suite": "xtreme"}, "There is no suite 'xtreme' here: use 'xtreme-r'."),
        ({"fusions": ("last",)}, "The table has a row for dlfa, but fusions=.* leaves it out: add dlfa"),
        ({"fusions": ("dlfa",)}, "The table has a row for last, but"),
        ({"data": ()}, "No data of XTREME-R are here, so there is nothing to run. XNLI: As xnli:hub"),
        (
            {"data": ("/nowhere",)},
            "'/nowhere' is neither a folder nor a task of XTREME-R .* folders such as xnli and ud",
        ),
        ({"data": ("qa:sample",)}, "'qa:sample' is neither a folder nor .* write TASK:PATH with one of xnli, xcopa"),
        ({"data": ("ner:a", "ner:b")}, "ner is there twice, as ner:a and ner:b: name one of them"),
        ({"languages": ("Danish",)}, "No data of XTREME-R are here"),
        ({"languages": ("Klingon",)}, "Klingon"),
    ],
)
def test_what_cannot_be_run_is_refused(spec, changes, said, monkeypatch):
    monkeypatch.delenv("DLFA_DATA", raising=False)
    with pytest.raises(ValueError, match=said):
        benchmark.run(replace(spec, **changes))


def test_data_without_the_benchmarks_languages_are_refused(spec, tmp_path):
    tagged = save_tags(tmp_path / "danish", ("eng", "dan"))
    (tmp_path / "danish" / "eng_x-ud-test.conllu").unlink()
    with pytest.raises(
        ValueError, match=r"is tested in dan, and XTREME-R's UD-POS in none of these\. It is over afr, "
    ):
        benchmark.run(replace(spec, data=(tagged,)))
    with pytest.raises(
        ValueError, match=r"lareqa:sample has .*, and none of these is asked for\. XTREME-R's LAReQA is over"
    ):
        benchmark.run(replace(spec, data=("lareqa:sample",), languages=("Thai",)))


def test_there_are_sentences_enough():
    """The made-up data are as large as the tests above count them."""
    assert (len(SENTENCES), len(ROWS)) == (48, 36)
