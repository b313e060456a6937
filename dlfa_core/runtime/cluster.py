"""The Dask cluster that the work is sent to: one of the app's own, or the one at `$DLFA_SCHEDULER`.

The app's own cluster is this file run as a process: a scheduler, and a nanny that keeps one worker for one
task at a time alive. It is a process of its own because Streamlit replaces `__main__`, which `LocalCluster`
needs to start workers; because `SubprocessCluster` does not exist on Windows and gives the worker no
environment; and because the pipe to the app is a leash: however the app ends, the pipe closes and the cluster
goes with it.
"""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BEHIND_PAGES = 5  # niceness, of 0 to 19
SHARE_OF_MEMORY = 0.9  # of what is free when the cluster starts
CONNECTING_PATIENCE = 20  # seconds
SHUTDOWN_PATIENCE = 5  # seconds
RESTARTING_PATIENCE = 20  # seconds


@dataclass(frozen=True, eq=False)
class Connection:
    """A Dask client with what jobs must know of its cluster."""

    client: Any  # distributed.Client
    process: subprocess.Popen[str] | None  # the own cluster; None for one that runs elsewhere
    at_once: int  # jobs handed over at the same time; Dask queues those that wait for one of several workers

    @property
    def own(self) -> bool:
        """Tell whether the cluster was started by and for this process."""
        return self.process is not None

    @property
    def alive(self) -> bool:
        """Tell whether work can be sent."""
        return self.client.status != "closed" and (self.process is None or self.process.poll() is None)

    def restart(self, worker: str) -> None:
        """Have a fresh worker take the place of the one with this address, which has nothing to do now."""
        with suppress(OSError, TimeoutError, ValueError, KeyError):  # it has just ended by itself
            self.client.restart_workers([worker], timeout=RESTARTING_PATIENCE, raise_for_error=False)

    def close(self) -> None:
        """Let go of the cluster; the own one ends."""
        self.client.close(timeout=1)
        if self.process is not None:
            _stop(self.process)


def address() -> str | None:
    """Return where the scheduler is that `$DLFA_SCHEDULER` names, or None for a cluster of one's own."""
    return os.environ.get("DLFA_SCHEDULER")


def n_workers() -> int:
    """Return how many workers a cluster of one's own has: `$DLFA_WORKERS`, or one.

    Raises:
        ValueError: it is no number above 0.
    """
    said = os.environ.get("DLFA_WORKERS") or "1"
    if not said.isdecimal() or int(said) < 1:
        raise ValueError(f"DLFA_WORKERS={said} is no number of workers: use a number above 0.")
    return int(said)


def connect() -> Connection:
    """Connect to the cluster at `$DLFA_SCHEDULER`, or start one.

    Raises:
        ConnectionError: nothing answers at that address, or the own cluster does not start.
    """
    from distributed import Client

    process, scheduler = None, address()
    try:
        if not scheduler:
            process = _start()
            scheduler = process.stdout.readline().strip() if process.stdout else ""
        client = Client(scheduler, set_as_default=False, timeout=CONNECTING_PATIENCE)
    except (OSError, ValueError) as error:
        if process is not None:
            _stop(process)
            raise ConnectionError(
                "The process for computations did not start: see what it printed where the app was started."
            ) from error
        raise ConnectionError(
            f"No Dask scheduler answers at DLFA_SCHEDULER={scheduler}: start one there with `dask scheduler`, "
            "or unset the variable to compute on this machine."
        ) from error
    return Connection(client, process, at_once=1 if process and n_workers() == 1 else 64)


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | _worker_environment(),
        text=True,
        start_new_session=True,  # Ctrl-C in the terminal reaches the app alone, which then lets go of the pipe
    )


def _stop(process: subprocess.Popen[str]) -> None:
    for pipe in filter(None, (process.stdin, process.stdout)):
        with suppress(OSError):
            pipe.close()
    try:
        process.wait(SHUTDOWN_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _worker_environment() -> dict[str, str]:
    """Workers share all cores among them, unless the user has said otherwise; Dask would give each of them one."""
    from dask.system import CPU_COUNT

    own = str(max(1, CPU_COUNT // n_workers()))
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {
        **{name: os.environ.get(name, own) for name in threads},
        # What goes wrong is told on the page; a worker that is ended with the app would print its lost connections.
        "DASK_LOGGING__DISTRIBUTED": os.environ.get("DASK_LOGGING__DISTRIBUTED", "critical"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }


def _memory_limit() -> int:
    """Bytes at which the nanny stops a worker, before the system stops something else."""
    import psutil
    from distributed.system import MEMORY_LIMIT  # knows the limit of a container

    return int(SHARE_OF_MEMORY * min(MEMORY_LIMIT, psutil.virtual_memory().available)) // n_workers()


def _let_pages_go_first() -> None:
    """Take less of the processor than the app and the browser where they want it at once; workers inherit this."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(BEHIND_PAGES)


def _serve() -> None:
    """Run the cluster until the app lets go of the pipe."""
    import dask
    from distributed import LocalCluster

    _let_pages_go_first()
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 0,  # the queue decides whether it is tried again
            "distributed.worker.memory.target": False,  # nothing to spill: results go to the store
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.pause": False,  # a paused worker would never say so to the queue
            "distributed.worker.memory.terminate": 0.95,
            # On a busy machine another worker takes longer to start, and Dask would end its nanny and go without.
            "distributed.deploy.lost-worker-timeout": "1 day",
        }
    )
    with LocalCluster(
        n_workers=n_workers(),
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # where it says that it has no dashboard
        memory_limit=_memory_limit(),
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve()
