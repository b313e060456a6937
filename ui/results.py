"""A stored result if there is one; otherwise an offer to compute it, and the job with its progress."""

import uuid

import streamlit as st

from dlfa_core.runtime import jobs, store
from dlfa_core.runtime.experiment import Experiment, is_intact
from ui.text import plain, problem

_JOBS = "jobs"  # session: key of a result -> the job that this visitor started for it
_POLL_SECONDS = 0.5


class NotStored(LookupError):
    """There is no such result yet."""


def result(experiment: Experiment, spec, what: str, slot: str = "", start: bool = False):
    """The result of `experiment` for `spec`, or None while it is not there.

    Args:
        what: what would be computed, in words, for the offer.
        slot: tells two results on one page apart.
        start: begin without an offer, because the visitor has just asked for exactly this.
    """
    try:
        key = store.key_of(experiment, spec)
        found = _stored(experiment.__name__, key, experiment, spec)
        if not is_intact(experiment, found):
            raise NotStored(f"{experiment.__name__} {key}")
        return found
    except NotStored:
        if start and key not in _jobs():
            _submit(experiment, spec, key)
        _panel(experiment, spec, key, what, slot)
    except (ValueError, OSError) as error:
        problem(error)
    return None


@st.cache_data(max_entries=32, show_spinner=False)
def _stored(name: str, key: str, _experiment: Experiment, _spec):
    found = store.find(_experiment, _spec)
    if found is None:
        raise NotStored(f"{name} {key}")  # raised, not returned: only what was found stays in the cache
    return found


def _panel(experiment: Experiment, spec, key: str, what: str, slot: str) -> None:
    with st.container(border=True):
        if key in _jobs():
            st.fragment(_watch, run_every=_POLL_SECONDS)(key, slot)
        else:
            st.markdown(f"**Not computed yet.** {plain(what)}")
            st.button(
                "Compute",
                type="primary",
                key=f"compute{slot}",
                on_click=_submit,
                args=(experiment, spec, key),
            )


def _watch(key: str, slot: str) -> None:
    """The job as it goes; redrawn on its own twice a second, and the whole page once the result is there."""
    job = _jobs().get(key)
    if job is None:
        st.rerun()
    status = job.status()
    if status.state == "done":
        _forget(key)
        st.rerun()
    if status.state in ("queued", "running"):
        waiting = f"Waiting: place {status.place} in the queue." if status.place > 1 else plain(status.message)
        st.progress(status.fraction, text=waiting)
        st.button("Cancel", key=f"cancel{slot}", on_click=job.cancel)
        return
    if status.state == "failed":
        problem(status.error)
    else:
        st.info("Cancelled. Nothing that was computed before is lost.")
    st.button("Choose again", key=f"again{slot}", on_click=_forget, args=(key,))


def _submit(experiment: Experiment, spec, key: str) -> None:
    _jobs()[key] = jobs.submit(experiment, spec, visitor=_visitor())


def _forget(key: str) -> None:
    _jobs().pop(key, None)


def _jobs() -> dict[str, jobs.Job]:
    return st.session_state.setdefault(_JOBS, {})


def _visitor() -> str:
    return st.session_state.setdefault("visitor", uuid.uuid4().hex)
