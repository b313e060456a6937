"""A random model and a made-up corpus, both in folders of the test."""

import shutil

import pytest

from tests.experiments.small import save_corpus
from tests.models.tiny import save_checkpoint


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty store of results."""
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def corpus(tmp_path):
    """36 sentences in English, German and Hindi, as a source."""
    return save_corpus(tmp_path / "corpus.tsv")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """The folder of a random BERT with three blocks, made once; read only."""
    return save_checkpoint(tmp_path_factory.mktemp("checkpoint"))


@pytest.fixture
def model(tmp_path, checkpoint):
    """The test's own copy of `checkpoint`."""
    return str(shutil.copytree(checkpoint, tmp_path / "model"))
