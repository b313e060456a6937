"""Results on disk, found again by what they depend on.

A result lies in `<root>/<experiment>/<key>/`: `spec.json` says what it is and which command rebuilds it; its
frames are `<field>.parquet`, its arrays one `arrays.safetensors`, the rest `values.json`. Nothing is pickled.
Two stores are looked up: the bundled one, which ships with the project and is only read, then the one under
`home()`. Where `$DLFA_STORE` names a store that machines share, the latter is its cache: what is not there is brought
from the shared store, and what is stored is put there, too (`shared`).
"""

import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.disk import write_safetensors
from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.experiment import Experiment, is_intact, is_left_out, name_of, stored_fields, stored_name
from dlfa_core.runtime.launch import is_main_process
from dlfa_core.runtime.progress import Progress, part_stored, silent
from dlfa_core.runtime.shared import SharedStore, shared
from dlfa_core.shipped import ASSETS
from dlfa_core.tables import check_columns

BUNDLED = ASSETS / "results"
PARTIAL = ".partial"  # what is being written; an experiment cannot have this name
ABANDONED_AFTER = 24 * 3600  # seconds after which a killed writer's folder is swept away
UNFINISHED = "unfinished"  # folder beside the results, for what runs need to go on after a stop
_KEY = re.compile("[0-9a-f]{64}")

logger = logging.getLogger(__name__)


def home() -> Path:
    """The folder that this computer's results live in: `$DLFA_HOME`, or the user's cache folder."""
    if chosen := os.environ.get("DLFA_HOME"):
        return Path(chosen).expanduser().resolve()
    cache = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return Path(cache or "~/.cache").expanduser() / "dlfa-explorer"


def check_writable(folder: Path) -> None:
    """Make a folder to write to, so that what takes hours is not computed for nothing.

    Raises:
        OSError: it cannot be made or written to; below `home()`, the message names `DLFA_HOME`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        why = f"Nothing can be kept in {folder} ({error.strerror or error})"
        if not folder.is_relative_to(home()):
            raise OSError(f"{why}: make it a folder that may be written to.") from error
        chosen = os.environ.get("DLFA_HOME")
        now = f"is {chosen}" if chosen else "is not set"
        raise OSError(f"{why}. DLFA_HOME {now}: let it name a folder that may be written to.") from error


def key_of(experiment: Experiment, spec: Any) -> str:
    """Return what the result depends on, as 64 hexadecimal digits: equal exactly when the result would be.

    Raises:
        ValueError: a field of the spec is no plain value, or NaN.
    """
    return _digest(_identity(experiment, spec))


def find(experiment: Experiment, spec: Any) -> Any | None:
    """The stored result, bundled or computed here, or None. Its arrays are read-only views of the file."""
    for store in (Store(BUNDLED), own()):
        if (result := store.find(experiment, spec)) is not None:
            return result
    return None


def where(experiment: Experiment, spec: Any) -> Path | None:
    """The folder of the stored result, or None."""
    for store in (Store(BUNDLED), own()):
        if store.find(experiment, spec) is not None:
            return store.folder(experiment, spec)
    return None


def listing(experiment: Experiment) -> tuple["Entry", ...]:
    """All stored results of an experiment, the bundled ones first, without reading their frames and arrays.

    To find results by what they hold: a key can be computed only where the model and the data are.
    """
    found: dict[str, Entry] = {}
    for store in (Store(BUNDLED), own()):
        for entry in store.listing(experiment):
            found.setdefault(entry.key, entry)
    return tuple(found.values())


def stamp(experiment: Experiment) -> tuple[int, ...]:
    """Changes when a result of an experiment is stored or deleted: for whoever remembers a `listing`."""
    folders = (folder for store in (Store(BUNDLED), own()) for folder in store.listed(experiment))
    return tuple(folder.stat().st_mtime_ns if _is_folder(folder) else 0 for folder in folders)


def read(experiment: Experiment, key: str) -> Any | None:
    """The stored result with this key, bundled or computed here, or None; also for a text that is no key."""
    for store in (Store(BUNDLED), own()):
        if (result := store.read(experiment, key)) is not None:
            return result
    return None


def save(experiment: Experiment, spec: Any, result: Any) -> Path:
    """Keep a result under `home()` and return its folder."""
    return own().save(experiment, spec, result)


def fetch(experiment: Experiment, spec: Any, progress: Progress = silent) -> Any:
    """The stored result; where there is none, run the experiment and keep what it gives, as `Store.fetch` does."""
    if (result := Store(BUNDLED).find(experiment, spec)) is not None and is_intact(experiment, result):
        return result
    return own().fetch(experiment, spec, progress)


def unfinished(experiment: Experiment, spec: Any) -> Path:
    """A folder in which a run keeps what it needs to go on after a stop; `fetch` deletes it with the result stored."""
    return home() / UNFINISHED / name_of(experiment) / key_of(experiment, spec)


def own() -> "Store":
    """The store under `home()`, with the one that `$DLFA_STORE` names behind it."""
    root = home() / "results"
    return Store(root, shared(root))


@dataclass(frozen=True)
class Entry:
    """What is known of a stored result without reading it.

    Attributes:
        key: of the result, for `read`.
        bundled: whether it ships with the project.
        spec: what was asked for, a `Spec` of the experiment.
        inputs: fingerprints of what the spec names, as they were.
        command: that rebuilds it.
        values: those fields of the result that are neither frames nor arrays, such as `meta`.
    """

    key: str
    bundled: bool
    spec: Any
    inputs: Mapping[str, str]
    command: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Store:
    """Results below one folder. Any number of processes may read and write at once.

    Attributes:
        root: the folder.
        shared: the store that results are brought from and put into besides, if there is one.
    """

    root: Path
    shared: SharedStore | None = None

    def folder(self, experiment: Experiment, spec: Any) -> Path:
        """Return where the result lies, or would lie."""
        return self.root / name_of(experiment) / key_of(experiment, spec)

    def find(self, experiment: Experiment, spec: Any) -> Any | None:
        """The stored result or None.

        A folder that cannot be read counts as absent, with a warning in the log: computing the result again
        mends it.
        """
        return self.read(experiment, key_of(experiment, spec))

    def has(self, experiment: Experiment, spec: Any) -> bool:
        """Tell whether the result is stored, with all that its experiment wrote elsewhere."""
        return (result := self.find(experiment, spec)) is not None and is_intact(experiment, result)

    def fetch(self, experiment: Experiment, spec: Any, progress: Progress = silent) -> Any:
        """The stored result; where there is none, run the experiment and keep what it gives.

        The answer is always read back from disk, so that it is the same the first time as later. What is not intact any
        more is computed again.

        Raises:
            ValueError: a file that the spec names changed during the run.
            OSError: there would be no place to keep it.
        """
        key = key_of(experiment, spec)
        if (result := self.read(experiment, key)) is not None and is_intact(experiment, result):
            self._publish(experiment, key)
            return result
        check_writable(self.root)
        if self.shared and is_main_process():
            self.shared.check_writable()
        result = experiment.run(spec, progress)
        if key_of(experiment, spec) != key:
            raise ValueError("The model or the corpus changed on disk during the run: run it again.")
        if not is_main_process():
            return result
        self.save(experiment, spec, result)
        shutil.rmtree(unfinished(experiment, spec), ignore_errors=True)
        part_stored(key)
        return self.find(experiment, spec)

    def read(self, experiment: Experiment, key: str) -> Any | None:
        """As `find`, by key; None for a text that is no key."""
        if not _KEY.fullmatch(key):
            return None
        if (result := self._read(experiment, key)) is None and self._bring(experiment, key):
            result = self._read(experiment, key)
        return result

    def listed(self, experiment: Experiment) -> Iterator[Path]:
        """Yield the folders that change when a result of the experiment is stored or deleted, or seen to be."""
        yield self.root / name_of(experiment)
        if self.shared:
            yield self.shared.listed(name_of(experiment))

    def listing(self, experiment: Experiment) -> list[Entry]:
        """The results of an experiment in the order of their specs.

        What an earlier version computed, and what does not say what it is, is left out.
        """
        entries = []
        found = [path for folder in self.listed(experiment) for path in folder.glob("*")]
        for folder in {path.name: path for path in reversed(found)}.values():
            try:
                about = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
                command = about.pop("command")
                if about["version"] != experiment.VERSION or _digest(about) != folder.name:
                    continue
                values = dict(json.loads((folder / "values.json").read_text(encoding="utf-8")))
                spec = _spec(experiment, about["spec"])
                entries.append(Entry(folder.name, self.root == BUNDLED, spec, about["inputs"], command, values))
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                logger.warning("The stored result in %s cannot be listed: %s", folder, error)
        return sorted(entries, key=lambda entry: (json.dumps(_plain_fields(entry.spec), sort_keys=True), entry.key))

    def save(self, experiment: Experiment, spec: Any, result: Any) -> Path:
        """Write a result and return its folder. The folder appears whole or not at all.

        Raises:
            ValueError: a field is neither a frame with a plain index, an array of numbers, nor JSON; or a table lacks a
                column that its field lists.
        """
        folder = self.folder(experiment, spec)
        with _partial(self.root) as partial:
            about = {**_identity(experiment, spec), "command": command_line(name_of(experiment), spec)}
            _write_json(partial / "spec.json", about, indent=2)
            _write(partial, result)
            self._put(experiment, partial, folder.name)
        self._publish(experiment, folder.name)
        return folder

    def _read(self, experiment: Experiment, key: str) -> Any | None:
        """The result in the local folder, or None."""
        folder = self.root / name_of(experiment) / key
        if not _is_folder(folder):
            return None
        try:
            return _read(folder, experiment.Result)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            logger.warning("The stored result in %s is damaged and will be computed again: %s", folder, error)
            return None

    def _put(self, experiment: Experiment, partial: Path, key: str) -> None:
        """Move a folder to where its result belongs, unless a whole one is there."""
        folder = self.root / name_of(experiment) / key
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.rename(folder)
        except OSError:
            if self._read(experiment, key) is None:  # what is there is damaged
                shutil.rmtree(folder, ignore_errors=True)
                partial.rename(folder)

    def _publish(self, experiment: Experiment, key: str) -> None:
        if self.shared and is_main_process():
            self.shared.publish(name_of(experiment), key)

    def _bring(self, experiment: Experiment, key: str) -> bool:
        """Take a result over from the shared store, if it is there."""
        if not self.shared:
            return False
        try:
            with _partial(self.root) as partial:
                brought = self.shared.bring(name_of(experiment), key, partial)
                if brought:
                    self._put(experiment, partial, key)
            return brought
        except OSError as error:  # there is no place for it here
            logger.warning("%s", error)
            return False


def _is_folder(path: Path) -> bool:
    """Tell whether a folder is there and may be looked into."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _identity(experiment: Experiment, spec: Any) -> dict[str, Any]:
    return {
        "experiment": name_of(experiment),
        "version": experiment.VERSION,
        "spec": _plain_fields(spec),
        "inputs": dict(experiment.inputs(spec)),
    }


def _digest(identity: Mapping[str, Any]) -> str:
    return sha256(json.dumps(identity, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _spec(experiment: Experiment, plain: Mapping[str, Any]) -> Any:
    """The spec of which JSON holds the plain values."""
    names = stored_fields(experiment.Spec)
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return experiment.Spec(**{names.get(name, name): value for name, value in values.items()})


def _plain_fields(spec: Any) -> dict[str, Any]:
    """The fields of a spec as they are stored, stored name -> plain value."""
    return {
        stored_name(field): _plain(field.name, value)
        for field in fields(spec)
        if not is_left_out(field, value := getattr(spec, field.name))
    }


def _plain(name: str, value: Any) -> Any:
    """The value as JSON shows it, equal values alike: 1.0 as 1, a tuple as a list."""
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in value]
    if isinstance(value, float) and np.isfinite(value):
        return int(value) if value.is_integer() else float(value)
    if value is None or type(value) in (str, int, bool):
        return value
    raise ValueError(
        f"{name}={value!r} cannot be part of a spec: use text, finite numbers, True, False, None or tuples."
    )


class _partial:
    """A new folder in the store's file system, removed on leaving if it is still there."""

    def __init__(self, root: Path) -> None:
        self._parent = root / PARTIAL

    def __enter__(self) -> Path:
        check_writable(self._parent)
        for old in self._parent.iterdir():
            with suppress(FileNotFoundError):  # its writer has just finished
                if time.time() - old.stat().st_mtime > ABANDONED_AFTER:
                    shutil.rmtree(old, ignore_errors=True)
        self._folder = Path(tempfile.mkdtemp(dir=self._parent))
        return self._folder

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _write(folder: Path, result: Any) -> None:
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
    _write_json(folder / "values.json", values)


def _write_json(path: Path, value: Any, **style: Any) -> None:
    """NaN and infinities are written the way Python's `json` reads them: an hour's run is not lost to one."""
    path.write_text(json.dumps(value, ensure_ascii=False, default=_number, **style) + "\n", encoding="utf-8")


def _number(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise ValueError(f"{value!r} is neither a frame, an array nor a JSON value, so it cannot be stored.")


def _read(folder: Path, result_type: type) -> Any:
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
