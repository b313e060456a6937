"""Neighbours, UMAP's graph and its optimisation, beside what scikit-learn and umap-learn make of the same points."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from dlfa_core.measures.alignment import align_sequence, drift
from dlfa_core.projection import LayerProjection, aligned, graph, library, neighbours, optimiser
from dlfa_core.projection.neighbours import nearest
from dlfa_core.projection.pca import principal_components
from tests.rounding import tolerance


@pytest.fixture(scope="module")
def layers():
    """Four layers of 90 points in six clumps that move slowly and far from the origin, float32 (4, 90, 20)."""
    rng = np.random.default_rng(0)
    clumps = rng.normal(size=(6, 20)).repeat(15, axis=0) * 3
    drifting, noise = rng.normal(size=(6, 20)).repeat(15, axis=0), rng.normal(size=(90, 20))
    return np.stack([50 + clumps + drifting * layer + noise for layer in range(4)]).astype(np.float32)


@pytest.fixture(scope="module")
def near(layers):
    return [nearest(rows, 14) for rows in layers]


@pytest.fixture(scope="module")
def start(layers):
    return principal_components(layers[-1], 2)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_exact_neighbours_are_those_of_scikit_learn(layers, metric, monkeypatch):
    """Points that are equally near but for rounding may change places."""
    monkeypatch.setattr(neighbours, "BLOCK_VALUES", 90 * 7)  # several blocks, the last one shorter
    found = nearest(layers[1], 10, metric)
    rows = layers[1].astype(np.float64)
    distances, _ = NearestNeighbors(n_neighbors=10, metric=metric, algorithm="brute").fit(rows).kneighbors()
    np.testing.assert_allclose(found.distances, distances, rtol=tolerance("float32", 20))
    chosen = np.take_along_axis(pairwise_distances(rows, metric=metric), found.indices.astype(int), axis=1)
    np.testing.assert_allclose(chosen, distances, rtol=tolerance("float32", 20, scale=100))  # by products of long rows
    assert all(len({point, *others}) == 11 for point, others in enumerate(found.indices.tolist()))
    assert found.exact


def test_no_point_is_its_own_neighbour_even_among_identical_ones():
    rows = np.repeat(np.eye(4, dtype=np.float32), 5, axis=0)
    found = nearest(rows, 4, "euclidean")
    assert (found.indices != np.arange(20)[:, None]).all()
    assert (found.indices // 5 == np.arange(20)[:, None] // 5).all()
    assert (found.distances == 0).all()


def test_a_point_that_did_not_find_itself_keeps_as_many_others(monkeypatch):
    class Found:
        def __init__(self, *_, **__):
            self.neighbor_graph = np.array([[0, 1, 2], [2, 0, 1], [1, 0, 3], [3, 0, 2]]), None

    monkeypatch.setattr(library, "NNDescent", Found)
    found = library.approximate_neighbours(np.zeros((4, 1), np.float32), 2, 0)
    assert found.tolist() == [[1, 2], [2, 0], [1, 0], [0, 2]]


@pytest.mark.slow  # numba compiles umap-learn for half a minute
def test_approximate_neighbours_are_nearly_the_exact_ones(layers):
    rows = np.concatenate(layers)
    exact, approximate = nearest(rows, 10, exact=True), nearest(rows, 10, exact=False)
    shared = [len(set(a) & set(b)) for a, b in zip(exact.indices, approximate.indices, strict=True)]
    assert np.mean(shared) > 9.5
    assert not approximate.exact
    np.testing.assert_array_equal(nearest(rows, 10, exact=False).indices, approximate.indices)


@pytest.mark.parametrize(
    ("change", "k", "metric", "message"),
    [
        (lambda rows: rows, 90, "cosine", "Of 90 points each has 1 to 89 neighbours, but 90 were asked for"),
        (lambda rows: rows, 5, "manhattan", "metric='manhattan' is unknown: use one of cosine, euclidean"),
        (lambda rows: np.where(rows == rows[3, 3], np.nan, rows), 5, "cosine", "but row 3 holds nan"),
        (lambda rows: rows * (np.arange(90) != 7)[:, None], 5, "cosine", "Row 7 is a zero vector"),
    ],
)
def test_what_has_no_neighbours_is_said(layers, change, k, metric, message):
    with pytest.raises(ValueError, match=message):
        nearest(change(layers[0]), k, metric)


@pytest.mark.parametrize("shape", [(30, 8), (8, 30)])
def test_principal_components_are_those_of_scikit_learn(shape):
    rows = np.random.default_rng(1).normal(size=shape) * np.linspace(1, 3, shape[1])
    ours, theirs = principal_components(rows, 3), PCA(3).fit_transform(rows)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), rtol=0, atol=tolerance("float32", 30, scale=10))


@pytest.mark.parametrize("rows", [np.ones((20, 6)), np.ones((3, 6))])
def test_identical_points_have_no_components(rows):
    assert not principal_components(rows, 2).any()


def test_directions_that_points_do_not_have_are_zero():
    line = np.outer(np.arange(12.0), np.ones(5))
    found = principal_components(line, 3)
    assert np.ptp(found[:, 0]) == pytest.approx(11 * np.sqrt(5), rel=1e-5)
    assert not found[:, 1:].any()


@pytest.mark.parametrize("kind", ["clumps", "identical", "pairs"])
def test_the_graph_is_that_of_umap(layers, kind):
    rows = {
        "clumps": layers[2],
        "identical": np.ones((40, 3), np.float32),
        "pairs": np.repeat(np.arange(20.0, dtype=np.float32)[:, None], 2, axis=0),
    }[kind]
    found = nearest(rows, 9, "euclidean")
    own = np.arange(len(rows), dtype=np.int32)[:, None]
    with library.alone():
        theirs, _, _ = library.umap.umap_.fuzzy_simplicial_set(
            rows,
            10,
            np.random.RandomState(0),
            "euclidean",
            knn_indices=np.hstack([own, found.indices]),
            knn_dists=np.hstack([np.zeros((len(rows), 1), np.float32), found.distances]),
        )
    ours = graph.fuzzy_graph(found.indices, found.distances)
    # both halve intervals until strengths sum to log2(k) but for 1e-5, which moves each by no more than that
    np.testing.assert_allclose(ours.toarray(), theirs.toarray(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("min_dist", [0.0, 0.1, 0.5])
def test_the_curve_of_attraction_is_that_of_umap(min_dist):
    np.testing.assert_allclose(optimiser.curve(min_dist), library.umap.umap_.find_ab_params(1.0, min_dist), rtol=1e-6)


def test_each_epoch_is_that_of_umap(layers):
    """Second route: umap-learn's own compiled epoch, from where ours begins.

    Between two points that nearly touch, a push multiplies a rounding error up to a thousand times, so that two ways
    to round part after some epochs; hence one at a time, of points that lie far apart.
    """
    found = nearest(layers[0], 14)
    edges, epochs, ab = graph.fuzzy_graph(found.indices, found.distances), 40, optimiser.curve(0.1)
    ours = 10 * aligned.scaled(principal_components(layers[0], 2))
    layout = optimiser.Layout(edges, epochs, ab, seed=0)
    heads, tails, every, due, states = (each.copy() for each in layout._edges)
    epoch_of_umap = library.umap.layouts._get_optimize_layout_euclidean_single_epoch_fn(False)
    none, many = np.zeros(1, np.float32), (0.0, 0.0, 0.0, 0.0)
    for epoch in range(epochs):
        before, theirs = ours.copy(), ours.copy()
        step = 0.5 * (1 - epoch / epochs)
        epoch_of_umap(
            *(theirs, theirs, heads, tails, len(ours), every, *ab, states, 1.0, 2, True, step, every / 5, due[1]),
            *(due[0], epoch, False, none, none, *many, none, none, 0.0),
        )
        layout.improve(ours, 1, alpha=0.5)
        assert epoch == 0 or np.abs(ours - before).max() > 10 * np.abs(ours - theirs).max()
        assert np.median(np.abs(ours - theirs)) < 1e-5
        np.testing.assert_allclose(ours, theirs, atol=0.05)
        np.testing.assert_array_equal(
            layout._edges[4], states
        )  # whole numbers: the same points were drawn to push away from
        np.testing.assert_allclose(layout._edges[3], due, rtol=1e-12)


def test_epochs_in_parts_are_epochs_at_once(near, start):
    edges, ab = graph.fuzzy_graph(near[0].indices, near[0].distances), optimiser.curve(0.1)
    whole, parts = aligned.scaled(start), aligned.scaled(start)
    optimiser.Layout(edges, 30, ab, seed=1).improve(whole, 30)
    layout = optimiser.Layout(edges, 30, ab, seed=1)
    for epochs in (7, 1, 22):
        layout.improve(parts, epochs)
    np.testing.assert_array_equal(whole, parts)  # the same steps in the same order
    layout.improve(parts, 10)  # all epochs are done
    np.testing.assert_array_equal(whole, parts)


def test_a_pull_brings_points_to_where_it_pulls(near, start):
    edges, ab = graph.fuzzy_graph(near[0].indices, near[0].distances), optimiser.curve(0.1)
    points, goal = aligned.scaled(start), np.full((90, 2), 5, np.float32)
    optimiser.Layout(edges, 20, ab, seed=1).improve(points, 20, 0.0, goal, pull=1e9)
    assert not np.allclose(points, goal)  # a step of 0 pulls nowhere
    optimiser.Layout(edges, 20, ab, seed=1).improve(points, 20, 1.0, goal, pull=1e9)
    np.testing.assert_allclose(points, goal)


def scores(layers, maps):
    maps = align_sequence(maps, len(maps) - 1)
    kept = [
        trustworthiness(rows, shown, n_neighbors=10, metric="cosine") for rows, shown in zip(layers, maps, strict=True)
    ]
    return np.mean(kept), drift(maps).mean()


def test_regularisation_trades_neighbours_for_stillness(layers, near, start):
    found = [
        scores(layers, aligned.aligned_umap(near, start, alignment_regularisation=alignment_regularisation))
        for alignment_regularisation in (0.0, 0.5, 1.0)
    ]
    kept, moved = zip(*found, strict=True)
    assert kept[0] > 0.9
    assert kept[1] > kept[0] - 0.02
    assert moved[0] > moved[1] > moved[2]
    assert moved[1] < 0.25
    assert moved[2] < 0.01


@pytest.mark.slow  # numba compiles umap-learn for half a minute
def test_aligned_maps_keep_neighbours_as_well_as_the_library_and_lie_as_still(layers, near):
    ours = scores(layers, LayerProjection().lay_out(layers, near))
    theirs = scores(layers, LayerProjection(alignment="aligned_umap").lay_out(layers, near))
    assert ours[0] > theirs[0] - 0.005
    assert ours[1] < max(theirs[1], 0.25)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize(
    ("method", "alignment"),
    [
        ("umap", "aligned"),
        pytest.param("umap", "independent", marks=pytest.mark.slow),
        ("pca", "aligned"),
        ("tsne", "aligned"),
        ("tsne", "independent"),
    ],
)
def test_the_same_seed_gives_the_same_maps_and_another_one_others(layers, near, method, alignment, dims, monkeypatch):
    monkeypatch.setattr(library, "FIRST_STEPS", 300)
    monkeypatch.setattr(library, "STEPS", 250)
    first, again, other = (
        LayerProjection(method, alignment, dims, seed=seed).lay_out(layers[:2], near[:2]) for seed in (3, 3, 4)
    )
    assert first.shape == (2, 90, dims)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)  # the same operations
    assert (method != "umap") == np.array_equal(first, other)  # t-SNE and PCA start from components, not from a seed


@pytest.mark.slow  # numba compiles umap-learn for half a minute
def test_independent_maps_move_more_than_aligned_ones(layers, near):
    moved = {
        alignment: scores(
            layers, LayerProjection(alignment=alignment, alignment_regularisation=0.0).lay_out(layers, near)
        )[1]
        for alignment in ("aligned", "independent")
    }
    assert moved["aligned"] < moved["independent"]


def test_an_aligned_map_asks_for_no_vectors_but_the_last(layers, near):
    asked = []

    class Lazy:
        def __getitem__(self, index):
            asked.append(index)
            return layers[index]

    LayerProjection().lay_out(Lazy(), near)
    assert asked == [-1]


def test_work_is_reported_and_ends_when_nobody_wants_it(layers, near, start):
    fractions = []
    aligned.aligned_umap(near, start, progress=fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert 0.95 < fractions[-1] < 1

    def stop(fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aligned.aligned_umap(near, start, progress=stop)


def test_calm_is_a_share(near, start):
    with pytest.raises(ValueError, match=r"alignment_regularisation=1\.5 lies outside 0"):
        aligned.aligned_umap(near, start, alignment_regularisation=1.5)


TOGETHER = """
import threading
import numpy as np
from dlfa_core.projection import LayerProjection
from dlfa_core.projection.neighbours import nearest

rows = np.random.default_rng(0).normal(size=(2, 120, 10)).astype(np.float32)
near = [nearest(each, 14) for each in rows]
done = []

def work(alignment):
    for seed in range(2):
        LayerProjection(alignment=alignment, seed=seed).lay_out(rows, near)
    nearest(rows[0], 10, exact=False)
    done.append(alignment)

threads = [threading.Thread(target=work, args=[a]) for a in ("independent", "independent", "aligned", "aligned")]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert sorted(done) == ["aligned", "aligned", "independent", "independent"], done
"""


@pytest.mark.slow  # numba compiles umap-learn for half a minute
def test_two_jobs_in_threads_of_one_process_both_finish():
    """In a process of its own: without the lock numba would abort it."""
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", TOGETHER], env=os.environ | {"PYTHONPATH": str(root)}, check=True
    )


def test_an_aligned_map_never_waits_for_umap_learn():
    root = Path(__file__).parents[2]
    code = TOGETHER.split("threads =")[0].replace("    nearest(rows[0], 10, exact=False)", "") + (
        'work("aligned")\nimport sys\nassert not {"umap", "pynndescent"} & sys.modules.keys()'
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], env=os.environ | {"PYTHONPATH": str(root)}, check=True)
