"""The stored sweeps over layers of a model: what several pages show of them."""

from collections.abc import Iterator
from contextlib import suppress

from dlfa_core.experiments import recommend, transfer
from dlfa_core.figures.sentences import recommend as advice
from dlfa_core.runtime import store
from ui import kept, stored

KIND = "sweep"  # what pages call one; also the key of the choice, so that it follows from page to page
_ON_WORDS = ("pos", "ner")
_FIRST = (*_ON_WORDS, "xnli", "pawsx", "sentiment")  # tagged sentences carry most labels, so they say most


def first(model: str) -> recommend.Result | None:
    """The result that the Fusion page shows at first, or None."""
    with suppress(StopIteration, kept.NotStored):
        return kept.result(recommend, next(iter(compared(model).values())).key)


def quality(model: str) -> str:
    """Return how good a model is in a few words, by a task on words and one on sentences, as far as they are stored."""
    return kept.quality(model, store.stamp(recommend), lambda: advice.quality(_telling(model)))


def _telling(model: str) -> Iterator[recommend.Result]:
    """Yield the first result of a task on words, and of one on sentences."""
    entries = list(compared(model).values())
    for on_words in (True, False):
        of_kind = (entry for entry in entries if (entry.spec.task.partition(":")[0] in _ON_WORDS) == on_words)
        with suppress(StopIteration, kept.NotStored):
            yield kept.result(recommend, next(of_kind).key)


def compared(model: str) -> dict[str, store.Entry]:
    """Those of `stored_sweeps` whose layers have been compared."""
    return {name: entry for name, entry in stored_sweeps(model).items() if is_compared(entry)}


def stored_sweeps(model: str) -> dict[str, store.Entry]:
    """The stored sweeps of a model by what a reader calls them, bundled ones first.

    What another version of the model's weights gave is left out. A plain `transfer` is among them, too, although its
    layers have not been compared yet.
    """
    done = [entry for entry in store.listing(recommend) if stored.of(model, entry)]
    known = {_transfer_key(entry) for entry in done}
    trained = [entry for entry in store.listing(transfer) if stored.of(model, entry) and entry.key not in known]
    named: dict[str, store.Entry] = {}
    for entry in sorted([*done, *trained], key=_order):
        label = advice.run_label(entry.values["meta"])
        named[label if entry.bundled and label not in named else f"{label}, {_transfer_key(entry)[:8]}"] = entry
    return named


def is_compared(entry: store.Entry) -> bool:
    """Tell whether a sweep's layers have been compared."""
    return isinstance(entry.spec, recommend.Spec)


def _transfer_key(entry: store.Entry) -> str:
    """Names a sweep the same before and after its layers are compared, so that a link stays good."""
    return entry.values["meta"].get("transfer", entry.key)


def _order(entry: store.Entry) -> tuple:
    kind = entry.spec.task.partition(":")[0]
    rank = _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
    return not entry.bundled, rank, entry.spec.task, entry.spec.mode != "frozen", entry.key
