import json
import os
import shlex
import subprocess
import sys
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from safetensors.numpy import load_file

from dlfa_core import experiments, report
from dlfa_core.__main__ import _commands, _parsed, main
from dlfa_core.experiments import encode, profile
from dlfa_core.runtime import cluster, jobs, store
from tests import clusters
from tests.experiments.small import save_corpus
from tests.models.tiny import save_checkpoint
from tests.waiting import wait


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def spec(tmp_path):
    model, corpus = save_checkpoint(tmp_path / "model"), save_corpus(tmp_path / "corpus.tsv")
    return profile.Spec(model=str(model), corpus=corpus, measures=("cka", "anc"), resamples=50)


@pytest.fixture
def options(spec):
    return shlex.split(store.command_line("profile", spec))[4:]


@pytest.fixture
def encode_options(spec):
    return ["--model", spec.model, "--corpus", spec.corpus]


def test_the_overview_names_every_experiment_and_its_question(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert {"encode", "profile", "pretrain"} <= _commands().keys()
    for name, question in _commands().items():
        assert f"{name}  " in said
        assert question
        assert question in said


@pytest.mark.parametrize("name", _commands())
def test_the_help_of_a_command_lists_every_field_of_its_spec(name, capsys):
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    said = capsys.readouterr().out
    for field in fields(getattr(experiments, name).Spec):
        assert "--" + field.name.replace("_", "-") in said


@pytest.mark.parametrize("option", ["--calm 0.3", "--calm=0.3", "--alignment-regularisation 0.3"])
def test_a_renamed_option_goes_by_its_old_name_too(option):
    spec, _ = _parsed(experiments.project, option.split())
    assert spec == experiments.project.Spec(alignment_regularisation=0.3)


def test_the_value_of_an_option_may_be_called_like_an_old_one():
    spec, _ = _parsed(experiments.project, ["--model", "calm"])
    assert spec.model == "calm"


def test_a_misspelt_command_is_answered_with_the_near_one(capsys):
    assert main(["profle"]) == 2
    assert capsys.readouterr().err.startswith("There is no command 'profle': did you mean profile?")


def test_no_command_is_answered_with_the_overview(capsys):
    assert main([]) == 2
    assert "usage: python -m dlfa_core COMMAND" in capsys.readouterr().err


def test_a_profile_is_told_in_words_and_stored(spec, options, capsys):
    assert main(["profile", *options]) == 0
    said = capsys.readouterr().out
    assert said.count("n = 36") == len(spec.measures)
    assert f"Stored in {store.where(profile, spec)}" in said


def test_the_stored_command_rebuilds_exactly_this_result(spec, options):
    main(["profile", *options])
    about = json.loads((store.where(profile, spec) / "spec.json").read_text())
    assert main([*shlex.split(about["command"])[3:], "--out", "copy"]) == 0
    assert json.loads(Path("copy/spec.json").read_text()) == about


def test_a_stored_result_is_not_computed_again(options, monkeypatch, capsys):
    main(["profile", *options])
    first = capsys.readouterr().out
    monkeypatch.setattr(profile, "run", None)
    assert main(["profile", *options]) == 0
    assert capsys.readouterr().out == first


def test_tables_arrays_and_folders_are_written_on_request(spec, options, encode_options):
    assert main(["profile", *options, "--out", "pairs.csv"]) == 0
    pairs = store.find(profile, spec).pairs
    pd.testing.assert_frame_equal(pd.read_csv("pairs.csv"), pairs, check_dtype=False)
    assert main(["encode", *encode_options, "--out", "states.safetensors"]) == 0
    assert load_file("states.safetensors")["vectors"].shape == (4, 36, 24)
    assert main(["encode", *encode_options, "--out", "states"]) == 0
    assert {path.name for path in Path("states").iterdir()} == {"spec.json", "values.json", "arrays.safetensors"}


@pytest.mark.parametrize(
    ("command", "extra", "message"),
    [
        ("profile", ["--languages", "Germn", "eng"], "Germn"),
        ("profile", ["--model", "./nowhere"], "There is no folder './nowhere'"),
        ("profile", ["--out", "result.docx"], "--out result.docx is of an unknown kind: write FILE.csv"),
        ("profile", ["--out", "no/result.csv"], "--out no/result.csv lies in a folder that does not exist: make no"),
        ("profile", ["--out", "a.safetensors"], "the result holds tables, so write a .csv file or a folder"),
        ("encode", ["--out", "a.csv"], "the result holds arrays, so write a .safetensors file or a folder"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_1(command, extra, message, options, encode_options, capsys):
    assert main([command, *(options if command == "profile" else encode_options), *extra]) == 1
    said = capsys.readouterr().err.strip()
    assert message in said
    assert "\n" not in said


def test_a_table_is_written_for_latex_where_it_fits_a_page(options, monkeypatch, capsys):
    assert main(["profile", *options, "--out", "pairs.tex"]) == 0
    assert r"\caption{profile: pairs}" in Path("pairs.tex").read_text(encoding="utf-8")
    monkeypatch.setattr(report, "LONGEST", 3)
    assert main(["profile", *options, "--out", "pairs.tex"]) == 1
    assert "rows, too many for LaTeX (3): write a .csv file" in capsys.readouterr().err


def test_a_benchmark_is_written_in_its_own_layout(spec, monkeypatch, capsys):
    command = [
        "benchmark",
        "--suite",
        "xtreme-r",
        "--model",
        spec.model,
        "--data",
        "lareqa:sample",
        "--resamples",
        "40",
    ]
    assert main([*command, "--out", "table.tex"]) == 0
    said = capsys.readouterr().out
    assert "1 task of 10 of XTREME-R is here, none of them whole." in said
    assert "Absent: WikiANN-NER: 48 languages missing. As ner:hub:xtreme-r (" in said
    text = Path("table.tex").read_text(encoding="utf-8")
    assert r"\cmidrule(lr){10-12}" in text
    assert "Published by others" in text
    monkeypatch.setattr(experiments.retrieve, "run", None)
    assert main([*command, "--out", "table.csv"]) == 0
    assert list(pd.read_csv("table.csv")["task"]) == ["lareqa"]


def test_an_unknown_option_is_a_bad_command(options):
    with pytest.raises(SystemExit, match="2"):
        main(["profile", *options, "--layer", "3"])


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """A cluster of one worker, and the home that it writes to."""
    home = tmp_path_factory.mktemp("cluster")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(home))
        with clusters.started(n_workers=1) as address:
            yield address, home


def test_the_command_line_the_library_and_the_worker_give_the_same_numbers(spec, options, scheduler, monkeypatch):
    """Computed three times over, to the last digits of float32: matrix products round by where an array lies."""
    assert main(["profile", *options, "--out", "pairs.parquet"]) == 0
    from_command = pd.read_parquet("pairs.parquet")
    same = partial(pd.testing.assert_frame_equal, from_command, rtol=1e-5, atol=1e-6)
    same(profile.run(spec).pairs)
    address, home = scheduler
    monkeypatch.setenv("DLFA_SCHEDULER", address)
    monkeypatch.setenv("DLFA_HOME", str(home))
    desk = jobs.JobQueue()
    job = desk.submit(profile, spec)
    assert wait(job).error == ""
    desk.close()
    same(store.find(profile, spec).pairs)


@pytest.fixture
def elsewhere(scheduler, monkeypatch):
    """The cluster is to be used; nothing is computed in this process. Returns the home that it writes to."""
    monkeypatch.setenv("DLFA_SCHEDULER", scheduler[0])
    monkeypatch.setattr(profile, "run", None)
    queue = jobs.JobQueue()
    monkeypatch.setattr(jobs, "job_queue", lambda: queue)
    yield scheduler[1]
    queue.close()


def test_a_command_computes_at_the_scheduler_and_answers_as_ever(spec, options, elsewhere, monkeypatch, capsys):
    monkeypatch.setenv("DLFA_HOME", str(elsewhere))
    assert main(["profile", *options, "--out", "pairs.csv"]) == 0
    said = capsys.readouterr().out
    assert said.count("n = 36") == len(spec.measures)
    assert f"Stored in {store.where(profile, spec)}" in said
    pairs = store.find(profile, spec).pairs
    pd.testing.assert_frame_equal(pd.read_csv("pairs.csv"), pairs, check_dtype=False)
    monkeypatch.setattr(jobs, "submit", None)
    assert main(["profile", *options]) == 0  # found, not asked for again


def test_a_cluster_that_keeps_its_results_elsewhere_is_told_so(options, elsewhere, capsys):
    assert main(["profile", *options]) == 1
    said = capsys.readouterr().err
    assert "The result was computed at DLFA_SCHEDULER=tcp://" in said
    assert "give its workers the same DLFA_HOME, on a disk that both can reach" in said


def test_what_fails_at_the_scheduler_is_one_sentence(options, elsewhere, capsys):
    assert main(["profile", *options, "--measures", "nosuch"]) == 1
    said = capsys.readouterr().err.strip()
    assert "nosuch" in said
    assert "\n" not in said


def test_a_scheduler_that_does_not_answer_is_named(options, elsewhere, monkeypatch, capsys):
    monkeypatch.setenv("DLFA_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setattr(cluster, "CONNECTING_PATIENCE", 0.5)
    assert main(["profile", *options]) == 1
    assert "No Dask scheduler answers at DLFA_SCHEDULER=tcp://127.0.0.1:1: start one" in capsys.readouterr().err


def test_an_interrupt_stops_the_work_at_the_scheduler(options, elsewhere, monkeypatch):
    left = []

    def interrupted(status):
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs.Job, "status", interrupted)
    monkeypatch.setattr(jobs.JobQueue, "_raise_flag", lambda queue, computation: left.append(computation.state))
    assert main(["profile", *options]) == 130
    assert "cancelled" in left


def test_one_of_several_processes_computes_itself(options, monkeypatch, capsys):
    monkeypatch.setenv("DLFA_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setenv("RANK", "0")
    assert main(["profile", *options]) == 0
    assert "Stored in" in capsys.readouterr().out


def test_a_home_that_cannot_be_written_to_is_one_sentence(options, monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "file"))
    assert main(["profile", *options]) == 1
    said = capsys.readouterr().err.strip()
    assert f"DLFA_HOME is {tmp_path / 'file'}: let it name a folder that may be written to." in said
    assert "\n" not in said


def test_an_interrupt_ends_quietly(options, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(encode, "run", interrupted)
    assert main(["profile", *options]) == 130
    assert "Stopped; what was finished is stored." in capsys.readouterr().err


def test_the_module_runs_and_keeps_standard_output_for_the_answer(spec, options):
    done = subprocess.run(
        [sys.executable, "-m", "dlfa_core", "profile", *options],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) >= 3
    assert store.find(profile, spec) is not None
    assert store.find(profile, replace(spec, seed=1)) is None
