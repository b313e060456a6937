"""What the next steps need is made while the present one runs."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Made = TypeVar("Made")


def ahead(make: Callable[[int], Made], steps: range, depth: int = 2) -> Generator[Made, None, None]:
    """Yield `make(step)` for every step in order, up to `depth` of them made beforehand by one thread.

    `make` is called in the order of the steps and never twice at once, so it may keep caches. An error that it raises
    is raised where its step would have been yielded; when the iterator is closed, what waits is not made.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        rest = iter(steps)
        waiting: list[Future[Made]] = [thread.submit(make, step) for step in islice(rest, depth)]
        try:
            while waiting:
                made = waiting.pop(0).result()
                waiting.extend(thread.submit(make, step) for step in islice(rest, 1))
                yield made
        finally:
            thread.shutdown(wait=True, cancel_futures=True)
