"""What identifies a model's numbers: the commit on the hub, or a digest of its files. Never imports torch."""

import hashlib
from pathlib import Path

from dlfa_core.data.opened import opened_once
from dlfa_core.models.source import UNTRAINED_SEED, hub_commit, local_folder, setting_files, untrained_of, weight_files


def fingerprint(name_or_path: str) -> str:
    """A text that changes when a model's weights, configuration or tokenizer change.

    Copies of a folder have equal fingerprints wherever they lie. Digests are remembered by path, size and
    time, so that asking again is cheap.

    Args:
        name_or_path: `demo`, `demo-pos` and the like, a folder, or a hub id; `untrained:` before it for random
            weights, which change with configuration and tokenizer only.

    Returns:
        `commit:<40 hex digits>` for a hub model, else `sha256:<64 hex digits>`, for random weights with
        `untrained-<seed>:` before it.

    Raises:
        ModelError: there is no such folder, bundled model or repository, or as `untrained_of`.
    """
    if (base := untrained_of(name_or_path)) is not None:
        return f"untrained-{UNTRAINED_SEED}:{_of_files(base, weights=False)}"
    return _of_files(name_or_path, weights=True)


def _of_files(name_or_path: str, weights: bool) -> str:
    folder = local_folder(name_or_path)
    if folder is None:
        return f"commit:{hub_commit(name_or_path)}"
    files = hashlib.sha256()
    for path in sorted((weight_files(folder) if weights else []) + setting_files(folder)):
        files.update(f"{path.name}\0{_content_digest(path.resolve())}\n".encode())
    return f"sha256:{files.hexdigest()}"


@opened_once(lambda path: [path], most=256)
def _content_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
