"""What a transfer says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.experiments.training import DIFFERENT, MODES, fusion_label
from dlfa_core.figures.sentences.numbers import best_at, between, counted, signed, thousandths
from dlfa_core.tables import highest

if TYPE_CHECKING:
    from dlfa_core.experiments import transfer


def summary(result: "transfer.Result") -> Iterator[str]:
    """Yield the best layer of every fusion that has one, against the last layer alone.

    The best one was picked on these scores, so its interval is the one that holds for all layers at once.
    """
    meta = result.meta
    level = "targets" if (result.means["level"] == "targets").any() else "all"
    means, differences = (
        table[(table["measure"] == meta["metric"]) & (table["level"] == level)]
        for table in (result.means, result.differences)
    )
    languages = counted(means["n_languages"].iloc[0], "target language" if level == "targets" else "language")
    seeds = counted(len(meta["seeds"]), "seed")
    yield f"{meta['task_name']}, {meta['metric']}, mean over {languages} and {seeds}:"
    if len(meta["seeds"]) == 1:
        yield "One run: another seed may say otherwise, so differences have no interval."
    for (fusion, weight), rows in means.groupby(["fusion", "weight"], sort=False):
        best = highest(rows, rows["value"])
        said = f"{fusion_label(fusion, weight)}: {thousandths(best['value'])}{best_at(best['layer'], len(rows))}"
        if fusion != "last" and len(differences):
            own = differences[(differences["fusion"] == fusion) & (differences["weight"] == weight)]
            gain = own.iloc[int(rows["value"].argmax())]
            said += f"; {signed(gain['value'])}{between(gain['joint_low'], gain['joint_high'], signed)}"
            said += " against the last layer alone"
        yield said
    yield f"{MODES[meta['mode']]} {DIFFERENT}"
