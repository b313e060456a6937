"""Spoilt files, folders and addresses against everything that reads what users bring.

    python -m tests.load.fuzz --inputs 10000 --seed 0

Each input is read as the app or a command does. It is accepted, or refused by a `ValueError` or `OSError` whose message
is a sentence. All else is a fault: another exception, a reader that does not come to an end, a file written outside
`$DLFA_HOME`, a program started, a machine asked over the network, or code run that came with the input. The table says
how often each reader did which, and the exit code is 1 if there was a fault. The same seed gives the same inputs:
`--only READER --input NUMBER` reads one of them again.
"""

import argparse
import json
import logging
import os
import resource
import shutil
import signal
import sys
import tempfile
import tomllib
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter

from tests.load.fuzz_mutations import MARKER

SHOWN = 4  # faults of one kind and reader that are printed
ADDRESSES = 0.02  # pages that are opened for each file that is read: they take a hundred times as long
LONGEST = 60  # seconds of the processor that one input may take
LONGEST_MESSAGE = 2_000  # characters that somebody reads
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {  # audit events -> which arguments are a path, and the open folder that it starts from
    "os.rename": ((0, 2), (1, 3)),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.mkdir": ((0, 2),),
}
STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.spawn")
ASKS = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request")
LIBRARY_ERRORS = (UnicodeError, json.JSONDecodeError, tomllib.TOMLDecodeError)  # are ValueErrors, but name no file


class TooLong(BaseException):
    """An input was read for longer than `LONGEST`."""


@dataclass
class Watch:
    """What happens in this process beside reading, as Python's audit events tell; one for the whole process."""

    allowed: tuple[str, ...] = ()
    active: bool = False
    seen: list[str] = field(default_factory=list)

    def hook(self, event: str, args: tuple) -> None:
        """Note a forbidden event."""
        if not self.active:
            return
        if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
            if (args[2] or 0) & WRITING:
                self._written(args[0])
        elif event in CHANGES:
            for path, folder in CHANGES[event]:
                start = os.readlink(f"/proc/self/fd/{args[folder]}") if args[folder] >= 0 else ""
                self._written(os.path.join(start, os.fsdecode(args[path])))
        elif event in STARTS or event in ASKS or event == MARKER:
            self.seen.append(f"{event} {args!r:.200}")

    def _written(self, path: str | bytes | os.PathLike[str]) -> None:
        place = os.path.realpath(os.fsdecode(path))
        if not place.startswith((*self.allowed, "/dev/")):
            self.seen.append(f"written outside: {place}")


WATCH = Watch()
sys.addaudithook(WATCH.hook)


@dataclass
class Tally:
    """How often a reader did what."""

    accepted: int = 0
    refused: int = 0
    faults: Counter = field(default_factory=Counter)
    slowest: float = 0.0

    @property
    def inputs(self) -> int:
        """All that were tried."""
        return self.accepted + self.refused + self.faults.total()


@dataclass(frozen=True)
class Fault:
    """An input that was neither accepted nor clearly refused."""

    reader: str
    number: int
    kind: str
    detail: str


@contextmanager
def own_places(root: Path) -> Iterator[None]:
    """A home of the app, a user's home and a working folder below `root`, and nothing kept from other places."""
    for name in ("app", "user", "work", "input"):
        (root / name).mkdir(parents=True)
    before, folder = dict(os.environ), Path.cwd()
    os.environ |= {"DLFA_HOME": str(root / "app"), "HOME": str(root / "user"), "HF_HUB_OFFLINE": "1"}
    os.environ.pop("DLFA_DEMO", None)
    os.chdir(root / "work")
    no_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    WATCH.allowed = (os.path.realpath(root / "app") + os.sep, os.path.realpath(root / "app"))
    try:
        yield
    finally:
        sys.dont_write_bytecode = no_bytecode
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)


def run(
    inputs: int, seed: int, root: Path, only: str = "", number: int | None = None, pages: bool = True
) -> tuple[dict[str, Tally], list[Fault]]:
    """Try inputs on all readers, and return what each did and the faults.

    Args:
        inputs: how many, over all readers.
        seed: of the inputs.
        root: an empty folder.
        only: the name of a reader, for one alone.
        number: of an input, for one alone.
        pages: whether pages are opened as well.

    Raises:
        RuntimeError: a reader refuses a sample that is not spoilt.
    """
    with own_places(root):
        from tests.load.fuzz_readers import READERS, spoil

        readers = [reader for reader in READERS if only in ("", reader.name)]
        others = [content for reader in READERS for files in reader.samples for content in files.values()]
        for reader in readers:
            _check_samples(reader, root)
        tallies, faults = {reader.name: Tally() for reader in readers}, []
        weights = sum(reader.weight for reader in readers)
        for reader in readers:
            count = max(1, round(inputs * reader.weight / weights))
            for index in range(count) if number is None else [number]:
                random = Random(f"{seed}/{reader.name}/{index}")
                files = (reader.spoil or spoil)(random.choice(reader.samples), random, others)
                fault = _tried(reader.name, reader.read, files, root, index, tallies[reader.name])
                faults += [fault] if fault else []
        for page, count in _pages(only, round(inputs * ADDRESSES)) if pages else []:
            faults += _addresses(page, count, seed, root, number, tallies)
        faults += [
            Fault("all", 0, "file left outside", str(path))
            for name in ("user", "work")
            for path in (root / name).rglob("*")
        ]
    return tallies, faults


def _pages(only: str, inputs: int) -> list[tuple[str, int]]:
    """The pages to open, each with how many addresses."""
    from tests.load.fuzz_addresses import furnishing

    pages = ["app.py", *furnishing.PAGES]
    return [(page, max(1, round(inputs / len(pages)))) for page in pages if only in ("", page)]


def _addresses(
    page: str, count: int, seed: int, root: Path, number: int | None, tallies: dict[str, Tally]
) -> list[Fault]:
    """Open a page with spoilt addresses."""
    from tests.load import fuzz_addresses

    if not (root / "app" / "pages").exists():
        (root / "app" / "pages").mkdir()
    faults, tally = [], tallies.setdefault(page, Tally())
    with fuzz_addresses.furnished(Path(tempfile.mkdtemp(dir=root / "app" / "pages"))):
        names = fuzz_addresses.parameters(page)
        for index in range(count) if number is None else [number]:
            query = fuzz_addresses.spoilt(names, Random(f"{seed}/{page}/{index}"))
            found = _tried(page, lambda _, query=query: fuzz_addresses.reader(page)(query), {}, root, index, tally)
            faults += [found] if found else []
    return faults


def _check_samples(reader, root: Path) -> None:
    """Read the good files, whose libraries are imported with them."""
    for files in reader.samples:
        folder = _written(files, root)
        try:
            reader.read(folder)
        except (ValueError, OSError) as error:
            if reader.spoil is None or "source" not in files:
                raise RuntimeError(f"{reader.name} refuses its own sample {sorted(files)}: {error}") from error


def _written(files: dict[str, bytes], root: Path) -> Path:
    folder = root / "input" / "files"
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def _state(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*"))


def _tried(
    name: str, read: Callable[[Path], object], files: dict[str, bytes], root: Path, number: int, tally: Tally
) -> Fault | None:
    """Read one input and count what came of it."""
    folder = _written(files, root)
    before, began = _state(folder), perf_counter()
    WATCH.seen.clear()
    WATCH.active, kind, detail = True, "", ""
    try:
        with warnings.catch_warnings(), _limited():
            warnings.simplefilter("ignore")
            read(folder)
    except (ValueError, OSError) as error:
        said = str(error).strip()
        kind = "refused"
        if isinstance(error, LIBRARY_ERRORS) or (isinstance(error, ValueError) and not _is_sentence(said)):
            kind, detail = f"unclear {type(error).__name__}", _where(error)
    except TooLong as error:
        kind, detail = f"longer than {LONGEST} s", _where(error)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        kind, detail = type(error).__name__, _where(error)
    finally:
        WATCH.active = False
    tally.slowest = max(tally.slowest, perf_counter() - began)
    if WATCH.seen:
        kind, detail = WATCH.seen[0].partition(" ")[0], "; ".join(WATCH.seen[:5])
    elif _state(folder) != before:
        kind, detail = "input changed", "files of the input were changed"
    if kind == "":
        tally.accepted += 1
    elif kind == "refused":
        tally.refused += 1
    else:
        tally.faults[kind] += 1
        return Fault(name, number, kind, detail)
    return None


def _is_sentence(said: str) -> bool:
    return len(said.split()) > 2 and said.endswith((".", "?", "!", ")", "…")) and len(said) <= LONGEST_MESSAGE


@contextmanager
def _limited() -> Iterator[None]:
    """Raise `TooLong` where what is read takes longer than `LONGEST`, however busy the machine is."""

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _where(error: BaseException) -> str:
    """The error and the last lines of this project that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[:-6:-1])
    return f"{type(error).__name__}: {str(error)[:300]!r} at {places}"


def written(tallies: dict[str, Tally]) -> str:
    """Return the table of all readers."""
    kinds = sorted({kind for tally in tallies.values() for kind in tally.faults})
    rows = [("reader", "inputs", "accepted", "refused", "slowest s", *kinds)]
    for name, tally in tallies.items():
        faults = (f"{tally.faults[kind]:,}" for kind in kinds)
        rows.append(
            (name, f"{tally.inputs:,}", f"{tally.accepted:,}", f"{tally.refused:,}", f"{tally.slowest:.2f}", *faults)
        )
    total = [sum(getattr(tally, name) for tally in tallies.values()) for name in ("inputs", "accepted", "refused")]
    rows.append(("all", *(f"{number:,}" for number in total), "", *("" for _ in kinds)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, print the table and the faults, and return 1 if there was one."""
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000, help="how many, over all readers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", metavar="READER", help="one reader alone")
    parser.add_argument("--input", type=int, metavar="NUMBER", help="one input of that reader alone")
    asked = parser.parse_args(arguments)
    began = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        tallies, faults = run(asked.inputs, asked.seed, Path(folder) / "fuzz", asked.only, asked.input)
    print(written(tallies))
    shown: Counter = Counter()
    for fault in faults:
        shown[fault.reader, fault.kind] += 1
        if shown[fault.reader, fault.kind] <= SHOWN:
            print(f"{fault.reader}, input {fault.number}: {fault.kind}: {fault.detail}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(faults):,} faults in {perf_counter() - began:.0f} s; most memory {peak:,.0f} MB")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
