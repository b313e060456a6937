"""Results in a store that several machines share: a folder, or any URL that fsspec knows, such as s3://bucket/prefix.

An object store has no rename. So the files of a result are written first, each named after what it holds, and last, in
one piece, a manifest that names them with their digests. A reader looks at the manifest: a result is there whole or not
at all, however many write it at once, and what was damaged since is noticed. Nobody reads a result in the shared store:
it is brought to the local store first, where it is mapped.
"""

import json
import logging
import os
import re
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from dlfa_core.runtime.keys import is_key

MANIFEST = "manifest.json"
SHARED = ".shared"  # folder in a local store: what is known of the shared one; an experiment cannot have this name
RENAMING = {"file", "local", "sftp", "ssh"}  # protocols where a file can be seen half written, and be renamed
LISTED_EVERY = 30.0  # seconds between two looks at what others have stored
SILENT_AFTER_FAILURE = 30.0  # seconds for which readers do not ask a store that did not answer
ABOUT = ("spec.json", "values.json")  # the files of a result that a listing needs
_FILE = re.compile(r"\w+\.(json|parquet|safetensors)")

logger = logging.getLogger(__name__)


class Damaged(ValueError):
    """What is stored is not what its manifest says."""


def shared(local: Path) -> "SharedStore | None":
    """The store that `$DLFA_STORE` names, or None: then nothing is shared.

    Args:
        local: the folder of the local store, which results are brought to.
    """
    url = os.environ.get("DLFA_STORE")
    return SharedStore(url, local) if url else None


@dataclass(frozen=True)
class SharedStore:
    """Results below one URL; names are those of experiments, keys as in the local store."""

    url: str
    local: Path

    def check_writable(self) -> None:
        """See that results can be put here, before hours are spent on them.

        Raises:
            ValueError: fsspec does not know such a URL, or a package for it is missing.
            OSError: the store does not answer, or refuses.
        """
        with self._explained("written to"):
            fs, root = _opened(self.url)
            probe = f"{root}/{SHARED}-{uuid.uuid4().hex}"
            _make_folder(fs, root)
            fs.pipe_file(probe, b"\n")
            fs.rm_file(probe)

    def publish(self, name: str, key: str) -> None:
        """Put a result of the local store here, unless that has been done.

        Raises:
            ValueError, OSError: as `check_writable`; the local result stays.
        """
        if self._mark(name, key).exists():
            return
        with self._explained("written to"), tempfile.TemporaryDirectory() as folder:
            fs, root = _opened(self.url)
            files = {}
            for path in sorted((self.local / name / key).iterdir()):
                files[path.name] = digest = _digest(path)
                _put(fs, path, f"{root}/{name}/{key}/{digest}{path.suffix}")
            manifest = Path(folder) / MANIFEST
            manifest.write_text(json.dumps({"sha256": files}), encoding="utf-8")
            _put(fs, manifest, f"{root}/{name}/{key}/{MANIFEST}")
        self._set_mark(name, key)

    def bring(self, name: str, key: str, folder: Path) -> bool:
        """Copy a result into an empty folder.

        Returns:
            False where there is none that is whole; the log says so of one that is damaged, and of a store that does
            not answer, which is then not asked again for a while.
        """
        if time.monotonic() < _silent_until.get(self.url, 0.0):
            return False
        try:
            with self._explained("read"):
                fs, root = _opened(self.url)
                files = _manifest(fs, f"{root}/{name}/{key}")
                for file, place in files.items():
                    fs.get_file(place, str(folder / file))
                    if not place.endswith(_digest(folder / file) + Path(file).suffix):
                        raise Damaged(f"{file} holds something else than was written")
        except (FileNotFoundError, Damaged) as error:
            self._warn_of_damage(name, key, error)
        except (OSError, ValueError) as error:
            _silent_until[self.url] = time.monotonic() + SILENT_AFTER_FAILURE
            logger.warning("%s", error)
        else:
            if files:
                self._set_mark(name, key)
                return True
            self._mark(name, key).unlink(missing_ok=True)
        return False

    def listed(self, name: str) -> Path:
        """A folder with a folder for each result of an experiment here, of which it has the files `ABOUT` it.

        What others store is seen half a minute later; a first look is waited for, others happen behind the scenes.
        """
        folder = self._known / "listed" / name
        with _listing:
            due = time.monotonic() >= _listed_until.get(folder, 0.0)
            if due:
                _listed_until[folder] = time.monotonic() + LISTED_EVERY
        if due and folder.is_dir():
            threading.Thread(target=self._list, args=[name, folder], name="dlfa listing", daemon=True).start()
        elif due:
            self._list(name, folder)
        return folder

    def _list(self, name: str, folder: Path) -> None:
        try:
            with self._explained("read"):
                fs, root = _opened(self.url)
                keys = _keys(fs, f"{root}/{name}")
                folder.mkdir(parents=True, exist_ok=True)
                for old in folder.iterdir():
                    if old.name not in keys:
                        shutil.rmtree(old, ignore_errors=True)
                for key in sorted(keys):
                    if not (folder / key).exists():
                        self._bring_about(fs, f"{root}/{name}/{key}", folder / key)
        except (OSError, ValueError) as error:
            logger.warning("%s", error)

    def _bring_about(self, fs: Any, place: str, folder: Path) -> None:
        try:
            files = _manifest(fs, place)
            texts = {file: fs.cat_file(files[file]) for file in ABOUT if file in files}
        except (FileNotFoundError, Damaged) as error:
            logger.warning("The stored result in %s cannot be listed: %s", place, error)
            return
        if texts:
            partial = Path(tempfile.mkdtemp(dir=self._known))
            for file, text in texts.items():
                (partial / file).write_bytes(text)
            try:
                partial.rename(folder)
            except OSError:  # another process was as quick
                shutil.rmtree(partial, ignore_errors=True)

    @property
    def _known(self) -> Path:
        """The folder of what is known of the store at this URL."""
        return self.local / SHARED / sha256(self.url.encode()).hexdigest()[:16]

    def _mark(self, name: str, key: str) -> Path:
        """A file that is there when the store has the result."""
        return self._known / "stored" / name / key

    def _set_mark(self, name: str, key: str) -> None:
        mark = self._mark(name, key)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()

    def _warn_of_damage(self, name: str, key: str, error: Exception) -> None:
        place = f"{self.url}/{name}/{key}"
        self._mark(name, key).unlink(missing_ok=True)  # so that the result is put there once more
        logger.warning("The stored result in %s is damaged and will be computed again: %s", place, error)

    @contextmanager
    def _explained(self, wanted: str) -> Iterator[None]:
        """Turn whatever a file system raises into a sentence, but for a file to read that is not there."""
        try:
            yield
        except Damaged:
            raise
        except ImportError as error:
            raise ValueError(
                f"DLFA_STORE={self.url} needs a package that is not installed here ({error}): install that; for s3:// "
                "it is in requirements-cluster.txt."
            ) from error
        except Exception as error:  # each library has its own
            if isinstance(error, FileNotFoundError) and wanted == "read":
                raise
            said = " ".join(str(error).split()) or type(error).__name__
            kind = ValueError if "Protocol not known" in said else OSError
            raise kind(
                f"The store at DLFA_STORE={self.url} cannot be {wanted} ({said}): check the address, that it can be "
                "reached from here, and the rights to it."
            ) from error


_silent_until: dict[str, float] = {}
_listed_until: dict[Path, float] = {}
_listing = threading.Lock()


@lru_cache(maxsize=8)
def _opened(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it; nothing that was listed once is believed later."""
    from fsspec.core import url_to_fs

    fs, root = url_to_fs(url, use_listings_cache=False)
    return fs, root.rstrip("/")


def _manifest(fs: Any, place: str) -> dict[str, str]:
    """File of a result -> path of what it holds; empty where there is no manifest.

    Raises:
        Damaged: it is no manifest.
    """
    try:
        text = fs.cat_file(f"{place}/{MANIFEST}")
    except FileNotFoundError:
        return {}
    try:
        files = dict(json.loads(text)["sha256"])
        if not files or not all(_FILE.fullmatch(file) and is_key(digest) for file, digest in files.items()):
            raise ValueError("it names files that no result has")
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{MANIFEST} cannot be read ({error})") from error
    return {file: f"{place}/{digest}{Path(file).suffix}" for file, digest in files.items()}


def _keys(fs: Any, place: str) -> set[str]:
    try:
        return {key for path in fs.ls(place, detail=False) if is_key(key := path.rstrip("/").rpartition("/")[2])}
    except FileNotFoundError:
        return set()


def _put(fs: Any, path: Path, place: str) -> None:
    """Copy a file so that it is seen whole or not at all."""
    if not _renames(fs):
        fs.put_file(str(path), place)
        return
    _make_folder(fs, place.rpartition("/")[0])
    fs.put_file(str(path), partial := f"{place}.{uuid.uuid4().hex}")
    fs.mv(partial, place)


def _make_folder(fs: Any, place: str) -> None:
    if _renames(fs):
        fs.makedirs(place, exist_ok=True)


def _renames(fs: Any) -> bool:
    return bool({fs.protocol} & RENAMING if isinstance(fs.protocol, str) else {*fs.protocol} & RENAMING)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
