"""Which comparison of pre-training with and without a lexicon is shown: a stored one, or a new one.

As with sweeps, stored results are found by what they are: the files that they were computed from need not be here.
"""

from typing import NamedTuple

import streamlit as st

from dlfa_core import languages as lang
from dlfa_core.data.augment import METHODS
from dlfa_core.experiments import augment, transfer
from dlfa_core.figures.sentences.augment import run_label
from dlfa_core.runtime import store
from ui import models
from ui.comparison import command
from ui.limits import is_demo
from ui.results import NotStored, result
from ui.text import problem

NEW = "New comparison"
_LEXICON_HELP = (
    "The bundled words, or your own: `table:FILE`, `afinn:PATH`, `vader:FILE`, `nrc-vad:FILE`, `nusax:PATH+SOURCE`."
)
_TASK_HELP = "The bundled sentences, or your own files: `sentiment:FOLDER`, `sentence:FOLDER`, `pos:FOLDER`."
_TEXT_HELP = (
    "What pre-training reads. The bundled sentences that the task is not tested on, or a folder with one text file a "
    "language, such as `en.txt`."
)
_KEPT = {"bind": "query-params", "persist_state": "session"}


class Comparison(NamedTuple):
    """A comparison to show, the command that makes it again, and its key."""

    result: augment.Result
    command: str
    key: str


def choose(model: str) -> Comparison | None:
    """Ask which comparison is shown, and for a new one what is trained; None where there is nothing to show yet."""
    entries = stored(model)
    offered = [*entries, *([] if is_demo() else [NEW])]
    if not offered:
        st.info(
            f"There is no comparison of {models.label(model)} here, and this public app trains nothing. "
            "Run the app on your own machine to make one."
        )
        return None
    name = st.selectbox("Comparison", offered, key="comparison", help=_help(model), **_KEPT)
    if name == NEW:
        return _new(model)
    entry = entries[name]
    try:
        return Comparison(_read(entry.key), entry.command, entry.key)
    except NotStored:
        problem(f"The result {entry.key[:8]} is damaged. Make it again with {entry.command}")
        return None


def stored(model: str) -> dict[str, store.Entry]:
    """The stored comparisons of a model as it is now, by what a reader calls them, bundled ones first."""
    own = [entry for entry in store.listing(augment) if entry.spec.model == model and _is_current(entry, model)]
    named: dict[str, store.Entry] = {}
    for entry in sorted(own, key=_order):
        label = run_label(entry.values["meta"])
        named[label if label not in named else f"{label}, {entry.key[:8]}"] = entry
    return named


def spans(text: str) -> list[tuple[int, int, str]]:
    """The words of a row of `Result.samples`: start, end and language."""
    found = []
    for word in text.split():
        place, _, code = word.partition(":")
        start, _, end = place.partition("-")
        found.append((int(start), int(end), code))
    return found


def _new(model: str) -> Comparison | None:
    usual = augment.Spec()
    left, right = st.columns(2, gap="large")
    with left:
        lexicon = st.selectbox(
            "Lexicon", ["sample"], key="augment_lexicon", accept_new_options=True, help=_LEXICON_HELP, **_KEPT
        )
        methods = st.multiselect(
            "Methods",
            list(METHODS),
            default=list(usual.methods),
            format_func=lambda name: METHODS[name].label,
            key="augment_methods",
            placeholder="choose at least one",
            **_KEPT,
        )
        held_out = st.multiselect(
            "Languages held out of the lexicon",
            list(lang.LANGUAGES),
            format_func=lambda code: lang.find(code).name,
            key="held",
            placeholder="none",
            **_KEPT,
        )
    with right:
        task = st.selectbox(
            "Task", ["sentiment:sample"], key="augment_task", accept_new_options=True, help=_TASK_HELP, **_KEPT
        )
        text = st.selectbox("Text", ["sample"], key="augment_text", accept_new_options=True, help=_TEXT_HELP, **_KEPT)
        steps = st.number_input("Steps of pre-training", 1, 10**6, usual.steps, 50, key="augment_steps", **_KEPT)
        seeds = st.number_input("Seeds", 1, 20, len(usual.seeds), key="augment_seeds", **_KEPT)
    if not methods:
        st.info("Choose at least one method: without, both models are the same.")
        return None
    spec = augment.Spec(
        model=model,
        lexicon=lexicon,
        methods=tuple(methods),
        held_out=tuple(held_out),
        task=task,
        text=text,
        steps=steps,
        seeds=tuple(range(seeds)),
    )
    found = result(augment, spec, _in_words(spec))
    return None if found is None else Comparison(found, command(augment, spec), store.key_of(augment, spec))


def _in_words(spec: augment.Spec) -> str:
    """What computing a spec would do."""
    methods = " and ".join(METHODS[name].label.lower() for name in spec.methods)
    return (
        f"{models.label(spec.model)} would be trained for {spec.steps:,} further steps, {2 * len(spec.seeds)} "
        f"times: with {methods} from “{spec.lexicon}” and without, for each of {len(spec.seeds)} seeds. Then heads "
        f"would learn {spec.task}. Every part is kept, so a run that is stopped goes on."
    )


def _help(model: str) -> str:
    if is_demo():
        return "This public app trains nothing; run it on your own machine for comparisons of your own."
    return f"What is stored for {models.label(model)}, or a new one."


@st.cache_data(max_entries=32, show_spinner=False)
def _read(key: str) -> augment.Result:
    found = store.read(augment, key)
    if found is None:
        raise NotStored(key)  # raised, not returned: only what was found stays in the cache
    return found


def _is_current(entry: store.Entry, model: str) -> bool:
    """Whether a result is of this model's weights; where the model is not at hand, its name decides."""
    known = _fingerprint(model)
    return known is None or entry.inputs.get("model") == known


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _fingerprint(model: str) -> str | None:
    try:
        return transfer.inputs(transfer.Spec(model=model))["model"]
    except (ValueError, OSError):
        return None


def _order(entry: store.Entry) -> tuple:
    spec = entry.spec
    return (
        not entry.bundled,
        spec.task != "sentiment:sample",
        len(spec.methods),
        list(METHODS).index(spec.methods[0]),
        entry.key,
    )
