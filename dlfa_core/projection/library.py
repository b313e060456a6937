"""What umap-learn, pynndescent and scikit-learn do as they are, one call at a time.

Both of the former run threads of numba, and numba ends the process when two threads of Python enter them at once.
"""

import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from sklearn.manifold import TSNE

from dlfa_core.projection.aligned import scaled
from dlfa_core.projection.neighbours import Neighbours

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)  # for a part that is not used
    import umap
    from pynndescent import NNDescent

ONE_AT_A_TIME = threading.Lock()
FIRST_STEPS, STEPS = 1000, 500  # of t-SNE: at the first layer, at those that start from another
LEAST_STEPS = 250  # that scikit-learn's t-SNE takes


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else is inside umap-learn or pynndescent, and their remarks on settings made on purpose are not heard."""
    with ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "n_jobs value .* overridden to 1 by setting random_state", UserWarning)
        warnings.filterwarnings("ignore", "precomputed_knn.* is an empty|.*knn_search_index", UserWarning)
        warnings.filterwarnings("ignore", "Graph is not fully connected", UserWarning)
        warnings.filterwarnings("ignore", "Spectral initialisation failed", UserWarning)
        yield


def approximate_neighbours(rows: np.ndarray, k: int, seed: int) -> np.ndarray:
    """Indices, (n, k), of points near each row by Euclidean distance, found by descent over a graph.

    Reference: Dong, Moses and Li (2011), Efficient K-Nearest Neighbor Graph Construction.
    """
    with alone():
        found, _ = NNDescent(rows, n_neighbors=k + 1, random_state=seed).neighbor_graph
    own = found == np.arange(len(found))[:, None]
    own[~own.any(axis=1), -1] = True  # did not find itself: its last one goes
    return found[~own].reshape(len(found), k)


def independent_umap(
    vectors: Sequence[np.ndarray],
    near: Sequence[Neighbours],
    dims: int,
    min_dist: float,
    metric: str,
    seed: int,
    progress: Callable[[float], None],
) -> np.ndarray:
    """`umap.UMAP` of each layer by itself, float32 (n_layers, n, dims), from neighbours found before."""
    maps = []
    for index, (rows, found) in enumerate(zip(vectors, near, strict=True)):
        progress(index / len(near))
        own = np.arange(len(rows), dtype=np.int32)[:, None]
        indices = np.hstack([own, found.indices])
        distances = np.hstack([np.zeros_like(own, dtype=np.float32), found.distances])
        model = umap.UMAP(
            n_neighbors=indices.shape[1],
            n_components=dims,
            min_dist=min_dist,
            metric=metric,
            random_state=seed,
            precomputed_knn=(indices, distances),
        )
        with alone():
            maps.append(model.fit_transform(rows))
    return np.stack(maps)


def library_aligned_umap(
    vectors: Sequence[np.ndarray], neighbours: int, dims: int, min_dist: float, metric: str, seed: int
) -> np.ndarray:
    """`umap.AlignedUMAP` of all layers, float32 (n_layers, n, dims)."""
    same = {row: row for row in range(len(vectors[0]))}
    model = umap.AlignedUMAP(
        n_neighbors=neighbours, n_components=dims, min_dist=min_dist, metric=metric, random_state=seed
    )
    with alone():
        return np.stack(model.fit_transform(list(vectors), relations=[same] * (len(vectors) - 1)))


def tsne(
    rows: Sequence[np.ndarray],
    starts: Sequence[np.ndarray] | None,
    start: np.ndarray,
    dims: int,
    perplexity: float,
    seed: int,
    progress: Callable[[float], None],
) -> np.ndarray:
    """scikit-learn's t-SNE of each layer, float32 (n_layers, n, dims).

    Args:
        rows: of each layer (n, d), compared by Euclidean distance.
        starts: of each layer (n, dims), to start each on its own; None starts each from the layer above it.
        start: (n, dims), of the last layer.
    """
    maps: list[np.ndarray] = []
    for index in reversed(range(len(rows))):
        progress(1 - (index + 1) / len(rows))
        begin = starts[index] if starts is not None else maps[-1] if maps else start
        follows = starts is None and bool(maps)
        model = TSNE(
            n_components=dims,
            perplexity=min(perplexity, (len(start) - 1) / 3),
            init=scaled(begin) * 1e-3 if not follows else np.ascontiguousarray(begin),
            early_exaggeration=1.0 if follows else 12.0,
            max_iter=STEPS if follows else FIRST_STEPS,
            random_state=seed,
        )
        maps.append(model.fit_transform(rows[index]))
    return np.stack(maps[::-1])
