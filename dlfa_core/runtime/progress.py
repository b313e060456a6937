"""How work says how far it is, and how it is asked to stop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Progress = Callable[[float, str], None]
"""`progress(fraction, message)`: `fraction` in [0, 1], `message` for a person. Raises `Cancelled` to stop."""


class Cancelled(Exception):
    """Raised inside a progress call when nobody wants the result any more."""


class GaveWay(Exception):
    """Raised between two stored parts of a computation, so that others get their turn: it goes on later."""


_after_part: ContextVar[Callable[[str], None]] = ContextVar("after_part", default=lambda key: None)


def part_stored(key: str) -> None:
    """Say that a result was stored, which may be part of another: whoever runs the other may raise `GaveWay` here.

    Nothing is lost by that: what looks results up before it computes them goes on where it was.

    Args:
        key: of the result.
    """
    _after_part.get()(key)


@contextmanager
def after_each_part(call: Callable[[str], None]) -> Iterator[None]:
    """Have `part_stored` make a call in this thread."""
    token = _after_part.set(call)
    try:
        yield
    finally:
        _after_part.reset(token)


def silent(fraction: float, message: str) -> None:
    """The progress of work that nobody watches."""


def span(progress: Progress, start: float, stop: float) -> Progress:
    """A progress whose [0, 1] is the part from `start` to `stop` of the progress given."""

    def inner(fraction: float, message: str) -> None:
        progress(start + (stop - start) * fraction, message)

    return inner


def part(progress: Progress, number: int, of: int, name: str = "") -> Progress:
    """The progress of part `number`, from 0, of several of equal length; a name is told with the number."""
    inner = span(progress, number / of, (number + 1) / of)
    return (lambda fraction, message: inner(fraction, f"{name}, {number + 1} of {of}: {message}")) if name else inner


@contextmanager
def bar() -> Iterator[Progress]:
    """A progress bar on the terminal's error stream; gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Starting", total=1.0)

        def progress(fraction: float, message: str) -> None:
            bars.update(task, completed=fraction, description=message)

        yield progress
