"""The programs of this folder: short versions of them, and what they conclude from what they saw."""

import asyncio
import random
import sys

import numpy as np
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.load import cancels, kills, visitors, watching
from tests.load.protocol import Tab


def heard(tab: Tab, **metadata) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.run.script_run_id = "a run"
    for name, value in metadata.items():
        getattr(message.metadata, name).extend(value)
    return message


def says(tab: Tab, path: list[int], text: str, fragment: str = "") -> None:
    message = heard(tab, delta_path=path)
    message.metadata.run.fragment_ids.extend([fragment] if fragment else [])
    message.delta.new_element.alert.body = text
    message.delta.new_element.alert.format = 1
    tab._hear(message)


def begins(tab: Tab, fragment: str = "") -> None:
    message = heard(tab)
    message.metadata.run.fragment_ids.extend([fragment] if fragment else [])
    message.new_session.page_script_hash = "a page"
    tab._hear(message)


def ends(tab: Tab, how: int = ForwardMsg.FINISHED_SUCCESSFULLY) -> None:
    message = heard(tab)
    message.script_finished = how
    tab._hear(message)


@pytest.fixture
def tab():
    return Tab("http://nowhere")


def test_what_a_run_does_not_send_again_is_gone(tab):
    begins(tab)
    says(tab, [0, 0], "first")
    says(tab, [0, 1], "second")
    ends(tab)
    begins(tab)
    says(tab, [0, 1], "other")
    assert tab.errors() == ["first", "other"]
    ends(tab)
    assert tab.errors() == ["other"]


def test_a_part_that_is_drawn_again_leaves_the_rest(tab):
    begins(tab)
    says(tab, [0, 0], "rest")
    says(tab, [0, 1, 0], "part")
    ends(tab)
    begins(tab, "fragment")
    says(tab, [0, 1, 0], "part, later", "fragment")
    ends(tab, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
    assert tab.errors() == ["rest", "part, later"]


def test_a_run_that_breaks_is_a_problem_and_is_told_once(tab):
    begins(tab)
    ends(tab, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)
    assert tab.errors() == ["The page did not compile."]
    assert tab.errors() == []


@pytest.mark.parametrize(("growth", "flat"), [(0.0, True), (60.0, False)])
def test_growth_of_memory_is_told_from_noise(growth, flat):
    noise = np.random.default_rng(0).normal(0, 5, 300)
    seconds = np.arange(300) * 2.0
    found = watching.memory([*seconds], [*(600 + growth * seconds / 60 + noise)])
    assert found.is_flat == flat
    assert abs(found.per_minute - growth) < 3 * found.error + 0.1


def seen_by_a_class(**changes) -> visitors.Seen:
    seen = visitors.Seen(pages={"Map": [0.5] * 40}, typed=[3.0] * 10)
    seen.jobs["done"] = 12
    for name, value in changes.items():
        getattr(seen, name).update(value) if name != "typed" else setattr(seen, name, value)
    return seen


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({}, []),
        ({"errors": {"The worker was stopped.": 2}}, ["2 errors shown"]),
        ({"jobs": {"given up": 1}}, ["1 jobs given up or not finished in 240 s"]),
        ({"pages": {"Map": [0.5] * 20 + [9.0] * 20}}, ["95 % of interactions within 9.0 s, not 2"]),
        ({"typed": [40.0]}, ["95 % of typed sentences within 40.0 s, not 30"]),
    ],
)
def test_a_goal_that_is_missed_is_named(changes, missed, tmp_path):
    noise = np.random.default_rng(1).normal(500, 3, 60)
    (tmp_path / "server.log").touch()
    app = watching.App("", None, tmp_path / "server.log", [*np.arange(60.0)], [*noise], [*noise])
    assert visitors.report(app, seen_by_a_class(**changes), 1.0) == missed


def test_what_broke_in_the_app_is_found_in_what_it_printed(tmp_path):
    log = tmp_path / "server.log"
    broke = 'Traceback (most recent call last):\n  File "page.py", line 3, in draw\n    of[0]\nIndexError: out of range'
    log.write_text(f"  URL: http://localhost\n\n2026-01-01 Uncaught app execution\n{broke}\n2026-01-01 next\n{broke}\n")
    assert watching.App("", None, log).tracebacks() == {broke: 2}


def test_killed_commands_are_started_until_one_ends(tmp_path, monkeypatch):
    """The command waits for a file, which is there once two were killed."""
    go = tmp_path / "go"
    code = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    monkeypatch.setattr(kills, "_command", lambda spec: [sys.executable, "-S", "-c", code])

    class Moments(random.Random):
        """When to kill: at once, twice; then never, for the command ends."""

        drawn = 0

        def uniform(self, low: float, high: float) -> float:
            self.drawn += 1
            if self.drawn > 2:
                go.touch()
            return 0.0 if self.drawn <= 2 else 300.0

    assert kills.disturbed(kills.small(), tmp_path, 5, 1.0, Moments(0)) == 2


def test_a_command_that_fails_by_itself_is_no_kill(tmp_path, monkeypatch):
    monkeypatch.setattr(kills, "_command", lambda spec: [sys.executable, "-S", "-c", "raise SystemExit('no disk')"])
    with pytest.raises(RuntimeError, match="no disk"):
        kills.disturbed(kills.small(), tmp_path, 0, 1.0, random.Random(0))


def test_a_worker_that_is_not_free_in_time_is_named(capsys):
    seen = [cancels.Cancelled("augment", free, free + 0.1, ended=free > 1) for free in (0.3, 1.6, 2.4)]
    assert cancels.report(seen) == ["augment: its worker was free after 2.4 s, not 2"]
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last == ["all", "3", "1.60", "2.40", "2", "1.70", "2.50"]


@pytest.mark.slow
def test_another_visitor_gets_the_worker_of_a_cancelled_computation(tmp_path, monkeypatch):
    monkeypatch.setenv("DLFA_HOME", str(tmp_path))
    jobs = cancels.JobQueue(prepare_after=0.0)
    try:
        seen = [cancels.cancelled(jobs, kind, 20 + kind, after=0.0) for kind in range(len(cancels.LONG))]
    finally:
        jobs.close()
    assert sum(one is not None for one in seen) > 4


@pytest.mark.slow
def test_a_few_visitors_see_no_error_though_the_worker_is_killed(tmp_path):
    with watching.started(tmp_path) as app:
        seen = asyncio.run(visitors.visit(app, visitors=3, minutes=1.0, kills=2))
    assert not seen.errors
    assert not seen.jobs["given up"]
    assert len(seen.interactions) > 10
    assert app.kills >= 1


@pytest.mark.slow
def test_a_killed_sweep_has_the_tables_of_an_undisturbed_one(tmp_path):
    spec = kills.small()
    seconds = kills.undisturbed(spec, tmp_path / "undisturbed")
    kills.disturbed(spec, tmp_path / "killed", 4, seconds, random.Random(0))
    wanted = kills.tables(spec, tmp_path / "undisturbed")
    for name, frame in kills.tables(spec, tmp_path / "killed").items():
        assert frame.equals(wanted[name]), name
    assert not kills.left_behind(tmp_path / "killed")
