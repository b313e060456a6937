import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from dlfa_core.runtime import cluster, jobs, store
from tests.runtime import steps

PATIENCE = 30


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLFA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.delenv("DLFA_SCHEDULER", raising=False)
        yield


@pytest.fixture(scope="module")
def desk(home):
    desk = jobs.Desk(prepare_after=0)
    yield desk
    desk.close()


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.txt"


def wait(job, *states):
    """The job's status once it is in one of the states, or finished."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status = job.status()
        if status.state in (states or jobs.FINAL) or status.state in jobs.FINAL:
            return status
        time.sleep(0.02)
    raise AssertionError(f"still {status}")


def test_submitting_returns_at_once_although_nothing_has_started_yet():
    desk = jobs.Desk()
    started = time.monotonic()
    job = desk.submit(steps, steps.Spec("cold"))
    status = job.status()
    assert time.monotonic() - started < 0.5
    assert (status.state, status.place) == ("queued", 1)
    job.cancel()
    desk.close()


def test_a_finished_job_is_found_in_the_store(desk):
    spec = steps.Spec("plain", steps=3)
    job = desk.submit(steps, spec)
    assert wait(job) == jobs.Status("done", fraction=1.0)
    found = store.find(steps, spec)
    assert found.squares.tolist() == [0, 1, 4]
    assert found.meta["process"] != os.getpid()


def test_what_is_prepared_is_computed_once_and_behind_visitors(desk, log):
    stored, first, second = (steps.Spec(name, steps=4, log=str(log)) for name in ("stored", "first", "second"))
    wait(desk.submit(steps, stored))
    desk.prepare([(steps, stored), (steps, first), (steps, second)])
    deadline = time.monotonic() + PATIENCE
    while "first" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    wait(desk.submit(steps, steps.Spec("visitor", log=str(log)), "somebody"))
    while store.find(steps, second) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert log.read_text().split() == ["stored", "first", "visitor", "second"]


def test_the_worker_uses_as_many_threads_as_the_user_says(desk):
    spec = steps.Spec("threads")
    wait(desk.submit(steps, spec))
    assert store.find(steps, spec).meta["threads"] == os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))


def test_progress_grows_and_comes_with_a_message(desk):
    job = desk.submit(steps, steps.Spec("growing", steps=30))
    seen = []
    while (status := job.status()).state not in jobs.FINAL:
        seen.append(status)
        time.sleep(0.05)
    fractions = [status.fraction for status in seen]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 3
    assert any(status.message.startswith("Step 1") and status.message.endswith("of 30") for status in seen)


def test_cancelling_stops_a_running_job_and_frees_the_worker(desk, log):
    job = desk.submit(steps, steps.Spec("long", steps=10_000))
    wait(job, "running")
    job.cancel()
    assert job.status() == jobs.Status("cancelled")
    after = desk.submit(steps, steps.Spec("after", log=str(log)))
    assert wait(after).state == "done"
    assert log.exists()


def test_a_cancelled_job_leaves_nothing_in_the_store_and_can_be_started_again(desk):
    spec = steps.Spec("twice", steps=40)
    job = desk.submit(steps, spec)
    wait(job, "running")
    job.cancel()
    again = desk.submit(steps, spec)
    assert store.find(steps, spec) is None
    assert wait(again).state == "done"
    assert store.find(steps, spec) is not None


def test_cancelling_a_queued_job_means_that_it_never_runs(desk, log):
    running = desk.submit(steps, steps.Spec("first", steps=20))
    queued = desk.submit(steps, steps.Spec("second", log=str(log)))
    queued.cancel()
    last = desk.submit(steps, steps.Spec("last"))
    assert wait(running).state == wait(last).state == "done"
    assert queued.status().state == "cancelled"
    assert not log.exists()


def test_a_failing_job_says_why_in_its_own_words(desk):
    job = desk.submit(steps, steps.Spec("failing", fails="The corpus has no Hindi:\n  choose another."))
    assert wait(job) == jobs.Status("failed", error="The corpus has no Hindi: choose another.")


def test_a_killed_worker_is_a_message_and_the_queue_goes_on(desk):
    spec = steps.Spec("killed", dies=True)
    killed, next_one = desk.submit(steps, spec), desk.submit(steps, steps.Spec("survivor"))
    status = wait(killed)
    assert status.state == "failed"
    assert "memory was full (its limit is" in status.error
    assert "choose fewer sentences" in status.error
    assert wait(next_one).state == "done"


def test_the_place_in_the_queue_counts_down(desk):
    first, second, third = (desk.submit(steps, steps.Spec(f"place {i}", steps=20)) for i in range(3))
    assert wait(first, "running").place == 0
    assert [second.status().place, third.status().place] == [1, 2]
    wait(first)
    wait(second, "running")
    assert third.status().place == 1
    wait(third)


def test_visitors_take_turns(desk, log):
    def submit(name, visitor):
        return desk.submit(steps, steps.Spec(name, steps=2, log=str(log)), visitor)

    blocker = desk.submit(steps, steps.Spec("blocker", steps=10), "somebody else")
    wait(blocker, "running")
    ana = [submit(f"ana {i}", "ana") for i in range(3)]
    ben = [submit(f"ben {i}", "ben") for i in range(2)]
    for job in ana + ben:
        assert wait(job).state == "done"
    assert log.read_text().split("\n")[:-1] == ["ana 0", "ben 0", "ana 1", "ben 1", "ana 2"]


def test_late_comers_do_not_starve_a_sweep(desk, log):
    def submit(name, visitor):
        return desk.submit(steps, steps.Spec(name, steps=4, log=str(log)), visitor)

    sweep = [submit(f"sweep {i}", "ana") for i in range(3)]
    wait(sweep[1], "running")
    late = [submit(f"late {visitor}", visitor) for visitor in ("ben", "cem")]
    for job in sweep + late:
        wait(job)
    order = log.read_text().split("\n")
    assert order.index("sweep 2") < order.index("late cem") or order.index("sweep 2") == 4
    assert set(order[2:5]) == {"late ben", "late cem", "sweep 2"}


def test_the_same_spec_is_computed_once_for_everybody(desk, log):
    spec = steps.Spec("shared", steps=10, log=str(log))
    handles = [desk.submit(steps, spec, visitor) for visitor in ("ana", "ben", "ana")]
    assert len({job.key for job in handles}) == 1
    assert all(wait(job).state == "done" for job in handles)
    assert log.read_text() == "shared\n"


def test_one_visitor_cannot_cancel_what_another_waits_for(desk):
    spec = steps.Spec("common", steps=20)
    ana, ben = (desk.submit(steps, spec, visitor) for visitor in ("ana", "ben"))
    ana.cancel()
    assert ana.status().state == "cancelled"
    assert wait(ben).state == "done"


def test_a_visitor_who_left_does_not_keep_a_job_alive(desk, monkeypatch):
    spec = steps.Spec("left behind", steps=10_000)
    desk.submit(steps, spec, "before the reload")
    after = desk.submit(steps, spec, "after the reload")
    wait(after, "running")
    monkeypatch.setattr(jobs, "AWAY_AFTER", 0.0)
    after.cancel()
    assert desk.submit(steps, steps.Spec("unblocked")).key
    assert wait(desk.submit(steps, steps.Spec("unblocked"))).state == "done"


def test_the_result_is_there_although_nobody_looked_at_the_job(desk):
    spec = steps.Spec("closed tab", steps=3)
    desk.submit(steps, spec)
    deadline = time.monotonic() + PATIENCE
    while store.find(steps, spec) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert store.find(steps, spec) is not None


def test_a_cluster_that_died_is_replaced(desk):
    wait(desk.submit(steps, steps.Spec("before the crash")))
    running = desk.submit(steps, steps.Spec("during the crash", steps=10_000))
    wait(running, "running")
    desk._connection.process.kill()
    assert wait(running).error == "The connection to the computation was lost: start it again."
    assert wait(desk.submit(steps, steps.Spec("after the crash"))).state == "done"


def test_an_external_cluster_serves_the_same_specs(monkeypatch):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        worker_dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as external:
        monkeypatch.setenv("DLFA_SCHEDULER", external.scheduler_address)
        desk = jobs.Desk()
        both = [desk.submit(steps, steps.Spec(f"external {i}", steps=40)) for i in range(2)]
        assert {wait(job, "running").state for job in both} == {"running"}
        both[0].cancel()
        assert [wait(job).state for job in both] == ["cancelled", "done"]
        assert store.find(steps, steps.Spec("external 1", steps=40)) is not None
        desk.close()


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv("DLFA_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setattr(cluster, "CONNECTING_PATIENCE", 0.5)
    desk = jobs.Desk()
    status = wait(desk.submit(steps, steps.Spec("nowhere")))
    assert status.error.startswith("No Dask scheduler answers at DLFA_SCHEDULER=tcp://127.0.0.1:1: start one")
    desk.close()


def test_the_cluster_ends_with_the_app_even_if_that_is_killed(tmp_path):
    script = """
        import time
        from dlfa_core.runtime import cluster
        connection = cluster.connect()
        print(connection.process.pid, *connection.client.run(lambda: __import__("os").getpid()).values(), flush=True)
        time.sleep(60)
    """
    app = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    processes = [psutil.Process(int(pid)) for pid in app.stdout.readline().split()]
    app.send_signal(signal.SIGKILL)
    app.communicate()
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert len(processes) == 2
    assert not alive


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("Too few.\n Add more."), "Too few. Add more."),
        (KeyError("deu"), "KeyError: 'deu'"),
        (AssertionError(), "AssertionError"),
        (MemoryError(), "The memory is too small for this"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "The memory is too small for this"),
        (FileNotFoundError(2, "No such file", "x.tsv"), "[Errno 2] No such file: 'x.tsv'"),
    ],
)
def test_errors_become_one_line(error, sentence):
    from dlfa_core.runtime.worker import in_a_sentence

    assert in_a_sentence(error).startswith(sentence)
    assert "\n" not in in_a_sentence(error)


def test_preparing_begins_after_the_page_that_asks_for_it_is_drawn(log):
    desk = jobs.Desk(prepare_after=30)
    desk.prepare([(steps, steps.Spec("early", log=str(log)))])
    assert not desk._unfinished
    assert desk._connection is None
    desk.close()
