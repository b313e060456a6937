"""How long a visitor waits for the first picture of each page, in Chromium, with no network but the loopback.

    python -m benchmarks.opening

Each round starts a server of its own with an empty home, as after `make app`, and opens one page in a fresh browser:
the first visit, which imports what the page needs, and a second one. Medians of the rounds. The goal is 3 s.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CURVE = "img.sketch, .js-plotly-plot .scatterlayer path.js-line"
FIRST = {  # page -> what its first picture is
    "": CURVE,
    "Layers": CURVE,
    "Map": "canvas.points",
    "Fusion": CURVE,
    "Gates": ".gated-line",
    "Lexicon": "p.marked",
    "Augmentation": ".js-plotly-plot .main-svg",
}


@contextmanager
def server() -> Iterator[str]:
    """The address of an app with an empty home."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "streamlit", "run", "app.py", "--server.address=127.0.0.1", f"--server.port={port}"]
    with tempfile.TemporaryDirectory() as home:
        running = subprocess.Popen(
            [sys.executable, *command],
            env={name: value for name, value in os.environ.items() if not name.startswith("DLFA_")}
            | {"DLFA_HOME": home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(10)


def wait_for(address: str) -> None:
    """Until something answers there.

    Raises:
        TimeoutError: nothing does in 30 s.
    """
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"Nothing answers at {address}.")


def seconds(browser: Browser, address: str, picture: str) -> float:
    """From asking for a page until its first picture is there, for a visitor who was never here."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.goto("about:blank")
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(picture, state="attached", timeout=60_000)
    took = time.perf_counter() - started
    context.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", nargs="+", choices=list(FIRST), default=list(FIRST))
    asked = parser.parse_args()
    print("| page | first visit | second visit |\n| --- | ---: | ---: |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name in asked.pages:
            rounds = []
            for _ in range(asked.rounds):
                with server() as address:
                    rounds.append([seconds(browser, f"{address}/{name}", FIRST[name]) for _ in range(2)])
            first, second = (median(taken) for taken in zip(*rounds, strict=True))
            print(f"| {name or 'home'} | {first:.1f} s | {second:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
