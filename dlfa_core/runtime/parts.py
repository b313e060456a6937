"""A computation in parts that are specs themselves, over several workers: each computed once, and found in the store.

Whoever waits for the whole hands the parts to Dask; workers never wait for each other. A part's task is named by its
key, so that what several ask for at once, on whatever computers, is one task; it runs on while one of them wants it.
"""

import importlib
import logging
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment, is_intact, parts_of
from dlfa_core.runtime.progress import Cancelled, Progress

TICK = 0.25  # seconds between two looks at whether the whole is still wanted
RETRIES = 2  # times that a part is tried again whose worker was stopped
DONE, CANCELLED = {"state": "done", "error": ""}, {"state": "cancelled", "error": ""}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """A result that another is made of.

    Attributes:
        experiment: name of its module.
        spec: what is asked of it.
        key: of the result.
        after: keys of the parts that it is made of itself.
    """

    experiment: str
    spec: Any
    key: str
    after: tuple[str, ...] = ()


def missing(experiment: Experiment, spec: Any) -> list[Part]:
    """Return the parts that no store has, each behind those that it is made of, and last the whole if it is missing."""
    found: dict[str, Part | None] = {}

    def look(experiment: Experiment, spec: Any) -> Iterator[str]:
        key = store.key_of(experiment, spec)
        if key not in found:
            result = store.find(experiment, spec)
            whole = result is not None and is_intact(experiment, result)
            after = () if whole else tuple(key for part in parts_of(experiment, spec) for key in look(*part))
            found[key] = None if whole else Part(experiment.__name__, spec, key, after)
        if found[key]:
            yield key

    list(look(experiment, spec))
    return [part for part in found.values() if part]


def spread(
    client: Any,
    whole: Part,
    home: str | None,
    priority: float,
    report: Progress,
) -> dict[str, str]:
    """Have the parts of a computation computed by as many workers as there are, and wait for them.

    Args:
        client: of Dask.
        whole: what is computed from them; that itself is left to the caller.
        home: where the store is; None leaves that to each worker's own `$DLFA_HOME`.
        priority: of the first part; those behind come after what others ask for meanwhile.
        report: told how many are done; what it raises ends the wait, and parts that nobody else wants with it.

    Returns:
        state and error: "done", or why a part is missing.
    """
    inputs = dict(importlib.import_module(whole.experiment).inputs(whole.spec))
    listed = client.submit(_listed, whole, inputs, home, pure=False, priority=priority).result()
    if isinstance(listed, str):
        return {"state": "failed", "error": listed}
    parts = [part for part in listed if part.key != whole.key]
    if len(parts) < 2:
        return DONE  # the whole computes it as well
    futures: dict[str, Any] = {}
    for number, part in enumerate(parts):
        before = [futures[key] for key in part.after]
        name = {"key": f"dlfa-part-{part.key}", "priority": priority - number}
        futures[part.key] = client.submit(_computed, part, before, home, **name)
    try:
        return _gathered(client, list(futures.values()), report)
    finally:
        for future in reversed(futures.values()):  # those that wait first: a worker that gets free begins none of them
            future.release()  # what nobody else wants is not computed


def _gathered(client: Any, futures: Sequence[Any], report: Progress) -> dict[str, str]:
    """Wait for all, and try those again whose workers were stopped."""
    from distributed import KilledWorker

    tries = dict.fromkeys((future.key for future in futures), 0)
    while waiting := sum(not future.done() for future in futures):
        report(1 - waiting / len(futures), f"{len(futures) - waiting} of {len(futures)} parts are done")
        time.sleep(TICK)
        for future in futures:
            if future.status == "cancelled":
                raise CancelledError(future.key)  # the connection was lost
            stopped = future.status == "error" and isinstance(future.exception(), KilledWorker)
            if stopped and tries[future.key] < RETRIES:
                tries[future.key] += 1
                future.retry()
    outcomes = client.gather(list(futures))
    # one that was given up just before it was asked for again is left to the whole
    return next((outcome for outcome in outcomes if outcome["state"] == "failed"), DONE)


def _listed(whole: Part, inputs: Mapping[str, str], home: str | None) -> list[Part] | str:
    """What is missing, as a worker sees it, or a sentence on what this worker lacks."""
    _settle(home)
    try:
        experiment = importlib.import_module(whole.experiment)
        if difference := _difference(experiment, whole, inputs):
            return difference
        return missing(experiment, whole.spec)
    except (ValueError, OSError) as error:
        return str(error)


def _computed(part: Part, before: Sequence[Mapping[str, str]], home: str | None) -> dict[str, str]:
    """Bring a part into the store, after those that it is made of."""
    if failed := next((outcome for outcome in before if outcome["state"] != "done"), None):
        return dict(failed)
    _settle(home)
    experiment = importlib.import_module(part.experiment)
    try:
        if home is None and (difference := _difference(experiment, part, {})):
            return {"state": "failed", "error": difference}
        store.fetch(experiment, part.spec, _while_wanted())
    except Cancelled:
        return CANCELLED
    except (ValueError, OSError) as error:
        logger.warning("%s failed: %s", part.spec, error)
        return {"state": "failed", "error": " ".join(str(error).split())}
    return DONE


def _settle(home: str | None) -> None:
    if home is not None:
        os.environ["DLFA_HOME"] = home


def _difference(experiment: Experiment, part: Part, inputs: Mapping[str, str]) -> str:
    """Say how the files that a spec names differ here from where they were asked for; nothing where they do not."""
    try:
        if store.key_of(experiment, part.spec) == part.key:
            return ""
        here = dict(experiment.inputs(part.spec))
        why = ", ".join(name for name in here if inputs.get(name) != here[name]) or "what the spec names"
        why = f"It finds something else than the computer that asks: {why} differ."
    except (ValueError, OSError) as error:
        why = " ".join(str(error).split())
    return (
        f"The worker on {socket.gethostname()} cannot compute this. {why} A worker reads models and data at the paths "
        "that were asked for: put them on a disk that all reach by the same path, copy them there, or name a model or "
        "data set of the Hugging Face hub; and give all the same version of this program."
    )


def _while_wanted() -> Progress:
    """A progress that ends a part which no client of the cluster waits for any more."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def progress(fraction: float, message: str) -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise Cancelled

    return progress
