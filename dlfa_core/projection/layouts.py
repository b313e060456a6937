"""One entrance to all methods: vectors of every layer in, a map of every layer out."""

from collections.abc import Callable, Sequence

import numpy as np

from dlfa_core import projection
from dlfa_core.projection.aligned import aligned_umap
from dlfa_core.projection.neighbours import Neighbours, comparable
from dlfa_core.projection.pca import principal_components


def lay_out(
    vectors: Sequence[np.ndarray],
    near: Sequence[Neighbours],
    method: str,
    alignment: str,
    dims: int,
    metric: str,
    min_dist: float,
    calm: float,
    seed: int,
    progress: Callable[[float], None] = lambda fraction: None,
) -> np.ndarray:
    """A map of every layer. Maps are neither centred nor scaled nor, unless the method does so, turned alike.

    Args:
        vectors: of each layer float32 (n, d). Layers are asked for one at a time where the method allows, so this may
            compute or read them.
        near: of each layer, k - 1 other points each by `metric`; k is also the perplexity of t-SNE.
        method: "umap", "pca" or "tsne".
        alignment: "aligned" (layers start from each other), "independent", or "aligned_umap" (umap-learn's own; for
            umap only). PCA has one map for each layer, whatever the alignment.
        dims: 2 or 3.
        metric: "cosine" or "euclidean"; PCA knows variances only.
        min_dist, calm: of umap; `calm` counts for aligned layers.
        seed: the same seed gives the same maps on a machine.
        progress: told the fraction done; what it raises ends the work.

    Returns:
        float32 (n_layers, n, dims).
    """
    if method == "pca":
        return np.stack([principal_components(rows, dims) for rows in vectors])
    start = principal_components(comparable(vectors[-1], metric), dims)
    if method == "tsne":
        return _tsne(vectors, near, alignment, start, metric, seed, progress)
    if alignment == "aligned":
        return aligned_umap(near, start, min_dist, calm, seed, progress)
    library = projection.library
    if alignment == "independent":
        return library.independent_umap(vectors, near, dims, min_dist, metric, seed, progress)
    progress(0.0)
    return library.library_aligned_umap(vectors, near[0].indices.shape[1] + 1, dims, min_dist, metric, seed)


def _tsne(vectors, near, alignment, start, metric, seed, progress):
    rows = [comparable(each, metric) for each in vectors]
    dims = start.shape[1]
    starts = [principal_components(each, dims) for each in rows] if alignment == "independent" else None
    perplexity = near[0].indices.shape[1] + 1
    return projection.library.tsne(rows, starts, start, dims, perplexity, seed, progress)
