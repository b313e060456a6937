"""Files into text: packed or not, always UTF-8, with an error that names the line."""

import gzip
import lzma
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from dlfa_core.data.parallel import CorpusError

MAX_BYTES = 1 << 30  # unpacked: a small .xz can hold far more than the memory does
UNPACKERS = {b"\xfd7zXZ\x00": lzma.open, b"\x1f\x8b": gzip.open}
PACKED = (".xz", ".gz")


def read_text(file: str | Path | BinaryIO, holds: str = "sentences") -> str:
    """The text of a file or of an open binary stream; .xz and .gz are known by their first bytes.

    Args:
        file: a path, or an open binary stream.
        holds: what messages say that the file should hold.

    Raises:
        CorpusError: no such file, a damaged archive, more than `MAX_BYTES`, no text, or not UTF-8.
    """
    name = name_of(file)
    data = _read_bytes(file, name)
    if len(data) > MAX_BYTES:
        raise CorpusError(f"{name} holds more than {MAX_BYTES / 2**30:g} GiB of text. Keep a sample of its {holds}.")
    if not data.strip():
        raise CorpusError(f"{name} is empty. Give a file that holds {holds}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{name} is not UTF-8: line {line:,} has the byte 0x{data[error.start]:02X}, which does not belong there. "
            f"Save it again as UTF-8 (in a spreadsheet: 'CSV UTF-8'; in an editor: encoding UTF-8)."
        ) from None


def read_lines(file: str | Path | BinaryIO) -> list[str]:
    """The lines of a text file, without their ends.

    Only line feeds (and a carriage return before one) end a line. `str.splitlines` would also cut at
    characters that occur inside sentences, such as U+2028 or U+0085, and shift every line after them.
    """
    return [line.removesuffix("\r") for line in read_text(file).removesuffix("\n").split("\n")]


def name_of(file: str | Path | BinaryIO) -> str:
    """Return what messages call a file."""
    named = file if isinstance(file, str | Path) else getattr(file, "name", None)
    return Path(named).name if isinstance(named, str | Path) else "The table"


def unpacked_name(path: Path) -> str:
    """The name of a file without its folder and without .xz or .gz."""
    return path.stem if path.suffix in PACKED else path.name


def existing(path: str | Path) -> Path:
    """The path with `~` resolved.

    Raises:
        CorpusError: nothing is there.
    """
    found = Path(path).expanduser()
    if not found.exists():
        raise CorpusError(f"There is nothing at {found}. Check the spelling, or give the whole path.")
    return found


def _read_bytes(file: str | Path | BinaryIO, name: str) -> bytes:
    try:
        if not isinstance(file, str | Path):
            return _unpack(BytesIO(file.read()))
        with existing(file).open("rb") as stream:
            return _unpack(stream)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise CorpusError(
            f"{name} cannot be read ({error}). Pack it again if it is packed, "
            f"or check that it is a file and may be read."
        ) from error


def _unpack(stream: BinaryIO) -> bytes:
    start = stream.read(6)
    stream.seek(0)
    for mark, opener in UNPACKERS.items():
        if start.startswith(mark):
            stream = opener(stream)
    return stream.read(MAX_BYTES + 1)
