"""Arrays that lie on disk while they are filled and stored, so that the memory need not hold them."""

import json
import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path

import numpy as np

LARGE = 64 * 2**20  # bytes from which an array is better on disk
PART = 16 * 2**20  # bytes of a memory map that are in memory at once


def room_for(shape: tuple[int, ...], folder: Path) -> np.ndarray:
    """Return an array of float32 to be filled: in memory, or where it is `LARGE` in a file of a folder.

    The file has no name and is gone with the array, whatever ends the process.

    Raises:
        OSError: the disk is full, which would end the process later.
    """
    if 4 * prod(shape) < LARGE or os.name == "nt":  # Windows deletes no file that is mapped
        return np.empty(shape, np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, 4 * prod(shape))
        return np.memmap(file, np.float32, "r+", shape=shape)


def release(array: np.ndarray) -> None:
    """Give back the memory that a memory map has taken; what was written stays in its file. Nothing for others."""
    if isinstance(array, np.memmap) and hasattr(mmap, "MADV_DONTNEED"):
        array._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]


def write_safetensors(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write arrays of numbers in the format of safetensors; its own function would read memory maps into memory."""
    ordered = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))  # so that all are aligned
    header: dict[str, dict[str, object]] = {}
    end = 0
    for name in ordered:
        start, end = end, end + arrays[name].nbytes
        kind = _kind(arrays[name].dtype)
        header[name] = {"dtype": kind, "shape": list(arrays[name].shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in ordered:
            for part in _parts(arrays[name]):
                file.write(part)


def _parts(array: np.ndarray) -> Iterator[memoryview]:
    """Yield the bytes of an array in C order, little-endian, `PART` by `PART`."""
    flat = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False).reshape(-1).view(np.uint8)
    for start in range(0, len(flat), PART):
        yield flat[start : start + PART].data
        release(array)


def _kind(dtype: np.dtype) -> str:
    """Safetensors' name of a kind of numbers: "F32", "I64", "U8", "BOOL"."""
    return "BOOL" if dtype.kind == "b" else f"{dtype.kind.upper()}{8 * dtype.itemsize}"
