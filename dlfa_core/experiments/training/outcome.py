"""What came of training some heads, in whatever way they were trained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import ChoiceSet, LabelledSet, QuestionSet, TaggedSet, Task
from dlfa_core.experiments.sources import cautions
from dlfa_core.measures.stacked_counts import Counts, stacked_answers, stacked_counts


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
        classes: language -> (heads, m) class numbers of all labels of its test set, one example after the other. Of
            questions, m is twice their number: the characters of its context that an answer begins at and ends before.
        truncated: language -> texts that were cut; tagged sentences are split instead, and of questions contexts.
        steps: of each training, where all weights are trained.
    """

    epochs: np.ndarray
    dev_scores: np.ndarray
    late: np.ndarray
    history: pd.DataFrame
    dev_classes: np.ndarray
    classes: Mapping[str, np.ndarray]
    truncated: Mapping[str, int]
    steps: int = 0


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
        "n_first": len(task.first or ()),
        "n_dev": len(task.dev),
    }


def counted(measure: str, examples: LabelledSet, predicted: np.ndarray) -> Counts:
    """Counts of (heads, m) class numbers, as in `Trained.classes`, for the examples of a set."""
    if isinstance(examples, QuestionSet):
        answers = [examples.answers(row) for row in range(len(examples))]
        spans = predicted.reshape(len(predicted), -1, 2)
        return stacked_answers(measure, examples.language, examples.contexts, answers, spans)
    number = {label: index for index, label in enumerate(examples.labels)}
    gold = np.array([number[label] for label in examples.flat_gold])
    return stacked_counts(measure, examples.labels, gold, predicted, lengths(examples))


def cut_said(task: Task, truncated: Mapping[str, int], max_length: int) -> Iterator[str]:
    """Say of which test languages how many examples were cut."""
    sizes = {code: len(test) for code, test in task.tests.items()}
    if task.kind == "question":
        yield from cautions.cut_questions(truncated, sizes, models.LONGEST_QUESTION)
    else:
        yield from cautions.cut_examples(truncated, sizes, max_length)


def lengths(examples: LabelledSet) -> np.ndarray:
    """(n,) labels of each example; of a question, both ends of its answer."""
    if isinstance(examples, TaggedSet):
        return np.array([len(words) for words in examples.words])
    return np.full(len(examples), 2 if isinstance(examples, QuestionSet) else 1)


def narrow(classes: np.ndarray) -> np.ndarray:
    """Class numbers in the smallest type that holds them."""
    return classes.astype(np.min_scalar_type(int(classes.max(initial=0))))


def read_for(encoder: "models.Encoder", examples: LabelledSet, settings: Any) -> list[Any]:
    """Examples in subwords, of as many as the encoder and the settings, `max_length`, `window` and `stride`, allow.

    Raises:
        ValueError: a limit that leaves no room for text.
    """
    if isinstance(examples, QuestionSet):
        window = min(settings.window, encoder.max_length)
        return models.read_spans(encoder.tokenizer, examples, window, settings.stride)
    longest = min(settings.max_length, encoder.max_length)
    read = models.read_choices if isinstance(examples, ChoiceSet) else models.read_examples
    return read(encoder.tokenizer, examples, longest)
