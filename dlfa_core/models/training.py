"""Training a masked language model step by step, with checkpoints to go on from."""

import json
import math
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertForMaskedLM, BertTokenizerFast
from transformers.utils import logging

from dlfa_core.models.distillation import Lesson, Teacher
from dlfa_core.models.hardware import choose_device, has_fast_bfloat16
from dlfa_core.models.loading import first_line
from dlfa_core.models.masked_language import mean_loss
from dlfa_core.models.masked_rows import RowBuilder, Rows, Subwords
from dlfa_core.models.objectives import (
    IGNORED,
    Masked,
    lower_part,
    masked_language_loss,
    read_masked,
    sentence_means,
    translation_ranking_loss,
    valence_loss,
)
from dlfa_core.models.on_device import OnDevice
from dlfa_core.models.source import ModelError

WARM_UP = 0.05  # share of the steps over which the learning rate rises
CLIP = 1.0  # largest gradient norm
WEIGHT_DECAY = 0.01  # of matrices, not of vectors
CHECKPOINT = "safe-point.pt"  # its first name, so that earlier runs can be gone on from
MEASUREMENTS = "measurements.json"  # what was measured at the checkpoints, and at the last of them
PROGRESS = ("step", "history")  # attributes of `Pretraining` that a checkpoint holds
LOOK_EVERY = 10  # steps between looks at the losses: each look waits for the device

LOSSES = ("mlm_loss", "ranking_loss", "valence_loss", "teacher_loss")


@dataclass(frozen=True)
class PretrainingRecipe:
    """How to train: see `experiments.pretrain.Spec` for what the numbers mean."""

    steps: int
    lr: float
    mask_rate: float
    rank_layer: int
    rank_weight: float
    seed: int
    whole_word_mask_rate: float = 0.0  # share of marked words that are hidden, whole
    valence_weight: float = 0.0
    valence_outputs: int = 0  # 0 for no such loss, 1 for regression, else classes
    embedding_rate: float = 0.3  # factor on the learning rate of the subword vectors
    taught_rate: float = 1.0  # factor on the learning rate of the blocks that a teacher teaches
    teacher_weight: float = 0.0


@dataclass(frozen=True)
class Step:
    """What one step learns from.

    `translated` says that the rows of `hidden` are (sentence, translation) and read side by side;
    otherwise they are sentences. `left` and `right` are translations to be ranked, row by row. `words` marks the
    subwords of such sentences that belong to one word, as `data.augment.word_groups` numbers them. `valued` are words
    in subwords, with their valences or classes. `texts` are such sentences as they are written, for a teacher to read.
    """

    hidden: Subwords | Sequence[tuple[np.ndarray, np.ndarray]]
    translated: bool
    left: Subwords
    right: Subwords
    words: Subwords | None = None
    valued: tuple[Subwords, np.ndarray] | None = None
    texts: Sequence[str] | None = None


@dataclass(frozen=True)
class Batch(OnDevice):
    """What one optimiser step reads, padded and masked, still on the processor.

    `translations` holds the left sides of the pairs to be ranked and below them the right ones; `words` are to be
    given the values of `valences`; `lesson` is what the teacher makes of the masked sentences.
    """

    rows: Rows
    masked: Masked
    translations: Rows | None = None
    words: Rows | None = None
    valences: Tensor | None = None
    lesson: Lesson | None = None

    @property
    def n_tokens(self) -> int:
        """Tokens of the masked and the ranked sentences that are no padding."""
        return self.rows.n_tokens + (self.translations.n_tokens if self.translations else 0)


class Pretraining:
    """A model on its way through a recipe.

    Attributes:
        step: steps done.
        history: a dict a checkpoint: step, tokens, seconds and `LOSSES`.
        measurements: what `note` was given, each with its step.
        measured: the last step that something was noted for.
    """

    def __init__(
        self,
        model: BertForMaskedLM,
        tokenizer: BertTokenizerFast,
        recipe: PretrainingRecipe,
        teacher: Teacher | None = None,
    ):
        self.device = choose_device("auto")
        self.half = has_fast_bfloat16(self.device)
        self.model, self.tokenizer, self.recipe = model.to(self.device), tokenizer, recipe
        self.builder = RowBuilder.of(tokenizer)
        if self.device.type == "cpu":  # the fused kernel's backward pass takes six times as long there
            model.set_attn_implementation("eager")
        self.lower = lower_part(model, recipe.rank_layer) if recipe.rank_layer else None
        self.teacher = teacher
        self.valence = _valence_head(model, recipe).to(self.device) if recipe.valence_outputs else None
        self.optimiser = torch.optim.AdamW(_groups(model, recipe, teacher, self.valence), betas=(0.9, 0.98), fused=True)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: _rate(step, recipe.steps))
        self.step = self.measured = 0
        self.history: list[dict] = []
        self.measurements: list[dict] = []
        self._tokens, self._since = 0, perf_counter()
        self._losses, self._counts = torch.zeros(2, len(LOSSES), device=self.device)  # sums, and steps that had each
        self._seen = np.full(len(LOSSES), math.nan)  # mean losses at the last look

    def prepare(self, step: Step, number: int) -> Batch:
        """Prepare what step number `number` reads, padded and masked: a function of the recipe's seed and that number.

        It touches neither model nor device, so a thread may make the next batches while a step runs.
        """
        recipe, build = self.recipe, self.builder
        rows = build.pairs(step.hidden) if step.translated else build.sentences(step.hidden)
        groups = None if step.words is None else _marked(step.words, rows.ids.shape)
        masked = build.masked(
            rows, recipe.mask_rate, recipe.seed * 1_000_003 + number, groups, recipe.whole_word_mask_rate
        )
        batch = Batch(
            rows,
            masked,
            build.sentences([*step.left, *step.right]) if self.lower is not None else None,
            build.sentences(step.valued[0]) if self._has_valences(step) else None,
            torch.from_numpy(step.valued[1]) if self._has_valences(step) else None,
            self._lesson(step, rows, masked),
        )
        return batch if self.device.type != "cuda" else batch.pinned()

    def advance(self, batch: Batch) -> None:
        """One optimiser step on the weighted sum of the losses."""
        self.model.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            rows = batch.rows.to(self.device)
            read = read_masked(self.model, batch.masked.to(self.device), rows.attention, rows.types)
            masked = masked_language_loss(self.model, read)
            taught = self._teacher_loss(batch, read.states)
            (masked if taught is None else masked + self.recipe.teacher_weight * taught).backward()
            ranking = self._ranking_loss(batch)
            if ranking is not None:
                (self.recipe.rank_weight * ranking).backward()
            valence = self._valence_loss(batch)
            if valence is not None:
                (self.recipe.valence_weight * valence).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.schedule.step()
        self.step += 1
        self._tokens += batch.n_tokens
        absent = torch.tensor(math.nan, device=self.device)
        losses = [absent if loss is None else loss.detach() for loss in (masked, ranking, valence, taught)]
        found = torch.stack(losses).float()
        self._losses += found.nan_to_num()
        self._counts += ~found.isnan()

    def describe(self) -> str:
        """Say where training is, for people: the step, and the mean losses since the last checkpoint.

        The losses are looked at every `LOOK_EVERY` steps and stay as they were in between.
        """
        steps = self.step - (self.history[-1]["step"] if self.history else 0)
        if steps == 1 or self.step % LOOK_EVERY == 0:
            self._seen = (self._losses / self._counts).cpu().numpy()
        masked, ranking, valence, taught = self._seen
        parts = [f"MLM loss {masked:.2f}"]
        parts += [f"ranking {ranking:.2f}"] * (self.lower is not None)
        parts += [f"valence {valence:.2f}"] * (self.valence is not None)
        parts += [f"teacher {taught:.2f}"] * (self.teacher is not None)
        return f"Step {self.step:,}: {', '.join(parts)}"

    def evaluate(self, sentences: Subwords, seed: int = 0) -> tuple[float, int]:
        """The model's loss as it is now, see `masked_language.mean_loss`."""
        return mean_loss(self.model.eval(), self.builder, sentences, seed)

    def export(self, folder: Path) -> None:
        """Write the model as it is now, in half precision, and its tokenizer, for `from_pretrained`."""
        logging.disable_progress_bar()
        deepcopy(self.model).half().save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def keep(self, folder: Path) -> None:
        """Write a checkpoint to go on from."""
        self._close_interval()
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {name: getattr(self, name) for name in PROGRESS}
        torch.save(state, folder / f"{CHECKPOINT}.new")
        (folder / f"{CHECKPOINT}.new").replace(folder / CHECKPOINT)

    def note(self, folder: Path, measurements: list[dict]) -> None:
        """Add what was measured on the model as it was at the last checkpoint."""
        self.measurements.extend({"step": self.step, **row} for row in measurements)
        self.measured = self.step
        noted = {"measured": self.measured, "measurements": self.measurements}
        (folder / f"{MEASUREMENTS}.new").write_text(json.dumps(noted), encoding="utf-8")
        (folder / f"{MEASUREMENTS}.new").replace(folder / MEASUREMENTS)

    def resume(self, folder: Path) -> None:
        """Go on from the checkpoint in a folder, if there is one.

        Raises:
            ModelError: it is damaged.
        """
        if not (folder / CHECKPOINT).exists():
            return
        try:
            state = torch.load(folder / CHECKPOINT, map_location=self.device, weights_only=True)
        except Exception as error:
            raise ModelError(
                f"The checkpoint {folder / CHECKPOINT} cannot be read ({first_line(error)}): delete it to train from "
                "the start."
            ) from error
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        for name in PROGRESS:
            setattr(self, name, state[name])
        if (folder / MEASUREMENTS).exists():
            noted = json.loads((folder / MEASUREMENTS).read_text(encoding="utf-8"))
            self.measured, self.measurements = noted["measured"], noted["measurements"]

    def _parts(self) -> dict:
        parts = {"model": self.model, "optimiser": self.optimiser, "schedule": self.schedule}
        return parts if self.valence is None else {**parts, "valence": self.valence}

    def _close_interval(self) -> None:
        """Turn the sums since the last checkpoint into a row of the history."""
        before = self.history[-1] if self.history else {"step": 0, "tokens": 0, "seconds": 0.0}
        now = perf_counter()
        self.history.append(
            {
                "step": self.step,
                "tokens": before["tokens"] + self._tokens,
                "seconds": before["seconds"] + now - self._since,
                **dict(zip(LOSSES, (self._losses / self._counts).tolist(), strict=True)),
            }
        )
        self._tokens, self._since = 0, now
        self._losses.zero_()
        self._counts.zero_()

    def _ranking_loss(self, batch: Batch) -> Tensor | None:
        if batch.translations is None:
            return None
        means = self._means(self.lower, batch.translations)
        return translation_ranking_loss(*means.split(len(means) // 2))

    def _lesson(self, step: Step, rows: Rows, masked: Masked) -> Lesson | None:
        if self.teacher is None or step.texts is None:
            return None
        return self.teacher.prepare(step.texts, rows, masked.labels != IGNORED)

    def _teacher_loss(self, batch: Batch, states: Sequence[Tensor]) -> Tensor | None:
        return None if batch.lesson is None else self.teacher.loss(batch.lesson.to(self.device), states)

    def _has_valences(self, step: Step) -> bool:
        return self.valence is not None and step.valued is not None

    def _valence_loss(self, batch: Batch) -> Tensor | None:
        if batch.words is None:
            return None
        return valence_loss(self.valence, self._means(self.model.bert, batch.words), batch.valences.to(self.device))

    def _means(self, part: nn.Module, rows: Rows) -> Tensor:
        rows = rows.to(self.device)
        return sentence_means(part, rows.ids, rows.attention, rows.special)


def _marked(words: Subwords, shape: tuple[int, ...]) -> Tensor:
    """(batch, seq) the words of each row behind its [CLS]."""
    marked = np.zeros(shape, dtype=np.int64)
    for row, numbers in enumerate(words):
        marked[row, 1 : 1 + len(numbers)] = numbers
    return torch.from_numpy(marked)


def _valence_head(model: BertForMaskedLM, recipe: PretrainingRecipe) -> nn.Linear:
    """Return what reads valences from mean vectors; it begins at 0, so that no chance is spent on it."""
    head = nn.utils.skip_init(nn.Linear, model.config.hidden_size, recipe.valence_outputs)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


def _groups(
    model: BertForMaskedLM, recipe: PretrainingRecipe, teacher: Teacher | None, valence: nn.Linear | None
) -> list[dict]:
    """Weights by learning rate: subword vectors, blocks that are taught, the rest; matrices decay, vectors do not."""
    subwords = model.get_input_embeddings().weight
    taught = [*model.bert.encoder.layer[: teacher.blocks].parameters()] if teacher else []
    apart = {id(subwords), *map(id, taught)}
    rest = [weight for weight in model.parameters() if id(weight) not in apart]
    rest += valence.parameters() if valence is not None else []
    return [
        {"params": [subwords], "lr": recipe.lr * recipe.embedding_rate, "weight_decay": 0.0},
        *(
            {"params": own, "lr": rate, "weight_decay": decay}
            for weights, rate in ((taught, recipe.lr * recipe.taught_rate), (rest, recipe.lr))
            for decay in (WEIGHT_DECAY, 0.0)
            if (own := [weight for weight in weights if (weight.ndim > 1) == (decay > 0)])
        ),
    ]


def _rate(step: int, steps: int) -> float:
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
