"""What is at hand of each encoder: results, task models, and how one is trained."""

import json
from pathlib import Path

import pytest

from dlfa_core import encoders, models
from dlfa_core.experiments import gates, profile, train
from dlfa_core.models import source
from dlfa_core.runtime import store
from tests.conftest import small_profile
from tests.experiments.labelled_small import save_sentences
from tests.models.tiny import save_checkpoint


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))


@pytest.fixture
def encoder(tmp_path):
    return str(save_checkpoint(tmp_path / "mine"))


def test_encoders_with_results_are_those_of_stored_specs_but_for_what_ships_and_what_is_gone(encoder, monkeypatch):
    ships = encoders.with_results()
    assert ships == ("untrained:demo",)
    monkeypatch.setattr(profile, "inputs", lambda spec: {"model": spec.model})
    before = encoders.stamp()
    for name in (encoder, "owner/model", "demo", "/gone"):
        store.save(profile, profile.Spec(model=name), profile.Result(**vars(small_profile())))
    assert encoders.with_results() == tuple(sorted((*ships, encoder, "owner/model")))
    assert encoders.stamp() != before


def test_task_models_that_ship_come_by_what_they_do():
    assert encoders.task_models("demo") == {name: f"demo-{name}" for name in ("pos", "sentiment", "ner")}
    assert encoders.stands_on("demo-pos") == ("demo", "pos")
    assert encoders.stands_on("demo") is None
    assert encoders.stands_on("/some/folder") is None


def test_a_trained_task_model_is_found_by_its_encoder_and_has_gates(encoder, tmp_path):
    spec = encoders.training(encoder, "animals", save_sentences(tmp_path / "animals"), epochs=1, resamples=0)
    assert encoders.task_models(encoder) == {}
    store.fetch(train, spec)
    assert encoders.task_models(encoder) == {"animals": spec.out}
    assert encoders.task_models(encoder, shipped_only=True) == {}
    assert encoders.stands_on(spec.out) == (encoder, "animals")
    looked = gates.run(gates.Spec(models=(spec.out,), texts=("eng:the cat walks home",), resamples=0))
    assert looked.meta["models"][0]["encoder"] == encoder
    assert looked.meta["models"][0]["layer"] == spec.layer == 2


def test_a_folder_that_says_no_encoder_stands_on_none(encoder):
    folder = Path(encoders.training(encoder, "broken", "pos:x").out)
    assert encoders.stands_on(str(folder)) is None
    folder.mkdir(parents=True)
    for config in ("", "[]", "{}"):
        (folder / "config.json").write_text(config)
        assert encoders.stands_on(str(folder)) is None


@pytest.mark.parametrize(("depth", "layer"), [(2, 1), (3, 2), (6, 4), (12, 8), (24, 16)])
def test_the_layer_lies_at_two_thirds_of_the_depth(depth, layer, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"num_hidden_layers": depth}))
    assert encoders.from_sample(str(tmp_path)).layer == layer


@pytest.mark.parametrize("config", ["{}", '{"num_hidden_layers": 1}'])
def test_nothing_is_trained_where_there_is_no_lower_layer(config, tmp_path):
    (tmp_path / "config.json").write_text(config)
    assert encoders.from_sample(str(tmp_path)) is None


def test_folders_of_task_models_are_apart_for_encoders_that_are_called_alike(tmp_path):
    names = [str(save_checkpoint(tmp_path / folder / "mine")) for folder in ("here", "there")]
    folders = {Path(encoders.from_sample(name).out).parent for name in names}
    assert len(folders) == 2
    assert all(folder.name.startswith("mine-") and folder.parent == store.home() / "task-models" for folder in folders)


@pytest.mark.parametrize("name", ["demo", "demo-pos"])
def test_what_ships_is_not_built_as_another_model(name):
    with pytest.raises(ValueError, match=f"'{name}' ships with the project: leave the model out"):
        encoders.ready(name)


def test_a_model_is_looked_at_before_anything_is_computed(encoder, tmp_path):
    assert encoders.ready(f"{encoder}/") == encoder
    with pytest.raises(models.ModelError, match=r"There is no folder '\./nowhere'"):
        encoders.ready("./nowhere")
    (Path(encoder) / "tokenizer.json").unlink()
    with pytest.raises(models.ModelError, match="has no tokenizer"):
        encoders.ready(encoder)


def test_another_encoder_that_ships_is_one_entry(encoder, monkeypatch):
    before = encoders.bundled()
    monkeypatch.setitem(source.BUNDLED, "second", Path(encoder))
    assert encoders.bundled() == (*before, "second")
    assert encoders.task_models("second") == {}


def test_a_card_comes_without_the_settings_at_its_top(encoder):
    assert encoders.card("demo").startswith("# multilingual-e5-small")
    assert encoders.card("untrained:demo") is None
    assert encoders.card(encoder) is None
    assert encoders.card("/gone") is None
    (Path(encoder) / "README.md").write_text("---\nlicense: mit\n---\n\n# Mine\n\n---\n\nGood.\n", encoding="utf-8")
    assert encoders.card(encoder) == "# Mine\n\n---\n\nGood."
