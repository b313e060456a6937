"""What identifies a model's numbers: the commit on the hub, or a digest of its files. Never imports torch."""

import hashlib
from pathlib import Path

from dlfa_core.data.opened import opened_once
from dlfa_core.models.source import hub_commit, local_folder, setting_files, weight_files


def fingerprint(name_or_path: str) -> str:
    """A text that changes when a model's weights, configuration or tokenizer change.

    Copies of a folder have equal fingerprints wherever they lie. Digests are remembered by path, size and
    time, so that asking again is cheap.

    Args:
        name_or_path: `demo`, `demo-pos` and the like, a folder, or a hub id.

    Returns:
        `commit:<40 hex digits>` for a hub model, else `sha256:<64 hex digits>`.

    Raises:
        ModelError: there is no such folder, bundled model or repository.
    """
    folder = local_folder(name_or_path)
    if folder is None:
        return f"commit:{hub_commit(name_or_path)}"
    files = hashlib.sha256()
    for path in sorted(weight_files(folder) + setting_files(folder)):
        files.update(f"{path.name}\0{_content_digest(path.resolve())}\n".encode())
    return f"sha256:{files.hexdigest()}"


@opened_once(lambda path: [path], most=256)
def _content_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
