"""Results on disk, found again by what they depend on.

A result lies in `<root>/<experiment>/<key>/`: `spec.json` says what it is and which command rebuilds it; its
frames are `<field>.parquet`, its arrays one `arrays.safetensors`, the rest `values.json`. Nothing is pickled.
Two stores are looked up: the bundled one, which ships with the project and is only read, then the one under
`home()`. Where `$DLFA_STORE` names a store that machines share, the latter is its cache: what is not there is brought
from the shared store, and what is stored is put there, too (`shared`).
"""

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlfa_core.runtime.command import command_line
from dlfa_core.runtime.experiment import Experiment, is_intact, name_of
from dlfa_core.runtime.home import check_writable, home
from dlfa_core.runtime.keys import digest, identity, is_key, key_of, plain_fields, spec_of
from dlfa_core.runtime.launch import is_main_process
from dlfa_core.runtime.progress import Progress, part_stored, silent
from dlfa_core.runtime.result_files import DAMAGED, partial_folder, read_result, write_json, write_result
from dlfa_core.runtime.shared import SharedStore, shared
from dlfa_core.shipped import ASSETS

__all__ = [
    "BUNDLED",
    "UNFINISHED",
    "Entry",
    "Store",
    "check_writable",
    "fetch",
    "find",
    "home",
    "key_of",
    "listing",
    "own",
    "read",
    "save",
    "stamp",
    "unfinished",
    "where",
]

BUNDLED = ASSETS / "results"
UNFINISHED = "unfinished"  # folder beside the results, for what runs need to go on after a stop

logger = logging.getLogger(__name__)


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
        if not is_key(key):
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
                if about["version"] != experiment.VERSION or digest(about) != folder.name:
                    continue
                values = dict(json.loads((folder / "values.json").read_text(encoding="utf-8")))
                spec = spec_of(experiment, about["spec"])
                entries.append(Entry(folder.name, self.root == BUNDLED, spec, about["inputs"], command, values))
            except DAMAGED as error:
                logger.warning("The stored result in %s cannot be listed: %s", folder, error)
        return sorted(entries, key=lambda entry: (json.dumps(plain_fields(entry.spec), sort_keys=True), entry.key))

    def save(self, experiment: Experiment, spec: Any, result: Any) -> Path:
        """Write a result and return its folder. The folder appears whole or not at all.

        Raises:
            ValueError: a field is neither a frame with a plain index, an array of numbers, nor JSON; or a table lacks a
                column that its field lists.
        """
        folder = self.folder(experiment, spec)
        with partial_folder(self.root) as partial:
            about = {**identity(experiment, spec), "command": command_line(name_of(experiment), spec)}
            write_json(partial / "spec.json", about, indent=2)
            write_result(partial, result)
            self._put(experiment, partial, folder.name)
        self._publish(experiment, folder.name)
        return folder

    def _read(self, experiment: Experiment, key: str) -> Any | None:
        """The result in the local folder, or None."""
        folder = self.root / name_of(experiment) / key
        if not _is_folder(folder):
            return None
        try:
            return read_result(folder, experiment.Result)
        except DAMAGED as error:
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
            with partial_folder(self.root) as partial:
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
