"""Training all weights of a task model with the trainer of transformers.

That brings bfloat16, gradient accumulation, several processes (`torchrun`, `accelerate launch`), and checkpoints to
go on from after a stop. Ours are the order of the data, a function of seed and epoch alone, the choice of the
best weights by the dev set, and what goes into a batch.
"""

import gc
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Sampler
from transformers import (
    EarlyStoppingCallback,
    EvalPrediction,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerState,
    TrainingArguments,
)

from dlfa_core.models.choices import ChoiceBatch, spread
from dlfa_core.models.hardware import choose_device, has_fast_bfloat16
from dlfa_core.models.length_sorted import LengthSorted
from dlfa_core.models.loading import quiet
from dlfa_core.models.lower_states import Kept, lower_states, pad_states
from dlfa_core.models.spans import best_answers
from dlfa_core.models.task_batches import LabelledReading, pad_readings
from dlfa_core.models.tasks import (
    IGNORED,
    DlfaForMultipleChoice,
    DlfaForQuestionAnswering,
    DlfaForTokenClassification,
    TaskModel,
)

Scorer = Callable[[np.ndarray], float]  # from class numbers (m,) in the order of the set's labels to a score
Report = Callable[[float, str], None]

SAFE_POINTS = 3  # kept at once: the best, the last, and the one before it while the last is being written
EVALUATION_BATCH = 64  # readings
STATE = "trainer_state.json"  # the last file of a checkpoint to be written


@dataclass(frozen=True)
class Tuning:
    """How to train; see `experiments.training.settings` for what the numbers mean."""

    epochs: int
    lr: float
    batch_size: int
    accumulation: int
    eval_steps: int  # 0 for once an epoch
    seed: int
    dtype: str
    patience: int = 0  # 0 for all epochs
    warmup: int = 0
    weight_decay: float = 0.0


@dataclass(frozen=True)
class Tuned:
    """What came of it; the model is left at its best.

    Attributes:
        step, epoch, dev_score: of the best check on the dev set; of equal ones the first.
        history: a dict a check: step, epoch (with the part of it that is done), loss (mean cross-entropy in nats over
            the batches since the check before), dev_score.
        stopped: whether patience ran out: so many checks after the best were none better.
    """

    step: int
    epoch: float
    dev_score: float
    history: list[dict[str, float]]
    stopped: bool


def start_task_model(name: str, kind: type[TaskModel], labels: Sequence[str], seed: int, **settings) -> TaskModel:
    """A task model from an encoder, its new weights those of `seed`; settings as for `TaskModel.from_encoder`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return kind.from_encoder(name, labels, **settings)


class TaskTrainer:
    """Trains a task model, and asks it for classes.

    Under `torchrun` or `accelerate launch` every process makes one and calls the same methods; all get the same
    answers, and the first one writes.

    Args:
        model: to train, or trained.
        pad_id: number of the padding token.
        folder: for checkpoints; what an earlier run of the same training left there is gone on from.
        tuning: how to train; for `classes` only its dtype counts.

    Raises:
        ValueError: a batch that cannot be divided among processes and accumulated batches, or a dtype that is not
            trained in.
    """

    def __init__(self, model: TaskModel, pad_id: int, folder: Path, tuning: Tuning):
        self.model, self.pad_id, self.folder, self.tuning = model, pad_id, folder, tuning
        self._asked: Trainer | None = None

    def fit(
        self, train: Sequence[LabelledReading], dev: Sequence[LabelledReading], score: Scorer, progress: Report
    ) -> Tuned:
        """Train, or go on training, and leave the model at its best on the dev set."""
        processes = self._arguments(len(train)).world_size
        tuning, lengths = self.tuning, [len(reading.ids) for reading in train]
        order = LengthSorted(lengths, tuning.batch_size, tuning.accumulation, tuning.seed, processes)
        told = _Told(progress, order, tuning.epochs)
        blank = replace(train[0], gold=np.full_like(train[0].gold, IGNORED))
        trainer = self._trainer(order, train if processes == 1 else [*train, blank], dev, score, told)
        last = _latest(self.folder, trainer.args.should_save)
        state = None if last is None else TrainerState.load_from_json(str(last / STATE))
        if state is not None and self._is_over(state):
            kept = type(self.model).from_pretrained(self.folder / f"checkpoint-{state.best_global_step}")
            self.model.load_state_dict(kept.state_dict())
        else:
            with _quick_attention(self.model, trainer.args.device), quiet(), self._from_lower_states(trainer, told):
                trainer.train(resume_from_checkpoint=None if last is None else str(last))
            state = trainer.state
        stopped = self._is_over(state)
        del trainer
        gc.collect()  # a trainer and its callbacks hold each other, and with them the optimiser's moments
        history = list(_checks(state.log_history))
        best = next(row for row in history if row["step"] == state.best_global_step)
        return Tuned(best["step"], best["epoch"], best["dev_score"], history, stopped)

    def classes(self, readings: Sequence[LabelledReading]) -> np.ndarray:
        """(m,) class numbers of all labels of the readings, in the order of the set that they are of; of windows over
        contexts, the answers as `best_answers` gives them.
        """
        ordered = sorted(readings, key=lambda reading: -len(reading.ids))
        with quiet():
            self._asked = self._asked or self._trainer()
            said = self._asked.predict(ordered)
        return self._said(ordered, said)

    def _said(self, ordered: Sequence[LabelledReading], said: Any) -> np.ndarray:
        """`classes` of readings, of what the trainer's model says of them."""
        if isinstance(self.model, DlfaForMultipleChoice):
            return self._chosen(ordered, said)
        if not isinstance(self.model, DlfaForQuestionAnswering):
            return _in_order(ordered, said.predictions, said.label_ids)
        ends = np.cumsum([len(scores) for scores in said.predictions])
        batches = (ordered[end - len(scores) : end] for scores, end in zip(said.predictions, ends, strict=True))
        windows = (pad_readings(batch, self.pad_id) for batch in batches)
        scored = (
            (torch.from_numpy(scores)[batch.rows, batch.positions][None].float(), batch)
            for scores, batch in zip(said.predictions, windows, strict=True)
        )
        n = 1 + max(reading.first for reading in ordered)
        return best_answers(scored, n, self.model.config.no_answer)[0]

    def _chosen(self, ordered: Sequence[LabelledReading], said: Any) -> np.ndarray:
        """The choice of each question."""
        found = np.empty(len(ordered), dtype=np.int64)
        found[[reading.first for reading in ordered]] = np.concatenate(said.predictions)
        return found

    def wait(self) -> None:
        """Until all processes are here."""
        if torch.distributed.is_initialized():
            torch.distributed.barrier()

    @contextmanager
    def _from_lower_states(self, trainer: Trainer, told: "_Told") -> Iterator[None]:
        """Compute once what frozen blocks make of a text, while the `with` block lasts; by one process alone."""
        if trainer.args.world_size > 1:
            yield
            return
        sets = trainer.train_dataset, trainer.eval_dataset
        self.model.eval()
        autocast = trainer.accelerator.autocast
        with lower_states(self.model, sets, self.pad_id, self.folder, autocast, told.lower_blocks) as kept:
            trainer.train_dataset, trainer.eval_dataset = kept
            yield

    def _is_over(self, state: TrainerState) -> bool:
        """Tell whether patience has run out."""
        later = [row for row in _checks(state.log_history) if row["step"] > state.best_global_step]
        return 0 < self.tuning.patience <= len(later)

    def _trainer(self, order=None, train=None, dev=None, score=None, told=None) -> Trainer:
        arguments = self._arguments(0 if order is None else len(order.lengths))
        ordered = None if dev is None else sorted(dev, key=lambda reading: -len(reading.ids))

        def measured(said: EvalPrediction) -> dict[str, float]:
            return {"dev_score": score(self._said(ordered, said))}

        callbacks = [told] if told else []
        if told and self.tuning.patience:
            callbacks.append(EarlyStoppingCallback(self.tuning.patience))
        with quiet():
            trainer = _Trainer(
                self.model,
                arguments,
                data_collator=self._collate,
                train_dataset=train,
                eval_dataset=ordered,
                compute_metrics=measured if score else None,
                preprocess_logits_for_metrics=self._what_counts,
                callbacks=callbacks,
            )
        trainer.order = order
        trainer.remove_callback(PrinterCallback)
        return trainer

    def _what_counts(self, logits: Tensor, labels: Tensor) -> Tensor:
        """What is kept of a batch's logits: scores of spans, or the class of each label or question."""
        if isinstance(self.model, DlfaForQuestionAnswering):
            return logits
        if isinstance(self.model, DlfaForMultipleChoice):  # now: a trainer keeps as many rows as there are readings
            return spread(logits[:, 0], labels[:, 1:]).argmax(-1)
        return logits.argmax(-1)

    def _arguments(self, n_train: int) -> TrainingArguments:
        tuning, device = self.tuning, choose_device()
        if tuning.dtype not in ("auto", "float32", "bfloat16"):
            raise ValueError(f"dtype={tuning.dtype!r} is not trained in: use 'auto', 'float32' or 'bfloat16'.")
        half = has_fast_bfloat16(device) if tuning.dtype == "auto" else tuning.dtype == "bfloat16"
        arguments = TrainingArguments(
            output_dir=str(self.folder),
            num_train_epochs=tuning.epochs,
            learning_rate=tuning.lr,
            lr_scheduler_type="linear",
            warmup_steps=tuning.warmup,
            weight_decay=tuning.weight_decay,
            adam_epsilon=1e-8,
            max_grad_norm=1.0,
            bf16=half,
            use_cpu=device.type == "cpu",
            seed=tuning.seed,
            gradient_accumulation_steps=tuning.accumulation,
            per_device_eval_batch_size=EVALUATION_BATCH,
            eval_strategy="steps" if n_train else "no",
            save_strategy="steps" if n_train else "no",
            logging_strategy="steps",
            save_total_limit=SAFE_POINTS,
            load_best_model_at_end=bool(n_train),
            restore_callback_states_from_checkpoint=True,
            metric_for_best_model="dev_score",
            greater_is_better=True,
            eval_do_concat_batches=False,
            remove_unused_columns=False,
            dataloader_pin_memory=device.type == "cuda",
            disable_tqdm=True,
            report_to="none",
        )
        arguments._n_gpu = min(1, arguments.n_gpu)  # several without torchrun: one process feeds one
        parts = tuning.accumulation * arguments.world_size
        share, rest = divmod(tuning.batch_size, parts)
        if rest or not share:
            raise ValueError(
                f"batch_size={tuning.batch_size} cannot be divided into {tuning.accumulation} accumulated batches on "
                f"each of {arguments.world_size} processes: use a multiple of {parts}."
            )
        arguments.per_device_train_batch_size = share
        steps = -(-n_train // tuning.batch_size) or 1
        every = min(tuning.eval_steps or steps, steps)
        arguments.eval_steps = arguments.save_steps = arguments.logging_steps = every
        return arguments

    def _collate(self, examples: Sequence[LabelledReading | Kept]) -> dict[str, Tensor]:
        batch = pad_readings([one.reading if isinstance(one, Kept) else one for one in examples], self.pad_id)
        labels = batch.targets if isinstance(batch, ChoiceBatch) else batch.gold
        if isinstance(self.model, DlfaForTokenClassification):
            labels = torch.full_like(batch.ids, IGNORED)
            labels[batch.rows, batch.positions] = batch.gold
        inputs = {
            "input_ids": batch.ids,
            "attention_mask": batch.mask,
            "token_type_ids": batch.types,
            "labels": labels,
        }
        if isinstance(examples[0], Kept):
            inputs["lower_states"] = pad_states([one.states for one in examples])
        return inputs


class _Trainer(Trainer):
    order: LengthSorted | None = None

    def _get_train_sampler(self, *_) -> Sampler | None:
        return self.order

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The mean over what is labelled in the batch of this process; while training in several, such that the mean
        over processes is that over all they read: words are not shared out evenly.
        """
        loss, outputs = super().compute_loss(model, inputs, True, num_items_in_batch)
        if model.training and self.args.world_size > 1:
            own = self.accelerator.unwrap_model(model).n_labelled(inputs["labels"]).float()
            loss = loss * own / self.accelerator.reduce(own, "mean")
        return (loss, outputs) if return_outputs else loss


class _Told(TrainerCallback):
    """Says how far training is, tells the order which epoch it is, and has the last step checked too."""

    def __init__(self, progress: Report, order: LengthSorted, epochs: int):
        self.progress, self.order, self.epochs = progress, order, epochs

    def on_epoch_begin(self, args, state, control, **_):
        self.order.epoch = int(state.epoch or 0)

    def on_substep_end(self, args, state, control, **_):
        self._tell(state)

    on_prediction_step = on_substep_end

    def on_step_end(self, args, state, control, **_):
        self._tell(state)
        if state.global_step >= state.max_steps:
            control.should_log = control.should_evaluate = control.should_save = True
        return control

    def lower_blocks(self, done: float) -> None:
        self.progress(0.0, f"Running the frozen blocks, {done:.0%}")

    def _tell(self, state) -> None:
        epoch = min(self.epochs, 1 + int(state.epoch or 0))
        self.progress(state.global_step / max(1, state.max_steps), f"Training, epoch {epoch} of {self.epochs}")


@contextmanager
def _quick_attention(model: TaskModel, device: torch.device) -> Iterator[None]:
    """Plain attention while training on a processor: the fused kernel's backward pass takes six times as long."""
    before = model.encoder.config._attn_implementation
    if device.type == "cpu":
        model.encoder.set_attn_implementation("eager")
    try:
        yield
    finally:
        model.encoder.set_attn_implementation(before)


def _in_order(readings: Sequence[LabelledReading], predicted: list[np.ndarray], labels: list[np.ndarray]) -> np.ndarray:
    """Class numbers at the labels of batches, put in the order of the set that the readings are of."""
    numbers = np.concatenate([reading.first + np.arange(len(reading.gold)) for reading in readings])
    classes = np.concatenate([guess[gold != IGNORED] for guess, gold in zip(predicted, labels, strict=True)])
    found = np.empty(len(numbers), dtype=np.int64)
    found[numbers] = classes
    return found


def _checks(log: list[dict]) -> Iterator[dict[str, float]]:
    """The checks on the dev set, each with the loss that was logged at the same step."""
    losses = {row["step"]: row["loss"] for row in log if "loss" in row}
    for row in log:
        if "eval_dev_score" in row:
            step = row["step"]
            yield {"step": step, "epoch": row["epoch"], "loss": losses[step], "dev_score": row["eval_dev_score"]}


def _latest(folder: Path, may_delete: bool) -> Path | None:
    """The last whole checkpoint; those that a killed run was writing are deleted."""
    for path in sorted(folder.glob("checkpoint-*"), key=lambda path: -int(path.name.rpartition("-")[2])):
        try:
            json.loads((path / STATE).read_text(encoding="utf-8"))
            return path
        except (OSError, ValueError):
            if may_delete:
                shutil.rmtree(path, ignore_errors=True)
    return None
