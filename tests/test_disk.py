import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load_file

from dlfa_core import disk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="arrays stay in memory there")
NUMBERS = hnp.arrays(
    hnp.floating_dtypes(sizes=(16, 32, 64)) | hnp.integer_dtypes() | hnp.boolean_dtypes(),
    hnp.array_shapes(min_dims=0, min_side=0),
)


@settings(deadline=None)
@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), NUMBERS, min_size=1, max_size=3))
def test_safetensors_reads_what_is_written(tmp_path_factory, arrays):
    path = tmp_path_factory.mktemp("written") / "arrays.safetensors"
    disk.write_safetensors(arrays, path)
    found = load_file(path)
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def test_arrays_out_of_order_are_written_as_they_read(tmp_path):
    array = np.arange(24.0).reshape(2, 3, 4)
    disk.write_safetensors({"turned": array.T, "every second": array[:, ::2]}, tmp_path / "a")
    found = load_file(tmp_path / "a")
    np.testing.assert_array_equal(found["turned"], array.T)
    np.testing.assert_array_equal(found["every second"], array[:, ::2])


def test_small_arrays_stay_in_memory(tmp_path):
    array = disk.room_for((3, 4), tmp_path / "folder")
    assert (array.shape, array.dtype, type(array)) == ((3, 4), np.float32, np.ndarray)
    assert not (tmp_path / "folder").exists()


def test_what_is_written_to_a_large_array_outlives_its_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "LARGE", 16)
    monkeypatch.setattr(disk, "PART", 64)
    values = np.random.default_rng(0).random((3, 50, 7), dtype=np.float32)
    array = disk.room_for(values.shape, tmp_path / "folder")
    assert isinstance(array, np.memmap)
    assert not list((tmp_path / "folder").iterdir())  # the file has no name, so that none stays behind
    for row in range(50):
        array[:, row] = values[:, row]
        disk.release(array)
    disk.write_safetensors({"values": array}, tmp_path / "a")
    np.testing.assert_array_equal(array, values)
    np.testing.assert_array_equal(load_file(tmp_path / "a")["values"], values)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the room is not asked for beforehand")
def test_a_full_disk_is_an_error_at_once(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "LARGE", 16)
    monkeypatch.setattr(disk.os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"):
        disk.room_for((100, 100), tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise")
def test_a_large_array_is_filled_and_stored_without_the_memory_for_it(tmp_path):
    Path("/proc/self/clear_refs").write_text("5")  # forgets what this process took at most
    before = most_memory()
    array = disk.room_for((8, 2**13, 2**9), tmp_path)  # 128 MB
    for start in range(0, 2**13, 2**9):
        array[:, start : start + 2**9] = 1.0
        disk.release(array)
    disk.write_safetensors({"array": array}, tmp_path / "a")
    assert (tmp_path / "a").stat().st_size > array.nbytes > 3 * (most_memory() - before)


def most_memory():
    """Bytes that this process took at most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 2**10 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
