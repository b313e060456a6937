"""Train heads on the states of a frozen encoder: all layers, fusions, weights and seeds together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import ChoiceSet, LabelledSet, QuestionSet, SentenceSet, Task
from dlfa_core.experiments.training.outcome import Trained, counted, lengths, narrow, read_for
from dlfa_core.experiments.training.settings import Schedule, TrainingSettings
from dlfa_core.languages import find
from dlfa_core.runtime.progress import Progress, span

MEMORY = 2 * 2**30  # bytes that the states of the training set may take, and those of the dev set once more
TRAINING_SHARE = 0.75  # of the progress bar
LEAST_STEPS = 40  # without a better dev score before a head is taken to have learnt what it can; see `_fit`


@dataclass(frozen=True)
class FrozenRecipe:
    """How heads are trained; the fields are those of `transfer.Spec`."""

    reduction: int
    norm: str | None
    epochs: int
    lr: float
    batch_size: int
    max_length: int
    patience: int = 0
    order_seed: int = 0  # of what is batched together and of the batches' order, the same for every head
    memory: int = MEMORY
    window: int = 384  # subwords of a passage, and how far the next one begins; for questions alone
    stride: int = 128


def recipe_of(settings: TrainingSettings, schedule: Schedule, norm: str | None) -> FrozenRecipe:
    """Return how the heads of a spec are trained, with a norm as models know it."""
    return FrozenRecipe(
        reduction=settings.reduction,
        norm=norm,
        epochs=schedule.epochs,
        patience=schedule.patience,
        lr=schedule.lr,
        batch_size=settings.batch_size,
        max_length=settings.max_length,
        window=settings.window,
        stride=settings.stride,
    )


@dataclass(frozen=True, eq=False)
class Fitted:
    """Heads at their best on the dev set, and what reads for them; fields as in `Trained`."""

    heads: "models.StackedHeads"
    reader: "_Reader"
    epochs: np.ndarray
    dev_scores: np.ndarray
    late: np.ndarray
    history: pd.DataFrame
    dev_classes: np.ndarray


def train_frozen(
    encoder: "models.Encoder", task: Task, plans: Sequence["models.HeadSpec"], recipe: FrozenRecipe, progress: Progress
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
        classes[language] = narrow(fitted.reader.predict(passes, test))
    kept = (fitted.epochs, fitted.dev_scores, fitted.late, fitted.history, fitted.dev_classes)
    return Trained(*kept, classes, truncated)


def fit_frozen(
    encoder: "models.Encoder", task: Task, plans: Sequence["models.HeadSpec"], recipe: FrozenRecipe, progress: Progress
) -> Fitted:
    """Train on the source language and leave each head at its best epoch on the dev set; errors as `train_frozen`."""
    heads = models.StackedHeads(
        plans,
        not isinstance(task.train, SentenceSet | ChoiceSet),  # spans are read at every token
        encoder.hidden_size,
        encoder.n_states - 1,
        1 if isinstance(task.train, ChoiceSet) else len(task.labels),
        recipe.reduction,
        recipe.norm,
        encoder.model.device,
    )
    reader = _Reader(encoder, task, heads, recipe)
    if task.first:  # heads are left at their best, and go on from there
        before = replace(task, train=task.first, dev=task.first_dev)
        _fit(reader, before, heads, recipe, span(progress, 0.0, 0.5))
        progress = span(progress, 0.5, 1.0)
    return Fitted(heads, reader, *_fit(reader, task, heads, recipe, progress))


@dataclass(frozen=True, eq=False)
class _Reader:
    """From labelled sets to passes over them, and to what the heads say."""

    encoder: "models.Encoder"
    task: Task
    heads: "models.StackedHeads"
    recipe: FrozenRecipe

    def read(self, examples: LabelledSet, seed: int | None = None, memory: int = 0) -> tuple["models.Passes", int]:
        """Passes over a set, and how many of its texts were cut."""
        encoder = self.encoder
        readings = read_for(encoder, examples, self.recipe)
        batches = models.batch_examples(
            readings, self.recipe.batch_size, encoder.tokenizer.pad_token_id or 0, encoder.model.device, seed
        )
        passes = models.Passes(encoder, batches, self.heads.states, memory)
        return passes, sum(reading.truncated for reading in readings)

    def predict(self, passes: "models.Passes", examples: LabelledSet) -> np.ndarray:
        """(present heads, m) class numbers, in the order of the set's labels; as in `Trained.classes`."""
        if isinstance(examples, QuestionSet):
            said = ((self.heads.logits_of(states, batch), batch) for batch, states in passes.over())
            return models.best_answers(said, len(examples), examples.no_answer)
        guessed = np.zeros((len(self.heads.present), lengths(examples).sum()), dtype=np.int64)
        for batch, states in passes.over():
            guessed[:, batch.numbers] = self.heads.predict(states, batch).cpu().numpy()
        return guessed


def _fit(
    reader: _Reader, task: Task, heads: "models.StackedHeads", recipe: FrozenRecipe, progress: Progress
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame, np.ndarray]:
    """Train each head to its plateau; all are left at their best.

    Where an epoch is a handful of steps, a head may say the same of every text for several epochs before it begins to
    learn, so patience is at least `LEAST_STEPS`.
    """
    progress(0.0, "Cutting the training set into subwords")
    passes, _ = reader.read(task.train, recipe.order_seed, recipe.memory)
    dev, _ = reader.read(task.dev, memory=recipe.memory)
    patience = max(recipe.patience, -(-LEAST_STEPS // len(passes))) if recipe.patience else 0
    training = models.HeadTraining(heads, recipe.lr, None if patience else recipe.epochs * len(passes))
    best, chosen = np.full(len(heads.plans), -1.0), np.zeros(len(heads.plans), dtype=np.int64)
    said = np.zeros((len(best), lengths(task.dev).sum()), dtype=np.int64)
    rng, rows = np.random.default_rng(recipe.order_seed), []
    total: Any  # a tensor from the first step on
    for epoch in range(1, recipe.epochs + 1):
        present, total, seen = heads.present, 0.0, 0
        part = _share_done(progress, epoch, recipe.epochs, len(present), len(best))
        for done, (batch, states) in enumerate(passes.over(rng.permutation(len(passes)))):
            part(done / len(passes))
            total = total + training.step(states, batch) * len(batch.gold)
            seen += len(batch.gold)
        guessed = reader.predict(dev, task.dev)
        scores = counted(task.metric, task.dev, guessed).scores()
        better = np.zeros(len(best), dtype=bool)
        better[present] = scores > best[present]
        heads.remember(better)
        said[better] = guessed[better[present]]
        best[present], chosen[better] = np.maximum(best[present], scores), epoch
        loss = (total / seen).cpu().numpy().astype(np.float64)
        rows.append(pd.DataFrame({"epoch": epoch, "head": present, "loss": loss, "dev_score": scores}))
        if patience:
            training.leave(epoch - chosen >= patience)
        if not len(heads.present):
            break
    late = np.isin(np.arange(len(best)), heads.present) if patience else chosen == recipe.epochs
    heads.recall()
    return chosen, best, late, pd.concat(rows, ignore_index=True), narrow(said)


def _share_done(progress: Progress, epoch: int, epochs: int, present: int, heads: int) -> Callable[[float], None]:
    """Says how far an epoch is, of as many as there may be and with the heads that still learn."""
    start, end = (1 - present / heads * (1 - done / epochs) for done in (epoch - 1, epoch))
    left = "" if present == heads else f", {present} of {heads} heads still learn"
    return lambda done: progress(start + done * (end - start), f"Training, epoch {epoch} of {epochs}{left}")
