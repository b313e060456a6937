"""Parts of a computation, over two workers of the cluster of one's own."""

import os

import psutil
import pytest

from dlfa_core.runtime import cluster, jobs, parts, store
from tests.runtime import grids, steps
from tests.waiting import until, wait


@pytest.fixture(scope="module", autouse=True)
def two_workers(own_folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_WORKERS", "2")
        yield


@pytest.fixture
def grid(tmp_path):
    """A grid whose parts wait at their gates."""
    return lambda *names, **more: grids.Spec(names, gates=str(tmp_path), log=str(tmp_path / "log"), **more)


def test_parts_that_are_missing_are_listed_once_before_what_they_make(grid, let):
    let("a")
    spec = grid("a", "b", "b")
    store.fetch(steps, grids.one(spec, "a"))
    listed = parts.missing(grids, spec)
    assert [part.experiment for part in listed] == [steps.__name__, grids.__name__]
    assert listed[0].spec == grids.one(spec, "b")
    assert listed[1].after == (listed[0].key, listed[0].key)
    let("b")
    store.fetch(grids, spec)
    assert parts.missing(grids, spec) == []


def test_two_workers_compute_two_parts_at_once_and_each_part_once(desk, grid, let, begun):
    spec = grid("a", "b", "c", "d")
    job = desk.submit(grids, spec)
    until(lambda: len(begun()) == 2)  # neither was let go on
    let(*begun())
    until(lambda: job.status().fraction == 0.5)
    assert job.status().message == "2 of 4 parts are done"
    let("a", "b", "c", "d")
    assert wait(job).state == "done"
    assert sorted(begun()) == ["a", "b", "c", "d"]
    assert len(set(store.find(grids, spec).meta["processes"])) == 2


def test_what_two_have_in_common_is_computed_once(desk, grid, let, begun):
    both = [desk.submit(grids, grid(*names), names) for names in ("ab", "bac")]
    until(lambda: len(begun()) == 2)
    let("a", "b", "c")
    assert {wait(job).state for job in both} == {"done"}
    assert sorted(begun()) == ["a", "b", "c"]


def test_cancelling_stops_the_parts_that_run_and_those_that_wait(desk, grid, let, begun, tmp_path):
    job = desk.submit(grids, grid("a", "b", "c", "d"))
    until(lambda: len(begun()) == 2)
    job.cancel()
    spec = steps.Spec("after", log=str(tmp_path / "log"))
    assert wait(desk.submit(steps, spec)).state == "done"  # a worker is free although no gate was opened
    assert len(begun()) == 3
    assert store.find(grids, grid("a", "b", "c", "d")) is None


def test_a_part_that_another_still_wants_is_not_stopped(desk, grid, let, begun):
    first, second = (desk.submit(grids, grid(*names), names) for names in ("ab", "ba"))
    until(lambda: len(begun()) == 2)
    first.cancel()
    assert first.status().state == "cancelled"
    let("a", "b")
    assert wait(second).state == "done"
    assert len(begun()) == 2


def test_a_part_that_fails_says_why_for_the_whole(desk, grid, let):
    job = desk.submit(grids, grid("a", "broken", fails="broken"))
    let("a", "broken")
    assert wait(job) == jobs.Status("failed", error="broken")


def test_a_part_is_tried_again_when_its_worker_was_stopped(desk, grid, let, begun):
    spec = grid("a", "b", "c")
    job = desk.submit(grids, spec)
    until(lambda: len(begun()) == 2)
    let(kept := begun()[0])
    until(lambda: store.find(steps, grids.one(spec, kept)) is not None)
    until(lambda: len(begun()) == 3)
    workers = desk._dispatcher.connection.client.run(os.getpid)
    psutil.Process(next(iter(workers.values()))).kill()
    until(lambda: len(begun()) == 4)
    let("a", "b", "c")
    assert wait(job).state == "done"
    assert sorted(begun()).count(kept) == 1
    assert len(begun()) == 4  # three, and the one that was in flight


@pytest.mark.parametrize("said", ["0", "two", "-1", "1.5"])
def test_what_is_no_number_of_workers_is_refused(said, monkeypatch):
    monkeypatch.setenv("DLFA_WORKERS", said)
    with pytest.raises(ValueError, match=f"DLFA_WORKERS={said} is no number of workers: use a number above 0"):
        cluster.n_workers()


def test_a_worker_that_sees_other_files_says_what_and_where(monkeypatch):
    spec = steps.Spec(words=("here",))
    whole = parts.Part(steps.__name__, spec, store.key_of(steps, spec))
    inputs = steps.inputs(spec)
    assert parts._difference(steps, whole, inputs) == ""
    monkeypatch.setattr(steps, "inputs", lambda spec: {"words": "there"})
    said = parts._difference(steps, whole, inputs)
    assert "It finds something else than the computer that asks: words differ." in said
    assert "put them on a disk that all reach by the same path" in said

    def missing(spec):
        raise FileNotFoundError("There is nothing at /data/x.tsv.")

    monkeypatch.setattr(steps, "inputs", missing)
    assert "cannot compute this. There is nothing at /data/x.tsv. A worker reads" in parts._difference(steps, whole, {})
