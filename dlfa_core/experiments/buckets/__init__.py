"""For which sentences does a fused layer help: long ones, words cut into many pieces, languages with little text?

What every head said of every test example is kept with a `transfer`, so nothing is trained for this: its examples are
put into buckets by what the task's own texts and languages say of them, and each bucket is scored by itself.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import Task
from dlfa_core.experiments import transfer
from dlfa_core.experiments.buckets.members import ALL, Bucket, buckets_of, subword_counter
from dlfa_core.experiments.buckets.properties import PROPERTIES, Cut, Number, Property, properties_of
from dlfa_core.experiments.buckets.scores import BASELINE, FEWEST, bucket_gains, chosen_heads
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment, made_from
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Head, Interval, Table

__all__ = ["ALL", "FEWEST", "PROPERTIES", "VERSION", "Bucket", "Differences", "Number", "Property", "Result", "Spec"]
__all__ += ["bucket_gains", "buckets_of", "in_buckets", "inputs", "inputs_at_hand", "parts", "run", "trained_as"]

VERSION = 1
RECOMMENDED = "dlfa"  # the fusion that a reader asks about first, where it was trained


@dataclass(frozen=True)
class Spec(transfer.Spec):
    """Train as `transfer` does, or take what it has stored, then score its test examples bucket by bucket.

    Attributes:
        most: buckets at most that a property in numbers is cut into, each of about as many examples.
    """

    most: int = 4


Differences = Table[
    Literal["property", "bucket", Head, "score", Interval, "joint_low", "joint_high", "n", "n_languages"]
]


@dataclass(frozen=True, eq=False)
class Result:
    """What each fusion gains over the last layer alone, bucket by bucket.

    A fusion stands with the layer that the source language's dev set points at: no test example had a say in it. The
    examples are those of all target languages together (of all, where only the source was tested); a bucket is scored
    as a whole, not language by language, so that the gains of a property's buckets, weighed by what they hold, add up
    to that of all examples where the metric is a share of right answers.

    Attributes:
        differences: property ("all" for every example), bucket, fusion with its layer and weight; `score` of the
            fusion, and `value`, its score less that of `last` on the same examples and seeds. `joint_low` and
            `joint_high` hold for all buckets of all properties of a fusion at once. Buckets of fewer than `FEWEST`
            different examples have no interval.
        meta: what was trained and tested; `transfer`, its key in the store; `chosen`, fusion, layer, weight and label
            of what the dev set points at; `properties`, name -> label, unit, explains and `left_out`, examples in no
            bucket; `n`, `n_languages`, `warnings`.
    """

    differences: Differences
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model and the task's files, and the version of what is scored."""
    return {**inputs_at_hand(spec), **transfer.inputs(trained_as(spec))}


def inputs_at_hand(spec: Spec) -> dict[str, str]:
    """Those of the inputs that can be told without the task's files."""
    return {**transfer.inputs_at_hand(trained_as(spec)), "transfer": str(transfer.VERSION)}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The training."""
    return [(transfer, trained_as(spec))]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Train where that is not stored yet, then measure the task's examples and score them bucket by bucket.

    Raises:
        ValueError: as `transfer.run`; the last layer alone or every fusion with a layer is left out; or `most` is
            below 1.
    """
    trained = store.fetch(transfer, trained_as(spec), span(progress, 0.0, 0.9))
    progress(0.9, "Measuring the test examples")
    task = transfer.tested_on(trained_as(spec))
    return in_buckets(trained, task, subword_counter(spec.model), spec.most, store.key_of(transfer, trained_as(spec)))


def in_buckets(trained: transfer.Result, task: Task, cut: Cut, most: int = 4, key: str = "") -> Result:
    """Return what a transfer says of each bucket of its test examples.

    Args:
        trained: with `last` and a fusion that has layers.
        task: what it was tested on.
        cut: counts the subwords of examples.
        most: as in `Spec`.
        key: of the transfer in the store.

    Raises:
        ValueError: the task's examples are not those that were tested, or a fusion is missing; the message says which.
    """
    _check(trained, task)
    heads = chosen_heads(trained.heads.copy())
    codes = [code for code in task.tests if code != task.source_language] or list(task.tests)
    buckets = list(buckets_of(task, codes, cut, most))
    kept = np.isin(trained.heads.index, heads.index)
    own = replace(
        trained, heads=heads.reset_index(drop=True), hits=trained.hits[kept], predicted=trained.predicted[kept]
    )
    n = len(buckets[0].rows)
    warnings = [] if len(set(trained.meta["seeds"])) > 1 else ["One seed: no gain has an interval."]
    return Result(
        differences=bucket_gains(own, buckets),
        meta={
            **{name: trained.meta[name] for name in _TOLD},
            "transfer": key,
            "chosen": _chosen(heads),
            "properties": {
                name: _described(about, n - sum(len(each.rows) for each in buckets if each.property == name))
                for name, about in properties_of(task).items()
            },
            "n": n,
            "n_languages": len(codes),
            "warnings": warnings,
        },
    )


_TOLD = ("model", "task", "task_name", "metric", "mode", "source_language", "seeds", "resamples")


def trained_as(spec: Spec) -> transfer.Spec:
    """Return the transfer whose examples are put into buckets."""
    return made_from(spec, transfer.Spec)


def _check(trained: transfer.Result, task: Task) -> None:
    fusions = set(trained.heads["fusion"])
    if BASELINE not in fusions:
        raise ValueError(
            f"A gain is one over the last layer alone, but fusions={sorted(fusions)} leaves it out: add {BASELINE}."
        )
    if trained.heads["layer"].isna().all():
        raise ValueError(f"None of fusions={sorted(fusions)} fuses a lower layer, so nothing is gained: add dlfa.")
    tested = [(code, name) for code, test in task.tests.items() for name in test.ids]
    if tested != list(zip(trained.examples["language"], trained.examples["id"], strict=True)):
        raise ValueError(
            f"The {len(tested):,} test examples of {task.name} as it is now are not the {len(trained.examples):,} that "
            f"were tested: train again, or bring back the files that it was trained on."
        )


def _described(about: Property, left_out: int) -> dict[str, Any]:
    unit = about.unit if isinstance(about, Number) else ""
    return {"label": about.label, "unit": unit, "explains": about.explains, "left_out": left_out}


def _chosen(heads: pd.DataFrame) -> dict[str, Any]:
    """The head of `RECOMMENDED`, or of all fusions with a layer, that does best on the dev set."""
    means = heads.groupby(["fusion", "layer", "weight"], sort=False, dropna=False)["dev_score"].mean().reset_index()
    layered = means[means["layer"].notna()]
    ours = layered[layered["fusion"] == RECOMMENDED]
    best = (ours if len(ours) else layered).sort_values("dev_score", ascending=False, kind="stable").iloc[0]
    fusion, weight = str(best["fusion"]), str(best["weight"])
    label = f"{models.find_fusion(fusion).label} {weight}".rstrip()
    return {"fusion": fusion, "layer": int(best["layer"]), "weight": weight, "label": label}
