"""What runs inside a Dask worker: one experiment, and the line that it reports over."""

import importlib
import logging
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Cancelled

TICK = 0.25  # seconds between two messages to the page
LONGEST_ERROR = 600  # characters

logger = logging.getLogger(__name__)


def compute(experiment: str, spec: Any, job: str, topic: str, home: str | None) -> dict[str, str]:
    """Bring the result of a spec into the store.

    Args:
        experiment: name of the experiment's module.
        spec: an instance of its `Spec`.
        job: names the flag that cancels this job, and its messages.
        topic: the Dask topic that its messages go to.
        home: where the store is; None leaves that to this worker's own `$DLFA_HOME`.

    Returns:
        `{"state": "done" | "cancelled" | "failed", "error": sentence}`. Plain words and never the exception itself:
        reading that would import whatever library it came from into the page's process.
    """
    if home is not None:
        os.environ["DLFA_HOME"] = home
    try:
        with ProgressReporter(job, topic) as line:
            store.fetch(importlib.import_module(experiment), spec, line)
    except Cancelled:
        return {"state": "cancelled", "error": ""}
    except Exception as error:
        expected = isinstance(error, ValueError | OSError)
        logger.warning("%s failed: %s", spec, error, exc_info=not expected)
        return {"state": "failed", "error": in_a_sentence(error)}
    return {"state": "done", "error": ""}


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
                    self._worker.log_event(self._topic, {"job": self._job, "fraction": fraction, "message": message})
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
