"""Which of a model's stored results is shown, found by what it is and not by its key.

A key can be computed only where the files are that the result was computed from, and the bundled results were computed
from files that need not be on this machine. So pages list what the store holds of the chosen model.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import streamlit as st

from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment
from ui import address, kept, models
from ui.comparison import command
from ui.limits import is_demo
from ui.results import latest
from ui.text import problem


class Shown(NamedTuple):
    """A result to show: what was asked for, what came of it, the command that makes it again, and its key."""

    spec: Any
    result: Any
    command: str
    key: str


def choose(kind: str, model: str, names: Collection[str]) -> str | None:
    """Ask which result is shown, by its name; `new_of(kind)` for a new one, None where nothing can be shown.

    Args:
        kind: what the page calls such a result, such as "sweep"; also the key of the choice.
        names: of the stored results of `model`.
    """
    offered = [*names, *([] if is_demo() else [new_of(kind)])]
    if not offered:
        st.info(
            f"There is no {kind} of {models.label(model)} here, and this public app trains nothing. "
            "Run the app on your own machine to make one."
        )
        return None
    public = f"This public app trains nothing; run it on your own machine for {kind}s of your own."
    own = f"What is stored for {models.label(model)}, or a new one."
    return st.selectbox(kind.capitalize(), offered, help=public if is_demo() else own, **address.option(kind, offered))


def new_of(kind: str) -> str:
    """Return what the choice of a new result is called."""
    return f"New {kind}"


def read(experiment: Experiment, entry: store.Entry) -> Shown | None:
    """A stored result; None, with a word on the page, for a damaged one."""
    try:
        return Shown(entry.spec, kept.result(experiment, entry.key), entry.command, entry.key)
    except kept.NotStored:
        problem(f"The result {entry.key[:8]} is damaged. Make it again with {entry.command}")
        return None


def computed(experiment: Experiment, spec: Any, what: str) -> Shown | None:
    """The result of a spec; None while it is not there, with an offer to compute it, which `what` describes."""
    found = latest(experiment, spec, what)
    if found is None:
        return None
    return Shown(*found, command(experiment, found.spec), store.key_of(experiment, found.spec))


def of(model: str, entry: store.Entry) -> bool:
    """Tell whether a result is of this model as it is now; where the model is not at hand, its name decides."""
    if entry.spec.model != model:
        return False
    known = kept.fingerprint(model)
    return known is None or entry.inputs.get("model") == known
