"""Train all weights, one head after the other; each is a stored result of `train`, so that a stop loses one at most."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import Task
from dlfa_core.experiments import train
from dlfa_core.experiments.training import Trained
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import made_from
from dlfa_core.runtime.progress import Progress, part

if TYPE_CHECKING:
    from dlfa_core.experiments.transfer import Spec


def train_finetuned(spec: "Spec", task: Task, plans: Sequence["models.HeadSpec"], progress: Progress) -> Trained:
    """Train every head of a transfer with an encoder of its own, or take it from the store.

    Raises:
        ValueError: as `train.run`.
    """
    results = []
    for number, plan in enumerate(plans):
        report = part(progress, number, len(plans), train.name_of(plan))
        results.append(store.fetch(train, one_head(spec, plan), report))
    ends = np.cumsum([results[0].meta["n_labels"][code] for code in task.tests])
    classes = np.stack([result.classes for result in results])
    return Trained(
        epochs=np.array([result.meta["epoch"] for result in results], dtype=np.float64),
        dev_scores=np.array([result.meta["dev_score"] for result in results], dtype=np.float64),
        late=np.array([result.meta["late"] for result in results]),
        history=pd.concat([result.history.assign(head=head) for head, result in enumerate(results)], ignore_index=True),
        dev_classes=np.stack([result.dev_classes for result in results]),
        classes=dict(zip(task.tests, np.split(classes, ends[:-1], axis=1), strict=True)),
        truncated=results[0].meta["truncated"],
        steps=results[0].meta.get("steps", 0),
    )


def one_head(spec: "Spec", plan: "models.HeadSpec") -> train.Spec:
    """Return how one head of a transfer is trained with an encoder of its own."""
    weight = plan.weight or train.Spec.weight
    head = {"fusion": plan.fusion, "layer": plan.layer, "weight": weight, "seed": plan.seed}
    return made_from(spec, train.Spec, **head, resamples=0)
