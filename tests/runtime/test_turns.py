"""The order of computations, without a cluster."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlfa_core.runtime.computation import NOBODY
from dlfa_core.runtime.turns import RETRIES, RETRIES_WHEN_FULL, TYPED_IN_A_ROW, Turns
from tests.runtime import steps

DONE = {"state": "done", "error": "", "memory": 0, "limit": 0, "address": ""}


@pytest.fixture(autouse=True)
def home(own_folder):
    """Forecasts are written there."""


@pytest.fixture
def turns():
    return Turns()


def served(turns, many):
    """The names of so many computations in the order in which they are served, each to its end."""
    names = []
    for _ in range(many):
        computation = turns.next()
        names.append(computation.spec.name)
        turns.end(computation, "done", "")
    return names


def status(turns, computation, visitor=""):
    return turns.status(computation, visitor, "waiting", foreseen=True)


def took(turns, computation, seconds, state="done"):
    turns.took(computation, DONE | {"state": state, "seconds": seconds})
    turns.end(computation, state, "")


@given(st.lists(st.sampled_from(["ana", "ben", "cem"]), min_size=1, max_size=12))
def test_nobody_waits_for_the_second_job_of_another_who_has_had_none(visitors):
    """Everybody's first ones come before all second ones, in the order in which they were asked for."""
    turns = Turns()
    for number, visitor in enumerate(visitors):
        turns.ask(steps, steps.Spec(f"{number}"), visitor)
    rounds = [(visitors[:number].count(visitor), number) for number, visitor in enumerate(visitors)]
    assert served(turns, len(visitors)) == [f"{number}" for _, number in sorted(rounds)]
    assert not turns.unfinished


@given(st.permutations(["prepared", "asked", "typed"]))
def test_typed_texts_go_first_and_preparations_last(order):
    turns = Turns()
    for kind in order:
        if kind == "typed":
            turns.ask(steps, steps.Spec(kind, texts=("A sentence.",)), "ben")
        else:
            turns.ask(steps, steps.Spec(kind), NOBODY if kind == "prepared" else "ana")
    assert served(turns, 3) == ["typed", "asked", "prepared"]


def test_typed_texts_let_others_have_a_turn_after_every_few(turns):
    for number in range(2 * TYPED_IN_A_ROW + 1):
        turns.ask(steps, steps.Spec(f"typed {number}", texts=("A sentence.",)), f"visitor {number}")
    for number in range(2):
        turns.ask(steps, steps.Spec(f"asked {number}"), "ana")
    turns.ask(steps, steps.Spec("prepared"), NOBODY)
    kinds = [name.split()[0] for name in served(turns, 2 * TYPED_IN_A_ROW + 4)]
    row = ["typed"] * TYPED_IN_A_ROW + ["asked"]
    assert kinds == [*row, *row, "typed", "prepared"]


def test_what_gave_way_comes_behind_those_that_wait_and_before_those_that_come_later(turns):
    long = turns.ask(steps, steps.Spec("long"), "ana")
    assert turns.next() is long
    turns.ask(steps, steps.Spec("waits"), "ben")
    took(turns, long, 1.0, "queued")
    assert status(turns, long, "ana").position == 2
    assert turns.next().spec.name == "waits"
    turns.ask(steps, steps.Spec("second of ben"), "ben")
    assert served(turns, 2) == ["long", "second of ben"]
    assert long.spent == 1.0


def test_a_wait_is_the_sum_of_what_is_before_and_unknown_where_one_of_them_is(turns):
    def ask(kind, visitor):
        return turns.ask(steps, steps.Spec(kind, words=(visitor,)), visitor)

    for kind, seconds in (("short", 1000.0), ("long", 3000.0)):
        ask(kind, "before")
        took(turns, turns.next(), seconds)
    runs = ask("long", "ana")
    turns.next()
    turns.heard(runs.id, process=1, fraction=0.0, message="")
    ask("short", "ben")
    behind = ask("short", "cem")
    assert 3900 < status(turns, behind, "cem").seconds <= 4000
    assert turns.status(behind, "cem", "", foreseen=False).seconds is None
    ask("unmeasured", "dan")
    assert status(turns, ask("short", "eve"), "eve").seconds is None


@pytest.mark.parametrize(
    ("full", "times", "because"),
    [
        ("", RETRIES, ". Start it again: parts that were finished are stored."),
        (
            "the memory was full",
            RETRIES_WHEN_FULL,
            ", because the memory was full: choose fewer sentences, fewer languages or a smaller model.",
        ),
    ],
)
def test_a_stopped_worker_is_tried_again_so_many_times_in_a_row(turns, full, times, because):
    computation = turns.ask(steps, steps.Spec("unlucky"), "")
    for _ in range(times):
        assert turns.stopped(computation, "It stopped", full)["state"] == "queued"
    told = turns.stopped(computation, "It stopped", full)
    assert told == {
        "state": "failed",
        "error": f"It stopped during the computation, {times + 1} times in a row{because}",
    }


def test_a_part_that_was_stored_makes_the_count_begin_anew(turns):
    computation = turns.ask(steps, steps.Spec("gets on"), "")
    for _ in range(2 * RETRIES):
        assert turns.stopped(computation, "It stopped")["state"] == "queued"
        turns.took(computation, DONE | {"state": "queued", "seconds": 1.0})


def test_what_goes_on_no_more_is_not_tried_again(turns):
    computation = turns.ask(steps, steps.Spec("closed"), "")
    assert turns.stopped(computation, "It stopped", again=False)["state"] == "failed"


def test_what_a_worker_says_of_an_earlier_turn_is_not_heard(turns):
    computation = turns.ask(steps, steps.Spec("twice"), "")
    before = turns.next().id
    turns.end(computation, "queued", "")
    turns.next()
    turns.heard(before, process=1, fraction=0.5, message="half")
    assert computation.process is None
    turns.heard(computation.id, process=2, fraction=0.25, message="a quarter")
    assert (computation.process, status(turns, computation).fraction) == (2, 0.25)


def test_a_computation_that_nobody_wants_is_to_be_stopped_only_where_a_worker_has_it(turns):
    waits, runs = (turns.ask(steps, steps.Spec(name), name) for name in ("waits", "runs"))
    assert not turns.leave(waits, "waits")
    assert turns.next() is runs
    assert not turns.leave(runs, "somebody else")
    assert turns.leave(runs, "runs")
    assert not turns.running(runs, 0.5, "half")
    assert [status(turns, one, one.spec.name).state for one in (waits, runs)] == ["cancelled", "cancelled"]


def test_what_nobody_gave_up_is_begun_anew_after_it_was_interrupted(turns):
    turns.ask(steps, steps.Spec("prepared"), NOBODY)
    prepared = turns.next()
    assert turns.preparations() == [prepared.id]
    turns.ask(steps, steps.Spec("asked"), "ana")
    turns.end(prepared, "cancelled", "")
    assert turns.preparations() == []
    assert served(turns, 2) == ["asked", "prepared"]


def test_what_a_visitor_asks_for_is_no_preparation_any_more(turns):
    turns.ask(steps, steps.Spec("wanted"), NOBODY)
    turns.next()
    turns.ask(steps, steps.Spec("wanted"), "ana")
    assert turns.preparations() == []
