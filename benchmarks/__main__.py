"""All benchmarks in turn, as the tables of README.md: `make bench`, at most half an hour on two cores.

    python -m benchmarks                        all of them
    python -m benchmarks encode attribution     some
    python -m benchmarks --quick                small sizes, to see that all run

Each runs in a process of its own; the time that it took, and the most memory that it and its children held at once,
stand below its tables. Those that need Chromium are left out where there is none. `demo_model` and
`task_models` measure how good models are, not how fast, and need data that are not here; `accelerator` says so where
there is none.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from benchmarks.measured import ROOT, machine
from tests.browser.serving import CHROMIUM

AT_MOST = 30 * 60  # seconds for all of them on two cores
PATIENCE = 10 * 60  # seconds after which one is ended
EVERY = 0.2  # seconds between two looks at the memory


@dataclass(frozen=True)
class Run:
    """One benchmark.

    Attributes:
        module: its name in this folder.
        title: the heading in README.md.
        arguments: that make it small enough to be one of many.
        browser: whether it needs Chromium; then there is no smaller size.
    """

    module: str
    title: str
    arguments: tuple[str, ...] = ()
    browser: bool = False

    def command(self, quick: bool) -> tuple[str, ...]:
        """The command behind `python`, as README.md names it."""
        small = ("--quick",) if quick and not self.browser else self.arguments
        return ("-m", f"benchmarks.{self.module}", *small)


RUNS = (
    Run("opening", "Opening a page", ("--rounds", "1"), browser=True),
    Run("views", "Going from page to page", ("--rounds", "2"), browser=True),
    Run("typed", "A typed sentence", browser=True),
    Run("point_map", "A map that glides", ("--points", "1000", "20000"), browser=True),
    Run("encode", "Encoding"),
    Run("memory", "Memory of encoding"),
    Run("stream", "A corpus in shards", ("--sizes", "2000", "10000")),
    Run("similarity", "Similarity"),
    Run("sweep", "Frozen sweeps", ("--epochs", "2")),
    Run("projection", "Maps", ("--sizes",)),
    Run("attribution", "Attribution"),
    Run("workers", "Sweeps over workers", ("--rounds", "1")),
    Run("accelerator", "On an accelerator"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print; exits with 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="modules of this folder; all by default")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that they run")
    asked = parser.parse_args(arguments)
    there = {run.module: run for run in RUNS if (ROOT / "benchmarks" / f"{run.module}.py").is_file()}
    if unknown := set(asked.names) - set(there):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(there)}")
    print(f"# Benchmarks\n\n{machine()}", flush=True)
    started, failed = time.monotonic(), []
    for run in (there[name] for name in asked.names or there):
        print(f"\n## {run.title}: `python {' '.join(run.command(asked.quick))}`\n", flush=True)
        if run.browser and not CHROMIUM.is_file():
            print(f"Left out: there is no Chromium at {CHROMIUM}.", flush=True)
        elif not measure(run, asked.quick):
            failed.append(run.module)
    minutes = (time.monotonic() - started) / 60
    print(f"\nAll together took {minutes:.1f} minutes; {AT_MOST // 60} are the goal.", flush=True)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


def measure(run: Run, quick: bool) -> bool:
    """Let one run, and print its tables and what it took; tell whether it came to its end."""
    started = time.monotonic()
    process = psutil.Popen([sys.executable, *run.command(quick)], cwd=ROOT)
    most = 0
    while (code := process.poll()) is None and time.monotonic() - started < PATIENCE:
        most = max(most, _together(process))
        time.sleep(EVERY)
    took = f"{time.monotonic() - started:.0f} s, all its processes together {most / 2**20:,.0f} MB"
    if code is None:
        for each in (*process.children(recursive=True), process):
            each.kill()
        process.wait()
        print(f"\nEnded after {took}.", flush=True)
    else:
        print(f"\n{'Failed after' if code else 'Took'} {took}.", flush=True)
    return code == 0


def _together(process: psutil.Process) -> int:
    """Bytes that a process and its children hold now; pages that they share count for each."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            total += each.memory_info().rss
    return total


if __name__ == "__main__":
    main()
