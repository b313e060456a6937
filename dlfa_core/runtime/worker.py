"""What runs inside a Dask worker: one experiment, and the line that it reports over."""

import importlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, TypedDict

from dlfa_core.runtime import store
from dlfa_core.runtime.memory import give_back
from dlfa_core.runtime.progress import Cancelled, GaveWay, after_each_part

TICK = 0.25  # seconds between two messages to the page
LONGEST_ERROR = 600  # characters

logger = logging.getLogger(__name__)


class Outcome(TypedDict):
    """What came of a turn of a computation.

    Plain words and never an exception itself: reading that would import whatever library it came from into the page's
    process.
    """

    state: Literal["done", "cancelled", "failed", "queued"]  # queued: it gave way between two parts, and is to go on
    error: str  # a sentence
    seconds: float
    memory: int  # bytes that the worker holds afterwards
    limit: int  # bytes that it may hold; 0 where nothing is said
    address: str  # of the worker


def compute(experiment: str, spec: Any, job: str, topic: str, home: str | None, turn: float) -> Outcome:
    """Bring the result of a spec into the store, or a part of it whose turn is over.

    Args:
        experiment: name of the experiment's module.
        spec: an instance of its `Spec`.
        job: names the flag that cancels this job, and its messages.
        topic: the Dask topic that its messages go to.
        home: where the store is; None leaves that to this worker's own `$DLFA_HOME`.
        turn: seconds after which it gives way, once the next part is stored.
    """
    from distributed import get_worker

    began = time.monotonic()
    state, error = _computed(experiment, spec, job, topic, home, turn)
    worker = get_worker()
    return Outcome(
        state=state,
        error=error,
        seconds=time.monotonic() - began,
        memory=_memory_given_back(),
        limit=worker.memory_manager.memory_limit or 0,
        address=worker.address,
    )


def _computed(experiment: str, spec: Any, job: str, topic: str, home: str | None, turn: float) -> tuple[Any, str]:
    """The state and the error of an `Outcome`."""
    if home is not None:
        os.environ["DLFA_HOME"] = home
    try:
        with ProgressReporter(job, topic) as line:
            asked = importlib.import_module(experiment)
            with after_each_part(_giving_way(store.key_of(asked, spec), turn)):
                store.fetch(asked, spec, line)
    except GaveWay:
        return "queued", ""
    except Cancelled:
        return "cancelled", ""
    except Exception as error:
        expected = isinstance(error, ValueError | OSError)
        logger.warning("%s failed: %s", spec, error, exc_info=not expected)
        return "failed", in_a_sentence(error)
    return "done", ""


def _giving_way(whole: str, turn: float) -> Callable[[str], None]:
    """Return what ends a turn once a part was stored after so many seconds; `whole` is the key of it all."""
    over = time.monotonic() + turn

    def give_way(key: str) -> None:
        if key != whole and time.monotonic() > over:
            raise GaveWay

    return give_way


def _memory_given_back() -> int:
    """Give memory that is no longer used back to the system, and return how many bytes this process still holds."""
    import psutil

    give_back()
    return psutil.Process().memory_info().rss


def in_a_sentence(error: Exception) -> str:
    """One line for a person. What the project raises on purpose is a sentence; anything else gets its name."""
    text = " ".join(str(error).split())[:LONGEST_ERROR]
    if isinstance(error, MemoryError) or "out of memory" in text.lower():
        return "The memory is too small for this: choose fewer sentences, fewer languages or a smaller model."
    if text and isinstance(error, ValueError | OSError | ImportError) and not isinstance(error, UnicodeError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class ProgressReporter:
    """A progress that reports to the page and learns from it whether to stop.

    A thread sends the latest message at most once a tick, the last one of a burst included, and asks for the
    cancel flag every second tick; a progress call itself touches no network and costs next to nothing.
    """

    def __init__(self, job: str, topic: str) -> None:
        from distributed import Event, get_client, get_worker

        self._job, self._topic = job, topic
        self._worker = get_worker()
        self._flag = Event(flag_name(job), client=get_client())
        self._latest = (0.0, "Starting")
        self._cancelled = self._flag.is_set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._talk, name=f"progress of {job}", daemon=True)

    def __call__(self, fraction: float, message: str) -> None:
        self._latest = (float(fraction), str(message))
        if self._cancelled:
            raise Cancelled

    def __enter__(self) -> "ProgressReporter":
        self(*self._latest)  # raises if it was cancelled while it waited
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed.set()
        self._thread.join()

    def _talk(self) -> None:
        told, ticks = None, 0
        while not self._closed.is_set():
            if self._flag.client.scheduler is None:  # the cluster ends, and this job with it
                self._cancelled = True
                return
            with suppress(OSError, TimeoutError, AttributeError):  # one out of reach is asked again, or just now ends
                if self._latest != told:
                    told = self._latest
                    fraction, message = told
                    event = {"job": self._job, "process": os.getpid(), "fraction": fraction, "message": message}
                    self._worker.log_event(self._topic, event)
                if ticks % 2:
                    self._cancelled = self._flag.is_set()
            ticks += 1
            self._closed.wait(TICK)


def flag_name(job: str) -> str:
    """The Dask event that is set to cancel a job."""
    return f"dlfa-cancel-{job}"


def load(libraries: Sequence[str], wanted: Sequence[tuple[str, Any]] = ()) -> None:
    """Import libraries, and load what specs need, so that the first job starts at once.

    Args:
        libraries: their names.
        wanted: names of experiments' modules, each with a spec. What cannot be loaded is passed over: the job that
            needs it says why.
    """
    for name in libraries:
        importlib.import_module(name)
    for experiment, spec in wanted:
        with suppress(ValueError, OSError):
            importlib.import_module(experiment).get_ready(spec)
