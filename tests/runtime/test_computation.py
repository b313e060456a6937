"""The order in which computations are served."""

from types import SimpleNamespace

from dlfa_core.runtime.computation import NOBODY, Computation

TYPED, ASKED = SimpleNamespace(texts=("A text.",)), SimpleNamespace(texts=(), limit=100)


def computation(spec, turn, number, visitor="ada"):
    return Computation(f"{number}", "steps", spec, turn, number, seen={visitor: 0.0})


def test_typed_texts_go_first_then_turns_and_preparations_last():
    prepared, second, first, typed = (
        computation(TYPED, 0, 0, NOBODY),
        computation(ASKED, 1, 1),
        computation(ASKED, 0, 2),
        computation(TYPED, 7, 3),
    )
    assert sorted([prepared, second, first, typed], key=lambda each: each.order) == [typed, first, second, prepared]


def test_of_one_turn_who_asked_first_is_served_first():
    late, early = computation(ASKED, 3, 9), computation(ASKED, 3, 4)
    assert early.order < late.order
