"""Jobs that are given up in the middle: how soon is the worker there for somebody else?

    python -m tests.load.cancels --cancels 40

Computations of every long kind are begun one after the other, each with the bundled encoder, and cancelled at a moment
drawn from their first seconds, while another visitor waits for a short one. The worker is free when it has left the
cancelled one, by itself or because it was ended; the goal is two seconds. What was measured is printed, and the exit
code is 1 where the goal is missed.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from dlfa_core.experiments import augment, encode, profile, project, retrieve, structure, transfer
from dlfa_core.runtime.experiment import Experiment
from dlfa_core.runtime.jobs import FINAL, Job, JobQueue

MOST = 2.0  # seconds until the worker is free
LATEST = 8.0  # seconds after its begin at which a computation is cancelled
LOOK = 0.01  # seconds between two looks at a job
PATIENCE = 300.0  # seconds for what should take a few

_SMALL: dict[str, Any] = {"fusions": ("dlfa",), "layers": (4, 8), "weights": ("literal",)}
# A number makes each of them one that was not computed before.
LONG: tuple[tuple[str, Experiment, Callable[[int], Any]], ...] = (
    ("profile", profile, lambda number: profile.Spec(seed=number, resamples=2000)),
    ("project", project, lambda number: project.Spec(seed=number)),
    ("structure", structure, lambda number: structure.Spec(seed=number)),
    ("retrieve", retrieve, lambda number: retrieve.Spec(seed=number, resamples=5000)),
    ("transfer, frozen", transfer, lambda number: transfer.Spec(seeds=(number, number + 1, number + 2))),
    ("transfer, all weights", transfer, lambda number: transfer.Spec(mode="finetune", seeds=(number,), **_SMALL)),
    ("augment", augment, lambda number: augment.Spec(seeds=(number,))),
)


@dataclass(frozen=True)
class Cancelled:
    """What became of one computation that was given up.

    Attributes:
        kind: of the computation.
        free: seconds until the worker had left it.
        next_began: seconds until the other visitor's was begun.
        ended: whether the worker's process was ended for it.
    """

    kind: str
    free: float
    next_began: float
    ended: bool


def cancelled(jobs: JobQueue, kind: int, number: int, after: float) -> Cancelled | None:
    """Begin a computation, cancel it so many seconds later, and watch how long its worker is taken.

    Returns:
        None if it was done before.

    Raises:
        RuntimeError: it failed, or did not begin.
    """
    name, experiment, spec = LONG[kind]
    job = jobs.submit(experiment, spec(number), visitor="first")
    _wait(job, lambda: job.status().state == "running" and job._computation.process is not None)
    time.sleep(after)
    if job.status().state in FINAL:
        return None
    process = job._computation.process
    other = jobs.submit(encode, encode.Spec(language="deu", limit=number), visitor="second")
    began = time.monotonic()
    job.cancel()
    if not job._computation.away.wait(PATIENCE):
        raise RuntimeError(f"{name} had its worker still after {PATIENCE:.0f} s.")
    free = time.monotonic() - began
    _wait(other, lambda: other._computation.process is not None)
    next_began = time.monotonic() - began
    _wait(other, lambda: other.status().state == "done")
    return Cancelled(name, free, next_began, ended=other._computation.process != process)


def _wait(job: Job, until: Callable[[], bool]) -> None:
    patience = time.monotonic() + PATIENCE
    while not until():
        status = job.status()
        if status.state == "failed" or time.monotonic() > patience:
            raise RuntimeError(f"{job._computation.spec}: {status.error or 'did not begin'}")
        time.sleep(LOOK)


def report(seen: Sequence[Cancelled]) -> list[str]:
    """Print what was measured; return the goals that were missed."""
    print(f"{'':28}{'n':>6}{'median':>9}{'most':>9}{'ended':>7}{'next began':>12}{'most':>9}  seconds")
    kinds = dict.fromkeys(one.kind for one in seen)
    for name, own in [*((kind, [one for one in seen if one.kind == kind]) for kind in kinds), ("all", [*seen])]:
        free, began = (np.array([getattr(one, field) for one in own]) for field in ("free", "next_began"))
        print(
            f"{name:28}{len(own):6}{np.median(free):9.2f}{free.max():9.2f}{sum(one.ended for one in own):7}"
            f"{np.median(began):12.2f}{began.max():9.2f}"
        )
    late = [one for one in seen if one.free > MOST]
    return [f"{one.kind}: its worker was free after {one.free:.1f} s, not {MOST:g}" for one in late]


def main() -> int:
    """Cancel so many computations and say how that went."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--cancels", type=int, default=40)
    reader.add_argument("--seed", type=int, default=0)
    asked = reader.parse_args()
    seen: list[Cancelled] = []
    draw, numbers = random.Random(asked.seed), count(20)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ |= {"DLFA_HOME": home}
        os.environ.pop("DLFA_SCHEDULER", None)
        jobs = JobQueue(prepare_after=0.0)
        try:
            while len(seen) < asked.cancels:
                number = next(numbers)
                if one := cancelled(jobs, number % len(LONG), number, draw.uniform(0, LATEST)):
                    seen.append(one)
        finally:
            jobs.close()
    missed = report(seen)
    for goal in missed:
        print(f"MISSED: {goal}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
