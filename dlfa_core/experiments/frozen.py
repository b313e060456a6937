"""Train heads on the states of a frozen encoder: all layers, fusions, weights and seeds together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import LabelledSet, TaggedSet, Task
from dlfa_core.languages import find
from dlfa_core.measures.stacked_counts import Counts, stacked_counts
from dlfa_core.runtime.progress import Progress, span

MEMORY = 2 * 2**30  # bytes that the states of the training set may take, and those of the dev set once more
TRAINING_SHARE = 0.75  # of the progress bar


@dataclass(frozen=True)
class Recipe:
    """How heads are trained; the fields are those of `transfer.Spec`."""

    reduction: int
    norm: str | None
    epochs: int
    lr: float
    batch_size: int
    max_length: int
    order_seed: int = 0  # of what is batched together and of the batches' order, the same for every head
    memory: int = MEMORY


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of some heads.

    Attributes:
        epochs: (heads,) the epoch, from 1, whose dev score was the highest; of equal ones the first.
        dev_scores: (heads,) that score.
        history: epoch, head (its place among the plans), loss (mean over the epoch's examples), dev_score.
        counts: language -> measure -> counts of all heads.
        truncated: language -> texts that were cut; tagged sentences are split instead.
    """

    epochs: np.ndarray
    dev_scores: np.ndarray
    history: pd.DataFrame
    counts: Mapping[str, Mapping[str, Counts]]
    truncated: Mapping[str, int]


def train_frozen(
    encoder: "models.Encoder", task: Task, plans: Sequence["models.HeadPlan"], recipe: Recipe, progress: Progress
) -> Trained:
    """Train on the source language, keep each head at its best epoch on the dev set, score every test set once.

    Raises:
        ValueError: a layer, fusion or setting that the encoder or the heads cannot have.
    """
    tagging = isinstance(task.train, TaggedSet)
    heads = models.StackedHeads(
        plans,
        tagging,
        encoder.hidden_size,
        encoder.n_states - 1,
        len(task.labels),
        recipe.reduction,
        recipe.norm,
        encoder.model.device,
    )
    reader = _Reader(encoder, task, heads, recipe)
    epochs, dev_scores, history = _fit(reader, task, heads, recipe, span(progress, 0.0, TRAINING_SHARE))
    counts, truncated = {}, {}
    report = span(progress, TRAINING_SHARE, 1.0)
    for done, (language, test) in enumerate(task.tests.items()):
        report(done / len(task.tests), f"Scoring {find(language).name}, {done + 1} of {len(task.tests)}")
        passes, truncated[language] = reader.read(test)
        guessed = reader.predict(passes, test)
        counts[language] = {name: counted(name, test, guessed) for name in (task.metric, *task.beside)}
    return Trained(epochs, dev_scores, history, counts, truncated)


def counted(measure: str, examples: LabelledSet, predicted: np.ndarray) -> Counts:
    """Counts of (heads, m) class numbers, for the examples of a set."""
    number = {label: place for place, label in enumerate(examples.labels)}
    gold = np.array([number[label] for label in examples.flat_gold])
    return stacked_counts(measure, examples.labels, gold, predicted, lengths(examples))


def lengths(examples: LabelledSet) -> np.ndarray:
    """(n,) labels of each example."""
    if isinstance(examples, TaggedSet):
        return np.array([len(words) for words in examples.words])
    return np.ones(len(examples), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Reader:
    """From labelled sets to passes over them, and to what the heads say."""

    encoder: "models.Encoder"
    task: Task
    heads: "models.StackedHeads"
    recipe: Recipe

    def read(self, examples: LabelledSet, seed: int | None = None, memory: int = 0) -> tuple["models.Passes", int]:
        """Passes over a set, and how many of its texts were cut."""
        encoder = self.encoder
        readings = models.read_examples(encoder.tokenizer, examples, min(self.recipe.max_length, encoder.max_length))
        batches = models.batch_examples(
            readings, self.recipe.batch_size, encoder.tokenizer.pad_token_id or 0, encoder.model.device, seed
        )
        passes = models.Passes(encoder, batches, self.heads.states, memory)
        return passes, sum(reading.truncated for reading in readings)

    def predict(self, passes: "models.Passes", examples: LabelledSet) -> np.ndarray:
        """(heads, m) class numbers, in the order of the set's labels."""
        guessed = np.zeros((len(self.heads.plans), lengths(examples).sum()), dtype=np.int64)
        for batch, states in passes.over():
            guessed[:, batch.numbers] = self.heads.predict(states, batch).cpu().numpy()
        return guessed


def _fit(
    reader: _Reader, task: Task, heads: "models.StackedHeads", recipe: Recipe, progress: Progress
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Train and choose; the heads are left at their best."""
    progress(0.0, "Cutting the training set into pieces")
    passes, _ = reader.read(task.train, recipe.order_seed, recipe.memory)
    dev, _ = reader.read(task.dev, memory=recipe.memory)
    training = models.HeadTraining(heads, recipe.lr, recipe.epochs * len(passes))
    best, chosen = np.full(len(heads.plans), -1.0), np.zeros(len(heads.plans), dtype=np.int64)
    rng, rows = np.random.default_rng(recipe.order_seed), []
    for epoch in range(1, recipe.epochs + 1):
        total, seen = 0.0, 0
        for done, (batch, states) in enumerate(passes.over(rng.permutation(len(passes)))):
            progress((epoch - 1 + done / len(passes)) / recipe.epochs, f"Training, epoch {epoch} of {recipe.epochs}")
            total = total + training.step(states, batch) * len(batch.gold)
            seen += len(batch.gold)
        scores = counted(task.metric, task.dev, reader.predict(dev, task.dev)).scores()
        better = scores > best
        heads.remember(better)
        best[better], chosen[better] = scores[better], epoch
        rows.append(
            pd.DataFrame(
                {
                    "epoch": epoch,
                    "head": np.arange(len(scores)),
                    "loss": (total / seen).cpu().numpy().astype(np.float64),
                    "dev_score": scores,
                }
            )
        )
    heads.recall()
    return chosen, best, pd.concat(rows, ignore_index=True)
