"""Pairs of views side by side: products of (n, n) matrices scale over pairs better than inside one
product."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_info, threadpool_limits

Item = TypeVar("Item")


def share_out(work: Callable[[Sequence[Item]], None], items: Sequence[Item]) -> None:
    """Calls `work` on disjoint parts of `items`, on as many threads as BLAS is allowed, one BLAS thread each.

    OMP_NUM_THREADS and its like are so respected, and a pair's numbers do not depend on the number of
    threads.
    """
    n_threads = max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)
    if n_threads == 1:
        work(items)
        return
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(n_threads) as pool:
        for done in [pool.submit(work, items[start::n_threads]) for start in range(n_threads)]:
            done.result()
