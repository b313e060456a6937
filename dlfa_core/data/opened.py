"""Files that others name: whether they changed, what they hold, and what was made of them while they stay the same."""

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

BLOCK = 1 << 20  # bytes

Stamp = tuple[tuple[str, int, int], ...]

Opened = TypeVar("Opened")


def stamp_of(files: Iterable[Path]) -> Stamp:
    """Path, size and time of every file."""
    return tuple((str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files)


@lru_cache(maxsize=64)
def digest_of(stamp: Stamp) -> str:
    """SHA-256 over the names, sizes and content of files, in 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for path, size, _ in stamp:
        digest.update(f"{Path(path).name}\0{size}\n".encode())
        with Path(path).open("rb") as file:
            while block := file.read(BLOCK):  # a large one is not held whole
                digest.update(block)
    return digest.hexdigest()


def opened_once(
    files: Callable[[Any], Iterable[Path]], most: int
) -> Callable[[Callable[..., Opened]], Callable[..., Opened]]:
    """Let a function that opens a source do so again only when a file of the source has changed.

    Args:
        files: source -> its files; none where they are not on this machine.
        most: sources that are kept open.
    """

    def remembering(open_source: Callable[..., Opened]) -> Callable[..., Opened]:
        kept = lru_cache(maxsize=most)(lambda stamp, source, *settings: open_source(source, *settings))
        return wraps(open_source)(lambda source, *settings: kept(stamp_of(files(source)), source, *settings))

    return remembering
