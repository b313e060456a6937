"""What a store, a queue and a command may ask of an experiment, and what holds where it has no such name."""

from types import ModuleType, SimpleNamespace

import pytest

from dlfa_core.runtime.experiment import Experiment, inputs_at_hand, is_intact, name_of, table_of
from tests.runtime import steps


@pytest.fixture
def bare():
    """An experiment with the names that it must have, and no other."""
    module = ModuleType("somewhere.bare")
    module.VERSION, module.Spec, module.Result = 1, object, object
    module.inputs, module.run = lambda spec: {"spec": spec}, lambda spec, progress: None
    return module


def test_a_module_with_the_names_is_an_experiment(bare):
    assert isinstance(steps, Experiment)
    assert isinstance(bare, Experiment)
    del bare.run
    assert not isinstance(bare, Experiment)


def test_its_name_is_the_last_part_of_the_modules(bare):
    assert (name_of(bare), name_of(steps)) == ("bare", "steps")


def test_what_it_lacks_has_a_meaning(bare):
    assert is_intact(bare, "a result")
    assert inputs_at_hand(bare, "a spec") == {"spec": "a spec"}
    assert table_of(bare, SimpleNamespace(rows="a frame"), "rows") == "a frame"


def test_what_it_has_is_asked(bare):
    bare.intact, bare.inputs_at_hand = lambda result: result == "whole", lambda spec: {}
    bare.table = str.title
    assert is_intact(bare, "whole")
    assert not is_intact(bare, "half")
    assert inputs_at_hand(bare, "a spec") == {}
    assert table_of(bare, "said", "rows") == "Said"
