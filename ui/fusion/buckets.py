"""The gain of a sweep's fusions in buckets of its test examples: a stored result, or an offer to make it."""

from contextlib import suppress

from dlfa_core.experiments import buckets, transfer
from dlfa_core.figures.sentences import buckets as said
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import made_from
from ui import choices, kept, results, text
from ui.comparison import command
from ui.limits import is_demo
from ui.stored import Shown

WHAT = (
    "The answers of every head are stored; its test examples would be put into buckets by length, subwords and "
    "language, which takes seconds."
)


def bucketed(sweep: Shown) -> buckets.Result | None:
    """Return what is stored of a sweep's examples in buckets; None, with a word or an offer on the page, without it."""
    key = sweep.result.meta["transfer"]
    for entry in store.listing(buckets):
        if entry.values["meta"].get("transfer") == key:
            with suppress(kept.NotStored):
                return kept.result(buckets, entry.key)
    spec = made_from(sweep.spec, buckets.Spec)
    if is_demo() or not _can_be_made(spec, key):
        line = command(buckets, spec)
        text.aside(
            f"Not computed: it takes the task’s own texts and what each head said of them, which are not here. {line}"
        )
        return None
    return results.result(buckets, spec, WHAT, slot="buckets")


def choose_property(found: buckets.Result) -> str:
    """Ask what examples are put into buckets by."""
    offered = said.properties(found)
    return choices.one_of("Examples by", offered, next(iter(offered)), "bucketed")


def _can_be_made(spec: buckets.Spec, key: str) -> bool:
    """Tell whether the training is stored and the task's files are here, so that nothing would be trained."""
    try:
        kept.result(transfer, key)
        buckets.inputs(spec)
    except (kept.NotStored, ValueError, OSError):
        return False
    return True
