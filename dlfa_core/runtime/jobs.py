"""Work handed to Dask, with a position in the queue, progress and cancelling; the answer is found in the store.

Nothing here blocks: a thread connects to the cluster (and starts it, the first time), hands over one job
after the other and waits for it. Jobs of several visitors take turns, the same spec is computed once however
many ask for it, and a job goes on when its visitor has left.
"""

import atexit
import itertools
import os
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from dlfa_core.runtime import cluster, parts, store, worker
from dlfa_core.runtime.experiment import Experiment, can_get_ready, is_intact
from dlfa_core.runtime.progress import Cancelled, Progress, silent

State = Literal["queued", "running", "done", "failed", "cancelled"]
FINAL = ("done", "failed", "cancelled")
NOBODY = "nobody"  # the visitor whose jobs are prepared
PREPARE_AFTER = 1.0  # seconds: the page that asks for it is drawn first
BEHIND_ALL = -1_000_000  # a priority below that of every job: it is less for each turn
LIBRARIES = ("torch", "transformers.modeling_utils", "captum.attr")  # what takes long to import, of most pages
AWAY_AFTER = 10.0  # seconds without a look at the job, after which a visitor no longer counts as waiting for it


@dataclass(frozen=True)
class Status:
    """How a job stands."""

    state: State
    fraction: float = 0.0  # in [0, 1]
    message: str = ""
    position: int = 0  # in the queue, 1 is next; 0 once it runs
    error: str = ""  # what went wrong and what to do


@dataclass(frozen=True, eq=False)
class Job:
    """One visitor's interest in a computation. `key` is that of the result in the store."""

    key: str
    visitor: str
    _computation: "_Computation"
    _job_queue: "JobQueue"

    def status(self) -> Status:
        """Return how the job stands now; this tells the queue, too, that the visitor is still there."""
        return self._job_queue._status(self._computation, self.visitor)

    def cancel(self) -> None:
        """Give the job up. The computation stops soon, unless another visitor waits for it."""
        self._job_queue._leave(self._computation, self.visitor)


@dataclass(eq=False)
class _Computation:
    key: str
    experiment: str
    spec: Any
    turn: int
    number: int
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    seen: dict[str, float] = field(default_factory=dict)  # visitor -> when they last looked
    handed_over: bool = False
    state: State = "queued"
    fraction: float = 0.0
    message: str = ""
    error: str = ""

    @property
    def order(self) -> tuple[int, int]:
        return self.turn, self.number


class JobQueue:
    """Takes jobs and hands them to one cluster.

    Fair queueing: a visitor's jobs have consecutive turns, the first of which is the turn being served. So
    somebody with one job waits for nobody's second, and a long sweep still moves while others come and go.
    """

    def __init__(
        self, connect: Callable[[], cluster.Connection] = cluster.connect, prepare_after: float = PREPARE_AFTER
    ) -> None:
        self._connect = connect
        self._prepare_after = prepare_after
        self._connection: cluster.Connection | None = None
        self._connecting = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: queue.PriorityQueue[tuple[Any, ...]] = queue.PriorityQueue()
        self._unfinished: dict[str, _Computation] = {}
        self._numbers = itertools.count()
        self._turn = 0  # being served
        self._servers = 0
        self._topic = f"dlfa-{uuid.uuid4().hex}"
        self._closed = False

    def submit(self, experiment: Experiment, spec: Any, visitor: str = "") -> Job:
        """Ask for a result. The same spec asked for twice is computed once.

        Raises:
            ValueError, OSError: the spec, or a file that it names, is not usable.
        """
        key = store.key_of(experiment, spec)
        with self._lock:
            computation = self._unfinished.get(key)
            if computation is None:
                turn = max([self._turn, *(c.turn + 1 for c in self._unfinished.values() if visitor in c.seen)])
                computation = _Computation(key, experiment.__name__, spec, turn, next(self._numbers))
                self._unfinished[key] = computation
                self._waiting.put((*computation.order, computation))
            computation.seen[visitor] = time.monotonic()
        self._recruit(1)
        return Job(key, visitor, computation, self)

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

    def close(self) -> None:
        """Take no more jobs and let go of the cluster."""
        self._closed = True
        self._disconnect()

    def _status(self, computation: _Computation, visitor: str) -> Status:
        with self._lock:
            c = computation
            if c.state in FINAL:
                return Status(c.state, float(c.state == "done"), error=c.error)
            if visitor not in c.seen:
                return Status("cancelled")
            c.seen[visitor] = time.monotonic()
            if c.state == "running":
                return Status("running", c.fraction, c.message)
            position = sum(o.state == "queued" and o.order <= c.order for o in self._unfinished.values())
            message = "Waiting for its turn" if self._connection else "Starting the process for computations"
            return Status("queued", 0.0, message, position)

    def _leave(self, computation: _Computation, visitor: str) -> None:
        with self._lock:
            computation.seen.pop(visitor, None)
            now = time.monotonic()
            if computation.state in FINAL or any(now - at < AWAY_AFTER for at in computation.seen.values()):
                return
            self._finish(computation, "cancelled")
        if computation.handed_over:
            threading.Thread(target=self._raise_flag, args=[computation], daemon=True).start()

    def _finish(self, computation: _Computation, state: State, error: str = "") -> None:
        """The lock is held."""
        computation.state, computation.error = state, error
        if self._unfinished.get(computation.key) is computation:
            del self._unfinished[computation.key]

    def _recruit(self, servers: int) -> None:
        with self._lock:
            missing, self._servers = servers - self._servers, max(servers, self._servers)
        for _ in range(missing):
            threading.Thread(target=self._serve, name="dlfa jobs", daemon=True).start()

    def _serve(self) -> None:
        while not self._closed:
            *_, computation = self._waiting.get()
            with self._lock:
                if computation.state in FINAL:
                    continue
                computation.handed_over = True
                self._turn = max(self._turn, computation.turn)
            outcome = self._compute(computation)
            with self._lock:
                if computation.state not in FINAL:
                    self._finish(computation, **outcome)

    def _compute(self, computation: _Computation) -> dict[str, Any]:
        """Have it computed and wait for it: its state and error."""
        from distributed import KilledWorker

        try:
            connection = self._connected()
        except ConnectionError as error:
            return {"state": "failed", "error": str(error)}
        if computation.state in FINAL:  # cancelled before there was anybody to raise a flag for
            return {"state": computation.state}
        home = str(store.home()) if connection.own else None
        try:
            if connection.at_once > 1 and (lacks := self._spread(connection, computation, home)):
                return lacks
            return connection.client.submit(
                worker.compute,
                computation.experiment,
                computation.spec,
                computation.id,
                self._topic,
                home,
                key=f"dlfa-{computation.id}",
                priority=-computation.turn,
            ).result()
        except KilledWorker as error:
            return {"state": "failed", "error": _killed(error.last_worker.memory_limit)}
        except (OSError, CancelledError):
            self._disconnect()
            return {"state": "failed", "error": "The connection to the computation was lost: start it again."}
        except Exception as error:
            return {"state": "failed", "error": worker.in_a_sentence(error)}

    def _spread(
        self, connection: cluster.Connection, computation: _Computation, home: str | None
    ) -> dict[str, Any] | None:
        """Have several workers compute the parts of a computation: None, or why that went no further."""

        def report(fraction: float, message: str) -> None:
            with self._lock:
                if computation.state in FINAL:
                    raise Cancelled
                computation.state, computation.fraction, computation.message = "running", fraction, message

        whole = parts.Part(computation.experiment, computation.spec, computation.key)
        try:
            outcome = parts.spread(connection.client, whole, home, -computation.turn, report)
        except Cancelled:
            return {"state": "cancelled"}
        return None if outcome["state"] == "done" else outcome

    def _connected(self) -> cluster.Connection:
        with self._connecting:
            if self._connection is not None and not self._connection.alive:
                self._connection.close()
                self._connection = None
            if self._connection is None:
                connection = self._connect()
                connection.client.subscribe_topic(self._topic, self._hear)
                self._connection = connection
                self._recruit(connection.at_once)
            return self._connection

    def _disconnect(self) -> None:
        with self._connecting:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, said = event
        with self._lock:
            for computation in self._unfinished.values():
                if computation.id == said["job"]:
                    computation.state = "running"
                    computation.fraction, computation.message = said["fraction"], said["message"]

    def _raise_flag(self, computation: _Computation) -> None:
        from distributed import Event

        if (connection := self._connection) is not None:
            Event(worker.flag_name(computation.id), client=connection.client).set()

    def _prepare(self, wanted: list[tuple[Experiment, Any]], libraries: tuple[str, ...]) -> None:
        time.sleep(self._prepare_after)
        if self._closed:
            return
        loaded = []
        for experiment, spec in wanted:
            if can_get_ready(experiment):
                loaded.append((experiment.__name__, spec))
            elif store.find(experiment, spec) is None:
                self.submit(experiment, spec, visitor=NOBODY)
        self._load(libraries, loaded)

    def _load(self, libraries: tuple[str, ...], wanted: list[tuple[str, Any]]) -> None:
        from distributed import fire_and_forget

        with suppress(ConnectionError):  # the first job will say so
            connection = self._connected()
            if connection.own:
                loading = connection.client.submit(worker.load, libraries, wanted, pure=False, priority=BEHIND_ALL)
                fire_and_forget(loading)


def _killed(memory: int) -> str:
    limit = f" (its limit is {memory / 2**30:.1f} GB)" if memory else ""
    return (
        f"The worker was stopped during the computation, most likely because the memory was full{limit}: "
        "choose fewer sentences, fewer languages or a smaller model, and start it again."
    )


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
