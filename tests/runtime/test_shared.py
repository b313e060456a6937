"""A store that machines share, over fsspec: each machine has a home of its own."""

import json
import logging
import threading
from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import known_implementations

from dlfa_core.runtime import shared, store
from tests.runtime import steps

SPEC = steps.Spec(steps=3)


@pytest.fixture(autouse=True)
def no_memory_of_other_tests(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    monkeypatch.setattr(shared, "_silent_until", {})
    monkeypatch.setattr(shared, "_listed_until", {})
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(params=["memory://bucket/prefix", "file://{}/shared", "{}/a plain folder"])
def url(request, tmp_path, monkeypatch):
    """The address of an empty store, which `DLFA_STORE` names."""
    place = request.param.format(tmp_path)
    monkeypatch.setenv("DLFA_STORE", place)
    return place


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Go to the machine with a name: everything after happens there."""

    def go(name):
        monkeypatch.setenv("DLFA_HOME", str(tmp_path / "homes" / name))
        return tmp_path / "homes" / name / "results"

    go("one")
    return go


def result(number=0):
    table = pd.DataFrame({"step": [0, 1], "name": ["a", "b"]})
    return steps.Result(table=table, squares=np.full(1000, number), meta={"number": number})


def objects(url):
    """Path -> content of all files of a store."""
    fs, root = fsspec.core.url_to_fs(url)
    return {path: fs.cat_file(path) for path in fs.find(root)}


def place_of(url, end):
    """The file system, and the path of the only file whose name ends so."""
    fs, root = fsspec.core.url_to_fs(url)
    (path,) = [path for path in fs.find(root) if path.endswith(end)]
    return fs, path


def test_what_one_machine_stores_another_one_maps(url, machine):
    store.save(steps, SPEC, result(7))
    local = machine("two")
    found = store.find(steps, SPEC)
    assert (found.squares.tolist(), found.meta, len(found.table)) == ([7] * 1000, {"number": 7}, 2)
    base = found.squares
    while isinstance(base.base, np.ndarray):
        base = base.base
    assert isinstance(base, np.memmap)
    assert Path(base.filename).is_relative_to(local)


def test_what_is_there_is_not_computed_again(url, machine, tmp_path):
    spec = replace(SPEC, log=str(tmp_path / "log"))
    store.fetch(steps, spec)
    machine("two")
    assert store.fetch(steps, spec).squares.tolist() == [0, 1, 4]
    assert (tmp_path / "log").read_text() == "a\n"


def test_a_result_is_brought_once_and_then_read_from_the_local_store(url, machine, monkeypatch):
    store.save(steps, SPEC, result())
    machine("two")
    assert store.find(steps, SPEC) is not None
    monkeypatch.setattr(shared, "_opened", None)
    assert store.find(steps, SPEC) is not None


def test_what_was_stored_before_is_shared_when_it_is_asked_for(url, machine, monkeypatch):
    monkeypatch.delenv("DLFA_STORE")
    store.save(steps, SPEC, result(5))
    monkeypatch.setenv("DLFA_STORE", url)
    assert not objects(url)
    assert store.fetch(steps, SPEC).meta == {"number": 5}
    machine("two")
    assert store.find(steps, SPEC).meta == {"number": 5}


def test_nothing_but_results_stays_in_a_shared_store(url, machine):
    store.fetch(steps, SPEC)
    names = {path.rpartition("/")[2].rpartition(".")[2] for path in objects(url)}
    assert names == {"json", "parquet", "safetensors"}
    assert len(objects(url)) == 5  # spec, values, table, arrays, and the manifest


@pytest.mark.parametrize("stopped_at", range(5))
def test_a_writer_stopped_on_the_way_leaves_nothing_to_be_found(url, machine, monkeypatch, caplog, stopped_at):
    """Whatever file it was at, the manifest being the last."""
    put, put_before = shared._put, []

    def stopped(*arguments):
        if len(put_before) == stopped_at:
            raise KeyboardInterrupt
        put_before.append(arguments)
        put(*arguments)

    monkeypatch.setattr(shared, "_put", stopped)
    with pytest.raises(KeyboardInterrupt):
        store.save(steps, SPEC, result(3))
    monkeypatch.setattr(shared, "_put", put)
    one = store.home()
    machine("two")
    assert store.find(steps, SPEC) is None
    assert not caplog.text
    monkeypatch.setenv("DLFA_HOME", str(one))  # its local result is whole, and goes on its way when it is asked for
    assert store.fetch(steps, SPEC).meta == {"number": 3}
    machine("two")
    assert store.find(steps, SPEC).meta == {"number": 3}


@pytest.mark.parametrize("end", [".parquet", ".safetensors", "manifest.json"])
@pytest.mark.parametrize("harm", ["lost", "cut", "changed"])
def test_a_damaged_result_counts_as_absent_says_so_and_is_mended(url, machine, caplog, end, harm):
    store.fetch(steps, SPEC)
    fs, path = place_of(url, end)
    before = fs.cat_file(path)
    fs.rm_file(path)
    if harm != "lost":
        fs.pipe_file(path, before[:-9] if harm == "cut" else before[:-9] + b"?" + before[-8:])
    machine("two")
    with caplog.at_level(logging.WARNING):
        assert store.find(steps, SPEC) is None
    if (end, harm) != ("manifest.json", "lost"):
        assert f"stored result in {url}/steps/{store.key_of(steps, SPEC)} is damaged" in caplog.text
    assert store.fetch(steps, SPEC).squares.tolist() == [0, 1, 4]
    machine("three")
    assert store.find(steps, SPEC) is not None


def test_who_finds_its_own_result_damaged_puts_it_there_again(url, machine):
    """Also where it remembers to have put it there."""
    folder = store.save(steps, SPEC, result())
    fs, path = place_of(url, "manifest.json")
    fs.rm_file(path)
    for file in folder.iterdir():
        file.unlink()
    store.fetch(steps, SPEC)
    machine("two")
    assert store.find(steps, SPEC) is not None


@pytest.mark.parametrize("manifest", ["[]", '{"sha256": {}}', '{"sha256": {"../../x.json": "%s"}}' % ("0" * 64)])
def test_a_manifest_that_names_what_no_result_has_is_damaged(url, machine, caplog, manifest):
    store.save(steps, SPEC, result())
    fs, path = place_of(url, "manifest.json")
    fs.pipe_file(path, manifest.encode())
    machine("two")
    assert store.find(steps, SPEC) is None
    assert "manifest.json cannot be read" in caplog.text


def test_many_writers_of_one_key_leave_one_whole_result(url, tmp_path, machine):
    def write(number):
        root = tmp_path / "homes" / str(number)
        store.Store(root, shared.SharedStore(url, root)).save(steps, SPEC, result(number))

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    machine("reader")
    found = store.find(steps, SPEC)
    assert set(found.squares) == {found.meta["number"]}


def test_a_listing_has_what_others_stored_without_its_frames_and_arrays(url, machine, monkeypatch):
    store.save(steps, SPEC, result(1))
    machine("two")
    store.save(steps, replace(SPEC, name="b"), result(2))
    before = store.stamp(steps)
    assert [entry.spec.name for entry in store.listing(steps)] == ["a", "b"]
    fs, path = place_of(url, f"{store.key_of(steps, SPEC)}/manifest.json")
    assert not (store.home() / "results" / "steps" / store.key_of(steps, SPEC)).exists()
    fs.rm(path.rpartition("/")[0], recursive=True)
    monkeypatch.setattr(shared, "_listed_until", {})
    folder = shared.SharedStore(url, store.home() / "results").listed("steps")
    for thread in threading.enumerate():
        if thread.name == "dlfa listing":
            thread.join()
    assert [path.name for path in folder.iterdir()] == [store.key_of(steps, replace(SPEC, name="b"))]
    assert [entry.spec.name for entry in store.listing(steps)] == ["b"]
    assert len(store.stamp(steps)) == len(before)


def test_a_package_that_is_missing_is_named(machine, monkeypatch):
    monkeypatch.setenv("DLFA_STORE", "webhdfs://host/path")
    known = {"class": "nosuch.WebHDFS", "err": "webHDFS access requires the package nosuch"}
    monkeypatch.setitem(known_implementations, "webhdfs", known)
    with pytest.raises(
        ValueError,
        match=r"DLFA_STORE=webhdfs://host/path needs a package .* \(webHDFS access requires the package nosuch\)",
    ):
        store.fetch(steps, SPEC)


def test_an_address_that_nobody_knows_is_refused_before_anything_is_computed(machine, monkeypatch, caplog):
    monkeypatch.setenv("DLFA_STORE", "s4://bucket")
    monkeypatch.setattr(steps, "run", None)
    with pytest.raises(ValueError, match=r"DLFA_STORE=s4://bucket cannot be written to \(Protocol not known: s4"):
        store.fetch(steps, SPEC)
    assert store.find(steps, SPEC) is None
    assert store.listing(steps) == ()
    assert "s4://bucket cannot be read" in caplog.text


def test_a_store_that_does_not_answer_is_asked_no_more_for_a_while(machine, monkeypatch, caplog):
    monkeypatch.setenv("DLFA_STORE", "memory://far")
    asked = []

    def cat_file(*_, **__):
        asked.append(1)
        raise TimeoutError("timed out")

    monkeypatch.setattr(MemoryFileSystem, "cat_file", cat_file)
    assert [store.find(steps, SPEC), store.find(steps, SPEC)] == [None, None]
    assert len(asked) == 1
    assert "The store at DLFA_STORE=memory://far cannot be read (timed out): check the address" in caplog.text


def test_a_result_that_cannot_be_shared_is_kept_and_the_reason_said(machine, monkeypatch):
    monkeypatch.setenv("DLFA_STORE", "memory://far")

    def put_file(*_, **__):
        raise PermissionError("denied")

    monkeypatch.setattr(MemoryFileSystem, "put_file", put_file)
    with pytest.raises(OSError, match=r"DLFA_STORE=memory://far cannot be written to \(denied\)"):
        store.fetch(steps, SPEC)
    assert store.find(steps, SPEC) is not None


def test_the_manifest_names_each_file_by_its_digest(url, machine):
    store.save(steps, SPEC, result())
    fs, path = place_of(url, "manifest.json")
    files = json.loads(fs.cat_file(path))["sha256"]
    assert set(files) == {"spec.json", "values.json", "table.parquet", "arrays.safetensors"}
    stored = {name.rpartition("/")[2] for name in objects(url)}
    assert stored == {f"{digest}{Path(file).suffix}" for file, digest in files.items()} | {"manifest.json"}
