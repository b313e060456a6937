"""Train heads on the states of a frozen encoder: all layers, fusions, weights and seeds together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import LabelledSet, TaggedSet, Task
from dlfa_core.experiments.trained import Trained, counted, lengths, narrow
from dlfa_core.languages import find
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
class Fitted:
    """Heads at their best on the dev set, and what reads for them; fields as in `Trained`."""

    heads: "models.StackedHeads"
    reader: "_Reader"
    epochs: np.ndarray
    dev_scores: np.ndarray
    history: pd.DataFrame


def train_frozen(
    encoder: "models.Encoder", task: Task, plans: Sequence["models.HeadPlan"], recipe: Recipe, progress: Progress
) -> Trained:
    """Train on the source language, keep each head at its best epoch on the dev set, read every test set once.

    Raises:
        ValueError: a layer, fusion or setting that the encoder or the heads cannot have.
    """
    fitted = fit_frozen(encoder, task, plans, recipe, span(progress, 0.0, TRAINING_SHARE))
    classes, truncated = {}, {}
    report = span(progress, TRAINING_SHARE, 1.0)
    for done, (language, test) in enumerate(task.tests.items()):
        report(done / len(task.tests), f"Scoring {find(language).name}, {done + 1} of {len(task.tests)}")
        passes, truncated[language] = fitted.reader.read(test)
        classes[language] = narrow(fitted.reader.predict(passes, test), task.labels)
    return Trained(fitted.epochs, fitted.dev_scores, fitted.history, classes, truncated)


def fit_frozen(
    encoder: "models.Encoder", task: Task, plans: Sequence["models.HeadPlan"], recipe: Recipe, progress: Progress
) -> Fitted:
    """Train on the source language and leave each head at its best epoch on the dev set; errors as `train_frozen`."""
    heads = models.StackedHeads(
        plans,
        isinstance(task.train, TaggedSet),
        encoder.hidden_size,
        encoder.n_states - 1,
        len(task.labels),
        recipe.reduction,
        recipe.norm,
        encoder.model.device,
    )
    reader = _Reader(encoder, task, heads, recipe)
    return Fitted(heads, reader, *_fit(reader, task, heads, recipe, progress))


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
