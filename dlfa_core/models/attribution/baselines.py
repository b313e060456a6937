"""Texts without content, to hold a text against."""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from dlfa_core.models.attribution.registry import BASELINES, MOST_NEUTRAL, find_baseline
from dlfa_core.models.attribution.subject import Subject
from dlfa_core.models.reading import Batch


@dataclass(frozen=True)
class Baseline:
    """The vectors that stand in for every subword of a text; special tokens and positions stay.

    Attributes:
        name: key of `BASELINES`.
        subword: its number, None for vectors of zeros.
    """

    name: str
    subword: int | None

    @classmethod
    def of(cls, name: str, tokenizer: PreTrainedTokenizerBase) -> "Baseline":
        """The baseline of that name.

        Raises:
            ValueError: unknown name, one that is still to be chosen, or a tokenizer without such a subword.
        """
        if find_baseline(name) == MOST_NEUTRAL:
            raise ValueError(f"{name!r} names no baseline by itself: ask the explainer which one that is.")
        if name == "zero":
            return cls(name, None)
        subword = {"pad": tokenizer.pad_token_id, "mask": tokenizer.mask_token_id}[name]
        if subword is None:
            raise ValueError(f"This model's vocabulary has no {name} token: choose another baseline, such as 'zero'.")
        return cls(name, subword)

    def vectors(self, subject: Subject, batch: Batch) -> Tensor:
        """The vectors of the baselines of texts, (batch, seq, width)."""
        if self.subword is None:
            return subject.vectors(batch.ids) * ~batch.own[..., None]
        return subject.vectors(torch.where(batch.own, self.subword, batch.ids))


def possible_baselines(tokenizer: PreTrainedTokenizerBase) -> tuple[str, ...]:
    """Return those of `BASELINES` that a tokenizer has subwords for."""
    has = {"pad": tokenizer.pad_token_id, "mask": tokenizer.mask_token_id, "zero": 0}
    return tuple(name for name in BASELINES if has[name] is not None)
