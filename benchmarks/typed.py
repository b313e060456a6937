"""How long a visitor of the Lexicon page waits for the words of a sentence that was just typed.

    python -m benchmarks.typed

One server with an empty home, in Chromium: from the click on Explain until the sentence stands there in colours, with
the defaults of the page (integrated gradients, more steps where they are needed). The first sentence finds the model
unloaded: its goal is 4 s, that of the others 1.5 s.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from tests.browser.serving import CHROMIUM, FLAGS, serving

SENTENCES = (
    "The soup was cold and the waiter was rude.",
    "I have never slept so well in a hotel.",
    "The train leaves at nine from the other platform.",
    "What a wonderful gift, thank you so much!",
    "The new phone broke after two days and nobody helped us.",
    "She was afraid of the dark, but the little lamp made her feel safe.",
    "Our neighbours are friendly, although their music is sometimes terribly loud at night.",
)
SHOWN = """text => [...document.querySelectorAll("p.marked")].some(line => {
    const copy = line.cloneNode(true);
    copy.querySelectorAll(".aside").forEach(each => each.remove());
    return copy.textContent === text;
})"""


def seconds(page: Page, text: str) -> float:
    """From the click until the words are coloured."""
    page.get_by_role("textbox", name="Text", exact=True).fill(text)
    started = time.perf_counter()
    page.get_by_role("button", name="Explain", exact=True).click()
    page.wait_for_function(SHOWN, arg=text, timeout=60_000)
    return time.perf_counter() - started


def main() -> None:
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as home,
        serving(Path(home), prepare=True) as address,
    ):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{address}/Lexicon")
        page.wait_for_selector("p.marked")
        page.wait_for_timeout(5000)  # a visitor reads, and types
        first, *others = (seconds(page, text) for text in SENTENCES)
    print(f"first sentence {first:.1f} s; then median {median(others):.1f} s, {min(others):.1f} to {max(others):.1f} s")


if __name__ == "__main__":
    main()
