"""A sweep over machines that share nothing but a store over S3: what is lost, and what is computed twice?"""

import os
from collections import Counter

import pytest

from dlfa_core.runtime import jobs, shared, store
from tests.machines import Cluster
from tests.runtime import grids, steps
from tests.waiting import until, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
NAMES = tuple("abcdefgh")


@pytest.fixture(scope="module")
def bucket():
    """The address of an empty bucket, at a server that is an S3 to whoever asks it."""
    pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "anybody",
            "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="results")
        yield "s3://results"
    server.stop()


@pytest.fixture
def machines(bucket, tmp_path, monkeypatch):
    """A cluster with a scheduler; this process is a machine of its own, which asks it."""
    url = f"{bucket}/{tmp_path.name}"
    monkeypatch.setenv("DLFA_STORE", url)
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "asking"))
    monkeypatch.setattr(shared, "_silent_until", {})
    made = Cluster(tmp_path / "machines", url)
    monkeypatch.setenv("DLFA_SCHEDULER", made.address)
    yield made
    made.stop()


@pytest.fixture
def desk():
    desk = jobs.JobQueue(prepare_after=0)
    yield desk
    desk.close()


@pytest.fixture
def spec(tmp_path):
    return grids.Spec(NAMES, gates=str(tmp_path), log=str(tmp_path / "log"))


def stored(spec, names=NAMES):
    """Those of the parts that are in the shared store."""
    return {name for name in names if store.find(steps, grids.one(spec, name)) is not None}


def test_a_store_over_s3_gives_back_what_was_put_there(machines, tmp_path, monkeypatch):
    spec = steps.Spec("s3", steps=4, log=str(tmp_path / "log"))
    first = store.fetch(steps, spec)
    monkeypatch.setenv("DLFA_HOME", str(tmp_path / "another"))
    assert store.listing(steps)[0].spec == spec
    second = store.fetch(steps, spec)
    assert (first.squares.tolist(), first.meta) == (second.squares.tolist(), second.meta)
    assert (tmp_path / "log").read_text() == "s3\n"


def test_a_bucket_that_is_not_there_is_named_before_anything_is_computed(machines, monkeypatch):
    monkeypatch.setenv("DLFA_STORE", "s3://nobody-made-this/prefix")
    monkeypatch.setattr(steps, "run", None)
    with pytest.raises(
        OSError,
        match=r"DLFA_STORE=s3://nobody-made-this/prefix cannot be written to \(The specified bucket does not exist\)",
    ):
        store.fetch(steps, steps.Spec("lost"))


def test_a_worker_is_killed_and_one_added_in_the_middle(machines, desk, spec, let, begun):
    machines.scheduler()
    first, second = machines.worker("one"), machines.worker("two")
    job = desk.submit(grids, spec)
    until(lambda: len(begun()) == 2)
    let(*begun())
    until(lambda: len(begun()) == 4)
    until(lambda: len(stored(spec)) == 2)
    before = stored(spec)
    first.kill()
    machines.worker("three")
    until(lambda: len(begun()) >= 5)
    let(*NAMES)
    assert wait(job).state == "done", job.status()
    assert store.find(grids, spec) is not None
    counts = Counter(begun())
    assert set(counts) == set(NAMES)
    assert all(counts[name] == 1 for name in before)
    assert len(begun()) == len(NAMES) + 1  # the one that was in flight on the killed machine
    assert second.poll() is None


def test_a_scheduler_is_started_anew_in_the_middle(machines, desk, spec, let, begun):
    scheduler = machines.scheduler()
    machines.worker("one")
    machines.worker("two")
    job = desk.submit(grids, spec)
    until(lambda: len(begun()) == 2)
    let(*begun())
    until(lambda: len(begun()) == 4)
    until(lambda: len(stored(spec)) == 2)
    before = stored(spec)
    scheduler.kill()
    scheduler.wait()
    machines.scheduler()
    machines.worker("three")  # those of the old one end, as whatever started them would start them again
    let(*NAMES)
    assert wait(job).state == "done", job.status()
    counts = Counter(begun())
    assert set(counts) == set(NAMES)
    assert all(counts[name] == 1 for name in before)
    assert len(begun()) <= len(NAMES) + 2  # those two that were in flight


def test_a_worker_without_the_model_or_the_corpus_says_so(machines, desk, tmp_path, monkeypatch):
    """The paths are there for who asks, and hold something else for who computes."""
    machines.settings["HOME"] = str(tmp_path / "nobody")
    from dlfa_core.experiments import encode
    from tests.experiments.small import save_corpus

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "corpora").mkdir()
    save_corpus(tmp_path / "corpora" / "corpus.tsv")
    machines.scheduler()
    machines.worker("one")
    status = wait(desk.submit(encode, encode.Spec(corpus="table:~/corpora/corpus.tsv", limit=3)))
    assert status.state == "failed"
    assert "cannot compute this. There is nothing at" in status.error
    assert "put them on a disk that all reach by the same path, copy them there" in status.error
    assert "nobody/corpora/corpus.tsv" in status.error


def test_a_cluster_with_another_store_is_told_so(machines, spec, let, tmp_path, monkeypatch):
    let(*NAMES)
    machines.settings["DLFA_STORE"] = str(tmp_path / "elsewhere")
    machines.scheduler()
    machines.worker("one")
    queue = jobs.JobQueue(prepare_after=0)
    monkeypatch.setattr(jobs, "job_queue", lambda: queue)
    with pytest.raises(
        ValueError, match=rf"not in {os.environ['DLFA_STORE']}: give its workers .* the same DLFA_STORE"
    ):
        jobs.fetch(grids, spec)
    queue.close()
