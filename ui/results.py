"""A stored result if there is one; otherwise an offer to compute it, and the job with its progress."""

import streamlit as st

from dlfa_core.runtime import jobs, store
from dlfa_core.runtime.experiment import Experiment, is_intact
from ui import kept
from ui.text import plain, problem

_POLL_SECONDS = 0.25


def result(experiment: Experiment, spec, what: str, slot: str = "", start: bool = False):
    """The result of `experiment` for `spec`, or None while it is not there.

    Args:
        what: what would be computed, in words, for the offer.
        slot: tells two results on one page apart.
        start: begin without an offer, because the visitor has just asked for exactly this.
    """
    try:
        key = store.key_of(experiment, spec)
        found = kept.result(experiment, key)
        if not is_intact(experiment, found):
            raise kept.NotStored(f"{experiment.__name__} {key}")
        return found
    except kept.NotStored:
        if start and key not in kept.visit().jobs:
            _submit(experiment, spec, key)
        _panel(experiment, spec, key, what, slot)
    except (ValueError, OSError) as error:
        problem(error)
    return None


def _panel(experiment: Experiment, spec, key: str, what: str, slot: str) -> None:
    with st.container(border=True):
        if key in kept.visit().jobs:
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
    """The job as it goes; redrawn on its own four times a second, and the whole page once the result is there."""
    job = kept.visit().jobs.get(key)
    if job is None:
        st.rerun()
    status = job.status()
    if status.state == "done":
        _forget(key)
        st.rerun()
    if status.state in ("queued", "running"):
        waiting = f"Waiting: place {status.position} in the queue." if status.position > 1 else plain(status.message)
        st.progress(status.fraction, text=waiting)
        st.button("Cancel", key=f"cancel{slot}", on_click=job.cancel)
        return
    if status.state == "failed":
        problem(status.error)
    else:
        st.info("Cancelled. Nothing that was computed before is lost.")
    st.button("Choose again", key=f"again{slot}", on_click=_forget, args=(key,))


def _submit(experiment: Experiment, spec, key: str) -> None:
    visit = kept.visit()
    visit.jobs[key] = jobs.submit(experiment, spec, visitor=visit.visitor)


def _forget(key: str) -> None:
    kept.visit().jobs.pop(key, None)
