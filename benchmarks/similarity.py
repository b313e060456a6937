"""Debiased CKA with intervals for all language pairs and layers: `compare_all` against loops over a jackknife.

    python -m benchmarks.similarity            21 languages, 13 layers, 1,000 sentences, 768 neurons, 20 groups
    python -m benchmarks.similarity --quick    the same path in a few seconds

The plain loop would take an hour: a few of their iterations, on random pairs and groups left out, are timed and
multiplied.
Data are random, with common and private parts; time does not depend on the values.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_info

from dlfa_core.measures import bootstrap_weights, compare_all, linear_cka
from dlfa_core.measures.intervals import N_GROUPS, jackknife_weights
from dlfa_core.measures.views import centred


@dataclass(frozen=True)
class Size:
    views: int
    layers: int
    sentences: int
    neurons: int

    @property
    def pairs(self) -> int:
        return self.views * (self.views - 1) // 2

    @property
    def iterations(self) -> int:
        return self.pairs * self.layers * N_GROUPS


FULL = Size(views=21, layers=13, sentences=1000, neurons=768)
QUICK = Size(views=6, layers=2, sentences=300, neurons=192)


def layer(size: Size, seed: int) -> np.ndarray:
    """Views (V, n, d) of one layer, float32 as an encoder stores them."""
    rng = np.random.default_rng(seed)
    shape = (size.sentences, size.neurons)
    common = rng.standard_normal(shape, dtype=np.float32)
    return common + rng.standard_normal((size.views, *shape), dtype=np.float32)


def time_all_pairs(size: Size) -> float:
    """Seconds for every layer: values, replicates and null of all pairs."""
    weights = bootstrap_weights(size.sentences, 2, seed=0)  # CKA takes a jackknife wherever there are any
    seconds = 0.0
    for index in range(size.layers):
        views = layer(size, seed=index)
        start = perf_counter()
        compare_all(views, ["cka"], weights)
        seconds += perf_counter() - start
    return seconds


def time_loop(size: Size, step: Callable[[int, int, np.ndarray], float], sample: int) -> float:
    """Seconds that a loop over pairs, layers and groups would take, from `sample` of its iterations."""
    rng = np.random.default_rng(0)
    left = [np.flatnonzero(row) for row in jackknife_weights(size.sentences)]
    chosen = [(*rng.choice(size.views, 2, replace=False), left[index % N_GROUPS]) for index in range(sample + 1)]
    step(*chosen[0])  # warm up
    start = perf_counter()
    for a, b, rows in chosen[1:]:
        step(a, b, rows)
    return (perf_counter() - start) / sample * size.iterations


def plain_step(views: np.ndarray) -> Callable[[int, int, np.ndarray], float]:
    """`linear_cka` of two views without a group of rows."""
    return lambda a, b, rows: linear_cka(views[a, rows], views[b, rows])


def cached_step(views: np.ndarray) -> Callable[[int, int, np.ndarray], float]:
    """HSIC_1 from Gram matrices computed once per view, with the rows and columns that are left picked out."""
    views = centred(views)
    grams = views @ views.swapaxes(1, 2)

    def hsic_1(k: np.ndarray, l: np.ndarray) -> float:  # noqa: E741
        n = len(k)
        product = k.sum() * l.sum() / ((n - 1) * (n - 2))
        return (np.vdot(k, l) + product - 2 / (n - 2) * (k.sum(axis=0) @ l.sum(axis=1))) / (n * (n - 3))

    def step(a: int, b: int, rows: np.ndarray) -> float:
        k, l = (grams[view][np.ix_(rows, rows)] for view in (a, b))  # noqa: E741
        np.fill_diagonal(k, 0)
        np.fill_diagonal(l, 0)
        return hsic_1(k, l) / np.sqrt(hsic_1(k, k) * hsic_1(l, l))

    return step


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    parser.add_argument("--sample", type=int, default=20, help="iterations of each loop to time")
    options = parser.parse_args(arguments)
    size = QUICK if options.quick else FULL

    views = layer(size, seed=0)
    plain = time_loop(size, plain_step(views), options.sample)
    cached = time_loop(size, cached_step(views), options.sample)
    ours = time_all_pairs(size)

    threads = max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
    print(
        f"{size.pairs} pairs x {size.layers} layers x {N_GROUPS} groups left out of debiased CKA, "
        f"n = {size.sentences}, d = {size.neurons}, BLAS threads: {threads}\n"
    )
    print("| way | seconds | ratio |\n| --- | ---: | ---: |")
    for name, seconds in (
        (f"loop over `linear_cka`, extrapolated from {options.sample} iterations", plain),
        (f"loop over cached Gram matrices, extrapolated from {options.sample} iterations", cached),
        ("`compare_all`, measured in full", ours),
    ):
        print(f"| {name} | {seconds:,.1f} | {seconds / ours:,.0f} x |")


if __name__ == "__main__":
    main()
