"""A class at once: visitors who look, type, upload and compute, while the worker is killed now and then.

    python -m tests.load.visitors --visitors 20 --minutes 10 --kills 20

Each visitor is a tab of a browser in Streamlit's own protocol, polls included. What was measured is printed, and the
exit code is 1 where a goal is missed.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.load import watching
from tests.load.protocol import Tab

PAGES = ("Overview", "Evidence", "Layers", "Map", "Fusion", "Gates", "Lexicon", "Augmentation", "Lens", "Lessons")
PAUSE = (3.0, 12.0)  # seconds between two things that a visitor does
LOOK_AT_MEMORY = 2.0  # seconds
PATIENCE = 240.0  # seconds that a visitor waits for a job
TYPES, UPLOADS, COMPUTES = 0.1, 0.04, 0.06  # shares of what visitors do; all else is looking at a page
LANGUAGES = ("English", "German", "French", "Spanish", "Russian", "Hindi", "Swahili", "Turkish")
TYPED = {  # page -> key of the text, and of the button where it is in a form
    "Map": ("typed", ""),
    "Gates": ("typed_text", "FormSubmitter:typed-Look"),
    "Lexicon": ("text_left", "FormSubmitter:explain-Explain"),
}
WORDS = (
    "the soup",
    "this film",
    "our street",
    "her answer",
    "a good book",
    "is",
    "was",
    "seemed",
    "not",
    "very",
    "cold",
)

MOST_FOR_A_PAGE, MOST_FOR_A_SENTENCE = 2.0, 30.0  # seconds that 95 % are to stay below


@dataclass(eq=False)
class Seen:
    """What all visitors saw.

    Attributes:
        pages: seconds of each interaction, by the page and what was done.
        typed: seconds until typed sentences were answered.
        jobs: how jobs ended.
        errors: what pages said is wrong, and how often.
        waiting: what was said of jobs that were not finished, and how often.
    """

    pages: dict[str, list[float]] = field(default_factory=dict)
    typed: list[float] = field(default_factory=list)
    jobs: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    started_again: int = 0

    def took(self, what: str, seconds: float) -> None:
        """Note an interaction."""
        self.pages.setdefault(what, []).append(seconds)

    @property
    def interactions(self) -> list[float]:
        """Seconds of all interactions."""
        return [seconds for each in self.pages.values() for seconds in each]


@dataclass(eq=False)
class Visitor:
    """Somebody in the class, who draws what they do next from a stream of their own."""

    tab: Tab
    seen: Seen
    draw: random.Random
    languages: tuple[str, ...] = LANGUAGES  # of the corpus that is chosen

    async def stay(self, until: float) -> None:
        """Do one thing after the other until the time is over."""
        self.seen.took("first page", await self.tab.open())
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, self.draw.uniform(*PAUSE)))
            await self._do_something(until)

    async def _do_something(self, until: float) -> None:
        what = self.draw.random()
        if what < TYPES:
            await self._type()
        elif what < TYPES + UPLOADS:
            await self._upload()
        elif what < TYPES + UPLOADS + COMPUTES and time.monotonic() < until - 30:
            await self._compute()
        else:
            await self._look(self.draw.choice(PAGES))

    async def _look(self, page: str, query: str = "") -> None:
        self.seen.took(page, await self.tab.open(page, query))
        self._note_errors()

    async def _type(self) -> None:
        page = self.draw.choice([*TYPED])
        await self._look(page)
        key, button = TYPED[page]
        if not self.tab.has(key):  # where somebody's own sentences were too few for a page
            return
        began = time.monotonic()
        text = " ".join(self.draw.choices(WORDS, k=6))
        self.seen.took(f"{page}, typing", await self.tab.type(key, text, button))
        if await self._done():
            self.seen.typed.append(time.monotonic() - began)

    async def _upload(self) -> None:
        await self._look("Layers")
        rows = "".join(f"Row {i} of {self.draw.random()}\tZeile {i}\n" for i in range(self.draw.randrange(30, 60)))
        name = f"mine{self.draw.randrange(10**6)}.tsv"
        self.seen.took("upload", await self.tab.upload("upload", name, f"eng\tdeu\n{rows}".encode()))
        self.languages = ("English", "German")
        self._note_errors()

    async def _compute(self) -> None:
        some = self.draw.sample(self.languages, min(len(self.languages), self.draw.choice((2, 3, 8))))
        query = "&".join([*(f"languages={name}" for name in some), f"limit={self.draw.randrange(20, 200)}"])
        await self._look("Layers", query)
        if self.tab.has("compute"):
            self.seen.took("Compute", await self.tab.press("compute"))
            await self._done()

    async def _done(self) -> bool:
        """Wait for the job on the page and note how it ended; tell whether it gave an answer."""
        again = False

        def ended(tab: Tab) -> bool:
            nonlocal again
            again = again or any("Started again" in text for text in tab.progress())
            return not tab.waits()

        done = await self.tab.until(ended, PATIENCE)
        if not done:
            self.seen.waiting.update(self.tab.progress())
        self.seen.started_again += again
        given_up = self._note_errors() or self.tab.has("again") or self.tab.has("again_typed")
        self.seen.jobs["still waiting" if not done else "given up" if given_up else "done"] += 1
        return done and not given_up

    def _note_errors(self) -> bool:
        errors = self.tab.errors()
        self.seen.errors.update(errors)
        return bool(errors)


async def visit(app: watching.App, visitors: int, minutes: float, kills: int, seed: int = 0) -> Seen:
    """Have visitors come one after the other over half a minute at most, stay, and see what they see."""
    seen, until = Seen(), time.monotonic() + 60 * minutes
    arriving = min(30.0, 6 * minutes)

    async def come(number: int) -> None:
        draw = random.Random(f"{seed} {number}")
        await asyncio.sleep(arriving * number / visitors)
        async with Tab(app.address) as tab:
            try:
                await Visitor(tab, seen, draw).stay(until)
            except Exception as error:  # a visitor who is thrown out is what this is here to find
                seen.errors[f"{type(error).__name__}: {error}"] += 1

    others = [asyncio.create_task(each) for each in (_kill(app, kills, until, seed), _look_at_memory(app))]
    await asyncio.gather(*(come(number) for number in range(visitors)))
    for other in others:
        other.cancel()
    return seen


async def _kill(app: watching.App, kills: int, until: float, seed: int) -> None:
    """Kill the worker so many times, at moments drawn from the time that is left."""
    draw, began = random.Random(seed), time.monotonic()
    for moment in sorted(draw.uniform(began + 5, max(began + 6, until - 20)) for _ in range(kills)):
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        while not app.workers():
            await asyncio.sleep(0.5)
        app.kill_worker()


async def _look_at_memory(app: watching.App) -> None:
    while True:
        app.look()
        await asyncio.sleep(LOOK_AT_MEMORY)


def report(app: watching.App, seen: Seen, processor: float) -> list[str]:
    """Print what was measured; return the goals that were missed."""
    missed = []
    print(f"{'':28}{'n':>6}{'median':>9}{'p95':>9}  seconds")
    for name, seconds in [*sorted(seen.pages.items()), ("all interactions", seen.interactions)]:
        print(_line(name, seconds))
    print(_line("typed sentences answered", seen.typed))
    views = sum(len(seen.pages.get(page, ())) for page in (*PAGES, "first page"))
    print(f"processor time of the page process per page view, polls and all: {processor / max(views, 1):.2f} s")
    print(f"jobs: {dict(seen.jobs)}; started again: {seen.started_again}; worker killed {app.kills} times")
    for name, held in (("page process", app.page), ("worker", app.worker)):
        found = watching.memory(app.seconds, held)
        slope = f"slope {found.per_minute:+.1f} ± {found.error:.1f} MB per minute"
        print(f"memory of the {name}: mean {found.mean:.0f}, most {found.most:.0f} MB, {slope}")
        if not found.is_flat:
            missed.append(f"memory of the {name} grows")
    for text, times in seen.waiting.most_common():
        print(f"not finished, {times} times: {text}")
    for error, times in seen.errors.most_common():
        print(f"shown {times} times: {error}")
    for traceback, times in app.tracebacks().most_common():
        print(f"printed {times} times by the app:\n{traceback}")
    if seen.errors:
        missed.append(f"{sum(seen.errors.values())} errors shown")
    if gone := seen.jobs["given up"] + seen.jobs["still waiting"]:
        missed.append(f"{gone} jobs given up or not finished in {PATIENCE:.0f} s")
    for name, seconds, most in (
        ("interactions", seen.interactions, MOST_FOR_A_PAGE),
        ("typed sentences", seen.typed, MOST_FOR_A_SENTENCE),
    ):
        if seconds and np.percentile(seconds, 95) > most:
            missed.append(f"95 % of {name} within {np.percentile(seconds, 95):.1f} s, not {most:g}")
    return missed


def _line(name: str, seconds: Iterable[float]) -> str:
    values = np.array([*seconds])
    if not len(values):
        return f"{name:28}{0:6}"
    return f"{name:28}{len(values):6}{np.median(values):9.2f}{np.percentile(values, 95):9.2f}"


def main() -> int:
    """Start the app, have a class visit it, and say how that went."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--visitors", type=int, default=20)
    reader.add_argument("--minutes", type=float, default=10.0)
    reader.add_argument("--kills", type=int, default=20, help="times that the worker is killed meanwhile")
    reader.add_argument("--seed", type=int, default=0)
    reader.add_argument("--port", type=int, default=0, help="of the app; any free one if 0")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as home, watching.started(Path(home), asked.port) as app:
        before = app.processor_seconds()
        seen = asyncio.run(visit(app, asked.visitors, asked.minutes, asked.kills, asked.seed))
        missed = report(app, seen, app.processor_seconds() - before)
    for goal in missed:
        print(f"MISSED: {goal}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
