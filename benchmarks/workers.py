"""How much sooner several workers of one computer finish a sweep, one thread each.

    python -m benchmarks.workers                    1, 2 and 4 workers
    python -m benchmarks.workers --workers 1 2
    python -m benchmarks.workers --quick            a small sweep, to see that it runs

A sweep of frozen trainings with the bundled encoder, all of the same length, in a new store each time. What is timed is
from asking until the table is stored; workers were started, and have read the model, before. Ways take turns round by
round, so that a busy machine slows all of them.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace

from dlfa_core.experiments import sweep
from dlfa_core.runtime import jobs, store

FULL = sweep.Spec(
    source_languages=("eng", "deu", "hin", "swh"),
    norms=("batch", "layer"),
    fusions=("dlfa", "last"),
    weights=("gate",),
    layers=(2, 4, 6, 8),
    seeds=(0,),
    epochs=20,
    patience=0,
    resamples=100,
)
QUICK = replace(FULL, source_languages=("eng", "deu"), layers=(4,), epochs=1, train_limit=32, test_limit=8)


@contextmanager
def workers(number: int):
    """A queue with so many workers, which have computed something already."""
    os.environ["DLFA_WORKERS"] = str(number)
    queue = jobs.JobQueue()
    try:
        compute(queue, replace(QUICK, seeds=tuple(range(1, 1 + number))))
        yield queue
    finally:
        queue.close()


def compute(queue: jobs.JobQueue, spec: sweep.Spec) -> float:
    """Seconds until the sweep is stored, in a store that has none of it."""
    os.environ["DLFA_HOME"] = tempfile.mkdtemp(prefix="workers-")
    start = time.perf_counter()
    job = queue.submit(sweep, spec)
    while (status := job.status()).state not in jobs.FINAL:
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    if status.state != "done" or store.find(sweep, spec) is None:
        raise SystemExit(f"The sweep was not computed: {status.error or status.state}")
    return seconds


def measure(numbers: Sequence[int], spec: sweep.Spec, rounds: int) -> dict[int, list[float]]:
    """Seconds of every round, by number of workers."""
    seconds: dict[int, list[float]] = {number: [] for number in numbers}
    for _ in range(rounds):
        for number in numbers:
            with workers(number) as queue:
                seconds[number].append(compute(queue, spec))
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a small sweep and one round")
    options = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ.pop("DLFA_SCHEDULER", None)
    spec = QUICK if options.quick else FULL
    seconds = measure(options.workers, spec, 1 if options.quick else options.rounds)
    one = seconds[options.workers[0]]
    print(f"{len(sweep.specs(spec))} parts, {os.cpu_count()} cores.\n")
    print(f"| workers | seconds, median | times {options.workers[0]} |\n| ---: | ---: | ---: |")
    for number, found in seconds.items():
        share = statistics.median(mine / first for mine, first in zip(found, one, strict=True))
        print(f"| {number} | {statistics.median(found):,.1f} | {share:.2f} |")


if __name__ == "__main__":
    main()
