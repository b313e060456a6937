"""One task model on its way from an encoder to scores, its head alone trained or all weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.tasks import ChoiceSet, LabelledSet, QuestionSet, TaggedSet, Task
from dlfa_core.experiments import train
from dlfa_core.experiments.training import (
    Schedule,
    checked_norm,
    counted,
    fit_frozen,
    narrow,
    plan_of,
    read_for,
    recipe_of,
)
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.launch import is_main_process
from dlfa_core.runtime.progress import Progress, span


@dataclass(frozen=True)
class Chosen:
    """The weights that were kept, and the way there; fields as in `train.Result` and its meta."""

    epoch: float
    dev_score: float
    late: bool
    history: pd.DataFrame
    steps: int = 0  # of the training that has a warm-up


@dataclass(frozen=True, eq=False)
class TaskTraining:
    """One model on its way from an encoder to class numbers.

    Attributes:
        spec: of `train`.
        schedule: what it resolves to.
        task: what on.
        encoder: what from; it is left as it is.
    """

    spec: Any
    schedule: Schedule
    task: Task
    encoder: "models.Encoder"

    @property
    def plan(self) -> "models.HeadSpec":
        """The head, without what plays no part in its fusion."""
        spec = self.spec
        return plan_of(spec.fusion, spec.layer, spec.weight, spec.seed, self.encoder.n_states - 1)

    def start(self, **settings: Any) -> Any:
        """A task model before training."""
        spec, plan = self.spec, self.plan
        return models.start_task_model(
            spec.model,
            self._kind(),
            self.task.labels,
            spec.seed,
            fusion=plan.fusion,
            layer=plan.layer,
            weight=plan.weight or "literal",
            norm=checked_norm(spec.norm),
            reduction=spec.reduction,
            pairs=self.task.kind in ("pair", "choice"),
            no_answer=getattr(self.task.train, "no_answer", False),
            trained_on=f"{self.task.name}, {find(self.task.source_language).name}, {self._n_examples()} examples",
            **settings,
        )

    def fit_head(self, progress: Progress) -> tuple[Any, Chosen]:
        """Train the head as `transfer` trains it among others."""
        spec, schedule = self.spec, self.schedule
        recipe = recipe_of(spec, schedule, checked_norm(spec.norm))
        fitted = fit_frozen(self.encoder, self.task, [self.plan], recipe, progress)
        model = self.start(frozen_blocks=self.encoder.n_states - 1, dropout=0.0)
        model.head.load_state_dict(fitted.heads.state_of(0))
        return model, Chosen(int(fitted.epochs[0]), float(fitted.dev_scores[0]), bool(fitted.late[0]), fitted.history)

    def fit_all(self, progress: Progress) -> tuple[Any, Chosen]:
        """Train all weights, or all but those of frozen blocks."""
        model, task = self.start(frozen_blocks=self.spec.frozen_blocks), self.task
        if task.first:  # the model is left at its best, and goes on from there
            self._tuned(self._trainer(model, "first"), task.first, task.first_dev, span(progress, 0.0, 0.5))
            progress = span(progress, 0.5, 1.0)
        tuned = self._tuned(self._trainer(model), task.train, task.dev, progress)
        late = not tuned.stopped if self.schedule.patience else tuned.epoch == self.schedule.epochs
        steps = self.schedule.epochs * -(-len(self._read(task.train)[0]) // self.spec.batch_size)
        return model, Chosen(tuned.epoch, tuned.dev_score, late, pd.DataFrame(tuned.history), steps)

    def _tuned(
        self, trainer: "models.TaskTrainer", train: LabelledSet, dev: LabelledSet, progress: Progress
    ) -> "models.Tuned":
        """Train a model on one set, and leave it at its best on another."""

        def score(classes: np.ndarray) -> float:
            return float(counted(self.task.metric, dev, classes[None]).scores()[0])

        return trainer.fit(self._read(train)[0], self._read(dev)[0], score, progress)

    def saved(self, model: Any) -> Any:
        """The model as it is read back from where it was saved."""
        spec = self.spec
        if is_main_process():
            model.save_pretrained(spec.out, compact=spec.compact, half=spec.half)
            if not model.config.encoder_borrowed:
                self.encoder.tokenizer.save_pretrained(spec.out)
        self._trainer(model).wait()
        return models.load_task_model(spec.out)[0]

    def read_tests(self, model: Any, progress: Progress) -> tuple[dict[str, np.ndarray], dict[str, int]]:
        """Class numbers of every test set, and how many of its texts were cut."""
        trainer, classes, truncated = self._trainer(model), {}, {}
        for done, (code, test) in enumerate(self.task.tests.items()):
            progress(done / len(self.task.tests), f"Scoring {find(code).name}, {done + 1} of {len(self.task.tests)}")
            readings, truncated[code] = self._read(test)
            classes[code] = narrow(trainer.classes(readings))
        return classes, truncated

    def read_dev(self, model: Any) -> np.ndarray:
        """Class numbers of the dev set."""
        readings, _ = self._read(self.task.dev)
        return narrow(self._trainer(model).classes(readings))

    def _n_examples(self) -> str:
        """How many are trained on, and in what order."""
        return " and then ".join(f"{len(part):,}" for part in (self.task.first, self.task.train) if part)

    def _kind(self) -> "type[models.TaskModel]":
        if isinstance(self.task.train, QuestionSet):
            return models.DlfaForQuestionAnswering
        if isinstance(self.task.train, ChoiceSet):
            return models.DlfaForMultipleChoice
        tagging = isinstance(self.task.train, TaggedSet)
        return models.DlfaForTokenClassification if tagging else models.DlfaForSequenceClassification

    def _read(self, examples: LabelledSet) -> tuple[list[Any], int]:
        readings = read_for(self.encoder, examples, self.spec)
        return readings, sum(reading.truncated for reading in readings)

    def _trainer(self, model: Any, part: str = "") -> "models.TaskTrainer":
        spec, schedule = self.spec, self.schedule
        tuning = models.Tuning(**vars(schedule), batch_size=spec.batch_size, seed=spec.seed, dtype=spec.dtype)
        pad_id = self.encoder.tokenizer.pad_token_id or 0
        return models.TaskTrainer(model, pad_id, store.unfinished(train, spec) / part, tuning)
