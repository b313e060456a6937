"""Sentences in subwords, as rows that a masked language model reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dlfa_core.models.objectives import Masked, mask_tokens
from dlfa_core.models.on_device import OnDevice

Subwords = Sequence[np.ndarray]  # of sentences: (tokens,) ids each, without special tokens


@dataclass(frozen=True)
class Rows(OnDevice):
    """Padded sentences: all fields (batch, seq)."""

    ids: Tensor
    types: Tensor
    attention: Tensor
    special: Tensor  # [CLS], [SEP] and padding

    @property
    def n_tokens(self) -> int:
        """Tokens that are no padding."""
        return int(self.attention.sum())


@dataclass(frozen=True)
class RowBuilder:
    """Makes rows as one tokenizer has them.

    Attributes:
        first, end, empty, mask: ids of [CLS], [SEP], [PAD] and [MASK].
        n_special: special tokens; their ids come first.
        n_subwords: one more than the last id.
    """

    first: int
    end: int
    empty: int
    mask: int
    n_special: int
    n_subwords: int

    @classmethod
    def of(cls, tokenizer: Any) -> "RowBuilder":
        """From a tokenizer of transformers."""
        return cls(
            tokenizer.cls_token_id,
            tokenizer.sep_token_id,
            tokenizer.pad_token_id,
            tokenizer.mask_token_id,
            len(tokenizer.all_special_ids),
            len(tokenizer),
        )

    def sentences(self, sentences: Subwords) -> Rows:
        """[CLS] a [SEP], padded to the longest."""
        return self._rows([(ids,) for ids in sentences])

    def pairs(self, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> Rows:
        """[CLS] a [SEP] b [SEP], padded to the longest; b and what follows it are of type 1."""
        return self._rows(pairs)

    def masked(
        self, rows: Rows, rate: float, seed: int, groups: Tensor | None = None, group_rate: float = 0.0
    ) -> Masked:
        """Rows with some tokens hidden, see `mask_tokens`; the same ones for the same seed."""
        generator = torch.Generator().manual_seed(seed)
        return mask_tokens(
            rows.ids, rows.special, self.mask, self.n_special, self.n_subwords, rate, generator, groups, group_rate
        )

    def _rows(self, sentences: Sequence[Sequence[np.ndarray]]) -> Rows:
        lengths = np.array([1 + sum(len(part) + 1 for part in parts) for parts in sentences])
        shape = (len(lengths), lengths.max())
        ids, types = np.full(shape, self.empty), np.zeros(shape, dtype=np.int64)
        inside = np.arange(shape[1]) < lengths[:, None]
        ids[inside] = np.concatenate([part for parts in sentences for part in self._joined(parts)])
        types[inside] = np.concatenate(
            [np.full(len(part) + (kind == 0) + 1, kind) for parts in sentences for kind, part in enumerate(parts)]
        )
        special = np.isin(ids, (self.first, self.end, self.empty))
        attention = (ids != self.empty).astype(np.int64)
        return Rows(*(torch.from_numpy(array) for array in (ids, types, attention, special)))

    def _joined(self, parts: Sequence[np.ndarray]) -> Iterator[Sequence[int]]:
        yield [self.first]
        for part in parts:
            yield part
            yield [self.end]
