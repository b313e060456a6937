"""A cluster that others started, as `DLFA_SCHEDULER` names one."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def started(n_workers: int, memory_limit: int | str = "auto") -> Iterator[str]:
    """The address of a scheduler with workers of one thread, each a process of its own with so many bytes."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=n_workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=memory_limit,
        dashboard_address=None,
        worker_dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as cluster:
        yield cluster.scheduler_address
