"""UMAP of all layers at once: one optimisation, in which every layer is pulled to the layers beside it."""

from collections.abc import Callable, Sequence

import numpy as np

from dlfa_core.projection.graph import fuzzy_graph
from dlfa_core.projection.methods import check_alignment_regularisation
from dlfa_core.projection.neighbours import Neighbours
from dlfa_core.projection.optimiser import Layout, curve

EPOCHS = 200
TURN = 2  # epochs of one layer before the next has its turn
FIRST_ALPHA = 0.25  # of layers that start from the common map, which is good already
START_WIDTH = 10.0  # the largest coordinate of a start, as in umap-learn


def aligned_umap(
    near: Sequence[Neighbours],
    start: np.ndarray,
    min_dist: float = 0.1,
    alignment_regularisation: float = 0.5,
    seed: int = 0,
    progress: Callable[[float], None] = lambda fraction: None,
) -> np.ndarray:
    """Lay out every layer so that its points keep their neighbours and stay near their places at the layers beside.

    The last layer's map is found first and all layers start from it. Then they take turns of `TURN` epochs, up and
    down the layers, and after each epoch every point goes a part of the way to the mean of its places at the two
    neighbour layers. `umap.AlignedUMAP` pulls in every single step instead, over three layers each way, and starts
    from a spectral map of each layer.

    Args:
        near: of each layer, k - 1 other points each.
        start: (n, dims), a first map of the last layer, such as its principal components.
        min_dist: how close points may lie.
        alignment_regularisation: in [0, 1]: 0 pulls not at all, 0.5 in an epoch all the way while steps are large, 1
            always.
        seed: of the points that others are pushed away from; the same seed gives the same map on a machine.
        progress: told the fraction done; what it raises ends the work.

    Returns:
        float32 (n_layers, n, dims).

    Raises:
        ValueError: alignment_regularisation lies outside [0, 1].
    """
    check_alignment_regularisation(alignment_regularisation)
    pull = 2 * alignment_regularisation / max(1 - alignment_regularisation, 1e-3)
    ab, graphs = curve(min_dist), [fuzzy_graph(each.indices, each.distances) for each in near]
    common = scaled(start)
    first = Layout(graphs[-1], EPOCHS, ab, seed)
    total = (len(graphs) + 1) * EPOCHS
    for done in range(0, EPOCHS, 10 * TURN):
        progress(done / total)
        first.improve(common, 10 * TURN)

    maps = np.stack([common] * len(graphs))
    layouts = [Layout(graph, EPOCHS, ab, seed + index) for index, graph in enumerate(graphs, start=1)]
    indices = range(len(graphs))
    for turn in range(EPOCHS // TURN):
        progress((EPOCHS + turn * TURN * len(graphs)) / total)
        for index in indices if turn % 2 else reversed(indices):
            beside = [maps[other] for other in (index - 1, index + 1) if other in indices]
            towards = np.mean(beside, axis=0) if beside else maps[index]
            layouts[index].improve(maps[index], TURN, FIRST_ALPHA, towards, pull)
    return maps


def scaled(start: np.ndarray) -> np.ndarray:
    """A start whose largest coordinate is `START_WIDTH`, float32 in C order."""
    largest = np.abs(start).max()
    return np.ascontiguousarray(start * (START_WIDTH / largest if largest else 1.0), dtype=np.float32)
