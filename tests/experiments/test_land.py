"""Sentences that are not on the map, put on it."""

from dataclasses import replace

import numpy as np
import pytest

from dlfa_core.experiments import encode, land, project
from dlfa_core.figures.sentences import summary
from dlfa_core.runtime import store
from tests.experiments.small import ROWS
from tests.models.tiny import CLOSE
from tests.rounding import tolerance

EPS = tolerance("float32", 10)  # a weighted mean of ten neighbours
KNOWN = ROWS[5]


@pytest.fixture
def spec(model, corpus):
    return land.Spec(model=model, corpus=corpus, method="pca", dtype="float32", texts=("green cat home", KNOWN[0]))


@pytest.fixture
def result(spec):
    return land.run(spec)


@pytest.fixture
def laid_out(spec, result):
    return store.find(project, project.Spec(model=spec.model, corpus=spec.corpus, method="pca", dtype="float32"))


def test_a_sentence_of_the_map_lands_on_itself(result, laid_out):
    row = laid_out.points.index[laid_out.points["text"] == KNOWN[0]][0]
    assert (result.neighbours[:, 1, 0] == row).all()
    np.testing.assert_allclose(result.coordinates[:, 1], laid_out.coordinates[:, row], atol=0.02)
    assert (result.distances[:, 1, 0] < 1e-3 * result.usual).all()


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_and_distances_are_those_of_the_vectors(spec, metric):
    spec = replace(spec, metric=metric)
    result = land.run(spec)
    settings = {"model": spec.model, "corpus": spec.corpus, "dtype": "float32"}
    known = np.concatenate(
        [encode.run(encode.Spec(language=code, **settings)).vectors for code in ("eng", "deu", "hin")], axis=1
    )
    reader = encode.reader(spec.model, encode.inputs(spec)["model"], "float32")
    new = reader.encode(list(spec.texts)).vectors
    for layer in range(4):
        if metric == "cosine":
            unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (new[layer], known[layer])]
            apart = 1 - unit[0] @ unit[1].T
        else:
            apart = np.linalg.norm(new[layer][:, None] - known[layer], axis=2)
        nearest = np.sort(apart, axis=1)[:, : result.distances.shape[2]]
        np.testing.assert_allclose(result.distances[layer], nearest, rtol=0, atol=CLOSE)
        chosen = np.take_along_axis(apart, result.neighbours[layer].astype(int), axis=1)
        np.testing.assert_allclose(chosen, nearest, rtol=0, atol=CLOSE)


def test_a_new_point_lies_among_its_neighbours(result, laid_out):
    for layer in range(4):
        near = laid_out.coordinates[layer][result.neighbours[layer, 0]]
        assert (result.coordinates[layer, 0] >= near.min(axis=0) - EPS).all()
        assert (result.coordinates[layer, 0] <= near.max(axis=0) + EPS).all()


def test_where_one_text_lands_does_not_depend_on_the_others(spec, result):
    alone = land.run(replace(spec, texts=spec.texts[:1]))
    np.testing.assert_allclose(alone.coordinates[:, 0], result.coordinates[:, 0], atol=1e-4)


def test_the_error_is_that_of_points_put_back_without_their_translations(result):
    assert result.error.shape == (4,)
    assert (result.error > 0).all()
    assert (result.error < 3).all()  # of a map whose spread is 1


def test_the_map_and_its_encodings_are_used_again(spec, result, monkeypatch):
    monkeypatch.setattr(encode, "run", None)
    monkeypatch.setattr(project, "run", None)
    land.run(replace(spec, texts=("dog",)))


@pytest.mark.parametrize("removal", ["language_mean", "top_components"])
def test_a_sentence_of_the_map_lands_on_itself_also_without_what_is_removed(spec, removal):
    result = land.run(replace(spec, removal=removal, texts=(KNOWN[1],)))
    settings = {"model": spec.model, "corpus": spec.corpus, "method": "pca", "dtype": "float32"}
    laid_out = store.find(project, project.Spec(removal=removal, **settings))
    row = laid_out.points.index[laid_out.points["text"] == KNOWN[1]][0]
    if removal == "top_components":  # a random model does not tell languages, so a text may lose another one's mean
        assert (result.neighbours[:, 0, 0] == row).all()
    assert np.isfinite(result.coordinates).all()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ((), "There is nothing to land"),
        (("  ",), "none that is empty"),
        (("a" * 1001,), "has 1,001 characters, but up to 1,000 are read: shorten it"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anything_is_encoded(spec, monkeypatch, texts, said):
    monkeypatch.setattr(encode, "run", None)
    with pytest.raises(ValueError, match=said):
        land.run(replace(spec, texts=texts))


def test_the_summary_tells_the_error(result):
    assert summary("land", result).startswith(
        "2 texts landed at 4 layers; at layer 3 points put back on the map land 0."
    )
