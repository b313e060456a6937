"""Specs and run files say the same, and a run file that cannot be read says where and why."""

from dataclasses import fields, replace
from importlib import import_module
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlfa_core.__main__ import _commands, main
from dlfa_core.experiments import profile, project, recommend
from dlfa_core.runtime import runfile, store
from tests.experiments.small import save_corpus
from tests.models.tiny import save_checkpoint

NAMES = sorted(_commands())
TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = {str: TEXT, int: st.integers(), float: st.floats(allow_nan=False, allow_infinity=False), bool: st.booleans()}


def experiment(name):
    return import_module(f"dlfa_core.experiments.{name}")


def values(kind):
    """Whatever a field of this type may hold."""
    if isinstance(kind, UnionType):
        return st.none() | values(next(each for each in get_args(kind) if each is not NoneType))
    return st.lists(values(get_args(kind)[0]), max_size=3).map(tuple) if get_origin(kind) is tuple else PLAIN[kind]


def specs(name):
    kind = experiment(name).Spec
    return st.builds(kind, **{field: values(hint) for field, hint in get_type_hints(kind).items()})


RUNS = st.sampled_from(NAMES).flatmap(lambda name: specs(name).map(lambda spec: (experiment(name), spec)))


def read(text, tmp_path) -> list:
    path = tmp_path / "runs.toml"
    path.write_text(text, encoding="utf-8")
    return runfile.read(path, NAMES, experiment)


@settings(deadline=None)
@given(st.lists(RUNS, min_size=1, max_size=3))
def test_a_run_file_gives_the_specs_back(tmp_path_factory, runs):
    assert read(runfile.written(runs), tmp_path_factory.mktemp("runs")) == runs


@pytest.mark.parametrize("name", NAMES)
def test_the_usual_settings_go_without_saying(name, tmp_path):
    required = {
        "stream": {"corpus": "c.tsv"},
        "pretrain": {"out": "o", "text": "t"},
        "shrink": {"text": "t", "out": "o", "model": "m"},
    }
    spec = experiment(name).Spec(**required.get(name, {}))
    text = runfile.written([(experiment(name), spec)])
    assert [line for line in text.splitlines() if " = " in line] == [
        f'{k} = "{v}"' for k, v in required.get(name, {}).items()
    ]
    assert read(text, tmp_path) == [(experiment(name), spec)]


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_none_by_default_may_be_none(name):
    """TOML has no None: a field is left out instead."""
    kind = experiment(name).Spec
    optional = {name for name, hint in get_type_hints(kind).items() if isinstance(hint, UnionType)}
    assert all(field.default is None for field in fields(kind) if field.name in optional)


def test_tables_by_name_and_runs_stand_side_by_side(tmp_path):
    text = '[profile]\npooling = "cls"\n[[run]]\nexperiment = "recommend"\nlr = 1\n[[run]]\nexperiment = "recommend"\n'
    first, second = recommend.Spec(lr=1.0), recommend.Spec()
    assert read(text, tmp_path) == [(profile, profile.Spec(pooling="cls")), (recommend, first), (recommend, second)]


def test_a_field_goes_by_its_old_name_too(tmp_path):
    assert read("[project]\ncalm = 0.3", tmp_path) == [(project, project.Spec(alignment_regularisation=0.3))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[profile", "runs.toml is no run file, which is TOML: Expected ']'"),
        ("x = " + "[" * 2000, "runs.toml is no run file: its brackets are nested too deeply"),
        ("", "runs.toml holds no run: write a table such as [answer]"),
        ('model = "demo"', "model stands alone: begin with a table by the name of an experiment"),
        ("run = 3", "run stands alone"),
        (
            "[profil]",
            r"[profil] asks for the experiment 'profil', which there is not: did you mean profile? Allowed are",
        ),
        ("[[run]]\nseed = 1", '[[run]] number 1 does not say which experiment: write experiment = "answer"'),
        ('[[run]]\nexperiment = "x"', "[[run]] number 1 asks for the experiment 'x', which there is not. Allowed are"),
        (
            "[profile]\nmeasure = 1",
            "[profile] has the field 'measure', which there is not: did you mean measures? Allow",
        ),
        ("[profile]\nseed = 1.5", "[profile] has seed = 1.5, which must be a whole number."),
        ("[profile]\nseed = true", "[profile] has seed = True, which must be a whole number."),
        ("[profile]\nmodel = 3", "[profile] has model = 3, which must be text in quotes."),
        ('[profile]\nmeasures = "cka"', "[profile] has measures = 'cka', which must be a list of texts."),
        ("[recommend]\nlayers = [1.5]", "[recommend] has layers = [1.5], which must be a list of whole numbers."),
        ('[recommend]\nlr = "high"', "[recommend] has lr = 'high', which must be a number."),
        ("[profile]\nspecial_tokens = 0", "[profile] has special_tokens = 0, which must be true or false."),
        (
            "[project]\ncalm = 1\nalignment_regularisation = 1",
            "says alignment_regularisation twice, once by its old name",
        ),
        ("[shrink]\nhead = true", "[shrink] lacks out, model, which this experiment needs."),
    ],
)
def test_what_is_wrong_is_said_with_file_key_and_what_is_allowed(text, message, tmp_path):
    with pytest.raises(ValueError, match=r"runs\.toml") as raised:
        read(text, tmp_path)
    assert message in str(raised.value)


def test_allowed_names_are_all_of_them(tmp_path):
    with pytest.raises(ValueError, match="Allowed are") as raised:
        read("[profile]\nwrong = 1", tmp_path)
    assert str(raised.value).endswith(f"Allowed are {', '.join(get_type_hints(profile.Spec))}.")


def test_there_must_be_a_run_to_write():
    with pytest.raises(ValueError, match="There is no run to write"):
        runfile.written([])


def test_the_command_computes_what_the_file_says_and_keeps_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    model, corpus = save_checkpoint(tmp_path / "model"), save_corpus(tmp_path / "corpus.tsv")
    spec = profile.Spec(model=str(model), corpus=corpus, measures=("cka",), resamples=50)
    runs = [(profile, spec), (profile, replace(spec, pooling="max"))]
    (tmp_path / "runs.toml").write_text(runfile.written(runs), encoding="utf-8")
    assert main(["run", str(tmp_path / "runs.toml")]) == 0
    said = capsys.readouterr().out
    for run in runs:
        assert f"Stored in {store.where(*run)}" in said
    monkeypatch.setattr(profile, "run", None)
    assert main(["run", str(tmp_path / "runs.toml")]) == 0


def test_nothing_is_computed_before_all_files_are_read(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(profile, "run", None)
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text("[profile]\n")
    bad.write_text("[profile]\nwrong = 1\n")
    assert main(["run", str(good), str(bad)]) == 1
    said = capsys.readouterr()
    assert "bad.toml: [profile] has the field 'wrong'" in said.err
    assert not said.out


@pytest.mark.parametrize(("files", "message"), [([], "Which file?"), (["nowhere.toml"], "nowhere.toml")])
def test_a_run_without_a_file_is_one_sentence_and_exit_code_1(files, message, capsys):
    assert main(["run", *files]) == 1
    said = capsys.readouterr().err.strip()
    assert message in said
    assert "\n" not in said


def test_the_help_of_run_says_what_it_takes(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["run", "--help"])
    assert "FILE" in capsys.readouterr().out.upper()
