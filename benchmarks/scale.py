"""How do time and memory of every experiment grow, beside what its code says? The table of docs/scale.md.

    python -m benchmarks.scale                    everything, about half an hour on one core
    python -m benchmarks.scale --only profile     what has that in its name

A case is an experiment and the one thing of it that is made larger. In a process of its own each case runs at its least
size, so that all is loaded and compiled, and then at all sizes in turn; this is done `rounds` times, and medians are
shown. Time is of the processor, all threads together. Memory is the largest resident set during a run, less what stood
before it. Where it is the model that grows, each model is loaded before its time counts, and states that a comparison
needs are stored. The measures of `profile` compare one layer of random vectors; maps and the like read a small
encoder, of 2 blocks and a width of 96, so that there are many sentences soon.

The exponent is p of a + b size^p through the three points, where a is what every run costs; `expected` is that of the
term which outgrows all others.
"""

import ctypes
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from math import isnan, log, nan
from pathlib import Path
from statistics import median

from scipy.optimize import brentq

from benchmarks.scale_cases import CASES, Case

MEMORY_SHOWN = 50  # MB from which on growth is told from noise
LEAST, MOST = -1.0, 4.0  # exponents


def measure(case: Case) -> list[tuple[float, float]]:
    """Processor seconds and MB of a run at each size, in this process; see the text at the top for what is left out."""
    case.make(case.sizes[0])()
    found = []
    for size in case.sizes:
        run = case.make(size)
        if case.models:
            run()
        before = _reset_peak()
        started = time.process_time()
        run()
        found.append((time.process_time() - started, _peak() - before))
    return found


def _peak() -> float:
    """MB of the largest resident set so far, since `_reset_peak` where the system can reset it."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _reset_peak() -> float:
    """Forget the largest resident set, and return the present one in MB, without what was freed."""
    with suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    clear = Path("/proc/self/clear_refs")
    if clear.is_file():
        clear.write_text("5")
    return _peak()


def measured(number: int, home: str) -> list[tuple[float, float]]:
    """`measure` of a case in a process of its own, in a folder where cases find each other's models and states."""
    environment = os.environ | {"DLFA_HOME": home, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "benchmarks.scale", "--one", f"{number}"]
    ran = subprocess.run(command, cwd=home, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(ran.stdout.splitlines()[-1])


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Return p of a + b size^p, which goes through three points; NaN where nothing from -1 to 4 does."""

    def excess(p: float) -> float:
        """How much more than the middle point the last would have to lie above the first, less what it does."""
        middle, last = (log(size / sizes[0]) if not p else (size / sizes[0]) ** p - 1 for size in sizes[1:])
        return last / middle - (values[2] - values[0]) / (values[1] - values[0])

    if values[0] == values[1] or excess(LEAST) * excess(MOST) > 0:
        return nan
    return brentq(excess, LEAST, MOST)


def row(case: Case, runs: Sequence[list[tuple[float, float]]]) -> str:
    """A line of the table."""
    seconds, megabytes = (
        [median(run[size][which] for run in runs) for size in range(len(case.sizes))] for which in (0, 1)
    )
    grown, held = exponent(case.sizes, seconds), exponent(case.sizes, megabytes)
    listed = [
        " / ".join(f"{size:,}" for size in case.sizes),
        " / ".join(f"{value:.2g}" if value < 10 else f"{value:,.0f}" for value in seconds),
        f"{grown:.2f}",
        f"{case.time:g}",
        " / ".join(f"{value:,.0f}" for value in megabytes),
        f"{held:.2f}" if megabytes[-1] - megabytes[0] >= MEMORY_SHOWN and not isnan(held) else "",
        f"{case.memory:g}",
    ]
    return f"| {case.name} | {case.axis} | {' | '.join(listed)} |"


def main(only: str = "", rounds: int = 3) -> None:
    """Print the table.

    Args:
        only: what the names of the cases must hold.
        rounds: runs of each case.
    """
    chosen = [number for number, case in enumerate(CASES) if only in case.name]
    print("| experiment | what grows | sizes | s | exponent | expected | MB | exponent | expected |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as home:
        for number in chosen:
            print(row(CASES[number], [measured(number, home) for _ in range(rounds)]), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(CASES[int(sys.argv[2])])))
    else:
        import tyro

        tyro.cli(main)
