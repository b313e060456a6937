"""Which layer should be fused, over several tasks and models?

A sweep is a grid of `transfer` specs. Each is looked up in the store and computed only where it is missing, so that a
sweep which was stopped, or killed, goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

import pandas as pd

from dlfa_core.experiments import transfer
from dlfa_core.models import FUSIONS, find_fusion
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import Progress, silent, span

VERSION = 1
GRID = {"tasks": "task", "models": "model", "source_languages": "source_language", "norms": "norm"}
FRAMES = ("scores", "means", "differences", "best", "history", "heads")


@dataclass(frozen=True)
class Spec:
    """Run `transfer` for every combination of tasks, models, source languages and norms.

    Attributes:
        tasks: as `task` of transfer: `sentiment:sample`, pos:PATH, ner:PATH, xnli:PATH, pawsx:hub and the like.
        models: `demo`, folders, or hub ids.
        source_languages: codes or names of languages to train in.
        norms: inside the gate: batch, layer, none.
        languages: to test on; all of each task if none are given.
        fusions: dlfa and its controls; differences are taken to `last`.
        layers: lower layers to fuse with the last; 1 to the last but one if none are given.
        weights: of the lower layer in dlfa and se: literal, gate, or both.
        reduction: of the gate's width.
        seeds: of the heads' start.
        epochs: over the training set; the best on the dev set is kept, head by head.
        lr: of AdamW at the start; it falls to 0 in a line.
        batch_size: texts, or tagged sentences, in a step.
        max_length: pieces; longer texts are cut, longer tagged sentences split.
        train_limit: examples to train on, drawn at random; 0 takes all.
        test_limit: examples to test on in each language; 0 takes all.
        dev_share: part of the training set to choose epochs on, where a task has no dev set.
        resamples: of examples and seeds, for the intervals; 0 leaves them out.
        dtype: of the encoder: float32, bfloat16, float16, or auto for what is fastest here.
    """

    tasks: tuple[str, ...] = ("sentiment:sample",)
    models: tuple[str, ...] = ("demo",)
    source_languages: tuple[str, ...] = ("eng",)
    norms: tuple[str, ...] = ("batch",)
    languages: tuple[str, ...] = ()
    fusions: tuple[str, ...] = tuple(FUSIONS)
    layers: tuple[int, ...] = ()
    weights: tuple[str, ...] = ("literal", "gate")
    reduction: int = 4
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = 10
    lr: float = 1e-3
    batch_size: int = 32
    max_length: int = 128
    train_limit: int = 0
    test_limit: int = 0
    dev_share: float = 0.0
    resamples: int = 500
    dtype: str = "auto"


@dataclass(frozen=True, eq=False)
class Result:
    """The tables of all runs, one below the other; each begins with task, model, source_language and norm.

    Attributes:
        scores, means, differences, best, history, heads: as in `transfer.Result`.
        meta: `runs`, the meta of every run, and `warnings`, each with its task.
    """

    scores: pd.DataFrame
    means: pd.DataFrame
    differences: pd.DataFrame
    best: pd.DataFrame
    history: pd.DataFrame
    heads: pd.DataFrame
    meta: dict[str, Any]


def specs(spec: Spec) -> list[transfer.Spec]:
    """The runs of a sweep, in the order in which they are computed.

    Raises:
        ValueError: an axis of the grid is empty.
    """
    for name in GRID:
        if not getattr(spec, name):
            raise ValueError(f"{name} is empty, so the sweep has nothing to run: name at least one.")
    shared = {field.name: getattr(spec, field.name) for field in fields(Spec) if field.name not in GRID}
    axes = [dict.fromkeys(getattr(spec, name)) for name in GRID]
    return [transfer.Spec(**dict(zip(GRID.values(), point, strict=True)), **shared) for point in product(*axes)]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of all models and tasks, and the version of the runs."""
    named = {
        f"{kind}:{getattr(one, kind)}": value for one in specs(spec) for kind, value in transfer.inputs(one).items()
    }
    return {**named, "transfer": str(transfer.VERSION)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Compute the runs that are not stored yet, then put all of them together.

    Raises:
        ValueError: as `transfer.run`; runs that were finished before stay stored.
    """
    runs = specs(spec)
    results = []
    for place, one in enumerate(runs):
        results.append(store.fetch(transfer, one, _numbered(progress, place, len(runs), one.task)))
    return Result(
        **{name: _stacked([getattr(result, name) for result in results], runs) for name in FRAMES},
        meta={
            "runs": [result.meta for result in results],
            "warnings": [
                f"{one.task}: {warning}"
                for one, result in zip(runs, results, strict=True)
                for warning in result.meta["warnings"]
            ],
        },
    )


def summary(result: Result) -> str:
    """The gain of every fusion at its best layer, run by run."""
    axes = list(GRID.values())
    lines = []
    for place, ((*_, norm), rows) in enumerate(result.differences.groupby(axes, sort=False)):
        about = result.meta["runs"][place]
        level = "targets" if (rows["level"] == "targets").any() else "all"
        rows = rows[(rows["measure"] == about["metric"]) & (rows["level"] == level) & (rows["fusion"] != "last")]
        best = rows.loc[rows.groupby(["fusion", "weight"], sort=False)["value"].idxmax()]
        lines.append(
            f"{about['task_name']} with {about['model']} (norm {norm}), {about['metric']} above the last layer:"
        )
        lines += [
            f"  {_label(row)}: {row.value:+.3f} [{row.ci_low:+.3f}, {row.ci_high:+.3f}]" for row in best.itertuples()
        ]
    return "\n".join([*lines, *(f"Note: {warning}" for warning in result.meta["warnings"])])


def _label(row: Any) -> str:
    label = f"{find_fusion(row.fusion).label} {row.weight}".rstrip()
    return label if pd.isna(row.layer) else f"{label}, best at layer {row.layer}"


def _numbered(progress: Progress, place: int, of: int, task: str) -> Progress:
    part = span(progress, place / of, (place + 1) / of)
    return lambda fraction, message: part(fraction, f"{task}, {place + 1} of {of}: {message}")


def _stacked(frames: Sequence[pd.DataFrame], runs: Sequence[transfer.Spec]) -> pd.DataFrame:
    return pd.concat(map(_placed, frames, runs), ignore_index=True)


def _placed(frame: pd.DataFrame, spec: transfer.Spec) -> pd.DataFrame:
    """A frame of a run with the run's place in the grid in front."""
    about = {name: getattr(spec, name) for name in GRID.values()}
    return frame.assign(**about)[[*about, *(column for column in frame if column not in about)]]
