"""What a process holds after it has freed much."""

import subprocess
import sys

import pytest

FREED = """
import psutil
from dlfa_core.runtime import memory

if {small}:
    memory.keep_heaps_small()
mb = lambda: psutil.Process().memory_info().rss / 2**20
before, pins = mb(), []
for _ in range(2):  # freeing large blocks once has the library put such blocks on a heap
    blocks = []
    for _ in range(200):
        blocks.append(bytearray(2**19))
        pins.append(bytearray(2000))
    del blocks
print(mb() - before)
"""


def held_after_freeing(small: bool) -> float:
    """MB that are held after 100 MB were freed, between small blocks that stay."""
    ran = subprocess.run([sys.executable, "-c", FREED.format(small=small)], capture_output=True, text=True, check=True)
    return float(ran.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of GNU is asked")
def test_little_is_held_of_large_blocks_that_were_freed():
    assert held_after_freeing(True) < min(20, held_after_freeing(False) / 2)
