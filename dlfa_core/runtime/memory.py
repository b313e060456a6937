"""Memory that is no longer used goes back to the system."""

import ctypes
import gc
import sys
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of malloc.h


def give_back() -> None:
    """Give back what the C library keeps of freed memory, which after a model was trained is more than a gigabyte.

    Batches differ in length, so freed blocks fit the next ones badly and its heap grows with every model.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        _libc().malloc_trim(0)


def keep_heaps_small() -> None:
    """Have the C library keep little of what is freed from now on, in a process whose threads come and go.

    It would give eight heaps to each core, and put ever larger blocks on them, up to 32 MB, where small ones that are
    still used keep them from being given back. Instead two heaps are shared, and blocks of 256 kB and more are mapped
    by themselves.
    """
    with suppress(OSError, AttributeError):
        libc = _libc()
        libc.mallopt(_M_ARENA_MAX, 2)
        libc.mallopt(_M_MMAP_THRESHOLD, 256 * 1024)
        libc.mallopt(_M_TRIM_THRESHOLD, 2**20)


def _libc() -> ctypes.CDLL:
    """The C library of GNU.

    Raises:
        OSError, AttributeError: there is another one, which knows nothing of what is asked here.
    """
    if sys.platform != "linux":
        raise OSError("This C library is not that of GNU.")
    return ctypes.CDLL("libc.so.6")
