"""What came of training some heads, in whatever way they were trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.data.tasks import LabelledSet, TaggedSet, Task
from dlfa_core.measures.stacked_counts import Counts, stacked_counts


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of some heads.

    Attributes:
        epochs: (heads,) the epoch, from 1, whose dev score was the highest, of equal ones the first; a part of one
            where the dev set was looked at in between.
        dev_scores: (heads,) that score.
        late: bool (heads,): whether training ended before it could be known that more of it gives no better score. With
            a patience, it had not run out; without one, the last epoch was the best.
        history: epoch, head (its index among the plans), loss (mean cross-entropy in nats since the row before),
            dev_score.
        dev_classes: (heads, m) class numbers of all labels of the dev set, of the weights that were kept.
        classes: language -> (heads, m) class numbers of all labels of its test set, one example after the other.
        truncated: language -> texts that were cut; tagged sentences are split instead.
    """

    epochs: np.ndarray
    dev_scores: np.ndarray
    late: np.ndarray
    history: pd.DataFrame
    dev_classes: np.ndarray
    classes: Mapping[str, np.ndarray]
    truncated: Mapping[str, int]


def about_task(spec: Any, task: Task) -> dict[str, Any]:
    """Return what the `meta` of a result says of the task that `spec`, with model and task, trained on."""
    return {
        "model": spec.model,
        "task": spec.task,
        "task_name": task.name,
        "metric": task.metric,
        "labels": list(task.labels),
        "licence": task.licence,
        "source_language": task.source_language,
        "n_train": len(task.train),
        "n_dev": len(task.dev),
    }


def counted(measure: str, examples: LabelledSet, predicted: np.ndarray) -> Counts:
    """Counts of (heads, m) class numbers, for the examples of a set."""
    number = {label: index for index, label in enumerate(examples.labels)}
    gold = np.array([number[label] for label in examples.flat_gold])
    return stacked_counts(measure, examples.labels, gold, predicted, lengths(examples))


def lengths(examples: LabelledSet) -> np.ndarray:
    """(n,) labels of each example."""
    if isinstance(examples, TaggedSet):
        return np.array([len(words) for words in examples.words])
    return np.ones(len(examples), dtype=np.int64)


def narrow(classes: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Class numbers in the smallest type that holds them."""
    return classes.astype(np.min_scalar_type(len(labels)))
