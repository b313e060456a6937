"""What a page view costs the app's process, and how long a visitor who was here before waits for answer and figure.

    python -m benchmarks.views

One server, one tab in Chromium: every page is opened once, and then again and again by its link in the sidebar.
Processor time is that of the app's process alone, per view, polls included; the goal is 0.15 s. Medians of the rounds:
from the click until the answer stands there (goal 1.5 s), and until the figure is drawn by what draws it for good (goal
2.5 s).
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.opening import FIRST
from tests.browser.serving import CHROMIUM, FLAGS, serving

PLOTLY = ".js-plotly-plot .main-svg"
DRAWN = {name: PLOTLY if "path.js-line" in picture else picture for name, picture in FIRST.items()}
SETTLED = 1500  # milliseconds after a view, in which the browser finishes and the server answers what it asks


ANSWERED = """title => {
    const answer = document.querySelector(".answer");
    return document.title.startsWith(title) && answer?.checkVisibility() && !answer.closest("[data-stale=true]");
}"""


def seconds(page: Page, name: str) -> tuple[float, float]:
    """From the click on a page's link until its answer and its figure are there."""
    started = time.perf_counter()
    page.get_by_test_id("stSidebar").get_by_role("link", name=name or "Overview").click()
    page.wait_for_function(ANSWERED, arg=f"{name or 'DLFA Explorer'} ·", timeout=60_000)
    answered = time.perf_counter() - started
    page.wait_for_selector(DRAWN[name], timeout=60_000)
    return answered, time.perf_counter() - started


@contextmanager
def app_process(address: str) -> Iterator[psutil.Process]:
    """The process that serves the address."""
    port = int(address.rpartition(":")[2])
    [number] = {
        each.pid for each in psutil.net_connections("tcp") if each.laddr.port == port and each.status == "LISTEN"
    }
    yield psutil.Process(number)


def processor_seconds(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    names = list(FIRST)
    print("| page | processor, per view | answer | figure |\n| --- | ---: | ---: | ---: |")
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as home,
        serving(Path(home)) as address,
        app_process(address) as process,
    ):
        page = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS).new_page(
            viewport={"width": 1440, "height": 900}
        )
        page.goto(address)
        page.wait_for_selector(".answer")
        rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
        for turn in range(asked.rounds + 1):
            for name in [*names[1:], names[0]]:
                before = processor_seconds(process)
                waited = seconds(page, name)
                page.wait_for_timeout(SETTLED)
                if turn:  # the first round makes what is kept
                    rows[name].append((processor_seconds(process) - before, *waited))
        for name, taken in rows.items():
            used, answered, drawn = (median(column) for column in zip(*taken, strict=True))
            print(f"| {name or 'home'} | {used:.2f} s | {answered:.1f} s | {drawn:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
