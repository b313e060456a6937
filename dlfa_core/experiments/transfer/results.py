"""The parts of a transfer's result: tables over its measures, what the metric adds up, and how it was trained."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import Task
from dlfa_core.experiments.sources import cautions
from dlfa_core.experiments.training import (
    Resamples,
    Schedule,
    Trained,
    TransferStatistics,
    about_task,
    counted,
    cut_said,
)
from dlfa_core.measures.stacked_counts import Counts
from dlfa_core.tables import led_by

if TYPE_CHECKING:
    import torch

    from dlfa_core.experiments.transfer import Spec


def counts_of(task: Task, trained: Trained) -> dict[str, dict[str, Counts]]:
    """language -> measure -> what the measure adds up of all heads."""
    return {
        code: {name: counted(name, test, trained.classes[code]) for name in (task.metric, *task.beside)}
        for code, test in task.tests.items()
    }


def frames_of(
    spec: "Spec", task: Task, heads: pd.DataFrame, counts: Mapping[str, Mapping[str, Counts]], draws: Resamples
) -> dict[str, Any]:
    """`scores`, `means`, `differences` and `best` over the measures of a task."""
    found: dict[str, list[pd.DataFrame]] = {"scores": [], "means": [], "differences": [], "best": []}
    for measure in (task.metric, *task.beside):
        own = {code: by_measure[measure] for code, by_measure in counts.items()}
        gains = TransferStatistics(heads, own, draws, task.source_language)
        for name, frames in found.items():
            about = {"model": spec.model, "task": spec.task, "measure": measure}
            frames.append(led_by(getattr(gains, name)(), **about))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}


def examples_of(task: Task) -> pd.DataFrame:
    """`Result.examples`: language, id."""
    rows = [(code, name) for code, test in task.tests.items() for name in test.ids]
    return pd.DataFrame(rows, columns=["language", "id"])


def arrays_of(counts: list[Counts], prefix: str = "") -> dict[str, Any]:
    """`hits`, `predicted` and `gold`: counts of all languages side by side, in the smallest numbers that hold them;
    hits that are scores of single questions in float32.
    """
    whole = {
        "hits": np.concatenate([count.hits for count in counts], axis=1),
        "predicted": np.concatenate([count.predicted for count in counts], axis=1),
        "gold": np.concatenate([count.gold for count in counts]),
    }
    return {prefix + name: array.astype(_small_type(array)) for name, array in whole.items()}


def _small_type(array: np.ndarray) -> np.dtype[Any]:
    whole = array.dtype.kind in "iu" or bool((array == array.round()).all())
    return np.min_scalar_type(int(array.max(initial=0))) if whole else np.dtype(np.float32)


def about(
    spec: "Spec", schedule: Schedule, task: Task, config: Any, dtype: "torch.dtype", notes: list[str]
) -> dict[str, Any]:
    """`Result.meta` but for the warnings, `notes` among it: what was known before the training.

    Args:
        config: of the encoder.
        dtype: what it computes in.
    """
    frozen = spec.mode == "frozen"
    known = {
        **about_task(spec, task),
        "fingerprint": models.fingerprint(spec.model),
        "kind": task.kind,
        "beside": list(task.beside),
        "languages": list(task.languages),
        "n_test": {code: len(test) for code, test in task.tests.items()},
        "n_layers": config.num_hidden_layers,
        "hidden_size": config.hidden_size,
        "mode": spec.mode,
        "epochs": schedule.epochs,
        "patience": schedule.patience,
        "lr": schedule.lr,
        "batch_size": spec.batch_size,
        "max_length": spec.max_length,
        "norm": spec.norm,
        "seeds": list(dict.fromkeys(spec.seeds)),
        "resamples": spec.resamples,
        "dtype": str(dtype).removeprefix("torch."),
        "notes": notes,
    }
    more = {
        "accumulation": schedule.accumulation,
        "eval_steps": schedule.eval_steps,
        "warmup": schedule.warmup,
        "weight_decay": schedule.weight_decay,
        "frozen_blocks": spec.frozen_blocks,
    }
    read = {"window": spec.window, "stride": spec.stride} if task.kind == "question" else {}
    return {**known, **read} if frozen else {**known, **read, **more}


def training_cautions(
    model: str, task: Task, trained: Trained, schedule: Schedule, max_length: int, n_seeds: int
) -> Iterator[str]:
    """Say what a reader of the scores should know about the training."""
    yield from cautions.unseen_languages(model, task.languages)
    yield from cut_said(task, trained.truncated, max_length)
    yield from cautions.rising_only(schedule.warmup, trained.steps)
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
