"""Memory that is no longer used goes back to the system."""

import ctypes
import gc
import sys
from contextlib import suppress


def give_back() -> None:
    """Give back what the C library keeps of freed memory, which after a model was trained is more than a gigabyte.

    Batches differ in length, so freed blocks fit the next ones badly and its heap grows with every model.
    """
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").malloc_trim(0)
