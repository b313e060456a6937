"""How long a visitor waits for the first picture of each page, in Chromium, with no network but the loopback.

    python -m benchmarks.opening

Each round starts a server of its own with an empty home, as after `make app`, and opens one page in a fresh browser:
the first visit, which imports what the page needs, and a second one. Medians of the rounds. The goal is 3 s.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from tests.browser.serving import CHROMIUM, FLAGS, serving

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


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", nargs="+", choices=list(FIRST), default=list(FIRST))
    asked = parser.parse_args(arguments)
    print("| page | first visit | second visit |\n| --- | ---: | ---: |")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for name in asked.pages:
            rounds = []
            for _ in range(asked.rounds):
                with tempfile.TemporaryDirectory() as home, serving(Path(home), prepare=True) as address:
                    rounds.append([seconds(browser, f"{address}/{name}", FIRST[name]) for _ in range(2)])
            first, second = (median(taken) for taken in zip(*rounds, strict=True))
            print(f"| {name or 'home'} | {first:.1f} s | {second:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
