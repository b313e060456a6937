import shlex
from dataclasses import dataclass

import pytest
import tyro
from hypothesis import given, settings
from hypothesis import strategies as st

from dlfa_core.runtime.command import command_line
from tests.runtime import steps


@dataclass(frozen=True)
class Spec:
    out: str
    name: str = "demo"
    some_flag: bool = False
    other_flag: bool = True
    words: tuple[str, ...] = ("one", "two")
    count: int = 3
    rate: float = 0.5
    ceiling: int | None = 7


# A shell passes no NUL, and `None` is how the parser spells None.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
WORD = st.text(st.characters(categories=["L", "N"]), min_size=1)


@settings(deadline=None)
@given(
    st.builds(
        Spec,
        TEXT,
        TEXT,
        st.booleans(),
        st.booleans(),
        st.lists(WORD).map(tuple),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.integers(),
    )
)
def test_the_command_line_gives_the_spec_back(spec):
    arguments = shlex.split(command_line("steps", spec))[4:]
    assert tyro.cli(Spec, args=arguments) == spec


def test_defaults_are_left_out():
    assert command_line("steps", steps.Spec()) == "python -m dlfa_core steps"


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        (steps.Spec(words=("eng", "deu")), "--words eng deu"),
        (steps.Spec(words=()), "--words"),
        (steps.Spec(dies=True, pause=0.5), "--pause 0.5 --dies"),
        (steps.Spec(name="my model"), "--name 'my model'"),
        (steps.Spec(name="-x"), "--name=-x"),
    ],
)
def test_other_values_are_written_as_they_are_typed(spec, options):
    assert command_line("steps", spec) == f"python -m dlfa_core steps {options}"
