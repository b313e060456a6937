"""Where the large matrix products of CKA are computed: in numpy, unless something puts arrays on an accelerator.

Products of all pairs of sentences cost most of a profile. There tensors compute them; what is small stays here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

Put = Callable[[np.ndarray], Any]  # an array to a tensor of a library like torch, on a device

_put: ContextVar[Put | None] = ContextVar("put", default=None)


@contextmanager
def products_on(put: Put | None) -> Iterator[None]:
    """Compute large products of what `put` makes of arrays meanwhile; None leaves them to numpy."""
    before = _put.set(put)
    try:
        yield
    finally:
        _put.reset(before)


def chosen() -> Put | None:
    """What puts arrays on the device that was asked for, or None."""
    return _put.get()


def squared_cross_norms(put: Put, views: np.ndarray, block: int) -> np.ndarray:
    """|X_a' X_b|_F^2 for every two of V views, (V, n, d) -> (V, V) float64, through products of sentences."""
    there, norms = put(views), np.zeros((len(views), len(views)))
    for start in range(0, there.shape[1], block):
        gram = there[:, start : start + block] @ there[:, start:].mT
        gram[:, :, gram.shape[1] :] *= 2**0.5  # each off-diagonal block stands for its transpose too
        flat = gram.flatten(1)
        norms += (flat @ flat.mT).cpu().numpy()
    return norms


def forms(put: Put, views: np.ndarray, w: np.ndarray, hollow: bool, block: int) -> np.ndarray:
    """w'Mw, w'M(w^2) and (w^2)'M(w^2) for M = K * L of views a <= b, as (3, R, V, V), float64.

    Views are (V, n, d), weights (n, R), both float32; `hollow` takes the diagonals of Gram matrices as zero. Blocks of
    rows meet the columns from their own first one on, as in `hsic`.
    """
    (n_views, n, _), n_resamples = views.shape, w.shape[1]
    there, both = put(views), put(np.hstack([w, w**2]))
    found = np.zeros((3, n_resamples, n_views, n_views))
    for start in range(0, n, block):
        gram = there[:, start : start + block] @ there[:, start:].mT
        size = gram.shape[1]
        gram[:, :, :size] *= 0.5**0.5
        if hollow:
            gram[:, range(size), range(size)] = 0
        left = both[start : start + size].reshape(size, 2, 1, n_resamples)
        for a in range(n_views):
            right = ((gram[a] * gram[a:]) @ both[start:]).reshape(-1, size, 1, 2, n_resamples)
            part = (left * right).sum(1).cpu().numpy().transpose(1, 2, 3, 0)  # (2, 2, R, views from a on)
            found[0, :, a, a:] += 2 * part[0, 0]
            found[1, :, a, a:] += part[0, 1] + part[1, 0]
            found[2, :, a, a:] += 2 * part[1, 1]
    return found
