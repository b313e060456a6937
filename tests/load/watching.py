"""The app as a process of its own, with the memory that it takes and its worker, which may be killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import requests

ROOT = Path(__file__).resolve().parents[2]
STARTING_PATIENCE = 120  # seconds
ENDING_PATIENCE = 20  # seconds
WARMING = 1 / 3  # of the time, in which memory may grow: caches fill up
TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n)*\S.*", re.MULTILINE)
GROWS = 0.05  # of the mean, over the time watched: less is no growth that anybody would notice


class Memory(NamedTuple):
    """What a process held over the time after it had warmed up, in MB."""

    mean: float
    most: float
    per_minute: float  # slope of a line through all
    error: float  # of the slope, as if ten stretches of time were independent

    @property
    def is_flat(self) -> bool:
        """Tell whether the slope is within its noise, or too small to matter."""
        return self.per_minute - 2 * self.error <= 0 or self.per_minute * 10 < GROWS * self.mean


@dataclass(eq=False)
class App:
    """A server that was started here."""

    address: str
    process: psutil.Process
    log: Path  # what it printed
    seconds: list[float] = field(default_factory=list)  # when memory was looked at
    page: list[float] = field(default_factory=list)  # MB
    worker: list[float] = field(default_factory=list)  # MB; NaN while there is none
    kills: int = 0

    def workers(self) -> list[psutil.Process]:
        """The processes that compute."""
        with suppress(psutil.NoSuchProcess):
            return [process for process in self.process.children(recursive=True) if _computes(process)]
        return []

    def kill_worker(self) -> None:
        """SIGKILL, as when the system runs out of memory; nothing where there is no worker just now."""
        for process in self.workers():
            with suppress(psutil.NoSuchProcess):
                os.kill(process.pid, signal.SIGKILL)
                self.kills += 1

    def look(self) -> None:
        """Write down how much memory is held now."""
        self.seconds.append(time.monotonic())
        self.page.append(self.process.memory_info().rss / 2**20)
        held = [0.0]
        for process in self.workers():
            with suppress(psutil.NoSuchProcess):
                held.append(process.memory_info().rss / 2**20)
        self.worker.append(max(held) or float("nan"))

    def tracebacks(self) -> Counter[str]:
        """What broke in the process of the pages, as it was printed, and how often."""
        return Counter(found.group().rstrip() for found in TRACEBACK.finditer(self.log.read_text(errors="replace")))

    def processor_seconds(self) -> float:
        """Seconds of processor time that the page process has taken so far."""
        times = self.process.cpu_times()
        return times.user + times.system


def memory(seconds: list[float], held: list[float]) -> Memory:
    """What was held once the first part of the time was over."""
    at, values = np.array(seconds), np.array(held)
    kept = (at >= at[0] + WARMING * (at[-1] - at[0])) & np.isfinite(values)
    if kept.sum() < 10:
        return Memory(*([float(np.nanmean(values)), float(np.nanmax(values)), 0.0, float("inf")]))
    minutes = (at[kept] - at[kept][0]) / 60
    blocks = [(block.mean(), part.mean()) for block, part in _in_ten(minutes, values[kept])]
    x, y = np.array(blocks).T
    slope, offset = np.polyfit(x, y, 1)
    rest = y - (slope * x + offset)
    error = np.sqrt((rest**2).sum() / (len(x) - 2) / ((x - x.mean()) ** 2).sum())
    return Memory(float(values[kept].mean()), float(values[kept].max()), float(slope), float(error))


@contextmanager
def started(home: Path, port: int = 0, **environment: str) -> Iterator[App]:
    """Start the app with a home of its own and wait until it answers; it ends with this."""
    port = port or _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(port)]
    command += ["--logger.enableRich", "false"]  # which would break lines of tracebacks
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"DLFA_HOME": str(home)} | environment, stdout=log, stderr=log
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _answers(address)
        yield App(address, psutil.Process(server.pid), home / "server.log")
    finally:
        its_own = psutil.Process(server.pid).children(recursive=True) if server.poll() is None else []
        server.terminate()
        server.wait()
        for process in psutil.wait_procs(its_own, timeout=ENDING_PATIENCE)[1]:  # a worker may still be writing
            process.kill()


def _answers(address: str) -> None:
    until = time.monotonic() + STARTING_PATIENCE
    while time.monotonic() < until:
        with suppress(requests.ConnectionError):
            if requests.get(f"{address}/_stcore/health", timeout=5).ok:
                return
        time.sleep(0.2)
    raise RuntimeError(f"The app does not answer at {address}: see server.log in its home.")


def _computes(process: psutil.Process) -> bool:
    """A worker is what the process of the cluster spawned, other than the tracker of resources."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        parent, line = process.parent(), " ".join(process.cmdline())
        of_cluster = parent is not None and "dlfa_core.runtime.cluster" in " ".join(parent.cmdline())
        return of_cluster and "resource_tracker" not in line
    return False


def _in_ten(minutes: np.ndarray, values: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return zip(np.array_split(minutes, 10), np.array_split(values, 10), strict=True)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
