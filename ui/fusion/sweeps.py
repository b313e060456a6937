"""Which sweep over layers is shown: a stored one, or a new one."""

from contextlib import suppress

from dlfa_core.experiments import recommend, transfer
from dlfa_core.figures.sentences.recommend import run_label
from dlfa_core.runtime import store
from ui import kept, stored
from ui.fusion import form
from ui.limits import is_demo

KIND = "sweep"
_FIRST = ("pos", "ner", "xnli", "pawsx", "sentiment")  # tagged sentences carry most labels, so they say most


def choose(model: str, corpus: str) -> stored.Shown | None:
    """Ask which sweep is shown, and for a new one what is trained; None where there is nothing to show yet.

    Args:
        model: of the sidebar.
        corpus: of the sidebar, on which a new sweep measures how close the languages are.
    """
    entries = {name: entry for name, entry in stored_sweeps(model).items() if _is_compared(entry) or not is_demo()}
    name = stored.choose(KIND, model, entries)
    if name is None:
        return None
    if name == stored.new_of(KIND):
        asked = form.asked()
        if asked is None:
            return None
        spec = recommend.Spec(model=model, corpus=corpus, **asked)
        return stored.computed(recommend, spec, form.in_words(spec))
    entry = entries[name]
    if _is_compared(entry):
        return stored.read(recommend, entry)
    spec = recommend.Spec(**vars(entry.spec), corpus=corpus)
    return stored.computed(recommend, spec, f"{name} is trained; its layers would be compared, which takes seconds.")


def first(model: str) -> recommend.Result | None:
    """The result that the Fusion page shows at first, or None."""
    compared = (entry for entry in stored_sweeps(model).values() if _is_compared(entry))
    with suppress(StopIteration, kept.NotStored):
        return kept.result(recommend, next(compared).key)


def names_files(spec: recommend.Spec) -> bool:
    """Tell whether the task is a relative path, which means something in one folder only."""
    path = spec.task.partition(":")[2]
    return path != "sample" and not path.startswith(("hub", "/", "~"))


def stored_sweeps(model: str) -> dict[str, store.Entry]:
    """The stored sweeps of a model by what a reader calls them, bundled ones first.

    What another version of the model's weights gave is left out. A plain `transfer` is among them, too, although its
    layers have not been compared yet.
    """
    compared = [entry for entry in store.listing(recommend) if stored.of(model, entry)]
    known = {_transfer_key(entry) for entry in compared}
    trained = [entry for entry in store.listing(transfer) if stored.of(model, entry) and entry.key not in known]
    named: dict[str, store.Entry] = {}
    for entry in sorted([*compared, *trained], key=_order):
        label = run_label(entry.values["meta"])
        named[label if entry.bundled and label not in named else f"{label}, {_transfer_key(entry)[:8]}"] = entry
    return named


def _transfer_key(entry: store.Entry) -> str:
    """Names a sweep the same before and after its layers are compared, so that a link stays good."""
    return entry.values["meta"].get("transfer", entry.key)


def _is_compared(entry: store.Entry) -> bool:
    return isinstance(entry.spec, recommend.Spec)


def _order(entry: store.Entry) -> tuple:
    kind = entry.spec.task.partition(":")[0]
    rank = _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
    return not entry.bundled, rank, entry.spec.task, entry.spec.mode != "frozen", entry.key
