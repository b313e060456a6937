"""Work handed to Dask, with a position in the queue, progress and cancelling; the answer is found in the store.

Nothing here blocks: a thread connects to the cluster (and starts it, the first time), hands over one job
after the other and waits for it. Jobs of several visitors take turns, a long one between its parts, too; the same
spec is computed once however many ask for it, and a job goes on when its visitor has left. One whose worker was stopped
is started again by itself.
"""

import atexit
import itertools
import logging
import os
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dlfa_core.runtime import cluster, parts, store, worker
from dlfa_core.runtime.computation import FINAL, NOBODY, Computation, State, Status
from dlfa_core.runtime.durations import Durations
from dlfa_core.runtime.experiment import Experiment, can_get_ready, is_intact
from dlfa_core.runtime.progress import Cancelled, Progress, silent

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
BEHIND_ALL = -1_000_000  # a priority below that of every job: it is less for each turn
LIBRARIES = ("torch", "transformers.modeling_utils", "captum.attr")  # what takes long to import, of most pages
AWAY_AFTER = 10.0  # seconds without a look at the job, after which a visitor no longer counts as waiting for it
TURN = 2.0  # seconds after which a computation that has parts gives way between two of them
RETRIES = 3  # times in a row that a computation is started again after its worker was stopped
RETRIES_WHEN_FULL = 1  # where the memory was full: in a fresh worker, there may be more of it
CANCEL_PATIENCE = 1.5  # seconds after which a worker that does not hear of a cancelled job is stopped
ROOM = 0.5  # share of its limit that a worker may hold between two turns; above, a fresh one takes its place
MEMORY_TOPIC = "worker-restart-memory"  # where a nanny says that it stops a worker whose memory is full

logger = logging.getLogger(__name__)


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
    """Takes jobs and hands them to one cluster.

    Fair queueing: a visitor's jobs have consecutive turns, the first of which is the turn being served or the one
    after their last. So somebody with one job waits for nobody's second, and a long sweep still moves while others come
    and go. Typed texts go first of all. A computation that gave way between two of its parts goes on in the next turn.
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
        self._unfinished: dict[str, Computation] = {}
        self._last_turns: dict[str, int] = {}  # of visitors
        self._full: dict[str, int] = {}  # addresses of workers that were stopped because their memory was full -> bytes
        self._durations: Durations | None = None
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
                turn = self._next_turn(visitor)
                computation = Computation(key, experiment.__name__, spec, turn, next(self._numbers))
                computation.expected = self._measured().expected(experiment.__name__, spec)
                self._unfinished[key] = computation
                computation.seen[visitor] = time.monotonic()
                self._waiting.put((*computation.order, computation))
            elif computation.seen.keys() == {NOBODY} != {visitor}:  # from now on it is no preparation
                computation.seen[visitor], computation.turn = time.monotonic(), self._next_turn(visitor)
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

    def expected(self, experiment: Experiment, spec: Any) -> float | None:
        """Return the seconds that computations like this one took here; None where there was none."""
        with self._lock:
            return self._measured().expected(experiment.__name__, spec)

    def unfinished(self) -> int:
        """Return how many computations run or wait for their turn."""
        return len(self._unfinished)

    def close(self) -> None:
        """Take no more jobs and let go of the cluster."""
        self._closed = True
        self._disconnect(self._connection)

    def _next_turn(self, visitor: str) -> int:
        """The turn of a visitor's next job. The lock is held."""
        turn = max(self._turn, self._last_turns.get(visitor, -1) + 1)
        self._last_turns = {v: t for v, t in self._last_turns.items() if t >= self._turn} | {visitor: turn}
        return turn

    def _status(self, computation: Computation, visitor: str) -> Status:
        with self._lock:
            c = computation
            if c.state in FINAL:
                return Status(c.state, float(c.state == "done"), error=c.error)
            if visitor not in c.seen:
                return Status("cancelled")
            c.seen[visitor] = time.monotonic()
            again = "Started again, as its worker was stopped. " if c.restarted else ""
            if c.state == "running":
                return Status("running", c.fraction, again + c.message, seconds=c.remaining)
            ahead = [o for o in self._unfinished.values() if o.state == "queued" and o.order <= c.order]
            message = "Waiting for its turn" if self._connection else "Starting the process for computations"
            return Status("queued", c.fraction, again + message, len(ahead), seconds=self._wait(c, ahead))

    def _wait(self, computation: Computation, ahead: list[Computation]) -> float | None:
        """Seconds until it begins, at most: what runs may give way before its end. The lock is held."""
        if self._connection is None or not self._connection.own:
            return None
        running = [o for o in self._unfinished.values() if o.state == "running"]
        remaining = [o.remaining for o in [*running, *ahead] if o is not computation]
        known = [seconds for seconds in remaining if seconds is not None]
        return sum(known) if remaining and len(known) == len(remaining) else None

    def _leave(self, computation: Computation, visitor: str) -> None:
        with self._lock:
            computation.seen.pop(visitor, None)
            now = time.monotonic()
            if computation.state in FINAL or any(now - at < AWAY_AFTER for at in computation.seen.values()):
                return
            self._finish(computation, "cancelled")
        if computation.handed_over:
            threading.Thread(target=self._stop, args=[computation], daemon=True).start()

    def _finish(self, computation: Computation, state: State, error: str = "") -> None:
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
                if computation.state in FINAL or computation.handed_over:  # it stood in the queue twice
                    continue
                computation.hand_over()
                if computation.seen.keys() != {NOBODY}:
                    self._turn = max(self._turn, computation.turn)
            outcome = self._compute(computation)
            computation.away.set()
            with self._lock:
                if outcome["state"] == "queued" and computation.state not in FINAL:
                    self._put_back(computation)
                elif computation.state not in FINAL:
                    self._finish(computation, outcome["state"], outcome["error"])
            self._make_room(outcome)

    def _put_back(self, computation: Computation) -> None:
        """The lock is held."""
        computation.handed_over, computation.began = False, None
        if any(o.state == "queued" and o.order < computation.order for o in self._unfinished.values()):
            computation.state = "queued"  # else it goes on at once
        self._waiting.put((*computation.order, computation))

    def _compute(self, computation: Computation) -> dict[str, Any]:
        """Have it computed and wait for it: its state and error."""
        from distributed import KilledWorker

        try:
            connection = self._connected()
        except ConnectionError as error:
            if computation.restarted and cluster.address():  # a scheduler needs a while until it is started anew
                return self._stopped(computation, "The connection to the scheduler was lost")
            return {"state": "failed", "error": str(error)}
        if computation.state in FINAL:  # cancelled before there was anybody to raise a flag for
            return {"state": computation.state, "error": ""}
        home = str(store.home()) if connection.own else None
        try:
            if connection.at_once > 1 and (lacks := self._spread(connection, computation, home)):
                return lacks
            outcome = connection.client.submit(
                worker.compute,
                computation.experiment,
                computation.spec,
                computation.id,
                self._topic,
                home,
                TURN,
                key=f"dlfa-{computation.id}",
                priority=-computation.turn,
            ).result()
        except KilledWorker as error:
            return self._stopped(computation, "The worker was stopped", self._said_of_memory(error.last_worker))
        except (OSError, CancelledError):
            self._disconnect(connection)
            return self._stopped(computation, "The connection to the computation was lost")
        except Exception as error:
            return {"state": "failed", "error": worker.in_a_sentence(error)}
        self._note(computation, outcome)
        return outcome

    def _make_room(self, outcome: dict[str, Any]) -> None:
        """Have a fresh worker, if this one holds much although it has nothing to do."""
        connection, limit = self._connection, outcome.get("limit")
        if limit and outcome["memory"] > ROOM * limit and connection is not None and connection.own:
            logger.info("A fresh worker takes the place of one that holds %.1f GB", outcome["memory"] / 2**30)
            connection.restart(outcome["address"])

    def _note(self, computation: Computation, outcome: worker.Outcome) -> None:
        """Count the seconds and, where it gave way, the turn."""
        with self._lock:
            computation.spent += outcome["seconds"]
            if outcome["state"] == "queued":
                computation.stops = 0
                computation.turn = self._turn + 1
            elif outcome["state"] == "done" and not computation.restarted:
                self._measured().add(computation.experiment, computation.spec, computation.spent)

    def _stopped(self, computation: Computation, what: str, full: str = "") -> dict[str, Any]:
        """What becomes of a computation whose worker is gone; `full` says that its memory was, if that is known."""
        with self._lock:
            computation.stops += 1
            computation.restarted, computation.fraction = True, 0.0
            if computation.stops <= (RETRIES_WHEN_FULL if full else RETRIES) and not self._closed:
                return {"state": "queued", "error": ""}
        times = f"{what} during the computation" + f", {computation.stops} times in a row" * (computation.stops > 1)
        if full:
            why = f"{times}, because {full}: choose fewer sentences, fewer languages or a smaller model."
        else:
            why = f"{times}. Start it again: parts that were finished are stored."
        return {"state": "failed", "error": why}

    def _measured(self) -> Durations:
        """The lock is held."""
        path = store.home() / "durations.json"
        if self._durations is None or self._durations.path != path:
            self._durations = Durations(path)
        return self._durations

    def _spread(
        self, connection: cluster.Connection, computation: Computation, home: str | None
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
            return {"state": "cancelled", "error": ""}
        return None if outcome["state"] == "done" else outcome

    def _connected(self) -> cluster.Connection:
        with self._connecting:
            if self._connection is not None and not self._connection.alive:
                self._connection.close()
                self._connection = None
            if self._connection is None:
                connection = self._connect()
                connection.client.subscribe_topic(self._topic, self._hear)
                connection.client.subscribe_topic(MEMORY_TOPIC, self._hear_of_memory)
                self._connection = connection
                self._recruit(connection.at_once)
            return self._connection

    def _disconnect(self, connection: cluster.Connection | None) -> None:
        """Let go of a connection, unless another has taken its place."""
        with self._connecting:
            if connection is None or connection is not self._connection:
                return
            self._connection = None
            connection.close()

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, said = event
        with self._lock:
            for computation in self._unfinished.values():
                if computation.id == said["job"]:
                    if computation.began is None:
                        computation.began = time.monotonic()
                    computation.state, computation.process = "running", said["process"]
                    computation.fraction = max(computation.fraction, said["fraction"])  # parts found again are passed
                    computation.message = said["message"]

    def _hear_of_memory(self, event: tuple[float, dict[str, Any]]) -> None:
        _, said = event
        self._full[said["worker"]] = said["rss"]

    def _said_of_memory(self, last_worker: Any) -> str:
        """What is known of a full memory of a worker that is gone, or nothing."""
        held = self._full.pop(last_worker.address, 0)
        of = f"{held / 2**30:.1f} of {last_worker.memory_limit / 2**30:.1f} GB"
        return f"the memory was full ({of})" if held else ""

    def _stop(self, computation: Computation) -> None:
        """Tell the worker to stop; the own one is ended where it does not hear, and another starts."""
        import psutil

        self._raise_flag(computation)
        if computation.away.wait(CANCEL_PATIENCE) or computation.process is None:
            return
        if self._connection is not None and self._connection.own:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(computation.process).kill()

    def _raise_flag(self, computation: Computation) -> None:
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
