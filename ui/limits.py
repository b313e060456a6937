"""What a visitor may ask for: everything on one's own machine, little on a public one (`DLFA_DEMO=1`)."""

import os
from typing import NamedTuple


class Limits(NamedTuple):
    """How much one visitor may ask for."""

    any_model: bool  # hub ids, folders and corpora on disk, besides what is bundled
    upload_bytes: int
    sentences: int
    characters: int  # of a typed sentence


_OWN_MACHINE = Limits(any_model=True, upload_bytes=50 * 2**20, sentences=20_000, characters=2000)
_PUBLIC = Limits(any_model=False, upload_bytes=2**20, sentences=500, characters=300)


def is_demo() -> bool:
    """Tell whether this app runs for the public."""
    return os.environ.get("DLFA_DEMO", "") == "1"


def limits() -> Limits:
    """The limits that hold now."""
    return _PUBLIC if is_demo() else _OWN_MACHINE
