"""A layer for each language, chosen without labels: far down on the page, and made when the visitor comes near."""

from contextlib import suppress

import ui
from dlfa_core.experiments import profile, recommend, transfer
from dlfa_core.figures.sentences import by_language as said
from dlfa_core.runtime import store
from ui import kept
from ui.stored import Shown

HOW_TO_READ = (
    "Each signal gives each target language the fused layer at which it is closest to the language that was trained "
    "on, in parallel sentences without labels. Dealt out: the same layers, given to the languages at random, which "
    "does as well if it does not matter which language has which."
)
HOW_SURE = (
    "Intervals count test examples and seeds, and hold for all differences of this table at once, as for the plainer "
    "choices above. The oracle looks at the tests, so its score is too high, and has no interval."
)
_HEIGHT = 320  # of the place that is kept for it, in pixels


def by_language(sweep: Shown) -> None:
    """Show what a layer for each language would give; nothing where the sweep or the similarity is not at hand."""
    if found := _found(sweep):
        trained, profiled = found
        ui.in_sight("by_language", lambda: _draw(sweep.result, trained, profiled), _HEIGHT)


def _draw(result: recommend.Result, trained: transfer.Result, profiled: profile.Result) -> None:
    found, source = ui.once(recommend.by_language, trained, profiled), result.meta["source_language"]
    if found is None:
        ui.aside("Fewer than two layers were fused, or fewer than two languages compared: there is nothing to choose.")
        return
    ui.aside(ui.once(said.answer, found, source))
    ui.table(said.HEAD, ui.once(said.rules_table, found, source))
    ui.reading(ui.once(said.dealt, found), HOW_TO_READ, HOW_SURE, ui.once(said.left_out_said, found))


def _found(sweep: Shown) -> tuple[transfer.Result, profile.Result] | None:
    """What the sweep trained, and the similarity that it was held against, as far as both are stored."""
    meta = sweep.result.meta
    if not meta["similarity"]:
        return None
    with suppress(kept.NotStored, ValueError, OSError):  # neither is computed for this
        trained = kept.result(transfer, meta["transfer"])
        return trained, kept.result(profile, store.key_of(profile, recommend.compared_as(sweep.spec)))
    return None
