"""Work handed to Dask, with a position in the queue, progress and cancelling; the answer is found in the store.

Nothing here blocks: a thread connects to the cluster (and starts it, the first time), hands over one job
after the other and waits for it. Jobs of several visitors take turns, a long one between its parts, too; the same
spec is computed once however many ask for it, and a job goes on when its visitor has left. One whose worker was stopped
is started again by itself.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dlfa_core.runtime import cluster, store, worker
from dlfa_core.runtime.computation import FINAL, NOBODY, Computation, Status
from dlfa_core.runtime.dispatch import Dispatcher
from dlfa_core.runtime.experiment import Experiment, can_get_ready, is_intact
from dlfa_core.runtime.progress import Progress, silent
from dlfa_core.runtime.turns import Turns

__all__ = [
    "FINAL",
    "NOBODY",
    "Job",
    "JobQueue",
    "Status",
    "expected",
    "fetch",
    "job_queue",
    "prepare",
    "submit",
    "unfinished",
]

PREPARE_AFTER = 1.0  # seconds: the page that asks for it is drawn first
LIBRARIES = ("torch", "transformers.modeling_utils", "captum.attr")  # what takes long to import, of most pages


@dataclass(frozen=True, eq=False)
class Job:
    """One visitor's interest in a computation. `key` is that of the result in the store."""

    key: str
    visitor: str
    _computation: Computation
    _job_queue: "JobQueue"

    def status(self) -> Status:
        """Return how the job stands now; this tells the queue, too, that the visitor is still there."""
        return self._job_queue._status(self._computation, self.visitor)

    def cancel(self) -> None:
        """Give the job up. The computation stops soon, unless another visitor waits for it."""
        self._job_queue._leave(self._computation, self.visitor)


class JobQueue:
    """Takes jobs and hands them to one cluster, in the order of `Turns`."""

    def __init__(
        self, connect: Callable[[], cluster.Connection] = cluster.connect, prepare_after: float = PREPARE_AFTER
    ) -> None:
        self._turns = Turns()
        self._dispatcher = Dispatcher(self._turns, connect)
        self._prepare_after = prepare_after

    def submit(self, experiment: Experiment, spec: Any, visitor: str = "") -> Job:
        """Ask for a result. The same spec asked for twice is computed once.

        Raises:
            ValueError, OSError: the spec, or a file that it names, is not usable.
        """
        computation = self._turns.ask(experiment, spec, visitor)
        self._dispatcher.recruit(1)
        if visitor != NOBODY and (preparations := self._turns.preparations()):
            threading.Thread(target=self._dispatcher.interrupt, args=[preparations], daemon=True).start()
        return Job(computation.key, visitor, computation, self)

    def prepare(self, wanted: Iterable[tuple[Experiment, Any]], libraries: Sequence[str] = LIBRARIES) -> None:
        """Have a worker get ready before anybody asks, and results computed of experiments that cannot get ready.

        One after the other, each behind what visitors ask for.

        It begins after a moment, in which the browser on this computer draws the page that asks for it. The cluster is
        started, and its worker imports libraries after what is wanted: the worker does one thing at a time, and a
        visitor who asks for the same kind of result should not wait for what that has no use for.

        Args:
            wanted: experiments with specs; results that are stored already cost nothing.
            libraries: to import; the large ones of most pages, if none are named.
        """
        arguments = [list(wanted), tuple(libraries)]
        threading.Thread(target=self._prepare, args=arguments, name="dlfa preparing", daemon=True).start()

    def expected(self, experiment: Experiment, spec: Any) -> float | None:
        """Return the seconds that computations like this one took here; None where there was none."""
        return self._turns.expected(experiment, spec)

    def unfinished(self) -> int:
        """Return how many computations run or wait for their turn."""
        return len(self._turns.unfinished)

    def close(self) -> None:
        """Take no more jobs and let go of the cluster."""
        self._dispatcher.close()

    def _status(self, computation: Computation, visitor: str) -> Status:
        connection = self._dispatcher.connection
        waiting = "Waiting for its turn" if connection else "Starting the process for computations"
        return self._turns.status(computation, visitor, waiting, foreseen=connection is not None and connection.own)

    def _leave(self, computation: Computation, visitor: str) -> None:
        if self._turns.leave(computation, visitor):
            threading.Thread(target=self._dispatcher.stop, args=[computation], daemon=True).start()

    def _raise_flag(self, computation: Computation) -> None:
        self._dispatcher.raise_flag(computation.id)

    def _prepare(self, wanted: list[tuple[Experiment, Any]], libraries: tuple[str, ...]) -> None:
        time.sleep(self._prepare_after)
        if self._dispatcher.closed:
            return
        loaded = []
        for experiment, spec in wanted:
            if can_get_ready(experiment):
                loaded.append((experiment.__name__, spec))
            elif store.find(experiment, spec) is None:
                self.submit(experiment, spec, visitor=NOBODY)
        self._dispatcher.load(libraries, loaded)


_making = threading.Lock()
_own: JobQueue | None = None


def job_queue() -> JobQueue:
    """The queue of this process: made when somebody first asks for it, closed when the process ends."""
    global _own
    with _making:
        if _own is None:
            _own = JobQueue()
            atexit.register(_own.close)
        return _own


def submit(experiment: Experiment, spec: Any, visitor: str = "") -> Job:
    """Ask the queue of this process for a result, as `JobQueue.submit` does."""
    return job_queue().submit(experiment, spec, visitor)


def expected(experiment: Experiment, spec: Any) -> float | None:
    """Return the seconds that computations like this one took here, as `JobQueue.expected` does."""
    return job_queue().expected(experiment, spec)


def unfinished() -> int:
    """Return how many computations visitors wait for."""
    return job_queue().unfinished()


def fetch(experiment: Experiment, spec: Any, progress: Progress = silent) -> Any:
    """The stored result; where there is none, have the cluster at `$DLFA_SCHEDULER` compute it, and wait.

    Raises:
        ValueError: it cannot be computed, or the cluster keeps its results elsewhere.
    """
    if (result := store.find(experiment, spec)) is not None and is_intact(experiment, result):
        return result
    job = submit(experiment, spec)
    try:
        while (status := job.status()).state not in FINAL:
            progress(status.fraction, status.message)
            time.sleep(worker.TICK)
    except BaseException:
        job.cancel()
        job_queue()._raise_flag(job._computation)  # now: the process is about to end
        raise
    if status.state == "failed":
        raise ValueError(status.error)
    if (result := store.find(experiment, spec)) is None:
        raise ValueError(
            f"The result was computed at DLFA_SCHEDULER={cluster.address()}, but it is not in "
            f"{os.environ.get('DLFA_STORE') or store.home()}: give its workers the same DLFA_HOME, on a disk that both "
            "can reach, or the same DLFA_STORE."
        )
    return result


def prepare(wanted: Iterable[tuple[Experiment, Any]], libraries: Sequence[str] = LIBRARIES) -> None:
    """Have results computed by the queue of this process before anybody asks, as `JobQueue.prepare` does."""
    job_queue().prepare(wanted, libraries)
