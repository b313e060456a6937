"""Aligned views that the tests of measures share."""

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def aligned(rng: np.random.Generator, n_views: int, n: int, d: int, noise: float = 1.0) -> np.ndarray:
    """Views (V, n, d) of common sentences: a falling spectrum, a mean for each language, and noise."""
    scale = np.linspace(2, 0.2, d)
    meaning = rng.standard_normal((n, d)) * scale
    language = 0.7 + 0.4 * rng.standard_normal((n_views, 1, d))
    return meaning + language + noise * scale * rng.standard_normal((n_views, n, d))


@pytest.fixture
def make_views(rng):
    """Calls `aligned` with a seeded generator."""
    return lambda *sizes, **settings: aligned(rng, *sizes, **settings)


@pytest.fixture
def paired_views(make_views) -> np.ndarray:
    return make_views(2, 80, 30)
