"""What a transfer says in words: cautions about how it was trained, and its result in sentences."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from dlfa_core.data.tasks import Task
from dlfa_core.experiments.sources import cautions
from dlfa_core.experiments.training import DIFFERENT, MODES, Schedule, Trained
from dlfa_core.models import find_fusion


def training_cautions(
    model: str, task: Task, trained: Trained, schedule: Schedule, max_length: int, n_seeds: int
) -> Iterator[str]:
    """What a reader of the scores should know about the training."""
    yield from cautions.unseen_languages(model, task.languages)
    sizes = {code: len(test) for code, test in task.tests.items()}
    yield from cautions.cut_examples(trained.truncated, sizes, max_length)
    late, heads = int(trained.late.sum()), len(trained.late)
    if late and schedule.patience:
        yield (
            f"{late} of {heads} heads may not have reached their best after {schedule.epochs} epochs: more epochs may "
            "give more."
        )
    elif late > heads / 2 and schedule.epochs > 1:
        yield f"{late} of {heads} heads were best in the last epoch: more epochs may give more."
    if n_seeds < 3:
        yield "Fewer than three seeds say little about how much a score moves when training is repeated."


def sentences(means: pd.DataFrame, differences: pd.DataFrame, meta: dict[str, Any]) -> Iterator[str]:
    """The best layer of every fusion that has one, against the last layer alone; frames and meta of a transfer."""
    measure = meta["metric"]
    level = "targets" if (means["level"] == "targets").any() else "all"
    means, differences = (
        frame[(frame["measure"] == measure) & (frame["level"] == level)] for frame in (means, differences)
    )
    n, seeds = int(means["n_languages"].iloc[0]), len(meta["seeds"])
    over = f"{n} {'target ' if level == 'targets' else ''}language{'s' * (n != 1)}"
    yield f"{meta['task_name']}, {measure}, mean over {over} and {seeds} seed{'s' * (seeds != 1)}:"
    for _, rows in means.groupby(["fusion", "weight"], sort=False):
        best = rows.loc[rows["value"].idxmax()]
        where = "" if pd.isna(best["layer"]) else f" at layer {best['layer']}"
        where = f", best{where} of the {len(rows)} that were fused" if len(rows) > 1 else where
        gain = differences.loc[differences.index.intersection([best.name])]
        against = "".join(
            f"; {row.value:+.3f} [{row.ci_low:+.3f}, {row.ci_high:+.3f}] against the last layer alone"
            for row in gain.itertuples()
            if row.fusion != "last"
        )
        label = f"{find_fusion(best['fusion']).label} {best['weight']}".rstrip()
        yield f"{label}: {best['value']:.3f}{where}{against}"
    yield f"{MODES[meta['mode']]} {DIFFERENT}"
    yield from (f"Note: {warning}" for warning in meta["warnings"])
