"""How work says how far it is, and how it is asked to stop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[float, str], None]
"""`progress(fraction, message)`: `fraction` in [0, 1], `message` for a person. Raises `Cancelled` to stop."""


class Cancelled(Exception):
    """Raised inside a progress call when nobody wants the result any more."""


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
