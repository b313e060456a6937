"""What ships was computed with the model, the sentences and the code that ship."""

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dlfa_core import bundle, encoders, models
from dlfa_core.bundle import Listed
from dlfa_core.experiments import gates, profile, recommend, transfer
from dlfa_core.models import source
from dlfa_core.runtime.experiment import inputs_at_hand
from dlfa_core.runtime.progress import silent
from dlfa_core.runtime.store import BUNDLED, Store, key_of
from tests.experiments.labelled_small import save_sentences
from tests.experiments.small import save_corpus
from tests.models.tiny import save_checkpoint
from tests.rounding import EPS, tolerance

ALONE = [listed for listed in bundle.RESULTS if not listed.needs_data]
FROM_DATA = [listed for listed in bundle.RESULTS if listed.needs_data]


@pytest.mark.parametrize("listed", ALONE, ids=lambda listed: bundle._command(listed))
def test_every_listed_result_ships_and_is_up_to_date(listed):
    found = Store(BUNDLED).find(listed.experiment, listed.spec)
    assert found is not None, "run `make assets` and commit assets/results"


@pytest.mark.parametrize("listed", FROM_DATA, ids=lambda listed: bundle._command(listed))
def test_what_was_computed_from_files_ships_and_is_of_the_model_that_ships(listed):
    assert bundle._kept(Store(BUNDLED), listed) is not None, "run `make assets` with DLFA_DATA"


def test_nothing_else_ships():
    alone = {Store(BUNDLED).folder(listed.experiment, listed.spec) for listed in ALONE}
    from_data = {bundle._kept(Store(BUNDLED), listed) for listed in FROM_DATA}
    assert set(BUNDLED.glob("*/*")) == alone | from_data


@pytest.mark.parametrize(
    "folder", sorted(BUNDLED.glob("*/*")), ids=lambda folder: f"{folder.parent.name}-{folder.name}"
)
def test_the_key_of_every_stored_result_follows_from_what_it_says_it_is(folder):
    """Whatever is bundled: name, version, every field of the spec and every input are those of the code."""
    experiment = import_module(f"dlfa_core.experiments.{folder.parent.name}")
    entry = next(entry for entry in Store(BUNDLED).listing(experiment) if entry.key == folder.name)
    with_inputs = SimpleNamespace(**vars(experiment) | {"inputs": lambda spec: entry.inputs})
    assert key_of(with_inputs, entry.spec) == folder.name
    at_hand = inputs_at_hand(experiment, entry.spec)
    assert at_hand == {name: entry.inputs[name] for name in at_hand}


def test_what_ships_is_small():
    for folder in BUNDLED.glob("*/*"):
        assert sum(path.stat().st_size for path in folder.iterdir()) < 4 * 2**20


def test_the_command_is_recorded_beside_each_result():
    for listed in ALONE:
        about = json.loads(
            (Store(BUNDLED).folder(listed.experiment, listed.spec) / "spec.json").read_text(encoding="utf-8")
        )
        assert about["command"] == bundle._command(listed)
    for listed in FROM_DATA:
        (entry,) = (entry for entry in Store(BUNDLED).listing(listed.experiment) if entry.spec == listed.spec)
        assert entry.command == bundle._command(listed)


def test_paths_in_specs_are_of_no_machine():
    for listed in bundle.RESULTS:
        assert not any(str(value).startswith(("/", "~")) for value in vars(listed.spec).values())
        if listed.needs_data:
            assert not Path(listed.spec.task.partition(":")[2].split("+")[0]).is_absolute()


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """An empty bundled store, and an empty home."""
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    return Store(tmp_path / "bundled")


def test_building_computes_what_is_missing_and_deletes_what_is_not_listed(shelf):
    small = profile.Spec(languages=("eng", "deu"), limit=30, resamples=20, measures=("cka",))
    (shelf.root / "profile" / "stale").mkdir(parents=True)
    command = "python -m dlfa_core profile --languages eng deu --limit 30 --measures cka --resamples 20"
    report = bundle.build(shelf, silent, [Listed(profile, small)])
    assert (report.computed, report.deleted) == ((command,), ("profile/stale",))
    again = bundle.build(shelf, silent, [Listed(profile, small)])
    assert str(again) == "Every result is up to date."
    assert [folder.name for folder in (shelf.root / "profile").iterdir()] != ["stale"]


@pytest.fixture
def sweep(tmp_path):
    """A listed sweep over a task in a folder of data, with a random model and few sentences to compare."""
    (tmp_path / "data").mkdir()
    save_sentences(tmp_path / "data" / "animals")
    model = str(save_checkpoint(tmp_path / "model"))
    corpus = save_corpus(tmp_path / "corpus.tsv")
    spec = recommend.Spec(
        task="sentence:animals",
        model=model,
        corpus=corpus,
        fusions=("dlfa", "last"),
        seeds=(0,),
        epochs=1,
        resamples=20,
        dtype="float32",
    )
    return Listed(recommend, spec, needs_data=True)


def test_a_sweep_is_computed_in_the_folder_of_the_data_and_names_no_path_of_it(shelf, sweep, tmp_path):
    here = Path.cwd()
    report = bundle.build(shelf, silent, [sweep], tmp_path / "data")
    assert report.computed == (bundle._command(sweep),)
    assert Path.cwd() == here
    (entry,) = shelf.listing(recommend)
    assert entry.spec == sweep.spec
    assert entry.values["meta"]["task"] == "sentence:animals"
    text = "".join(path.read_text() for path in (shelf.root / "recommend" / entry.key).glob("*.json"))
    assert str(tmp_path / "data") not in text
    assert bundle.build(shelf, silent, [sweep], tmp_path / "data").computed == ()


def test_without_the_data_a_sweep_is_kept_and_the_report_says_so(shelf, sweep, tmp_path):
    bundle.build(shelf, silent, [sweep], tmp_path / "data")
    report = bundle.build(shelf, silent, [sweep])
    assert (report.kept, report.missing, report.deleted) == ((bundle._command(sweep),), (), ())
    assert "DLFA_DATA names no folder, so 1 results were kept as they are and 0 are missing: set it" in str(report)
    assert len(shelf.listing(recommend)) == 1


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [
        (models, "fingerprint", lambda model: "sha256:another"),
        (transfer, "VERSION", 99),
        (profile, "SCORES_VERSION", 99),
    ],
    ids=["model", "transfer", "profile"],
)
def test_without_the_data_a_sweep_of_an_earlier_model_or_code_is_deleted(
    shelf, sweep, tmp_path, monkeypatch, owner, name, value
):
    bundle.build(shelf, silent, [sweep], tmp_path / "data")
    monkeypatch.setattr(owner, name, value)
    report = bundle.build(shelf, silent, [sweep])
    assert (report.kept, report.missing) == ((), (bundle._command(sweep),))
    assert len(report.deleted) == 1
    assert shelf.listing(recommend) == []


def test_a_folder_of_data_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setenv("DLFA_DATA", "/nowhere")
    with pytest.raises(SystemExit, match="DLFA_DATA=/nowhere is no folder: name the one that holds"):
        bundle._data()


def test_a_bundled_result_equals_one_computed_now(tmp_path, monkeypatch):
    """Second route: two languages of the page, computed again in float32, give the bundled numbers.

    What ships may be in bfloat16, which rounds some ten times in each block; a mean over all sentences keeps about one
    such rounding. Layers of one pair differ by far more.
    """
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    bundled = Store(BUNDLED).find(profile, profile.Spec())
    about = bundled.meta
    fresh = profile.run(profile.Spec(languages=("eng", "hin"), measures=("cka",), resamples=0, dtype="float32"), silent)
    both = fresh.pairs.merge(bundled.pairs, on=["layer", "source", "target", "measure"], suffixes=("", "_bundled"))
    assert len(both) == len(fresh.pairs) == about["n_states"]
    close = max(EPS[about["dtype"]], tolerance("float32", 10 * (about["n_states"] - 1) * about["hidden_size"]))
    assert both.value.to_numpy() == pytest.approx(both.value_bundled.to_numpy(), rel=0, abs=close)
    assert np.ptp(both.value_bundled) > 5 * close


def test_results_of_what_ships_are_named_by_one_list(monkeypatch, tmp_path):
    """Another encoder that ships is one entry; its results are those of the bundled encoder, trained at BERT's rate."""
    for encoder in encoders.bundled():
        assert {*bundle.of_encoder(encoder), *bundle.of_null(encoder)} <= set(bundle.RESULTS)
        assert {each.spec.model for each in bundle.of_null(encoder)} == {f"untrained:{encoder}"}
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    for name in ("second", "second-pos"):
        monkeypatch.setitem(source.BUNDLED, name, tmp_path)
    monkeypatch.setitem(source.TASK_MODELS, "second-pos", "second")
    second = bundle.of_encoder("second")
    assert {each.spec.model for each in second} == {"second"}
    assert len(second) == len(bundle.of_encoder("demo"))
    assert {each.spec.lr for each in second if getattr(each.spec, "mode", "") == "finetune"} == {bundle.LARGE}
    listed = bundle.of_task_models(encoders.task_models("second"))
    assert listed == (Listed(gates, gates.Spec(models=("second-pos",))),)


def test_one_result_that_fails_keeps_no_other_from_being_computed_and_nothing_is_deleted(shelf, tmp_path):
    small = profile.Spec(languages=("eng", "deu"), limit=30, resamples=20, measures=("cka",))
    (shelf.root / "profile" / "stale").mkdir(parents=True)
    report = bundle.build(shelf, silent, [Listed(profile, profile.Spec(model="./nowhere")), Listed(profile, small)])
    assert (len(report.computed), report.deleted) == (1, ())
    command = "python -m dlfa_core profile --model ./nowhere"
    assert report.failed == (
        f"{command}: There is no folder './nowhere': check the path, or give a hub id such as 'xlm-roberta-base'.",
    )
    assert f"failed: {command}: There is no folder" in str(report)
    assert (shelf.root / "profile" / "stale").exists()
