"""Training a masked language model step by step, with safe points to go on from."""

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

from dlfa_core.models.hardware import choose_device, has_fast_bfloat16
from dlfa_core.models.objectives import (
    hide_tokens,
    lower_part,
    masked_language_loss,
    sentence_means,
    translation_ranking_loss,
    valence_loss,
)

WARM_UP = 0.05  # share of the steps over which the learning rate rises
CLIP = 1.0  # largest gradient norm
WEIGHT_DECAY = 0.01  # of matrices, not of vectors
EMBEDDING_RATE = 0.3  # factor on the learning rate of the piece vectors, which begin as good ones
SAFE_POINT = "safe-point.pt"

Pieces = Sequence[np.ndarray]


@dataclass(frozen=True)
class Recipe:
    """How to train: see `experiments.pretrain.Spec` for what the numbers mean."""

    steps: int
    lr: float
    mask_rate: float
    rank_layer: int
    rank_weight: float
    seed: int
    word_rate: float = 0.0  # share of marked words that are hidden, whole
    valence_weight: float = 0.0
    valence_outputs: int = 0  # 0 for no such loss, 1 for regression, else classes


@dataclass(frozen=True)
class Step:
    """What one step learns from.

    `translated` says that the rows of `hidden` are (sentence, translation) and read side by side;
    otherwise they are sentences. `left` and `right` are translations to be ranked, row by row. `words` marks the
    pieces of such sentences that belong to one word, as `data.augment.word_groups` numbers them. `valued` are words
    in pieces, with their valences or classes.
    """

    hidden: Pieces | Sequence[tuple[np.ndarray, np.ndarray]]
    translated: bool
    left: Pieces
    right: Pieces
    words: Pieces | None = None
    valued: tuple[Pieces, np.ndarray] | None = None


@dataclass(frozen=True)
class Rows:
    """Padded sentences: all fields (batch, seq)."""

    ids: Tensor
    types: Tensor
    attention: Tensor
    special: Tensor  # [CLS], [SEP] and padding


class Training:
    """A model on its way through a recipe.

    Attributes:
        step: steps done.
        history: a dict a safe point: step, tokens, seconds, hidden_word_loss, ranking_loss, valence_loss.
        measurements: what `keep` was given, each with its step.
    """

    def __init__(self, model: BertForMaskedLM, tokenizer: BertTokenizerFast, recipe: Recipe):
        self.device = choose_device("auto")
        self.half = has_fast_bfloat16(self.device)
        self.model, self.tokenizer, self.recipe = model.to(self.device), tokenizer, recipe
        if self.device.type == "cpu":  # the fused kernel's backward pass takes six times as long there
            model.set_attn_implementation("eager")
        self.lower = lower_part(model, recipe.rank_layer) if recipe.rank_layer else None
        self.valence = _valence_head(model, recipe).to(self.device) if recipe.valence_outputs else None
        self.optimiser = torch.optim.AdamW(_groups(model, recipe.lr, self.valence), betas=(0.9, 0.98), fused=True)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, lambda step: _rate(step, recipe.steps))
        self.step = 0
        self.history: list[dict] = []
        self.measurements: list[dict] = []
        self._tokens, self._losses, self._since = 0, np.zeros(3), perf_counter()

    def advance(self, batch: Step) -> None:
        """One optimiser step on the weighted sum of the losses."""
        self.model.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            hidden_word = self._hidden_word_loss(batch)
            hidden_word.backward()
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
        self._losses += [math.nan if loss is None else loss.item() for loss in (hidden_word, ranking, valence)]

    def describe(self) -> str:
        """Where training is, for people: the step and the mean losses since the last safe point."""
        steps = self.step - (self.history[-1]["step"] if self.history else 0)
        hidden_word, ranking, valence = self._losses / max(1, steps)
        parts = [f"hidden words {hidden_word:.2f}"]
        parts += [f"ranking {ranking:.2f}"] * (self.lower is not None)
        parts += [f"valence {valence:.2f}"] * (self.valence is not None)
        return f"Step {self.step:,}: {', '.join(parts)}"

    def export(self, folder: Path) -> None:
        """Write the model as it is now, in half precision, and its tokenizer, for `from_pretrained`."""
        logging.disable_progress_bar()
        deepcopy(self.model).half().save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def keep(self, folder: Path, measurements: list[dict]) -> None:
        """Write a safe point to go on from, with what was measured on the model as it is now."""
        self._close_interval()
        self.measurements.extend({"step": self.step, **row} for row in measurements)
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {"step": self.step, "history": self.history, "measurements": self.measurements}
        torch.save(state, folder / f"{SAFE_POINT}.new")
        (folder / f"{SAFE_POINT}.new").replace(folder / SAFE_POINT)

    def resume(self, folder: Path) -> None:
        """Go on from the safe point in a folder, if there is one."""
        if not (folder / SAFE_POINT).exists():
            return
        state = torch.load(folder / SAFE_POINT, map_location=self.device, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.step, self.history, self.measurements = state["step"], state["history"], state["measurements"]

    def _parts(self) -> dict:
        parts = {"model": self.model, "optimiser": self.optimiser, "schedule": self.schedule}
        return parts if self.valence is None else {**parts, "valence": self.valence}

    def _close_interval(self) -> None:
        """Turn the sums since the last safe point into a row of the history."""
        before = self.history[-1] if self.history else {"step": 0, "tokens": 0, "seconds": 0.0}
        steps, now = max(1, self.step - before["step"]), perf_counter()
        self.history.append(
            {
                "step": self.step,
                "tokens": before["tokens"] + self._tokens,
                "seconds": before["seconds"] + now - self._since,
                "hidden_word_loss": float(self._losses[0] / steps),
                "ranking_loss": float(self._losses[1] / steps),
                "valence_loss": float(self._losses[2] / steps),
            }
        )
        self._tokens, self._losses, self._since = 0, np.zeros(3), now

    def _hidden_word_loss(self, batch: Step) -> Tensor:
        rows = self._rows(batch.hidden if batch.translated else [(ids,) for ids in batch.hidden])
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.step)
        masked = hide_tokens(
            rows.ids,
            rows.special,
            self.tokenizer.mask_token_id,
            len(self.tokenizer.all_special_ids),
            len(self.tokenizer),
            self.recipe.mask_rate,
            generator,
            None if batch.words is None else _marked(batch.words, rows.ids.shape),
            self.recipe.word_rate,
        )
        self._tokens += int(rows.attention.sum())
        return masked_language_loss(
            self.model, masked.to(self.device), rows.attention.to(self.device), rows.types.to(self.device)
        )

    def _ranking_loss(self, batch: Step) -> Tensor | None:
        if self.lower is None:
            return None
        both = self._rows([(ids,) for ids in (*batch.left, *batch.right)])
        self._tokens += int(both.attention.sum())
        means = sentence_means(
            self.lower, both.ids.to(self.device), both.attention.to(self.device), both.special.to(self.device)
        )
        return translation_ranking_loss(*means.split(len(batch.left)))

    def _valence_loss(self, batch: Step) -> Tensor | None:
        if self.valence is None or batch.valued is None:
            return None
        words, target = batch.valued
        rows = self._rows([(ids,) for ids in words])
        means = sentence_means(
            self.model.bert, rows.ids.to(self.device), rows.attention.to(self.device), rows.special.to(self.device)
        )
        return valence_loss(self.valence, means, torch.from_numpy(target).to(self.device))

    def _rows(self, sentences: Sequence[Sequence[np.ndarray]]) -> Rows:
        """[CLS] a [SEP], or [CLS] a [SEP] b [SEP], padded to the longest."""
        first, end, empty = (
            self.tokenizer.cls_token_id,
            self.tokenizer.sep_token_id,
            self.tokenizer.pad_token_id,
        )
        lengths = [1 + sum(len(part) + 1 for part in parts) for parts in sentences]
        ids = np.full((len(sentences), max(lengths)), empty)
        types = np.zeros_like(ids)
        for row, parts in enumerate(sentences):
            ids[row, 0], place = first, 1
            for kind, part in enumerate(parts):
                ids[row, place : place + len(part)] = part
                ids[row, place + len(part)] = end
                types[row, place : place + len(part) + 1] = kind
                place += len(part) + 1
        special = np.isin(ids, (first, end, empty))
        return Rows(*(torch.from_numpy(array) for array in (ids, types, (ids != empty).astype(np.int64), special)))


def _marked(words: Pieces, shape: tuple[int, ...]) -> Tensor:
    """(batch, seq) the words of each row behind its [CLS]."""
    marked = np.zeros(shape, dtype=np.int64)
    for row, numbers in enumerate(words):
        marked[row, 1 : 1 + len(numbers)] = numbers
    return torch.from_numpy(marked)


def _valence_head(model: BertForMaskedLM, recipe: Recipe) -> nn.Linear:
    """What reads valences from mean vectors; it begins at 0, so that no chance is spent on it."""
    head = nn.utils.skip_init(nn.Linear, model.config.hidden_size, recipe.valence_outputs)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


def _groups(model: nn.Module, lr: float, valence: nn.Linear | None) -> list[dict]:
    pieces = model.get_input_embeddings().weight
    others = [weight for weight in model.parameters() if weight is not pieces]
    return [
        {"params": [pieces], "lr": lr * EMBEDDING_RATE, "weight_decay": 0.0},
        {"params": [w for w in others if w.ndim > 1], "lr": lr, "weight_decay": WEIGHT_DECAY},
        {"params": [w for w in others if w.ndim <= 1], "lr": lr, "weight_decay": 0.0},
        *([{"params": list(valence.parameters()), "lr": lr, "weight_decay": 0.0}] if valence is not None else []),
    ]


def _rate(step: int, steps: int) -> float:
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))
