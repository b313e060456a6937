"""Whose turn it is: what visitors ask for in the order in which it is served, and how long they wait.

No cluster is known here. Whoever has one takes the next computation, and tells what is heard and becomes of it.
"""

import itertools
import threading
import time
from typing import Any

from dlfa_core.runtime import store
from dlfa_core.runtime.computation import FINAL, NOBODY, Computation, State, Status
from dlfa_core.runtime.durations import Durations
from dlfa_core.runtime.experiment import Experiment, is_typed
from dlfa_core.runtime.worker import Outcome

AWAY_AFTER = 10.0  # seconds without a look at the job, after which a visitor no longer counts as waiting for it
RETRIES = 3  # times in a row that a computation is started again after its worker was stopped
RETRIES_WHEN_FULL = 1  # where the memory was full: in a fresh worker, there may be more of it
TYPED_IN_A_ROW = 8  # turns of typed texts, after which something else that a visitor waits for has one


class Turns:
    """The computations that are not finished; any thread may ask, and sees each of them whole.

    Fair queueing: a visitor's jobs have consecutive turns, the first of which is the turn being served or the one
    after their last. So somebody with one job waits for nobody's second, and a long sweep still moves while others come
    and go. Typed texts go first, but all else has a turn after every few of them. A computation that gave way between
    two of its parts goes on in the next turn. What is prepared waits for everybody, and is begun anew where it was
    interrupted for somebody.
    """

    def __init__(self) -> None:
        self.unfinished: dict[str, Computation] = {}
        self._lock = threading.Lock()
        self._comes = threading.Condition(self._lock)
        self._waiting: list[Computation] = []
        self._typed_in_a_row = 0  # served
        self._last_turns: dict[str, int] = {}  # of visitors
        self._durations: Durations | None = None
        self._numbers = itertools.count()
        self._turn = 0  # being served

    def ask(self, experiment: Experiment, spec: Any, visitor: str) -> Computation:
        """Return the computation of a result, which waits for its turn from now on, if it does not already.

        Raises:
            ValueError, OSError: the spec, or a file that it names, is not usable.
        """
        key = store.key_of(experiment, spec)
        with self._lock:
            computation = self.unfinished.get(key)
            if computation is None:
                turn = self._next_turn(visitor)
                computation = Computation(key, experiment.__name__, spec, turn, next(self._numbers))
                computation.expected = self._measured().expected(experiment.__name__, spec)
                self.unfinished[key] = computation
                self._line_up(computation)
            elif computation.seen.keys() == {NOBODY} != {visitor}:  # from now on it is no preparation
                computation.turn = self._next_turn(visitor)
            computation.seen[visitor] = time.monotonic()
        return computation

    def expected(self, experiment: Experiment, spec: Any) -> float | None:
        """Return the seconds that computations like this one took here; None where there was none."""
        with self._lock:
            return self._measured().expected(experiment.__name__, spec)

    def status(self, computation: Computation, visitor: str, waiting: str, foreseen: bool) -> Status:
        """Return how a visitor's job stands, and note that the visitor is still there.

        Args:
            computation: that the job is for.
            visitor: who asks.
            waiting: what is said of one that waits for its turn.
            foreseen: whether all that goes before it is in these turns, so that the wait can be told.
        """
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
            ahead = [o for o in self.unfinished.values() if o.state == "queued" and o.order <= c.order]
            seconds = self._wait(c, ahead) if foreseen else None
            return Status("queued", c.fraction, again + waiting, len(ahead), seconds=seconds)

    def leave(self, computation: Computation, visitor: str) -> bool:
        """Forget that a visitor waits; tell whether that ends the computation while a worker has it."""
        with self._lock:
            computation.seen.pop(visitor, None)
            now = time.monotonic()
            if computation.state in FINAL or any(now - at < AWAY_AFTER for at in computation.seen.values()):
                return False
            self._finish(computation, "cancelled")
            return computation.handed_over

    def next(self) -> Computation:
        """Wait for a computation whose turn it is, and begin that."""
        with self._comes:
            while not (waiting := [c for c in self._waiting if c.state not in FINAL]):
                self._comes.wait()
            computation = self._first(waiting)
            self._waiting = [c for c in waiting if c is not computation]
            self._typed_in_a_row = self._typed_in_a_row + 1 if is_typed(computation.spec) else 0
            computation.hand_over()
            if computation.seen.keys() != {NOBODY}:
                self._turn = max(self._turn, computation.turn)
            return computation

    def preparations(self) -> list[str]:
        """Return the names of turns that workers have and nobody waits for."""
        with self._lock:
            return [c.id for c in self.unfinished.values() if c.handed_over and c.seen.keys() == {NOBODY}]

    def running(self, computation: Computation, fraction: float, message: str) -> bool:
        """Note how far a computation is; tell whether it is still wanted."""
        with self._lock:
            if computation.state in FINAL:
                return False
            computation.state, computation.fraction, computation.message = "running", fraction, message
            return True

    def heard(self, job: str, process: int, fraction: float, message: str) -> None:
        """Note what the process of a worker says of the computation whose turn has this name."""
        with self._lock:
            for computation in self.unfinished.values():
                if computation.id == job:
                    if computation.began is None:
                        computation.began = time.monotonic()
                    computation.state, computation.process = "running", process
                    computation.fraction = max(computation.fraction, fraction)  # parts found again are passed
                    computation.message = message

    def took(self, computation: Computation, outcome: Outcome) -> None:
        """Count the seconds of a turn and, where it gave way, the turn."""
        with self._lock:
            computation.spent += outcome["seconds"]
            if outcome["state"] == "queued":
                computation.stops = 0
                computation.turn = self._turn + 1
            elif outcome["state"] == "done" and not computation.restarted:
                self._measured().add(computation.experiment, computation.spec, computation.spent)

    def stopped(self, computation: Computation, what: str, full: str = "", again: bool = True) -> dict[str, Any]:
        """Return state and error of a computation whose worker is gone: it is started again, a few times in a row.

        Args:
            computation: that is concerned.
            what: happened.
            full: says that the worker's memory was full, if that is known.
            again: whether it may be started again at all.
        """
        with self._lock:
            computation.stops += 1
            computation.restarted, computation.fraction = True, 0.0
            if computation.stops <= (RETRIES_WHEN_FULL if full else RETRIES) and again:
                return {"state": "queued", "error": ""}
        times = f"{what} during the computation" + f", {computation.stops} times in a row" * (computation.stops > 1)
        if full:
            why = f"{times}, because {full}: choose fewer sentences, fewer languages or a smaller model."
        else:
            why = f"{times}. Start it again: parts that were finished are stored."
        return {"state": "failed", "error": why}

    def end(self, computation: Computation, state: State, error: str) -> None:
        """End a turn: a computation that is "queued" after it waits for another, as one that was interrupted does."""
        with self._lock:
            if computation.state in FINAL:
                return
            if state in ("queued", "cancelled"):  # whoever gives one up ends it first
                self._put_back(computation)
            else:
                self._finish(computation, state, error)

    def _next_turn(self, visitor: str) -> int:
        """The turn of a visitor's next job. The lock is held."""
        turn = max(self._turn, self._last_turns.get(visitor, -1) + 1)
        self._last_turns = {v: t for v, t in self._last_turns.items() if t >= self._turn} | {visitor: turn}
        return turn

    def _wait(self, computation: Computation, ahead: list[Computation]) -> float | None:
        """Seconds until it begins, at most: what runs may give way before its end. The lock is held."""
        running = [o for o in self.unfinished.values() if o.state == "running"]
        remaining = [o.remaining for o in [*running, *ahead] if o is not computation]
        known = [seconds for seconds in remaining if seconds is not None]
        return sum(known) if remaining and len(known) == len(remaining) else None

    def _put_back(self, computation: Computation) -> None:
        """The lock is held."""
        computation.handed_over, computation.began = False, None
        if any(o.state == "queued" and o.order < computation.order for o in self.unfinished.values()):
            computation.state = "queued"  # else it goes on at once
        self._line_up(computation)

    def _line_up(self, computation: Computation) -> None:
        """The lock is held."""
        self._waiting.append(computation)
        self._comes.notify()

    def _first(self, waiting: list[Computation]) -> Computation:
        """Return the one whose turn it is. The lock is held."""
        others = [c for c in waiting if not is_typed(c.spec) and c.seen.keys() != {NOBODY}]
        overdue = others if self._typed_in_a_row >= TYPED_IN_A_ROW else []
        return min(overdue or waiting, key=lambda c: c.order)

    def _finish(self, computation: Computation, state: State, error: str = "") -> None:
        """The lock is held."""
        computation.state, computation.error = state, error
        if self.unfinished.get(computation.key) is computation:
            del self.unfinished[computation.key]

    def _measured(self) -> Durations:
        """The lock is held."""
        path = store.home() / "durations.json"
        if self._durations is None or self._durations.path != path:
            self._durations = Durations(path)
        return self._durations
