"""A sweep from the command line that is killed again and again: its tables must be those of an undisturbed one.

    python -m tests.load.kills --kills 100

Each table is computed in a home of its own, by as many commands as it takes: each is killed (SIGKILL) at a moment drawn
from the time that an undisturbed one takes, and then started again. The exit code is 1 where a table differs or
something stays behind under `$DLFA_HOME` that is not a result.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from dlfa_core.experiments import sweep
from dlfa_core.runtime import store
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.result_files import ABANDONED_AFTER, PARTIAL

ROOT = Path(__file__).resolve().parents[2]
LATER = 2 * ABANDONED_AFTER  # seconds by which a killed writer's folder is made older, instead of waiting
SMALL = {
    "fusions": ("last", "dlfa"),
    "layers": (2,),
    "weights": ("literal",),
    "seeds": (0, 1),
    "languages": ("deu", "fra"),
    "epochs": 2,
    "patience": 0,
    "train_limit": 64,
    "test_limit": 40,
    "max_length": 48,
    "resamples": 50,
}


def small(modes: tuple[str, ...] = ("finetune",)) -> sweep.Spec:
    """Return a sweep over the bundled encoder that takes seconds: each head trains weights of its own."""
    return sweep.Spec(modes=modes, **SMALL)  # type: ignore[arg-type]


def undisturbed(spec: sweep.Spec, home: Path) -> float:
    """Compute a sweep in one go and return the seconds that it took.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    began = time.monotonic()
    subprocess.run(_command(spec), cwd=ROOT, env=_environment(home), check=True, capture_output=True)
    return time.monotonic() - began


def disturbed(spec: sweep.Spec, home: Path, kills: int, seconds: float, draw: random.Random) -> int:
    """Compute a sweep whose command is killed up to so many times, each time within so many seconds.

    Returns:
        How often it was killed before the sweep was done.

    Raises:
        RuntimeError: the command failed by itself.
    """
    for killed in range(kills + 1):
        started = subprocess.Popen(
            _command(spec), cwd=ROOT, env=_environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            _, said = started.communicate(timeout=draw.uniform(0, seconds) if killed < kills else None)
        except subprocess.TimeoutExpired:
            os.kill(started.pid, signal.SIGKILL)
            started.communicate()
            continue
        if started.returncode:
            raise RuntimeError(said.decode())
        return killed
    raise AssertionError("The last command is not killed, so it ends.")


def tables(spec: sweep.Spec, home: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a stored sweep.

    Raises:
        LookupError: it is not stored.
    """
    found = store.Store(home / "results").find(sweep, spec)
    if found is None:
        raise LookupError(f"There is no sweep in {home}.")
    return {name: getattr(found, name) for name in sweep.FRAMES}


def left_behind(home: Path) -> list[Path]:
    """Return what lies in a home beside whole results, once killed writers' folders were due to be swept away."""
    partial = home / "results" / PARTIAL
    for folder in partial.glob("*"):
        os.utime(folder, (time.time() - LATER,) * 2)
    with tempfile.TemporaryDirectory() as elsewhere:  # any result that is written sweeps
        undisturbed_home = Path(elsewhere)
        (undisturbed_home / "results").symlink_to(home / "results")
        command = [sys.executable, "-m", "dlfa_core", "coverage", "--languages", "deu"]
        subprocess.run(command, cwd=ROOT, env=_environment(undisturbed_home), check=True, capture_output=True)
    whole = {path.parent for path in (home / "results").glob("*/*/spec.json")}
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path for path in files if not any(folder in path.parents for folder in whole) or partial in path.parents]


def _command(spec: sweep.Spec) -> list[str]:
    return [sys.executable, *command_line("sweep", spec).split()[1:]]


def _environment(home: Path) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "DLFA_SCHEDULER"} | {"DLFA_HOME": str(home)}


def main() -> int:
    """Kill sweeps so many times, compare, and say how that went."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--kills", type=int, default=100)
    reader.add_argument("--each", type=int, default=10, help="kills at most before a table is let finish")
    reader.add_argument("--seed", type=int, default=0)
    asked = reader.parse_args()
    draw, spec, killed, bad, n_tables = random.Random(asked.seed), small(), 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        seconds = undisturbed(spec, Path(folder, "undisturbed"))
        wanted = tables(spec, Path(folder, "undisturbed"))
        print(
            f"undisturbed: {seconds:.1f} s, {sum(map(len, wanted.values()))} rows in {len(wanted)} tables", flush=True
        )
        while killed < asked.kills:
            home = Path(folder, str(n_tables))
            times = disturbed(spec, home, min(asked.each, asked.kills - killed), seconds, draw)
            killed, n_tables = killed + times, n_tables + 1
            same = all(frame.equals(wanted[name]) for name, frame in tables(spec, home).items())
            left = left_behind(home)
            bad += not same or bool(left)
            print(
                f"table {n_tables}: killed {times} times, {'the same' if same else 'ANOTHER'}, left behind: {left}",
                flush=True,
            )
    print(f"{killed} kills, {n_tables} tables, {n_tables - bad} of them the same with nothing left behind")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
