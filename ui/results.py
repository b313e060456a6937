"""A stored result if there is one; otherwise an offer to compute it, and the job with its progress."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from dlfa_core.figures.sentences.numbers import about_time, counted
from dlfa_core.runtime import jobs, store
from dlfa_core.runtime.experiment import Experiment, is_intact, name_of
from ui import choices, kept, polling
from ui.html import show
from ui.limits import limits, refusal
from ui.text import plain, problem

_POLL_SECONDS = 0.25
_CALLED = {"limit": "sentences at most", "pooling": "one vector per sentence", "removal": "taken out of the vectors"}


class Latest(NamedTuple):
    """A result with what was asked for."""

    spec: Any
    result: Any


def latest(
    experiment: Experiment, spec: Any, what: str, slot: str = "", start: bool = False, lacks: str = ""
) -> Latest | None:
    """The result of a spec; while it is not there, what this visit last saw in its place, greyed, below the offer.

    Args:
        what: what would be computed, in words, for the offer.
        slot: tells two results on one page apart.
        start: begin without an offer, because the visitor has just asked for exactly this.
        lacks: what is still to be chosen; then nothing is offered.

    Returns:
        A result with its own spec, which then is not `spec`; None where nothing of the same model was seen before.
    """
    visit = kept.visit()
    place = (visit.page, name_of(experiment), slot)
    before, key = visit.last.get(place, (None, ""))
    changes = [] if before is None or _models_of(before) != _models_of(spec) else list(_changes(before, spec))
    found = result(experiment, spec, f"Changed: {'; '.join(changes)}. {what}" if changes else what, slot, start, lacks)
    if found is not None:
        visit.last[place] = spec, store.key_of(experiment, spec)
        return Latest(spec, found)
    if not changes:
        return None
    try:
        seen = Latest(before, kept.result(experiment, key))
    except kept.NotStored:
        return None
    show("text.greyed")
    return seen


def _models_of(spec: Any) -> tuple[Any, Any]:
    return getattr(spec, "model", None), getattr(spec, "models", None)


def _changes(before: Any, spec: Any) -> Iterator[str]:
    """Name the settings in which two specs differ, each with what it was and what it is."""
    for name in (field.name for field in fields(spec)):
        was, now = getattr(before, name), getattr(spec, name)
        if was != now:
            yield f"{_CALLED.get(name, name.replace('_', ' '))}, from {_said(name, was)} to {_said(name, now)}"


def _said(field: str, value: Any) -> str:
    if field == "languages":
        return ", ".join(map(choices.language_name, value)) or "all"
    if field == "corpus":
        return "the bundled sentences" if value == "sample" else Path(value.partition(":")[2] or value).name
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def result(experiment: Experiment, spec, what: str, slot: str = "", start: bool = False, lacks: str = ""):
    """The result of `experiment` for `spec`, or None while it is not there.

    Args:
        what: what would be computed, in words, for the offer.
        slot: tells two results on one page apart.
        start: begin without an offer, because the visitor has just asked for exactly this.
        lacks: what is still to be chosen; then nothing is offered.
    """
    try:
        key = store.key_of(experiment, spec)
        found = kept.result(experiment, key)
        if not is_intact(experiment, found):
            raise kept.NotStored(f"{experiment.__name__} {key}")
        return found
    except kept.NotStored:
        if start:
            _begin(experiment, spec, key, slot)
        if lacks:
            st.info(lacks)
        else:
            _panel(experiment, spec, key, what, slot)
    except (ValueError, OSError) as error:
        problem(error)
    return None


def _panel(experiment: Experiment, spec, key: str, what: str, slot: str) -> None:
    with st.container(border=True):
        if key in kept.visit().jobs:
            polling.leave_late_polls_out()
            st.fragment(_watch, run_every=_POLL_SECONDS)(key, slot)
        elif why := _refused(experiment, spec):
            st.markdown(f"**Not computed yet.** {plain(what)}")
            problem(why)
        else:
            seconds = jobs.expected(experiment, spec)
            lasts = "" if seconds is None else f" The like took {about_time(seconds)} here."
            st.markdown(f"**Not computed yet.** {plain(what)}{lasts}")
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
        st.progress(status.fraction, text=plain(_stands(status)))
        st.button("Cancel", key=f"cancel{slot}", on_click=job.cancel)
        return
    if status.state == "failed":
        problem(status.error)
    else:
        st.info("Cancelled. Nothing that was computed before is lost.")
    st.button("Choose again", key=f"again{slot}", on_click=_forget, args=(key,))


def _stands(status: jobs.Status) -> str:
    """How a job stands, with its place and with the time to wait where that can be told."""
    seconds = "" if status.seconds is None else about_time(status.seconds)
    if status.state == "running":
        return f"{status.message}, {seconds} left" if seconds else status.message
    if status.position > 1:
        return f"Waiting: place {status.position} in the queue" + (f", at most {seconds}." if seconds else ".")
    return f"{status.message}, at most {seconds}" if seconds else status.message


def _refused(experiment: Experiment, spec: Any) -> str:
    """Say why this visitor cannot start a computation now; empty where they can."""
    if why := refusal(experiment, spec, kept.visit().uploads.values()):
        return why
    states = [job.status().state for job in kept.visit().jobs.values()]
    if (mine := sum(state not in jobs.FINAL for state in states)) >= limits().jobs:
        yours = counted(mine, "unfinished computation")
        return f"You have {yours}: wait until one is done, or cancel one where it is shown."
    if (everyones := jobs.unfinished()) >= limits().jobs_of_all:
        return f"This app has {counted(everyones, 'unfinished computation')} already: try again in a while."
    return ""


def _begin(experiment: Experiment, spec, key: str, slot: str) -> None:
    """Submit what was asked for just now, and cancel what was in its place: nobody waits for that any more."""
    visit, place = kept.visit(), (name_of(experiment), slot)
    before, visit.begun[place] = visit.begun.get(place), key
    if before not in (None, key) and (job := visit.jobs.pop(before, None)):
        job.cancel()
    if key not in visit.jobs and not _refused(experiment, spec):
        _submit(experiment, spec, key)


def _submit(experiment: Experiment, spec, key: str) -> None:
    visit = kept.visit()
    if _refused(experiment, spec):  # the page says so, or did before somebody asked past it
        return
    visit.jobs[key] = jobs.submit(experiment, spec, visitor=visit.visitor)


def _forget(key: str) -> None:
    kept.visit().jobs.pop(key, None)
