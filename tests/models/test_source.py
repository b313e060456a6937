import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import huggingface_hub
import numpy as np
import pytest
from huggingface_hub import constants, errors
from safetensors.numpy import load_file, save_file

from dlfa_core.models import Encoder, ModelError, fingerprint, locate, source
from tests.models.tiny import CLOSE

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(checkpoints, tmp_path):
    return shutil.copytree(checkpoints["bert"], tmp_path / "model")


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """An empty hub cache and no network; returns the cache."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def put_in_cache(cache, repository, folder):
    """Lay out a repository as the hub client does after a download."""
    root = cache / f"models--{repository.replace('/', '--')}"
    shutil.copytree(folder, root / "snapshots" / COMMIT)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT)


def test_the_package_and_the_fingerprint_leave_torch_alone(checkpoints):
    code = (
        "import sys; from dlfa_core import models; from dlfa_core.models.fingerprint import fingerprint\n"
        f"models.fingerprint({str(checkpoints['bert'])!r}); models.locate({str(checkpoints['bert'])!r})\n"
        "assert models.ModelError and models.fingerprint is fingerprint\n"
        "assert not {'torch', 'transformers'} & set(sys.modules), 'torch was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.getcwd()})


def test_copies_have_equal_fingerprints(folder, checkpoints):
    assert fingerprint(folder) == fingerprint(str(checkpoints["bert"]))
    assert fingerprint(folder).startswith("sha256:")


def test_the_fingerprint_changes_with_the_weights(folder):
    before = fingerprint(folder)
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.LayerNorm.bias"][0] = np.nextafter(weights["embeddings.LayerNorm.bias"][0], np.inf)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert fingerprint(folder) != before


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_the_fingerprint_changes_with_configuration_and_tokenizer(folder, file):
    before = fingerprint(folder)
    (folder / file).write_text((folder / file).read_text() + "\n")
    assert fingerprint(folder) != before


def test_other_files_do_not_change_the_fingerprint(folder):
    before = fingerprint(folder)
    (folder / "README.md").write_text("a model card")
    assert fingerprint(folder) == before


def test_a_cached_hub_model_needs_no_network(offline, checkpoints):
    put_in_cache(offline, "owner/model", checkpoints["bert"])
    assert fingerprint("owner/model") == f"commit:{COMMIT}"
    assert locate("owner/model").name == COMMIT
    cached, own = (
        Encoder.from_pretrained(name, device="cpu", dtype="float32").encode(["the cat"]).vectors
        for name in ("owner/model", checkpoints["bert"])
    )
    np.testing.assert_allclose(cached, own, rtol=0, atol=CLOSE)


def test_labse_is_known_by_its_short_name(offline, checkpoints):
    put_in_cache(offline, "sentence-transformers/LaBSE", checkpoints["bert"])
    assert fingerprint("LaBSE") == fingerprint("sentence-transformers/LaBSE") == f"commit:{COMMIT}"


@pytest.mark.parametrize("format", ["model.safetensors", "pytorch_model.bin"])
def test_a_hub_model_is_fetched_at_one_commit_without_files_that_are_not_read(
    offline, checkpoints, monkeypatch, tmp_path, format
):
    asked = []

    def snapshot_download(repository, revision, allow_patterns):
        asked.append((repository, revision))
        snapshot = shutil.copytree(checkpoints["bert"], tmp_path / "snapshot", dirs_exist_ok=True)
        (snapshot / "model.safetensors").unlink()
        if any(format.startswith(pattern.split("*")[0]) for pattern in allow_patterns if "*" in pattern):
            shutil.copy(checkpoints["bert"] / "model.safetensors", snapshot / format)
        assert not any("onnx" in pattern or "h5" in pattern for pattern in allow_patterns)
        return str(snapshot)

    monkeypatch.setattr(
        huggingface_hub, "model_info", lambda name, timeout: huggingface_hub.ModelInfo(id=name, sha=COMMIT)
    )
    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    assert (locate("owner/model") / format).is_file()
    assert set(asked) == {("owner/model", COMMIT)}


def refusal(name):
    with pytest.raises(ModelError) as caught:
        locate(name)
    return str(caught.value)


def test_a_hub_model_without_network_says_to_connect_or_choose_another(offline):
    message = "'owner/model' is not on this machine and cannot be fetched (OfflineModeIsEnabled): connect"
    assert message in refusal("owner/model")
    assert "choose the bundled encoder ('demo' in a command) or a folder" in refusal("owner/model")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.RepositoryNotFoundError, "The hub has no public model 'owner/model': check the spelling"),
        (errors.GatedRepoError, "The hub wants a login for 'owner/model': ask for access on its page"),
    ],
)
def test_what_the_hub_refuses_is_explained(offline, monkeypatch, error, message):
    def model_info(name, timeout):
        raise error("refused", response=SimpleNamespace(headers={}, request=None))

    monkeypatch.setattr(huggingface_hub, "model_info", model_info)
    assert message in refusal("owner/model")


@pytest.mark.parametrize("name", ["/no/such/folder", "./model", "~/nothing-here", "a/b/c", r"C:\models"])
def test_a_missing_folder_is_not_looked_up_on_the_hub(name):
    assert f"There is no folder {name!r}: check the path" in refusal(name)


def test_a_name_that_cannot_be_a_hub_id_is_explained(offline):
    assert "'my model' is neither a folder nor a hub id: hub ids look like 'owner/model'" in refusal("my model")


def test_a_file_is_not_taken_for_a_folder(folder):
    assert "is a file: give the folder that holds config.json" in refusal(folder / "config.json")


def test_a_folder_without_config_is_explained(tmp_path):
    assert "has no config.json: choose the folder that a model was saved to" in refusal(tmp_path)


def test_a_missing_bundled_model_is_explained(monkeypatch, tmp_path):
    monkeypatch.setitem(source.BUNDLED, "demo", tmp_path / "encoder")
    assert "The bundled model 'demo' is missing: restore the folder" in refusal("demo")


def test_bundled_task_models_are_those_whose_folders_are_here(monkeypatch, tmp_path):
    before = source.bundled_task_models()
    assert {"demo-pos", "demo-sentiment"} <= set(before)
    monkeypatch.setitem(source.BUNDLED, "demo-pos", tmp_path)
    monkeypatch.setitem(source.BUNDLED, "demo-xnli", tmp_path / "xnli")
    assert not {"demo", "demo-pos", "demo-xnli"} & set(source.bundled_task_models())
    (tmp_path / "xnli").mkdir()
    (tmp_path / "xnli" / "config.json").write_text("{}")
    assert "demo-xnli" in source.bundled_task_models()


def test_demo_means_the_bundled_folder(monkeypatch, checkpoints):
    monkeypatch.setitem(source.BUNDLED, "demo", checkpoints["bert"])
    assert locate("demo") == checkpoints["bert"]
    assert fingerprint("demo") == fingerprint(checkpoints["bert"])
