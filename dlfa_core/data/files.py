"""Files into text: packed or not, UTF-8 unless a byte order mark says otherwise, with an error that names the line."""

import bz2
import codecs
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import SEEK_END, BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from pyarrow import input_stream

from dlfa_core.data.parallel import CorpusError

MAX_BYTES = 1 << 30  # unpacked: a small .xz can hold far more than the memory does, so besides
MAX_RATIO, FREE_BYTES = 100, 1 << 26  # unpacked text has at most so many times the size of its file, or so many bytes
MAX_LINE = 1 << 20  # characters of one line of text that is read line by line
OPENERS = {  # by the end of a file's name; each takes a path or a stream and gives a binary one
    ".xz": lzma.open,
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".zst": partial(input_stream, compression="zstd"),
}
PACKED = tuple(OPENERS)
MARKS = {b"\xfd7zXZ\x00": ".xz", b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\x28\xb5\x2f\xfd": ".zst"}  # first bytes
ENCODINGS = {  # by byte order mark, the longer ones first
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
OTHERS = {  # what a file holds that begins so, and what to do
    b"PK\x03\x04": "a ZIP archive or an Excel workbook: unpack it, or save the sheet as 'CSV UTF-8'",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word document: save it as 'CSV UTF-8'",
    b"%PDF": "a PDF: give a text file",
    b"PAR1\x15": "a Parquet table: write it as CSV",
    b"version https://git-lfs": "a pointer of Git LFS and not the file itself: run `git lfs pull`",
    b"<!doctype html": "a web page: download the file itself",
    b"<html": "a web page: download the file itself",
}
SAVE_AGAIN = "Save it again as UTF-8 (in a spreadsheet: 'CSV UTF-8'; in an editor: encoding UTF-8)."


def read_text(file: str | Path | BinaryIO, holds: str = "sentences") -> str:
    """The text of a file or of an open binary stream, unpacked as by `read_bytes`.

    It is UTF-8, or what a byte order mark says. Where carriage returns alone end its lines, they become line feeds.

    Args:
        file: a path, or an open binary stream.
        holds: what messages say that the file should hold.

    Raises:
        CorpusError: no such file, a damaged archive, more than `MAX_BYTES`, no text, or not UTF-8.
    """
    name, data = name_of(file), read_bytes(file, holds)
    encoding = _encoding(data)
    if encoding == "utf-8-sig":
        _check_marked(data[:4096], name)
    try:
        text = _line_feeds(data.decode(encoding))
    except UnicodeDecodeError as error:
        line = _line_feeds(data[: error.start].decode(encoding, "replace")).count("\n") + 1
        raise CorpusError(
            f"{name} is not {encoding.removesuffix('-sig').upper()}: line {line:,} has the byte "
            f"0x{data[error.start]:02X}, which does not belong there. {SAVE_AGAIN}"
        ) from None
    if not text.strip():
        raise _empty(name, holds)
    return text


def read_bytes(file: str | Path | BinaryIO, holds: str = "sentences") -> bytes:
    """The content of a file or of an open binary stream; .xz, .gz, .bz2 and .zst are known by their first bytes.

    Raises:
        CorpusError: no such file, a damaged archive, more than `MAX_BYTES`, nothing in it, or one of `OTHERS`.
    """
    name = name_of(file)
    with _damage_explained(name):
        if not isinstance(file, str | Path):
            data = _unpacked(BytesIO(file.read()), name, holds)
        else:
            with existing(file).open("rb") as stream:
                data = _unpacked(stream, name, holds)
    if not data.strip():
        raise _empty(name, holds)
    _check_kind(data, name)
    return data


def read_lines(file: str | Path | BinaryIO) -> list[str]:
    """The lines of a text file, without their ends.

    Only line feeds (and a carriage return before one) end a line, or carriage returns where there is no line feed.
    `str.splitlines` would also cut at characters that occur inside sentences, such as U+2028 or U+0085, and shift
    every line after them.
    """
    return [line.removesuffix("\r") for line in read_text(file).removesuffix("\n").split("\n")]


def stream_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file, packed or not, without blanks around them and without empty ones.

    Of any size: no more than one line of it is in memory. Encodings are those of `read_text`.

    Raises:
        CorpusError: a damaged archive, not UTF-8, or a line of more than `MAX_LINE` characters.
    """
    with _damage_explained(path.name):
        with path.open("rb") as file, _opened(file) as binary:
            start = binary.read(4)
        encoding = _encoding(start)
        number = 0
        with path.open("rb") as file, _opened(file) as binary, TextIOWrapper(binary, encoding=encoding) as stream:
            try:
                while line := stream.readline(MAX_LINE + 1):
                    number += 1
                    if len(line) > MAX_LINE:
                        raise CorpusError(
                            f"Line {number:,} of {path.name} has more than {MAX_LINE:,} characters. "
                            f"Write one sentence a line."
                        )
                    if line := line.strip():
                        yield line
            except UnicodeDecodeError as error:
                raise CorpusError(
                    f"{path.name} is not {encoding.removesuffix('-sig').upper()}: behind line {number:,} it has the "
                    f"byte 0x{error.object[error.start]:02X}, which does not belong there. {SAVE_AGAIN}"
                ) from None


def name_of(file: str | Path | BinaryIO) -> str:
    """Return what messages call a file."""
    named = file if isinstance(file, str | Path) else getattr(file, "name", None)
    return Path(named).name if isinstance(named, str | Path) else "The table"


def unpacked_name(path: Path) -> str:
    """The name of a file without its folder and without .xz, .gz, .bz2 or .zst."""
    return path.stem if path.suffix in PACKED else path.name


def existing(path: str | Path) -> Path:
    """The path with `~` resolved.

    Raises:
        CorpusError: nothing is there.
    """
    found = expanded(path)
    if not found.exists():
        raise CorpusError(f"There is nothing at {found}. Check the spelling, or give the whole path.")
    return found


def expanded(path: str | Path) -> Path:
    """The path with `~` resolved, or as it is where there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


@contextmanager
def _damage_explained(name: str) -> Iterator[None]:
    """Turn what the libraries of packed files raise into a CorpusError."""
    try:
        yield
    except CorpusError:
        raise
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise CorpusError(
            f"{name} cannot be read ({error}). Pack it again if it is packed, "
            f"or check that it is a file and may be read."
        ) from error


def _opened(stream: BinaryIO) -> BinaryIO:
    """The stream unpacked, if its first bytes say that it is packed."""
    start = stream.read(6)
    stream.seek(0)
    packed = next((ending for mark, ending in MARKS.items() if start.startswith(mark)), None)
    return OPENERS[packed](stream) if packed else stream


def _unpacked(stream: BinaryIO, name: str, holds: str) -> bytes:
    """The content of a stream, or a CorpusError as soon as there is more of it than can be text of this size."""
    size = stream.seek(0, SEEK_END)
    stream.seek(0)
    most = min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * size))
    data = _opened(stream).read(most + 1)
    if len(data) <= most:
        return data
    if most == MAX_BYTES:
        raise CorpusError(f"{name} holds more than {MAX_BYTES / 2**30:g} GiB of text. Keep a sample of its {holds}.")
    raise CorpusError(
        f"{name} has {size:,} bytes and unpacks to more than {most:,}, as no text does. "
        f"Check what it holds, or unpack it yourself."
    )


def _encoding(start: bytes) -> str:
    """What a byte order mark among the first bytes says, or else UTF-8."""
    return next((encoding for mark, encoding in ENCODINGS.items() if start.startswith(mark)), "utf-8-sig")


def _line_feeds(text: str) -> str:
    """The text with line feeds where it has carriage returns alone, as old Macintosh programs write them."""
    return text if "\n" in text else text.replace("\r", "\n")


def _check_marked(start: bytes, name: str) -> None:
    """Refuse UTF-16 without a byte order mark, which is valid UTF-8 with a NUL beside every Latin letter."""
    if 5 * max(start[::2].count(0), start[1::2].count(0)) > 2 * len(start):
        raise CorpusError(
            f"{name} looks like UTF-16 without a byte order mark: of its first {len(start):,} bytes, "
            f"{start.count(0):,} are NUL. {SAVE_AGAIN}"
        )


def _check_kind(data: bytes, name: str) -> None:
    start = data[:64].lstrip()
    what = next(
        (what for mark, what in OTHERS.items() if mark in (start[: len(mark)], start[: len(mark)].lower())), None
    )
    if data[257:262] == b"ustar":
        what = "a tar archive: unpack it"
    if what:
        raise CorpusError(f"{name} is {what}.")


def _empty(name: str, holds: str) -> CorpusError:
    return CorpusError(f"{name} is empty. Give a file that holds {holds}.")
