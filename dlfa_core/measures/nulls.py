"""Where a measure lies when the pairing means nothing: moments over all n! shufflings of one side's rows.

All but canonical correlations have closed forms, so no shuffling is done and no seed enters.
"""

import numpy as np


def matching_sd(centred_squares: np.ndarray, n: int) -> np.ndarray:
    """Standard deviation of sum_i C[i, p(i)] over all permutations p; its mean is sum(C) / n. Exact.

    Args:
        centred_squares: sum of squares of the (n, n) matrix C after its row and column means are subtracted.
        n: number of rows.

    Reference: Hoeffding (1951), A Combinatorial Central Limit Theorem, theorem 2.
    """
    return np.sqrt(centred_squares / (n - 1))


def inner_product_sd(views: np.ndarray) -> np.ndarray:
    """`matching_sd` of C[i, j] = <row i of view a, row j of view b> for every two of V centred views, (V, V).

    The squares of C sum to the inner product of the two (d, d) covariances; float32 is enough for a deviation.
    """
    n_views, n, _ = views.shape
    views = views.astype(np.float32)
    covariances = (views.swapaxes(1, 2) @ views).reshape(n_views, -1)
    return matching_sd((covariances @ covariances.T).astype(np.float64), n)


def debiased_cka_sd(n: int) -> float:
    """Standard deviation of debiased CKA over all pairings of any two sets of n sentences; the mean is 0.
    Exact.

    U-centred Gram matrices A, B have zero diagonal and zero row sums. Expanding E <A, B_p>^2 by the number of
    indices that two pairs share gives |A|^2 |B|^2 / (n (n - 1)) times 2 + 4 / (n - 2) + 4 / ((n - 2) (n -
    3)), which is 2 (n - 1) / (n - 3); |A| and |B| do not depend on the pairing.
    """
    return np.sqrt(2 / (n * (n - 3)))


def biased_cka_moments(
    trace: np.ndarray, square: np.ndarray, diagonal: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of biased CKA over all pairings, for every two of V views. Exact.

    Args:
        trace: (V,), trace of each centred Gram matrix K.
        square: (V,), sum of K_ij^2.
        diagonal: (V,), sum of K_ii^2.
        n: number of sentences.

    Returns:
        mean, sd, each (V, V).

    Reference: Kazi-Aoual, Hitier, Sabatier and Lebreton (1995), Refined approximations to permutation tests
    for multivariate inference.
    """
    spread = trace**2 / square  # the "effective dimension" of each view, at most n - 1
    rest = n * (n + 1) * diagonal / square - (n - 1) * (spread + 2)
    mean = np.sqrt(np.outer(spread, spread)) / (n - 1)
    variance = 2 * np.outer(n - 1 - spread, n - 1 - spread) / ((n - 1) ** 2 * (n + 1) * (n - 2)) + np.outer(
        rest, rest
    ) / ((n + 1) * n * (n - 1) * (n - 2) * (n - 3))
    return mean, np.sqrt(np.maximum(variance, 0))


def absolute_correlation_moments(x: np.ndarray, y: np.ndarray, n: int) -> tuple[float, float]:
    """Mean and standard deviation of the mean absolute correlation of d neurons over pairings of n sentences.

    The signed correlations have exactly mean 0 and covariance x * y / (n - 1) (Hoeffding 1951) and are close
    to normal for large n, where E|r_k r_l| = 2/pi (rho asin rho + sqrt(1 - rho^2)) / (n - 1), rho = x_kl
    y_kl.

    Args:
        x: (d, d), correlations between the neurons of one view.
        y: (d, d), the same of the other view.
        n: number of sentences.
    """
    rho = np.clip(x * y, -1, 1)
    excess = (rho * np.arcsin(rho) + np.sqrt(1 - rho**2) - 1).mean(dtype=np.float64)
    scale = 2 / (np.pi * (n - 1))
    return np.sqrt(scale), np.sqrt(scale * max(excess, 0.0))


def permutations(n: int, n_permutations: int = 20, seed: int = 0) -> np.ndarray:
    """Seeded shufflings of n rows, (n_permutations, n): canonical correlations have no closed form."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(n) for _ in range(n_permutations)])
