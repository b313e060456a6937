"""A random model and a made-up corpus, both in folders of the test."""

from itertools import product

import pytest

from tests.models.tiny import save_checkpoint

ROWS = [
    (f"the {animal} {verb} {place}", f"{animal} Haus {place} . {verb}", f"{verb} {animal} घर {place} !")
    for animal, verb, place in product(
        ("cat", "dog", "cat dog", "green dog"),
        ("sees", "walks", "and then walks"),
        ("home", "over long hill", "a green hill"),
    )
]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty store of results."""
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def corpus(tmp_path):
    """36 sentences in English, German and Hindi, as a source."""
    path = tmp_path / "corpus.tsv"
    path.write_text("\n".join("\t".join(row) for row in [("eng", "deu", "hin"), *ROWS]), encoding="utf-8")
    return f"table:{path}"


@pytest.fixture
def model(tmp_path):
    """The folder of a random BERT with three blocks."""
    return str(save_checkpoint(tmp_path / "model"))
