"""What outlives one run of a page: of one visitor in their session, for all visitors in caches.

Nothing else in the app touches Streamlit's session state or its caches.
"""

import gc
import os
import uuid
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from dlfa_core import encoders, figures
from dlfa_core.experiments import transfer
from dlfa_core.runtime import jobs, memory, store
from dlfa_core.runtime.experiment import Experiment, name_of
from dlfa_core.runtime.jobs import Job

T = TypeVar("T")
IN_ADDRESS = {"bind": "query-params", "persist_state": "session"}  # settings of a widget that a link reopens


class NotStored(LookupError):
    """There is no such result yet."""


@dataclass(eq=False)
class Visit:
    """What is kept of a visitor while their tab is open, besides what their widgets say.

    Attributes:
        visitor: tells them apart in the queue.
        page: the page that was shown last.
        jobs: the jobs that they started, by the key of the result.
        begun: the keys of the results that were begun without an offer last, by kind of result and slot.
        uploads: where the tables are that they brought, by the name of the file.
        seen: keys of what stands far down on a page and was come near to.
        last: what was shown last, by page, kind of result and slot: the spec and the key.
        above: the place on the page, over all else, where faults are told.
        looked_at: keys of widgets of this page whose value in the address was looked at.
        unbound: keys of widgets of this page whose value in the address is none that a widget could take.
        usual: values of widgets that depend on what else is chosen, by key.
        explained: terms of the glossary that the page has explained.
        lesson: name, step and page of the lesson that runs, or None.
    """

    visitor: str = field(default_factory=lambda: uuid.uuid4().hex)
    page: str | None = None
    jobs: dict[str, Job] = field(default_factory=dict)
    begun: dict[tuple[str, str], str] = field(default_factory=dict)
    uploads: dict[str, Path] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    last: dict[tuple[str | None, str, str], tuple[Any, str]] = field(default_factory=dict)
    above: Any = None
    looked_at: set[str] = field(default_factory=set)
    unbound: set[str] = field(default_factory=set)
    usual: dict[str, Any] = field(default_factory=dict)
    explained: set[str] = field(default_factory=set)
    lesson: tuple[str, str, str] | None = None


def visit() -> Visit:
    """The visit of whoever looks at the page."""
    return st.session_state.setdefault("visit", Visit())


def chosen(key: str, usual: Any) -> Any:
    """Return what a widget of this or an earlier page says; `usual` before it was drawn."""
    return st.session_state.get(key, usual)


def choose(key: str, value: Any) -> None:
    """Have a widget say something else; before it is drawn, or in a callback."""
    st.session_state[key] = value


def follow(key: str, usual: Any) -> None:
    """Move a widget along with its usual value, as long as it stands there; before it is drawn."""
    before = visit().usual.get(key, usual)
    visit().usual[key] = usual
    if before != usual and chosen(key, usual) == before:
        choose(key, usual)


def result(experiment: Experiment, key: str) -> Any:
    """The stored result with this key: one object for all visitors, which nobody changes.

    Raises:
        NotStored: there is none, or it cannot be read.
    """
    return _result(name_of(experiment), key, experiment)


@st.cache_resource(max_entries=64, show_spinner=False)
def _result(name: str, key: str, _experiment: Experiment) -> Any:
    found = store.read(_experiment, key)
    if found is None:
        raise NotStored(f"{name} {key}")  # raised, not returned: only what was found stays in the cache
    return found


def once(function: Callable[..., T], *args: Any) -> T:
    """Return what a pure function makes of stored results and plain options, made once for all visitors.

    Args:
        function: such as `figures.curves`.
        args: results, which are told apart by identity, and strings, numbers or lists of them, which become tuples.
    """
    return _once(function, *(tuple(value) if isinstance(value, list) else value for value in args))


@lru_cache(maxsize=256, typed=True)  # its keys hold the results: nothing else can get their place in memory meanwhile
def _once(function: Callable[..., T], *args: Hashable) -> T:
    return function(*args)


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def fingerprint(model: str) -> str | None:
    """The fingerprint of an encoder as it is now; None where it is not at hand."""
    try:
        return transfer.inputs(transfer.Spec(model=model))["model"]
    except (ValueError, OSError):
        return None


@st.cache_resource(show_spinner=False)
def settle_memory() -> None:
    """Have freed memory given back, and the garbage collector never look again at what was imported; once."""
    memory.keep_heaps_small()
    gc.collect()
    gc.freeze()


@st.cache_data(max_entries=4, show_spinner=False)
def encoders_with_results(stamp: tuple) -> tuple[str, ...]:
    """Encoders that results are stored of; `stamp` is that of `dlfa_core.encoders`."""
    return encoders.with_results()


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def quality(model: str, stamp: tuple, _said: Callable[[], str]) -> str:
    """How good a model is, as `_said` has it; `stamp` is that of the results that say so."""
    return _said()


@st.cache_data(max_entries=8, show_spinner=False)
def packed_map(key: str, start: int | None, texts: tuple[str, ...], _result: Any, _out_of_sample: Any) -> bytes:
    """A map with typed sentences on it as `figures.pack` gives it; `key` is that of the result."""
    return figures.pack(_result, _out_of_sample, start)


@st.cache_resource(max_entries=64, show_spinner=False)
def prepare_once(
    name: str, _wanted: Callable[[], list[tuple[Experiment, Any]]] = list, _libraries: Sequence[str] = jobs.LIBRARIES
) -> None:
    """Have a worker get ready before anybody asks; under each name once while the app runs.

    With `DLFA_PREPARE=0` nothing is prepared: where memory is small and visitors mostly look.
    """
    wanted = _wanted()
    if (wanted or _libraries) and os.environ.get("DLFA_PREPARE", "1") != "0":
        jobs.prepare(wanted, _libraries)
