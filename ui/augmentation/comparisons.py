"""Which comparison of pre-training with and without a lexicon is shown: a stored one, or a new one."""

from streamlit.delta_generator import DeltaGenerator

from dlfa_core.data.augment import METHODS
from dlfa_core.experiments import augment
from dlfa_core.figures.sentences.augment import run_label
from dlfa_core.runtime import store
from ui import stored
from ui.augmentation import form

KIND = "comparison"


def choose(model: str, place: DeltaGenerator) -> stored.Shown | None:
    """Ask which comparison is shown, and for a new one what is trained; None where there is nothing to show yet.

    Args:
        model: of the sidebar.
        place: for what is asked about a new one, which needs room.
    """
    entries = stored_comparisons(model)
    name = stored.choose(KIND, model, entries)
    if name is None:
        return None
    with place:
        if name != stored.new_of(KIND):
            return stored.read(augment, entries[name])
        spec = form.asked(model)
        return None if spec is None else stored.computed(augment, spec, form.in_words(spec))


def stored_comparisons(model: str) -> dict[str, store.Entry]:
    """The stored comparisons of a model as it is now, by what a reader calls them, bundled ones first."""
    named: dict[str, store.Entry] = {}
    for entry in sorted((entry for entry in store.listing(augment) if stored.of(model, entry)), key=_order):
        label = run_label(entry.values["meta"])
        named[label if label not in named else f"{label}, {entry.key[:8]}"] = entry
    return named


def _order(entry: store.Entry) -> tuple:
    spec = entry.spec
    return (
        not entry.bundled,
        spec.task != "sentiment:sample",
        len(spec.methods),
        list(METHODS).index(spec.methods[0]),
        entry.key,
    )
