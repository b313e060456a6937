"""Which layer should be fused, over several tasks and models?

A sweep is a grid of `transfer` specs. Each is looked up in the store and computed only where it is missing, so that a
sweep which was stopped, or killed, goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import pandas as pd

from dlfa_core.experiments import transfer
from dlfa_core.experiments.transfer import Grid
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment, made_from
from dlfa_core.runtime.progress import Progress, part, silent
from dlfa_core.tables import led_by

__all__ = ["VERSION", "Result", "Spec", "inputs", "parts", "run"]

VERSION = 4
GRID = {
    "tasks": "task",
    "models": "model",
    "source_languages": "source_language",
    "modes": "mode",
    "norms": "norm",
}
FRAMES = ("scores", "means", "differences", "best", "history", "heads")


@dataclass(frozen=True)
class Spec(Grid):
    """Run `transfer` for every combination of tasks, models, source languages, modes and norms.

    Attributes:
        tasks: as `task` of transfer: `sentiment:sample`, pos:PATH, ner:PATH, xnli:PATH, pawsx:hub and the like.
        models: `demo`, folders, or hub ids.
        source_languages: codes or names of languages to train in.
        modes: frozen trains heads alone, finetune all weights.
        norms: inside the gate: batch, layer, none.
    """

    tasks: tuple[str, ...] = ("sentiment:sample",)
    models: tuple[str, ...] = ("demo",)
    source_languages: tuple[str, ...] = ("eng",)
    modes: tuple[str, ...] = ("frozen",)
    norms: tuple[str, ...] = ("batch",)


@dataclass(frozen=True, eq=False)
class Result:
    """The tables of all runs, one below the other; each begins with task, model, source_language, mode and norm.

    Attributes:
        scores, means, differences, best, history, heads: as in `transfer.Result`.
        meta: `runs`, the meta of every run, and `warnings`, each with its task.
    """

    scores: transfer.Scores
    means: transfer.Means
    differences: transfer.Differences
    best: transfer.Best
    history: transfer.History
    heads: transfer.Heads
    meta: dict[str, Any]


def specs(spec: Spec) -> list[transfer.Spec]:
    """The runs of a sweep, in the order in which they are computed.

    Raises:
        ValueError: an axis of the grid is empty.
    """
    for name in GRID:
        if not getattr(spec, name):
            raise ValueError(f"{name} is empty, so the sweep has nothing to run: name at least one.")
    axes = [dict.fromkeys(getattr(spec, name)) for name in GRID]
    return [made_from(spec, transfer.Spec, **dict(zip(GRID.values(), point, strict=True))) for point in product(*axes)]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of all models and tasks, and the version of the runs."""
    named = {
        f"{kind}:{getattr(one, kind, '')}": value for one in specs(spec) for kind, value in transfer.inputs(one).items()
    }
    return {**named, "transfer": str(transfer.VERSION)}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The runs, for workers that compute side by side."""
    return [(transfer, one) for one in specs(spec)]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Compute the runs that are not stored yet, then put all of them together.

    Raises:
        ValueError: as `transfer.run`; runs that were finished before stay stored.
    """
    runs = specs(spec)
    results = []
    for index, one in enumerate(runs):
        results.append(store.fetch(transfer, one, part(progress, index, len(runs), one.task)))
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


def _stacked(frames: Sequence[pd.DataFrame], runs: Sequence[transfer.Spec]) -> pd.DataFrame:
    """Frames of the runs, each with its run's place in the grid in front."""
    places = ({name: getattr(run, name) for name in GRID.values()} for run in runs)
    return pd.concat([led_by(frame, **place) for frame, place in zip(frames, places, strict=True)], ignore_index=True)
