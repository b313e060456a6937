import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from dlfa_core.runtime import cluster, dispatch, jobs, store, turns, worker
from tests import clusters
from tests.runtime import steps
from tests.waiting import PATIENCE, until, wait

pytestmark = pytest.mark.usefixtures("own_folder")


def held(name, gate, steps_to_take=1, **more):
    """A spec that takes no step before the gate lets it."""
    return steps.Spec(name, steps=steps_to_take, gate=str(gate.path), **more)


def test_submitting_returns_although_nothing_has_started_yet():
    may_start = threading.Event()

    def connect():
        may_start.wait()
        raise ConnectionError("nobody is there")

    desk = jobs.JobQueue(connect)
    job = desk.submit(steps, steps.Spec("cold"))
    status = job.status()
    assert (status.state, status.position) == ("queued", 1)
    may_start.set()
    assert wait(job).error == "nobody is there"
    desk.close()


def test_a_finished_job_is_found_in_the_store(desk):
    spec = steps.Spec("plain", steps=3)
    job = desk.submit(steps, spec)
    assert wait(job) == jobs.Status("done", fraction=1.0)
    found = store.find(steps, spec)
    assert found.squares.tolist() == [0, 1, 4]
    assert found.meta["process"] != os.getpid()


def test_what_is_prepared_is_interrupted_for_a_visitor_and_begun_anew(desk, log, gates):
    stored, second = (steps.Spec(name, steps=4, log=str(log)) for name in ("stored", "second"))
    first = held("first", gates(), log=str(log))
    wait(desk.submit(steps, stored))
    desk.prepare([(steps, stored), (steps, first), (steps, second)], ())
    until(lambda: "first" in log.read_text() and store.key_of(steps, second) in desk._turns.unfinished)
    wait(desk.submit(steps, steps.Spec("visitor", log=str(log)), "somebody"))
    gates().let(1)
    until(lambda: store.find(steps, second) is not None)
    assert log.read_text().split() == ["stored", "first", "visitor", "first", "second"]


def test_what_is_prepared_gets_the_place_of_a_visitor_who_asks_for_it(desk, log, gates):
    blocker = desk.submit(steps, held("blocker", gates()), "somebody")
    wait(blocker, "running")
    names = ("unwanted", "wanted")
    unwanted, wanted = (desk.submit(steps, steps.Spec(name, log=str(log)), jobs.NOBODY) for name in names)
    assert (unwanted.status().position, wanted.status().position) == (1, 2)
    asked = desk.submit(steps, steps.Spec("wanted", log=str(log)), "ana")
    assert (unwanted.status().position, asked.status().position) == (2, 1)
    gates().let(1)
    assert wait(unwanted).state == wait(asked).state == "done"
    assert log.read_text().split() == ["wanted", "unwanted"]


def test_the_worker_uses_as_many_threads_as_the_user_says(desk):
    spec = steps.Spec("threads")
    wait(desk.submit(steps, spec))
    assert store.find(steps, spec).meta["threads"] == os.environ.get("OMP_NUM_THREADS", str(os.cpu_count()))


@pytest.mark.skipif(sys.platform == "win32", reason="there a class of priorities takes the place of a number")
def test_the_worker_lets_pages_go_first(desk):
    spec = steps.Spec("nice")
    wait(desk.submit(steps, spec))
    assert store.find(steps, spec).meta["nice"] == min(19, psutil.Process().nice() + cluster.BEHIND_PAGES)


def test_progress_grows_and_comes_with_a_message(desk, gates):
    job = desk.submit(steps, held("growing", gates(), 4))
    for step in range(4):
        told = jobs.Status("running", step / 4, f"Step {step + 1} of 4")
        until(lambda told=told: job.status() == told)
        gates().let(step + 1)
    assert wait(job) == jobs.Status("done", fraction=1.0)


def test_cancelling_stops_a_running_job_and_frees_the_worker(desk, log, gates):
    job = desk.submit(steps, held("long", gates()))
    wait(job, "running")
    job.cancel()
    assert job.status() == jobs.Status("cancelled")
    after = desk.submit(steps, steps.Spec("after", log=str(log)))
    assert wait(after).state == "done"
    assert log.exists()


def test_a_cancelled_job_leaves_nothing_in_the_store_and_can_be_started_again(desk, gates):
    spec = held("twice", gates())
    job = desk.submit(steps, spec)
    wait(job, "running")
    job.cancel()
    again = desk.submit(steps, spec)
    assert store.find(steps, spec) is None
    gates().let(1)
    assert wait(again).state == "done"
    assert store.find(steps, spec) is not None


def test_cancelling_a_queued_job_means_that_it_never_runs(desk, log, gates):
    running = desk.submit(steps, held("first", gates()))
    queued = desk.submit(steps, steps.Spec("second", log=str(log)))
    queued.cancel()
    gates().let(1)
    last = desk.submit(steps, steps.Spec("last"))
    assert wait(running).state == wait(last).state == "done"
    assert queued.status().state == "cancelled"
    assert not log.exists()


def test_a_failing_job_says_why_in_its_own_words(desk):
    job = desk.submit(steps, steps.Spec("failing", fails="The corpus has no Hindi:\n  choose another."))
    assert wait(job) == jobs.Status("failed", error="The corpus has no Hindi: choose another.")


def test_what_kills_its_worker_every_time_is_a_message_and_the_queue_goes_on(desk, log, monkeypatch):
    monkeypatch.setattr(turns, "RETRIES", 0)
    spec = steps.Spec("killed", dies=99, log=str(log))
    killed, next_one = desk.submit(steps, spec), desk.submit(steps, steps.Spec("survivor"))
    assert wait(killed).error == (
        "The worker was stopped during the computation. Start it again: parts that were finished are stored."
    )
    assert log.read_text() == "killed\n"
    assert wait(next_one).state == "done"


def test_a_computation_whose_worker_was_killed_is_started_again_by_itself(desk, log, gates):
    spec = held("survives", gates(), log=str(log))
    job = desk.submit(steps, spec)
    wait(job, "running")
    psutil.Process(job._computation.process).kill()
    until(lambda: log.read_text() == "survives\nsurvives\n")
    until(lambda: job.status().message == "Started again, as its worker was stopped. Step 1 of 1")
    gates().let(1)
    assert wait(job) == jobs.Status("done", fraction=1.0)


def test_a_full_memory_is_named_where_the_nanny_said_so(desk, log, gates, monkeypatch):
    monkeypatch.setattr(turns, "RETRIES_WHEN_FULL", 0)
    job = desk.submit(steps, held("full", gates()))
    wait(job, "running")
    desk._dispatcher._full = dict.fromkeys(desk._dispatcher.connection.client.scheduler_info()["workers"], 3 * 2**30)
    psutil.Process(job._computation.process).kill()
    said = wait(job).error
    assert "the memory was full (3.0 of " in said
    assert said.endswith("GB): choose fewer sentences, fewer languages or a smaller model.")


@pytest.mark.slow
def test_a_nanny_that_stops_a_full_worker_is_heard(log, monkeypatch):
    """Its limit is set so that what the job holds is above it."""
    limit = psutil.Process().memory_info().rss + 600 * 2**20
    monkeypatch.setattr(turns, "RETRIES_WHEN_FULL", 0)
    with clusters.started(n_workers=1, memory_limit=limit) as address:
        monkeypatch.setenv("DLFA_SCHEDULER", address)
        desk = jobs.JobQueue()
        full = desk.submit(steps, steps.Spec("holds", steps=1, holds=limit >> 20, gate="never"))
        assert "because the memory was full" in wait(full).error
        desk.close()


def test_a_long_job_lets_others_go_first_between_its_parts(desk, log, gates, monkeypatch):
    monkeypatch.setattr(dispatch, "TURN", 0.0)
    parts = ("part 0", "part 1", "part 2")
    long = desk.submit(steps, held("long", gates(), 0, log=str(log), parts=parts), "ana")
    until(lambda: log.exists() and "part 0" in log.read_text())
    short = [desk.submit(steps, steps.Spec(f"short {who}", log=str(log)), who) for who in ("ben", "cem")]
    for name in parts:
        gates(name).let(1)
    for job in (long, *short):
        assert wait(job).state == "done"
    order = [line for line in log.read_text().split("\n") if line and line != "long"]
    assert order == ["part 0", "short ben", "short cem", "part 1", "part 2"]


def test_a_job_with_parts_goes_on_alone_where_nobody_waits(desk, log, gates, monkeypatch):
    """Each turn computes one part at least, and finds those before it."""
    monkeypatch.setattr(dispatch, "TURN", 0.0)
    job = desk.submit(steps, steps.Spec("alone", log=str(log), parts=("alone 0", "alone 1")))
    assert wait(job).state == "done"
    assert log.read_text().split("\n")[:-1] == ["alone", "alone 0", "alone", "alone 1", "alone"]


def test_somebody_who_comes_again_and_again_does_not_hold_up_a_long_job(desk, log, gates):
    first = desk.submit(steps, held("first", gates(), log=str(log)), "ana")
    wait(first, "running")
    sweep = [desk.submit(steps, steps.Spec(f"sweep {i}", log=str(log)), "ana") for i in range(2)]
    gates().let(1)
    for i in range(3):
        assert wait(desk.submit(steps, steps.Spec(f"again {i}", log=str(log)), "ben")).state == "done"
    for job in sweep:
        wait(job)
    order = log.read_text().split("\n")
    assert order.index("sweep 0") < order.index("again 2")


def test_a_worker_that_hears_nothing_is_stopped_when_its_job_is_cancelled(desk, gates):
    deaf = desk.submit(steps, held("deaf", gates(), deaf=True))
    wait(deaf, "running")
    process = psutil.Process(deaf._computation.process)
    deaf.cancel()
    until(lambda: not process.is_running())
    assert wait(desk.submit(steps, steps.Spec("after the deaf"))).state == "done"


def test_a_worker_that_holds_much_is_replaced_between_jobs(desk, monkeypatch):
    spec = [steps.Spec(f"roomy {i}") for i in range(3)]
    for one in spec:
        wait(desk.submit(steps, one))
        monkeypatch.setattr(dispatch, "ROOM", 0.0)
    first, second, third = (store.find(steps, one).meta["process"] for one in spec)
    assert first == second != third


def test_a_wait_is_told_where_the_like_was_measured(desk, gates):
    """And nothing of it before."""
    first = desk.submit(steps, held("measured", gates()))
    wait(first, "running")
    second = desk.submit(steps, steps.Spec("unmeasured"), "ben")
    assert (first.status().seconds, second.status().seconds) == (None, None)
    gates().let(1)
    wait(first)
    took = desk.expected(steps, held("measured", gates()))
    assert 0 < took < PATIENCE
    desk._turns._durations.add(steps.__name__, held("measured", gates("another")), 5000.0)
    again = desk.submit(steps, held("measured", gates("another")))
    wait(again, "running")
    behind = desk.submit(steps, steps.Spec("behind it"), "ben")
    assert 4000 < behind.status().seconds <= again.status().seconds + 1 < 5001
    gates("another").let(1)
    wait(behind)


def test_the_place_in_the_queue_counts_down(desk, gates):
    first, second, third = (desk.submit(steps, held(f"place {i}", gates(f"gate {i}"))) for i in range(3))
    assert wait(first, "running").position == 0
    assert [second.status().position, third.status().position] == [1, 2]
    gates("gate 0").let(1)
    wait(first)
    wait(second, "running")
    assert third.status().position == 1
    gates("gate 1").let(1)
    gates("gate 2").let(1)
    wait(third)


def test_visitors_take_turns(desk, log, gates):
    def submit(name, visitor):
        return desk.submit(steps, steps.Spec(name, steps=2, log=str(log)), visitor)

    blocker = desk.submit(steps, held("blocker", gates()), "somebody else")
    wait(blocker, "running")
    ana = [submit(f"ana {i}", "ana") for i in range(3)]
    ben = [submit(f"ben {i}", "ben") for i in range(2)]
    gates().let(1)
    for job in ana + ben:
        assert wait(job).state == "done"
    assert log.read_text().split("\n")[:-1] == ["ana 0", "ben 0", "ana 1", "ben 1", "ana 2"]


def test_late_comers_do_not_starve_a_sweep(desk, log, gates):
    def submit(name, visitor):
        spec = steps.Spec(name, steps=1, log=str(log))
        return desk.submit(steps, held(name, gates(), log=str(log)) if name == "sweep 1" else spec, visitor)

    sweep = [submit(f"sweep {i}", "ana") for i in range(3)]
    wait(sweep[1], "running")
    late = [submit(f"late {visitor}", visitor) for visitor in ("ben", "cem")]
    gates().let(1)
    for job in sweep + late:
        wait(job)
    order = log.read_text().split("\n")
    assert order.index("sweep 2") < order.index("late cem") or order.index("sweep 2") == 4
    assert set(order[2:5]) == {"late ben", "late cem", "sweep 2"}


def test_the_same_spec_is_computed_once_for_everybody(desk, log, gates):
    spec = held("shared", gates(), log=str(log))
    handles = [desk.submit(steps, spec, visitor) for visitor in ("ana", "ben", "ana")]
    gates().let(1)
    assert len({job.key for job in handles}) == 1
    assert all(wait(job).state == "done" for job in handles)
    assert log.read_text() == "shared\n"


def test_one_visitor_cannot_cancel_what_another_waits_for(desk, gates):
    spec = held("common", gates())
    ana, ben = (desk.submit(steps, spec, visitor) for visitor in ("ana", "ben"))
    ana.cancel()
    assert ana.status().state == "cancelled"
    gates().let(1)
    assert wait(ben).state == "done"


def test_a_visitor_who_left_does_not_keep_a_job_alive(desk, monkeypatch, gates):
    spec = held("left behind", gates())
    desk.submit(steps, spec, "before the reload")
    after = desk.submit(steps, spec, "after the reload")
    wait(after, "running")
    monkeypatch.setattr(turns, "AWAY_AFTER", 0.0)
    after.cancel()
    assert desk.submit(steps, steps.Spec("unblocked")).key
    assert wait(desk.submit(steps, steps.Spec("unblocked"))).state == "done"


def test_the_result_is_there_although_nobody_looked_at_the_job(desk):
    spec = steps.Spec("closed tab", steps=3)
    desk.submit(steps, spec)
    until(lambda: store.find(steps, spec) is not None)


def test_a_cluster_that_died_is_replaced(desk, gates):
    wait(desk.submit(steps, steps.Spec("before the crash")))
    running = desk.submit(steps, held("during the crash", gates()))
    wait(running, "running")
    desk._dispatcher.connection.process.kill()
    until(lambda: running.status().message.startswith("Started again, as its worker was stopped. Step"))
    gates().let(1)
    assert wait(running).state == "done"
    assert wait(desk.submit(steps, steps.Spec("after the crash"))).state == "done"


def test_an_external_cluster_serves_the_same_specs(monkeypatch, gates):
    with clusters.started(n_workers=2) as address:
        monkeypatch.setenv("DLFA_SCHEDULER", address)
        desk = jobs.JobQueue()
        specs = [held(f"external {i}", gates(f"gate {i}")) for i in range(2)]
        both = [desk.submit(steps, spec) for spec in specs]
        assert {wait(job, "running").state for job in both} == {"running"}
        both[0].cancel()
        gates("gate 1").let(1)
        assert [wait(job).state for job in both] == ["cancelled", "done"]
        assert store.find(steps, specs[1]) is not None
        desk.close()


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv("DLFA_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setattr(cluster, "CONNECTING_PATIENCE", 0.5)
    desk = jobs.JobQueue()
    status = wait(desk.submit(steps, steps.Spec("nowhere")))
    assert status.error.startswith("No Dask scheduler answers at DLFA_SCHEDULER=tcp://127.0.0.1:1: start one")
    desk.close()


def test_the_cluster_ends_with_the_app_even_if_that_is_killed(tmp_path):
    script = """
        import time
        from dlfa_core.runtime import cluster
        connection = cluster.connect()
        print(connection.process.pid, *connection.client.run(lambda: __import__("os").getpid()).values(), flush=True)
        time.sleep(600)
    """
    app = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    processes = [psutil.Process(int(pid)) for pid in app.stdout.readline().split()]
    app.send_signal(signal.SIGKILL)
    app.communicate()
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE)
    assert len(processes) == 2
    assert not alive


def test_an_app_that_is_stopped_during_a_job_says_nothing_of_it(tmp_path):
    script = f"""
        import time
        from dlfa_core.runtime import jobs
        from tests.runtime import steps
        job = jobs.submit(steps, steps.Spec("stopped", steps=2, gate={str(tmp_path / "gate")!r}))
        while job.status().state == "queued":
            time.sleep(0.02)
        assert job.status().state == "running", job.status()
    """
    root, code = Path(__file__).parents[2], textwrap.dedent(script)
    app = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert app.returncode == 0, app.stderr
    assert "Traceback" not in app.stdout + app.stderr


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
    desk = jobs.JobQueue(prepare_after=30)
    desk.prepare([(steps, steps.Spec("early", log=str(log)))])
    assert not desk._turns.unfinished
    assert desk._dispatcher.connection is None
    desk.close()


def test_a_process_has_one_desk_made_when_first_asked_for(monkeypatch):
    """Also where two visitors ask at once."""
    kept = []
    monkeypatch.setattr(jobs.atexit, "register", kept.append)
    monkeypatch.setattr(jobs, "_own", None)
    with ThreadPoolExecutor(8) as asking:
        desks = set(asking.map(lambda _: jobs.job_queue(), range(8)))
    assert len(desks) == 1
    assert kept == [desks.pop().close]


def test_importing_the_module_makes_no_queue():
    code = "from dlfa_core.runtime import jobs; print(jobs._own)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True).stdout == "None\n"


def test_libraries_are_loaded_behind_what_is_wanted(monkeypatch):
    """And only those that are named: what one page has no use for would keep its visitors waiting."""
    desk, happened = jobs.JobQueue(prepare_after=0), []
    monkeypatch.setattr(desk, "submit", lambda experiment, spec, visitor: happened.append(spec.name))
    monkeypatch.setattr(desk._dispatcher, "load", lambda libraries, wanted: happened.append((libraries, wanted)))
    monkeypatch.setattr(jobs.store, "find", lambda experiment, spec: None)
    desk.prepare([(steps, steps.Spec("first")), (steps, steps.Spec("second"))], ["json"])
    until(lambda: len(happened) == 3)
    assert happened == ["first", "second", (("json",), [])]


def test_an_experiment_that_can_get_ready_is_not_run(monkeypatch):
    desk, happened = jobs.JobQueue(prepare_after=0), []
    monkeypatch.setattr(desk._dispatcher, "load", lambda *arguments: happened.append(arguments))
    monkeypatch.setattr(desk, "submit", lambda *_, **__: happened.append("run"))
    monkeypatch.setattr(steps, "get_ready", print, raising=False)
    desk.prepare([(steps, steps.Spec("first"))], [])
    until(lambda: happened)
    assert happened == [((), [(steps.__name__, steps.Spec("first"))])]


def test_a_worker_loads_what_can_be_loaded(monkeypatch):
    loaded = []

    def get_ready(spec):
        if spec.name == "missing":
            raise ValueError("no such model")
        loaded.append(spec.name)

    monkeypatch.setattr(steps, "get_ready", get_ready, raising=False)
    worker.load(["json"], [(steps.__name__, steps.Spec(name)) for name in ("missing", "present")])
    assert loaded == ["present"]
