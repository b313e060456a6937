"""What a sweep over tasks and models says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.experiments.training import DIFFERENT, MODE_LABELS, fusion_label
from dlfa_core.figures.sentences.numbers import best_at, between, signed
from dlfa_core.tables import highest

if TYPE_CHECKING:
    from dlfa_core.experiments import sweep


def summary(result: "sweep.Result") -> Iterator[str]:
    """Yield the gain of every fusion at its best layer, run by run."""
    runs = result.meta["runs"]
    axes = ["task", "model", "source_language", "mode", "norm"]
    for about, ((*_, norm), rows) in zip(runs, result.differences.groupby(axes, sort=False), strict=False):
        level = "targets" if (rows["level"] == "targets").any() else "all"
        rows = rows[(rows["measure"] == about["metric"]) & (rows["level"] == level) & (rows["fusion"] != "last")]
        trained = f"{MODE_LABELS[about['mode']]}, norm {norm}"
        yield f"{about['task_name']} with {about['model']} ({trained}), {about['metric']} above the last layer:"
        for (fusion, weight), own in rows.groupby(["fusion", "weight"], sort=False):
            best = highest(own, own["value"])
            where = best_at(best["layer"], len(own))
            gain = f"{signed(best['value'])}{between(best['joint_low'], best['joint_high'], signed)}"
            yield f"  {fusion_label(fusion, weight)}{where}: {gain}"
    if len({about["mode"] for about in runs}) > 1:
        yield DIFFERENT
