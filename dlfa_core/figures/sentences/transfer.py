"""What a transfer says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.experiments.training import DIFFERENT, MODES, fusion_label
from dlfa_core.figures.sentences.numbers import best_at, counted, signed, thousandths, with_interval
from dlfa_core.tables import highest

if TYPE_CHECKING:
    from dlfa_core.experiments import transfer


def summary(result: "transfer.Result") -> Iterator[str]:
    """Yield the best layer of every fusion that has one, against the last layer alone."""
    meta = result.meta
    level = "targets" if (result.means["level"] == "targets").any() else "all"
    means, differences = (
        table[(table["measure"] == meta["metric"]) & (table["level"] == level)]
        for table in (result.means, result.differences)
    )
    languages = counted(means["n_languages"].iloc[0], "target language" if level == "targets" else "language")
    seeds = counted(len(meta["seeds"]), "seed")
    yield f"{meta['task_name']}, {meta['metric']}, mean over {languages} and {seeds}:"
    for (fusion, weight), rows in means.groupby(["fusion", "weight"], sort=False):
        best = highest(rows, rows["value"])
        said = f"{fusion_label(fusion, weight)}: {thousandths(best['value'])}{best_at(best['layer'], len(rows))}"
        if fusion != "last" and len(differences):
            own = differences[(differences["fusion"] == fusion) & (differences["weight"] == weight)]
            gain = own.iloc[int(rows["value"].argmax())]
            said += f"; {with_interval(gain, signed)} against the last layer alone"
        yield said
    yield f"{MODES[meta['mode']]} {DIFFERENT}"
