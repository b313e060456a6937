"""Steps made beforehand: in order, once each, and no further than asked."""

import threading

import pytest

from dlfa_core.runtime.ahead import ahead


def test_every_step_is_made_once_and_in_order():
    made = []
    assert list(ahead(lambda step: made.append(step) or step * step, range(3, 9))) == [9, 16, 25, 36, 49, 64]
    assert made == [*range(3, 9)]


def test_nothing_is_made_where_nothing_is_asked():
    assert list(ahead(pytest.fail, range(5, 5))) == []


def test_the_next_step_is_made_while_the_present_one_is_looked_at():
    second = threading.Event()
    steps = ahead(lambda step: second.set() if step == 1 else None, range(4))
    next(steps)
    assert second.wait(60)
    steps.close()


def test_no_more_than_the_depth_is_made_beforehand():
    made = []
    steps = ahead(lambda step: made.append(step), range(100), depth=3)
    next(steps)
    steps.close()
    assert max(made) <= 3


def test_an_error_comes_where_its_step_would_have_come():
    def make(step):
        if step == 2:
            raise ValueError("step 2 is broken")
        return step

    steps = ahead(make, range(5))
    assert [next(steps), next(steps)] == [0, 1]
    with pytest.raises(ValueError, match="step 2 is broken"):
        next(steps)
