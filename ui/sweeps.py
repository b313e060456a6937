"""Which sweep over layers is shown: a stored one, found by what it is and not by its key, or a new one.

A key can be computed only where the task's files are, and the bundled results were computed from files that need not
be on this machine. So the page lists what the store holds of the chosen model.
"""

import re
from contextlib import suppress
from typing import Any, NamedTuple

import streamlit as st

from dlfa_core import languages as lang
from dlfa_core.experiments import recommend, transfer
from dlfa_core.experiments.training import MODES
from dlfa_core.figures.sentences.recommend import run_label
from dlfa_core.runtime import store
from ui import models
from ui.comparison import command
from ui.limits import is_demo
from ui.results import NotStored, result
from ui.text import problem

NEW = "New sweep"
TASKS = ("sentiment:sample", "pos:hub", "ner:hub", "xnli:hub", "pawsx:hub")
_FIRST = ("pos", "ner", "xnli", "pawsx", "sentiment")  # tagged sentences carry most labels, so they say most
_TASK_HELP = (
    "The bundled sentences, one of XTREME's tasks from the hub, or your own files: `pos:FOLDER`, `ner:FOLDER`, "
    "`xnli:FOLDER`, `pawsx:FOLDER`, `sentiment:FOLDER`, `sentence:FOLDER`, `pair:FOLDER`."
)


class Sweep(NamedTuple):
    """A sweep to show: what was asked for, what came of it, and the command that makes it again."""

    spec: recommend.Spec
    result: recommend.Result
    command: str
    key: str


def stored(model: str) -> dict[str, store.Entry]:
    """The stored sweeps of a model by what a reader calls them, bundled ones first.

    What another version of the model's weights gave is left out. A plain `transfer` is among them, too, although its
    layers have not been compared yet.
    """
    compared = [entry for entry in store.listing(recommend) if _of(entry, model)]
    known = {_transfer_key(entry) for entry in compared}
    trained = [entry for entry in store.listing(transfer) if _of(entry, model) and entry.key not in known]
    named: dict[str, store.Entry] = {}
    for entry in sorted([*compared, *trained], key=_order):
        label = run_label(entry.values["meta"])
        named[label if entry.bundled and label not in named else f"{label}, {_transfer_key(entry)[:8]}"] = entry
    return named


def choose(model: str, corpus: str) -> Sweep | None:
    """Ask which sweep is shown, and for a new one what is trained; None where there is nothing to show yet.

    Args:
        model: of the sidebar.
        corpus: of the sidebar, on which a new sweep measures how close the languages are.
    """
    entries = {name: entry for name, entry in stored(model).items() if _is_compared(entry) or not is_demo()}
    offered = [*entries, *([] if is_demo() else [NEW])]
    if not offered:
        st.info(
            f"There is no sweep of {models.label(model)} here, and this public app trains nothing. "
            "Run the app on your own machine to make one."
        )
        return None
    name = st.selectbox("Sweep", offered, key="sweep", bind="query-params", persist_state="session", help=_help(model))
    if name == NEW:
        return _new(model, corpus)
    entry = entries[name]
    if not _is_compared(entry):
        spec = recommend.Spec(**vars(entry.spec), corpus=corpus)
        return _computed(spec, f"{name} is trained; its layers would be compared, which takes seconds.")
    try:
        return Sweep(entry.spec, _read(entry.key), entry.command, entry.key)
    except NotStored:
        problem(f"The result {entry.key[:8]} is damaged. Make it again with {entry.command}")
        return None


def first(model: str) -> recommend.Result | None:
    """The result that the Fusion page shows at first, or None."""
    with suppress(NotStored):
        return next((_read(entry.key) for entry in stored(model).values() if _is_compared(entry)), None)


def names_files(spec: recommend.Spec) -> bool:
    """Whether the task is a relative path, which means something in one folder only."""
    place = spec.task.partition(":")[2]
    return place != "sample" and not place.startswith(("hub", "/", "~"))


def fused_numbers(text: str) -> tuple[int, ...]:
    """Layers as a person writes them: "3, 8-11" is 3, 8, 9, 10, 11; nothing is all.

    Raises:
        ValueError: something else is written.
    """
    numbers: list[int] = []
    for part in re.findall(r"[^\s,;]+", text):
        found = re.fullmatch(r"(\d{1,3})(?:[-–](\d{1,3}))?", part)
        if not found:
            raise ValueError(
                f"Layers are numbers, but {part!r} is none: write them as 3, 8-11, or leave the field empty."
            )
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise ValueError(f"{part!r} runs backwards: write {last}-{first}.")
        numbers += range(first, last + 1)
    return tuple(dict.fromkeys(numbers))


def _new(model: str, corpus: str) -> Sweep | None:
    asked = _form()
    if asked is None:
        return None
    spec = recommend.Spec(model=model, corpus=corpus, **asked)
    return _computed(spec, _in_words(spec))


def _form() -> dict[str, Any] | None:
    """What is trained: fields of a spec, or None for what cannot be understood."""
    known = [code for code, language in lang.LANGUAGES.items() if language.alpha2 or language.in_xtreme_r]
    names = {"format_func": lambda code: lang.find(code).name}
    kept = {"bind": "query-params", "persist_state": "session"}
    left, right = st.columns(2, gap="large")
    with left:
        task = st.selectbox("Task", list(TASKS), key="task", accept_new_options=True, help=_TASK_HELP, **kept)
        source = st.selectbox("Trained on", known, index=known.index("eng"), key="source", **names, **kept)
        targets = st.multiselect(
            "Tested on", known, key="targets", placeholder="all languages of the task", **names, **kept
        )
        layers = st.text_input("Layers to fuse", key="fused", placeholder="all, or such as 3, 8-11", **kept)
    with right:
        mode = st.segmented_control("Encoder", list(MODES), default="frozen", required=True, key="mode", **kept)
        seeds = st.number_input("Seeds", 1, 20, len(transfer.Spec().seeds), key="seeds", **kept)
        epochs = st.number_input("Epochs", 1, 200, None, key="epochs", placeholder="as usual for task and mode", **kept)
        train_limit = st.number_input("Examples to train on, 0 for all", 0, 10**7, 0, 100, key="train", **kept)
        test_limit = st.number_input(
            "Examples to test on in each language, 0 for all", 0, 10**6, 0, 100, key="test", **kept
        )
    try:
        numbers = fused_numbers(layers)
    except ValueError as error:
        problem(error)
        return None
    return {
        "task": task,
        "mode": mode,
        "source_language": source,
        "languages": tuple(targets),
        "layers": numbers,
        "seeds": tuple(range(seeds)),
        "epochs": epochs,
        "train_limit": train_limit,
        "test_limit": test_limit,
    }


def _computed(spec: recommend.Spec, what: str) -> Sweep | None:
    found = result(recommend, spec, what)
    if found is None:
        return None
    return Sweep(spec, found, command(recommend, spec), store.key_of(recommend, spec))


def _in_words(spec: recommend.Spec) -> str:
    """What computing a spec would do."""
    layers = f"layers {', '.join(map(str, spec.layers))}" if spec.layers else "every layer"
    tested = ", ".join(lang.find(code).name for code in spec.languages) or "every language of the task"
    trained = f" over at most {spec.train_limit:,} examples" if spec.train_limit else ""
    each = f", at most {spec.test_limit:,} examples each" if spec.test_limit else ""
    learner = "Classifiers on" if spec.mode == "frozen" else "Classifiers and all weights of"
    length = (
        "On the bundled sentences it takes about a minute."
        if spec.mode == "frozen"
        else "Every fusion, layer and seed is trained apart, which takes hours without a GPU."
    )
    return (
        f"{learner} {models.label(spec.model)} would learn {spec.task} in "
        f"{lang.find(spec.source_language).name}, fused at {layers} and with every control, {len(spec.seeds)} seeds, "
        f"{spec.epochs or 'the usual'} epochs{trained}, and be tested in {tested}{each}. {length}"
    )


def _help(model: str) -> str:
    if is_demo():
        return "This public app trains nothing; run it on your own machine for sweeps of your own."
    return f"What is stored for {models.label(model)}, or a new one."


@st.cache_data(max_entries=32, show_spinner=False)
def _read(key: str) -> recommend.Result:
    found = store.read(recommend, key)
    if found is None:
        raise NotStored(key)  # raised, not returned: only what was found stays in the cache
    return found


def _transfer_key(entry: store.Entry) -> str:
    """Names a sweep the same before and after its layers are compared, so that a link stays good."""
    return entry.values["meta"].get("transfer", entry.key)


def _is_compared(entry: store.Entry) -> bool:
    return isinstance(entry.spec, recommend.Spec)


def _of(entry: store.Entry, model: str) -> bool:
    """Whether a result is of this model as it is now; where the model is not at hand, its name decides."""
    if entry.spec.model != model:
        return False
    known = _fingerprint(model)
    return known is None or entry.inputs.get("model") == known


@st.cache_data(ttl=60, max_entries=16, show_spinner=False)
def _fingerprint(model: str) -> str | None:
    try:
        return transfer.inputs(transfer.Spec(model=model))["model"]
    except (ValueError, OSError):
        return None


def _order(entry: store.Entry) -> tuple:
    kind = entry.spec.task.partition(":")[0]
    place = _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
    return not entry.bundled, place, entry.spec.task, entry.spec.mode != "frozen", entry.key
