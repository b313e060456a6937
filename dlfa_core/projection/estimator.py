"""Maps of all layers as an estimator in the manner of scikit-learn."""

from collections.abc import Callable, Collection, Sequence

import numpy as np
from sklearn.base import BaseEstimator

from dlfa_core import projection
from dlfa_core.measures.alignment import align_sequence
from dlfa_core.projection.aligned import aligned_umap
from dlfa_core.projection.methods import METHODS, check_settings
from dlfa_core.projection.neighbours import Neighbours, comparable, nearest
from dlfa_core.projection.out_of_sample import OutOfSample, transform
from dlfa_core.projection.pca import principal_components

LISTED = 10  # neighbours of a point that are kept
NEAR_SHARE = 0.2  # of the progress bar, for finding neighbours

Progress = Callable[[float, str], None]


class LayerProjection(BaseEstimator):
    """One map of the same n points for each layer, laid onto each other, and new points put on them.

    Layers are sequences of vectors float32 (n, d), one item a layer. Items are asked for one at a time where the method
    allows, so a sequence may compute or read them.

    Args:
        method: umap, pca or tsne.
        alignment: aligned (each layer starts from its neighbour layer), independent (each layer on its own), or
            aligned_umap (the implementation in umap-learn; slow).
        dims: 2 or 3.
        metric: of neighbours: cosine or euclidean.
        neighbours: of each point that umap keeps close, itself counted; the perplexity of tsne.
        min_dist: how close umap may put points.
        alignment_regularisation: 0 lets every layer find its own map from the one before, 1 lets points hardly move.
        seed: the same seed gives the same maps on a machine.
        device: where exact neighbours are computed.

    Attributes:
        coordinates_: float32 (n_layers, n, dims): every layer centred, of spread 1, and turned onto its neighbour.
        neighbours_: int32 (n_layers, n, at most 10): the nearest other points by `metric`.
        layers_: what the maps were made from.
    """

    def __init__(
        self,
        method: str = "umap",
        alignment: str = "aligned",
        dims: int = 2,
        metric: str = "cosine",
        neighbours: int = 15,
        min_dist: float = 0.1,
        alignment_regularisation: float = 0.5,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        self.method, self.alignment, self.dims, self.metric = method, alignment, dims, metric
        self.neighbours, self.min_dist, self.alignment_regularisation = neighbours, min_dist, alignment_regularisation
        self.seed, self.device = seed, device

    def fit(
        self,
        layers: Sequence[np.ndarray],
        still: Collection[int] = (),
        progress: Progress = lambda fraction, message: None,
    ) -> "LayerProjection":
        """Find neighbours, lay out all layers, and lay the maps onto each other.

        Args:
            layers: at least one that is not still, of at least 3 points.
            still: layers whose points are all equal; they are drawn in one place.
            progress: told the fraction done and a message; what it raises ends the work.

        Raises:
            ValueError: a setting that means nothing, a value that is not finite, or a zero vector under cosine.
        """
        check_settings(self)
        near = []
        for layer, rows in enumerate(layers):
            progress(NEAR_SHARE * layer / len(layers), f"Finding neighbours at layer {layer}")
            near.append(self._near(layer, rows, "euclidean" if layer in still else self.metric))
        n = len(near[0].indices)
        moving, used = [layer for layer in range(len(layers)) if layer not in still], min(self.neighbours, n) - 1
        message = f"Laying out {len(layers)} layers of {n:,} points by {METHODS[self.method]}"
        maps = np.zeros((len(layers), n, self.dims))
        maps[moving] = self.lay_out(
            _Some(layers, moving),
            [near[layer].first(used) for layer in moving],
            lambda fraction: progress(NEAR_SHARE + (1 - NEAR_SHARE) * fraction, message),
        )
        coordinates = align_sequence(maps, reference=moving[-1]).astype(np.float32)
        self.neighbours_ = np.stack([each.first(LISTED).indices for each in near])
        return self.fitted(layers, coordinates)

    def fit_transform(self, layers: Sequence[np.ndarray], **settings) -> np.ndarray:
        """`fit`, with its arguments and errors, and `coordinates_`."""
        return self.fit(layers, **settings).coordinates_

    def fitted(self, layers: Sequence[np.ndarray], coordinates: np.ndarray) -> "LayerProjection":
        """Take maps that were made before, from these layers, as its own."""
        self.layers_, self.coordinates_ = layers, coordinates
        return self

    def transform(self, layers: Sequence[np.ndarray]) -> np.ndarray:
        """Return where new points belong, float32 (n_layers, q, dims): each in the mean of its nearest points.

        The maps are not made anew, so a point that is like none of theirs still lands among them.

        Args:
            layers: of each layer (q, d).

        Raises:
            ValueError: another number of layers, a value that is not finite, or a zero vector under cosine.
        """
        return self.out_of_sample(layers).coordinates

    def out_of_sample(
        self,
        layers: Sequence[np.ndarray],
        groups: np.ndarray | None = None,
        progress: Callable[[int], None] = lambda layer: None,
    ) -> OutOfSample:
        """`transform`, and how far it can be trusted, with an axis for layers in front of everything.

        Args:
            layers: of each layer (q, d).
            groups: int (n,) of the points of the maps: those of one group do not help each other where some are put
                back on the map to see how far off coordinates are; by default each point is a group.
            progress: told the layer.
        """
        if len(layers) != len(self.coordinates_):
            raise ValueError(
                f"There are maps of {len(self.coordinates_)} layers, but new points at {len(layers)}: read them with "
                "the same encoder."
            )
        groups = np.arange(self.coordinates_.shape[1]) if groups is None else groups
        found = []
        for layer, (coordinates, new) in enumerate(zip(self.coordinates_, layers, strict=True)):
            progress(layer)
            found.append(transform(self.layers_[layer], new, coordinates, self.metric, groups, self.seed))
        return OutOfSample(*(np.stack(part) for part in zip(*(vars(each).values() for each in found), strict=True)))

    def lay_out(
        self,
        layers: Sequence[np.ndarray],
        near: Sequence[Neighbours],
        progress: Callable[[float], None] = lambda fraction: None,
    ) -> np.ndarray:
        """Maps float32 (n_layers, n, dims), neither centred nor scaled nor, unless the method does so, turned alike.

        Args:
            layers: as for `fit`; PCA knows variances only, and has one map of each whatever the alignment.
            near: of each layer, k - 1 other points each by `metric`; k is also the perplexity of t-SNE.
            progress: told the fraction done; what it raises ends the work.
        """
        dims, metric = self.dims, self.metric
        if self.method == "pca":
            return np.stack([principal_components(rows, dims) for rows in layers])
        start, k = principal_components(comparable(layers[-1], metric), dims), near[0].indices.shape[1] + 1
        if self.method == "tsne":
            rows = [comparable(each, metric) for each in layers]
            alone = self.alignment == "independent"
            starts = [principal_components(each, dims) for each in rows] if alone else None
            return projection.library.tsne(rows, starts, start, dims, k, self.seed, progress)
        if self.alignment == "aligned":
            return aligned_umap(near, start, self.min_dist, self.alignment_regularisation, self.seed, progress)
        if self.alignment == "independent":
            return projection.library.independent_umap(layers, near, dims, self.min_dist, metric, self.seed, progress)
        progress(0.0)
        return projection.library.library_aligned_umap(layers, k, dims, self.min_dist, metric, self.seed)

    def _near(self, layer: int, rows: np.ndarray, metric: str) -> Neighbours:
        n = len(rows)
        wanted = min(max(LISTED, min(self.neighbours, n) - 1), n - 1)
        try:
            return nearest(rows, wanted, metric, self.device, self.seed)
        except ValueError as error:
            raise ValueError(f"At layer {layer}: {error}") from error


class _Some(Sequence):
    """Some items of a sequence, each asked for when it is needed."""

    def __init__(self, items: Sequence[np.ndarray], indices: Sequence[int]) -> None:
        self._items, self._indices = items, indices

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> np.ndarray:
        return self._items[self._indices[index]]
