"""Between turns and cluster: hands computations over to Dask, hears of them, and stops those that nobody wants."""

import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any

from dlfa_core.runtime import cluster, parts, store, worker
from dlfa_core.runtime.computation import FINAL, Computation
from dlfa_core.runtime.progress import Cancelled
from dlfa_core.runtime.turns import Turns

BEHIND_ALL = -1_000_000  # a priority below that of every job: it is less for each turn
TURN = 2.0  # seconds after which a computation that has parts gives way between two of them
CANCEL_PATIENCE = 1.5  # seconds after which a worker that does not hear of a cancelled job is stopped
ROOM = 0.5  # share of its limit that a worker may hold between two turns; above, a fresh one takes its place
MEMORY_TOPIC = "worker-restart-memory"  # where a nanny says that it stops a worker whose memory is full

logger = logging.getLogger(__name__)


class Dispatcher:
    """Serves turns with one cluster, which is connected to, or started, when there is something for it.

    Attributes:
        connection: to the cluster, or None.
        closed: whether it takes no more.
    """

    def __init__(self, turns: Turns, connect: Callable[[], cluster.Connection]) -> None:
        self.connection: cluster.Connection | None = None
        self.closed = False
        self._turns = turns
        self._connect = connect
        self._connecting = threading.Lock()
        self._recruiting = threading.Lock()
        self._servers = 0
        self._full: dict[str, int] = {}  # addresses of workers that were stopped because their memory was full -> bytes
        self._topic = f"dlfa-{uuid.uuid4().hex}"

    def recruit(self, servers: int) -> None:
        """Have so many threads serve turns, each one at a time."""
        with self._recruiting:
            missing, self._servers = servers - self._servers, max(servers, self._servers)
        for _ in range(missing):
            threading.Thread(target=self._serve, name="dlfa jobs", daemon=True).start()

    def stop(self, computation: Computation) -> None:
        """Tell the worker to stop; the own one is ended where it does not hear, and another starts."""
        import psutil

        self.raise_flag(computation.id)
        if computation.away.wait(CANCEL_PATIENCE) or computation.process is None:
            return
        if self.connection is not None and self.connection.own:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(computation.process).kill()

    def interrupt(self, turns: Iterable[str]) -> None:
        """Have the only worker leave turns that nobody waits for, at its next word of progress."""
        if self.connection is not None and self.connection.at_once == 1:
            for turn in turns:
                self.raise_flag(turn)

    def raise_flag(self, turn: str) -> None:
        """Ask the worker of a turn to stop at its next word of progress."""
        from distributed import Event

        if (connection := self.connection) is not None:
            with suppress(OSError, TimeoutError, CancelledError):  # a connection that is lost is found lost elsewhere
                Event(worker.flag_name(turn), client=connection.client).set()

    def load(self, libraries: tuple[str, ...], wanted: list[tuple[str, Any]]) -> None:
        """Have the worker of the own cluster import libraries and load what specs need, behind all else."""
        from distributed import fire_and_forget

        with suppress(ConnectionError):  # the first job will say so
            connection = self._connected()
            if connection.own:
                loading = connection.client.submit(worker.load, libraries, wanted, pure=False, priority=BEHIND_ALL)
                fire_and_forget(loading)

    def close(self) -> None:
        """Serve no more and let go of the cluster."""
        self.closed = True
        self._disconnect(self.connection)

    def _serve(self) -> None:
        while not self.closed:
            computation = self._turns.next()
            outcome = self._compute(computation)
            computation.away.set()
            self._turns.end(computation, outcome["state"], outcome["error"])
            self._make_room(outcome)

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
        self._turns.took(computation, outcome)
        return outcome

    def _spread(
        self, connection: cluster.Connection, computation: Computation, home: str | None
    ) -> dict[str, Any] | None:
        """Have several workers compute the parts of a computation: None, or why that went no further."""

        def report(fraction: float, message: str) -> None:
            if not self._turns.running(computation, fraction, message):
                raise Cancelled

        whole = parts.Part(computation.experiment, computation.spec, computation.key)
        try:
            outcome = parts.spread(connection.client, whole, home, -computation.turn, report)
        except Cancelled:
            return {"state": "cancelled", "error": ""}
        return None if outcome["state"] == "done" else outcome

    def _stopped(self, computation: Computation, what: str, full: str = "") -> dict[str, Any]:
        return self._turns.stopped(computation, what, full, again=not self.closed)

    def _make_room(self, outcome: dict[str, Any]) -> None:
        """Have a fresh worker, if this one holds much although it has nothing to do."""
        connection, limit = self.connection, outcome.get("limit")
        if limit and outcome["memory"] > ROOM * limit and connection is not None and connection.own:
            logger.info("A fresh worker takes the place of one that holds %.1f GB", outcome["memory"] / 2**30)
            connection.restart(outcome["address"])

    def _connected(self) -> cluster.Connection:
        with self._connecting:
            if self.connection is not None and not self.connection.alive:
                self.connection.close()
                self.connection = None
            if self.connection is None:
                connection = self._connect()
                connection.client.subscribe_topic(self._topic, self._hear)
                connection.client.subscribe_topic(MEMORY_TOPIC, self._hear_of_memory)
                self.connection = connection
                self.recruit(connection.at_once)
            return self.connection

    def _disconnect(self, connection: cluster.Connection | None) -> None:
        """Let go of a connection, unless another has taken its place."""
        with self._connecting:
            if connection is None or connection is not self.connection:
                return
            self.connection = None
            connection.close()

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, said = event
        self._turns.heard(said["job"], said["process"], said["fraction"], said["message"])  # Dask adds the worker

    def _hear_of_memory(self, event: tuple[float, dict[str, Any]]) -> None:
        _, said = event
        self._full[said["worker"]] = said["rss"]

    def _said_of_memory(self, last_worker: Any) -> str:
        """What is known of a full memory of a worker that is gone, or nothing."""
        held = self._full.pop(last_worker.address, 0)
        of = f"{held / 2**30:.1f} of {last_worker.memory_limit / 2**30:.1f} GB"
        return f"the memory was full ({of})" if held else ""
