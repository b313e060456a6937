"""A result as files in a folder: a parquet for each frame, one safetensors for all arrays, JSON for the rest."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.disk import write_safetensors
from dlfa_core.runtime.home import check_writable
from dlfa_core.tables import check_columns

PARTIAL = ".partial"  # folder of what is being written; an experiment cannot have this name
ABANDONED_AFTER = 24 * 3600  # seconds after which a killed writer's folder is swept away
# What reading files may raise that are not as they were written.
DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)


@contextmanager
def partial_folder(root: Path) -> Iterator[Path]:
    """A new folder to write a result in, to be renamed; removed on leaving if it is still there.

    Args:
        root: of the store, in whose file system it is.
    """
    parent = root / PARTIAL
    check_writable(parent)
    for old in parent.iterdir():
        with suppress(FileNotFoundError):  # its writer has just finished
            if time.time() - old.stat().st_mtime > ABANDONED_AFTER:
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_result(folder: Path, result: Any) -> None:
    """Write the fields of a result.

    Raises:
        ValueError: a field is neither a frame with a plain index, an array of numbers, nor JSON; or a table lacks a
            column that its field lists.
    """
    check_columns(result)
    arrays, values = {}, {}
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, pd.DataFrame):
            if not value.index.equals(pd.RangeIndex(len(value))):
                raise ValueError(f"The rows of {field.name!r} have labels, which are not stored: reset_index() first.")
            value.to_parquet(folder / f"{field.name}.parquet", index=False)
        elif isinstance(value, np.ndarray):
            if value.dtype.kind not in "fiub":
                raise ValueError(f"{field.name!r} is an array of {value.dtype}: put what is not a number in a frame.")
            arrays[field.name] = value
        else:
            values[field.name] = value
    if arrays:
        write_safetensors(arrays, folder / "arrays.safetensors")
    write_json(folder / "values.json", values)


def write_json(path: Path, value: Any, **style: Any) -> None:
    """NaN and infinities are written the way Python's `json` reads them: an hour's run is not lost to one."""
    path.write_text(json.dumps(value, ensure_ascii=False, default=_number, **style) + "\n", encoding="utf-8")


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise ValueError(f"{value!r} is neither a frame, an array nor a JSON value, so it cannot be stored.")


def read_result(folder: Path, result_type: type) -> Any:
    """The result that `write_result` wrote; its arrays are read-only views of the file.

    Raises:
        one of `DAMAGED`: the files are not as they were written.
    """
    found = json.loads((folder / "values.json").read_text(encoding="utf-8"))
    found |= {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    if (path := folder / "arrays.safetensors").exists():
        found |= _mapped(path)
    result = result_type(**found)
    check_columns(result)
    return result


def _mapped(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file as views of the mapped file; safetensors' own reader copies them."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > path.stat().st_size:
            raise ValueError(f"{path.name} is cut off or no safetensors file.")
        header = json.loads(file.read(length))
    data = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)[8 + length :]
    return {
        name: data[slice(*entry["data_offsets"])].view(_dtype(entry["dtype"])).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _dtype(name: str) -> np.dtype:
    """Of safetensors' names for numbers: "F32", "I64", "U8", "BOOL"."""
    return np.dtype("?") if name == "BOOL" else np.dtype(f"<{name[0].lower()}{int(name[1:]) // 8}")
