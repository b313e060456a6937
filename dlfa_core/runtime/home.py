"""Where this computer keeps what it computes."""

import os
import tempfile
from pathlib import Path


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
