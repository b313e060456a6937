"""The app as visitors start it, and the browser that they open it with; for tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 300  # seconds for the server to come or to go, on a busy machine
CHROMIUM = Path("/usr/bin/chromium")
STREAMLIT = (sys.executable, "-m", "streamlit", "run", "serve.py", "--server.address=127.0.0.1", "--server.port={port}")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def serving(
    home: Path, prepare: bool = False, command: Sequence[str] = STREAMLIT, folder: Path = ROOT
) -> Iterator[str]:
    """The address of an app that keeps in `home` what it computes, and its log.

    Args:
        prepare: whether a worker loads its libraries before anybody asks, as for visitors; most tests ask for nothing.
        command: what starts the app; `{port}` in it stands for the port.
        folder: where that is called.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DLFA_")}
    environment |= {"DLFA_HOME": str(home), "DLFA_PREPARE": str(int(prepare))}
    with (home / "log").open("wb") as log:
        words = [word.format(port=port) for word in command]
        server = subprocess.Popen(words, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _wait_for(address: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, f"the server ended with code {server.returncode}"
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing answers at {address}")
