"""What ships is computed for a user's own encoder, too, and the pages find it."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlfa_core import bundle, encoders
from dlfa_core.bundle import Listed
from dlfa_core.data import sources
from dlfa_core.data.tasks import sources as task_sources
from dlfa_core.experiments import attribute, gates, profile
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import silent
from dlfa_core.runtime.store import BUNDLED
from tests.experiments.labelled_small import save_tags
from tests.experiments.small import ROWS
from tests.models.tiny import save_checkpoint

ROOT = Path(__file__).parents[1]


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A user's encoder, and few sentences in the words that it knows in place of the bundled ones."""
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    moods = ("positive", "neutral", "negative")
    longer = [[f"{text} then ." for text in row] for row in ROWS]
    rows = [(moods[index % 3], *row) for index, row in enumerate([*ROWS, *longer])]
    table = tmp_path / "sample.tsv"
    table.write_text("\n".join("\t".join(row) for row in [("sentiment", "eng", "deu", "hin"), *rows]), encoding="utf-8")
    for module in (sources, task_sources):
        monkeypatch.setattr(module, "SAMPLE", table)
    st.cache_data.clear()
    st.cache_resource.clear()
    return str(save_checkpoint(tmp_path / "mine"))


def cheap(encoder, task_models):
    """Of what is listed, what takes a second each."""
    return [
        each
        for each in (*bundle.of_encoder(encoder)[:2], *bundle.of_task_models(task_models))
        if each.experiment in (profile, gates)
    ]


def opened(page, **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).switch_page(page)
    app.query_params.update(query)
    return app.run()


def test_another_encoder_is_built_in_the_users_store_and_its_results_are_found_by_the_pages(mine):
    trainings = bundle.trainings_of(mine, has_data=False)
    sample = trainings["sentiment-sample"]
    results = cheap(mine, {"sentiment-sample": sample.spec.out})
    results = [*results[:2], *trainings.values(), *results[2:]]
    before = sorted(BUNDLED.rglob("*"))
    report = bundle.build_for(f"{mine}/", silent, results=results)
    assert not report.failed, report
    assert [command.split()[3] for command in report.computed] == ["profile", "profile", "train", "gates"]
    assert [command.split("--task ")[1].split()[0] for command in report.missing] == [bundle.POS, bundle.SENTIMENT]
    assert "DLFA_DATA names no folder, so 0 results were kept as they are and 2 are missing" in str(report)
    assert sorted(BUNDLED.rglob("*")) == before
    for page in ("app.py", "pages/1_Layers.py", "pages/4_Gates.py"):
        app = opened(page, model="mine")
        assert not app.exception
        assert not app.error
        assert app.selectbox(key="model").value == mine
        assert any('<p class="answer">' in element.body for element in app.get("html"))


def test_building_another_encoder_goes_on_where_it_was_and_deletes_nothing(mine):
    results = cheap(mine, {})[:2]
    stale = store.own().root / "profile" / "stale"
    stale.mkdir(parents=True)
    assert len(bundle.build_for(mine, silent, results=results[:1]).computed) == 1
    assert len(bundle.build_for(mine, silent, results=results).computed) == 1
    assert str(bundle.build_for(mine, silent, results=results)) == "Every result is up to date."
    assert stale.exists()


def test_a_task_model_that_was_deleted_is_trained_again(mine):
    training = bundle.trainings_of(mine, has_data=False)["sentiment-sample"]
    bundle.build_for(mine, silent, results=[training])
    (Path(training.spec.out) / "model.safetensors").unlink()
    report = bundle.build_for(mine, silent, results=[training])
    assert report.computed == (bundle._command(training),), report
    assert (Path(training.spec.out) / "model.safetensors").exists()


def test_task_models_learn_what_those_that_ship_learnt_where_the_data_is(mine, tmp_path):
    (tmp_path / "data").mkdir()
    save_tags(tmp_path / "data" / "ud-pos")
    trainings = bundle.trainings_of(mine, has_data=True)
    assert list(trainings) == ["pos", "sentiment"]
    report = bundle.build_for(mine, silent, tmp_path / "data", [trainings["pos"]])
    assert not report.failed, report
    assert encoders.task_models(mine) == {"pos": trainings["pos"].spec.out}
    again = bundle.build_for(mine, silent, results=[trainings["pos"]])
    assert again.kept == (bundle._command(trainings["pos"]),)


def test_a_sentiment_model_from_data_makes_one_from_the_bundled_sentences_needless(mine):
    assert "sentiment-sample" in bundle.trainings_of(mine, has_data=False)
    folder = Path(bundle.trainings_of(mine, has_data=True)["sentiment"].spec.out)
    folder.mkdir(parents=True)
    (folder / "model.safetensors").touch()
    assert "sentiment-sample" not in bundle.trainings_of(mine, has_data=False)


def test_an_encoder_of_one_block_is_built_without_task_models_and_the_report_says_so(tmp_path, mine):
    flat = str(save_checkpoint(tmp_path / "flat", num_hidden_layers=1))
    report = bundle.build_for(flat, silent, results=cheap(flat, {})[:1])
    assert not report.failed, report
    assert f"Left out: gates and explained words of {flat}, as there is no task model on it." in str(report)


def test_everything_is_listed_for_another_encoder_in_an_order_that_can_be_computed(mine, monkeypatch):
    listed = []
    monkeypatch.setattr(
        bundle, "build", lambda shelf, progress, results, data, tidy: listed.extend(results) or bundle.Report()
    )
    bundle.build_for(mine, silent)
    names = [each.experiment.__name__.rpartition(".")[2] for each in listed]
    assert names[:3] == ["profile"] * 3
    assert names.index("train") < names.index("gates") < names.index("attribute")
    assert {each.spec.model for each in listed if each.experiment not in (gates, attribute)} == {
        mine,
        f"untrained:{mine}",
    }


def test_the_command_builds_what_it_names_and_answers_with_an_exit_code(mine, monkeypatch, capsys):
    monkeypatch.delenv("DLFA_DATA", raising=False)
    monkeypatch.setattr(bundle, "of_encoder", lambda encoder: (Listed(profile, profile.Spec(model=encoder)),))
    monkeypatch.setattr(bundle, "of_null", lambda encoder: ())
    monkeypatch.setattr(bundle, "retrieved_of", lambda encoder, named: ())
    monkeypatch.setattr(bundle, "trainings_of", lambda encoder, has_data: {})
    assert bundle.main(mine) == 0
    assert f"computed: python -m dlfa_core profile --model {mine}" in capsys.readouterr().out
    assert bundle.main("./nowhere") == 1
    assert capsys.readouterr().err.strip().startswith("There is no folder './nowhere': check the path")
    assert bundle.main("demo") == 1
    assert "'demo' ships with the project: leave the model out" in capsys.readouterr().err
    monkeypatch.setattr(profile, "VERSION", 99)
    monkeypatch.setattr(profile, "run", _interrupt)
    assert bundle.main(mine) == 130
    assert "Stopped; what was finished is stored." in capsys.readouterr().err
    monkeypatch.setattr(profile, "run", _fail)
    assert bundle.main(mine) == 1
    assert "out of memory" in capsys.readouterr().out


def _interrupt(*_):
    raise KeyboardInterrupt


def _fail(*_):
    raise RuntimeError("out of memory")


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
def test_make_hands_the_model_on():
    def command(*words):
        said = subprocess.run(
            ["make", "--no-print-directory", "-n", "assets", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return shlex.split(said.stdout.splitlines()[-1])[1:]

    assert command() == ["-m", "dlfa_core.bundle"]
    assert command("MODEL=my folder") == ["-m", "dlfa_core.bundle", "--model", "my folder"]


def test_an_encoder_without_an_output_for_words_is_built_without_its_lens(mine, monkeypatch):
    monkeypatch.setattr(bundle, "of_encoder", lambda encoder: (Listed(profile, profile.Spec(model=encoder)),))
    monkeypatch.setattr(bundle, "of_null", lambda encoder: ())
    monkeypatch.setattr(bundle, "retrieved_of", lambda encoder, named: ())
    monkeypatch.setattr(bundle, "trainings_of", lambda encoder, has_data: {})
    report = bundle.build_for(mine, silent)
    assert [command.split()[3] for command in report.computed] == ["profile"]
    assert not report.failed
    assert any("would say. The checkpoint of" in said for said in report.left_out)
    listed = bundle.lenses_of("second", {"pos": "tagger"})
    assert {each.spec.fusion for each in listed[1:]} == {"tagger"}
    assert {each.spec.model for each in listed} == {"second"}
