"""Similarity of more sentences than fit into memory: sums over parts of them, from which measures follow exactly."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from dlfa_core.measures.views import check_rows, nonzero_norms

TINY = 1e-12  # of a neuron's mean square: what is left of a constant one in float64


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over n sentences in V languages, of vectors x of width d; row i says the same in all. All are float64.

    Sums of two parts, added, are those of both; one taken from the whole leaves the other.

    Attributes:
        n: (), sentences.
        total: (V, d), of x.
        cross: (V, V, d, d), of x y'.
        lengths: (V,), of |x|^2.
        joint: (V, V), of |x|^2 |y|^2.
        weighted: (V, V, d), of x |y|^2.
        units: (V, d), of x / |x|.
        parallel: (V, V), of the cosine of x and y.
    """

    n: np.ndarray
    total: np.ndarray
    cross: np.ndarray
    lengths: np.ndarray
    joint: np.ndarray
    weighted: np.ndarray
    units: np.ndarray
    parallel: np.ndarray

    @classmethod
    def of(cls, views: np.ndarray) -> "Sums":
        """The sums of vectors (V, n, d).

        Raises:
            ValueError: a vector is zero, so that it has no cosine.
        """
        views = np.asarray(views, dtype=np.float64)
        norms = nonzero_norms("cosine", views)
        squares, units = np.square(norms), views / norms[..., None]
        return cls(
            n=np.array(float(views.shape[1])),
            total=views.sum(axis=1),
            cross=np.stack([view.T @ views for view in views]),
            lengths=squares.sum(axis=1),
            joint=squares @ squares.T,
            weighted=np.stack([squares @ view for view in views]),
            units=units.sum(axis=1),
            parallel=np.einsum("and,bnd->ab", units, units),
        )

    def add(self, other: "Sums") -> None:
        """Add those of further sentences in place."""
        for field in fields(self):
            mine = getattr(self, field.name)
            np.add(mine, getattr(other, field.name), out=mine)

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)})

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(**{field.name: getattr(self, field.name) - getattr(other, field.name) for field in fields(self)})

    def cka(self) -> np.ndarray:
        """`linear_cka`, debiased, of every two languages, (V, V).

        Gram matrices without their diagonals, K and L, say all in sums: tr KL, 1'K1 and 1'KL1.
        """
        check_rows("cka", int(self.n), 4)
        squares = np.square(self.cross).sum(axis=(2, 3)) - self.joint
        hollow = np.square(self.total).sum(axis=1) - self.lengths
        through = np.einsum("ad,abde,be->ab", self.total, self.cross, self.total) + self.joint
        once = np.einsum("ad,abd->ab", self.total, self.weighted)
        through -= once + once.T
        n = self.n
        hsic = squares + np.outer(hollow, hollow) / ((n - 1) * (n - 2)) - 2 / (n - 2) * through
        own = np.sqrt(np.diag(hsic))
        return hsic / np.outer(own, own)

    def anc(self) -> np.ndarray:
        """`anc` of every two languages, (V, V); of neurons that are constant in none.

        Raises:
            ValueError: there is no such neuron.
        """
        check_rows("anc", int(self.n), 3)
        products = np.diagonal(self.cross, axis1=2, axis2=3)  # (V, V, d)
        covariance = products / self.n - self.total[:, None] * self.total / self.n**2
        own = np.diagonal(covariance).T  # (V, d)
        kept = (own > TINY * np.diagonal(products).T / self.n).all(axis=0)
        if not kept.any():
            raise ValueError("anc correlates neurons over the sentences, but each is constant in one language.")
        spread = np.sqrt(own[:, kept])
        return (covariance[..., kept] / (spread[:, None] * spread)).mean(axis=2)

    def cosine_gap(self) -> np.ndarray:
        """`cosine_gap` of every two languages, (V, V)."""
        check_rows("cosine", int(self.n), 2)
        among_others = (self.units @ self.units.T - self.parallel) / (self.n * (self.n - 1))
        return self.parallel / self.n - among_others


STREAMED: dict[str, Callable[[Sums], np.ndarray]] = {"cka": Sums.cka, "anc": Sums.anc, "cosine_gap": Sums.cosine_gap}
