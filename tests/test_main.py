import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from safetensors.numpy import load_file

from dlfa_core import experiments
from dlfa_core.__main__ import _commands, _parsed, main
from dlfa_core.experiments import encode, profile
from dlfa_core.runtime import jobs, store
from tests.experiments.small import save_corpus
from tests.models.tiny import save_checkpoint


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


def test_the_command_line_the_library_and_the_worker_give_the_same_numbers(spec, options, tmp_path, monkeypatch):
    """Computed three times over, to the last digits of float32: matrix products round by where an array lies."""
    assert main(["profile", *options, "--out", "pairs.parquet"]) == 0
    from_command = pd.read_parquet("pairs.parquet")
    same = partial(pd.testing.assert_frame_equal, from_command, rtol=1e-5, atol=1e-6)
    same(profile.run(spec).pairs)
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "another"))
    desk = jobs.JobQueue()
    job = desk.submit(profile, spec)
    while (status := job.status()).state not in jobs.FINAL:
        time.sleep(0.1)
    desk.close()
    assert status.error == ""
    same(store.find(profile, spec).pairs)


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


def test_an_unknown_option_is_a_bad_command(options):
    with pytest.raises(SystemExit, match="2"):
        main(["profile", *options, "--layer", "3"])


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
