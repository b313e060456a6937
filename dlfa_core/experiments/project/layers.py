"""The vectors of a map, layer by layer, as they are and with something taken out."""

from collections.abc import Sequence

import numpy as np

from dlfa_core.languages import find
from dlfa_core.measures.removal import without_means, without_top_components

REMOVALS = ("none", "language_mean", "top_components")


class Layers(Sequence[np.ndarray]):
    """Vectors float32 (n_points, d) of each layer, computed when asked for: all at once could fill the memory.

    Points stand language by language, and in it sentence by sentence.

    Args:
        vectors: of each language (n_states, n, d).
        removal: one of `REMOVALS`.
        components: how many top components go.
    """

    def __init__(self, vectors: dict[str, np.ndarray], removal: str = "none", components: int = 0) -> None:
        self._vectors, self._removal, self._components = vectors, removal, components
        self._n_states, self.n, self.hidden_size = next(iter(vectors.values())).shape
        self.languages = tuple(vectors)
        self._labels = np.repeat(self.languages, self.n)

    def __len__(self) -> int:
        return self._n_states

    def __getitem__(self, layer: int) -> np.ndarray:  # type: ignore[override]
        return self.removed(self.plain(layer), self._labels)

    @property
    def n_points(self) -> int:
        return self.n * len(self.languages)

    def plain(self, layer: int) -> np.ndarray:
        """The vectors of one layer with nothing taken out."""
        return np.concatenate([each[layer] for each in self._vectors.values()])

    def removed(self, rows: np.ndarray, languages: np.ndarray, fit: np.ndarray | None = None) -> np.ndarray:
        """Rows without what is to be removed, which is learnt from the rows in bool `fit`; all by default."""
        if self._removal == "language_mean":
            return without_means(rows, languages, fit)
        if self._removal == "top_components":
            return without_top_components(rows, self._components, fit)
        return rows

    def varying(self) -> tuple[int, ...]:
        """The layers where not all points are equal.

        Raises:
            ValueError: a vector holds a value that is not finite.
        """
        found = []
        for layer in range(len(self)):
            rows = self.plain(layer)
            if not (finite := np.isfinite(rows)).all():
                point = int(np.argwhere(~finite)[0][0])
                raise ValueError(
                    f"At layer {layer} the vector of sentence {point % self.n} in "
                    f"{find(self._labels[point]).name} holds {rows[point][~finite[point]][0]} "
                    f"({(~finite).any(axis=1).sum()} such vectors in all): encode in float32 or bfloat16."
                )
            if not (rows == rows[0]).all():
                found.append(layer)
        return tuple(found)
