"""Machines of a cluster, each a process of its own with a home of its own, and a store that they share over S3."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.waiting import until

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Cluster:
    """A scheduler and workers, as `dask scheduler` and `dask worker` start them on several machines."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder, self.port = folder, free_port()
        self.settings = {"DLFA_STORE": store, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self.processes: list[subprocess.Popen] = []

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def scheduler(self) -> subprocess.Popen:
        """Start one, at the same address each time."""
        started = self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        until(lambda: answers(self.port))
        return started

    def worker(self, name: str) -> subprocess.Popen:
        """Start a machine with one worker."""
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name, "--death-timeout", "60"]
        return self._start("worker", self.address, *options, home=name)

    def _start(self, *command: str, home: str = "scheduler") -> subprocess.Popen:
        environment = os.environ | self.settings | {"DLFA_HOME": str(self.folder / home)}
        (self.folder / home).mkdir(parents=True, exist_ok=True)
        with (self.folder / home / "said").open("a") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *command], env=environment, stdout=said, stderr=said, cwd=self.folder
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
