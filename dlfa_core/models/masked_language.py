"""How well a masked language model knows a language, and what it would write in a gap."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import BertForMaskedLM

from dlfa_core.models.continuing import continue_from
from dlfa_core.models.hardware import choose_device
from dlfa_core.models.masked_rows import RowBuilder, Rows, Subwords
from dlfa_core.models.objectives import Masked, masked_language_losses, read_masked

EVALUATION_RATE = 0.15  # share of tokens that are masked where a model is measured, whatever it was trained with
TOKENS = 4096  # of a batch, padding counted


@torch.inference_mode()
def mean_loss(
    model: BertForMaskedLM, builder: RowBuilder, sentences: Subwords, seed: int = 0, tokens: int = TOKENS
) -> tuple[float, int]:
    """Masked-language-model loss on sentences: 15 % of the tokens masked, the same ones for the same seed.

    Args:
        model: in evaluation mode.
        builder: of the model's tokenizer.
        sentences: not trained on, if the loss is to say anything.
        seed: of what is masked.
        tokens: of a batch, padding counted.

    Returns:
        Mean cross-entropy of the masked tokens in nats, and their number; NaN and 0 where none was masked.
    """
    total, n = 0.0, 0
    for _, rows, masked in evaluation_batches(builder, sentences, seed, tokens):
        rows, masked = rows.to(model.device), masked.to(model.device)
        losses = masked_language_losses(model, read_masked(model, masked, rows.attention, rows.types))
        total, n = total + float(losses.double().sum()), n + len(losses)
    return (total / n if n else math.nan), n


def evaluation_batches(
    builder: RowBuilder, sentences: Subwords, seed: int = 0, tokens: int = TOKENS
) -> Iterator[tuple[np.ndarray, Rows, Masked]]:
    """Yield what `mean_loss` reads: numbers of the sentences of a batch, (batch,), their rows, and what is hidden."""
    for number, part in enumerate(_within(sentences, tokens)):
        rows = builder.sentences([sentences[index] for index in part])
        yield np.array(part), rows, builder.masked(rows, EVALUATION_RATE, seed * 1_000_003 + number)


@dataclass(frozen=True, eq=False)
class MaskedLanguageModel:
    """A BERT with its output for masked words, to ask."""

    model: BertForMaskedLM
    tokenizer: Any

    @classmethod
    def from_pretrained(cls, name_or_path: str) -> "MaskedLanguageModel":
        """Load it in float32; `name_or_path` as for `Encoder.from_pretrained`.

        Raises:
            ModelError: the model is missing, damaged, no BERT, or has no output for masked words.
        """
        model, tokenizer = continue_from(name_or_path)
        return cls(model.eval().to(choose_device("auto")), tokenizer)

    def loss(self, texts: Sequence[str], seed: int = 0, max_length: int = 254) -> tuple[float, int]:
        """`mean_loss` on texts, of which what lies beyond `max_length` subwords is not read."""
        encodings = self.tokenizer.backend_tokenizer.encode_batch(list(texts), add_special_tokens=False)
        subwords = [np.array(encoding.ids[:max_length]) for encoding in encodings]
        return mean_loss(self.model, RowBuilder.of(self.tokenizer), subwords, seed)

    @torch.inference_mode()
    def fill(self, text: str, k: int = 5) -> list[tuple[str, float]]:
        """The `k` likeliest subwords in the gap of a text, each with its probability in [0, 1].

        Raises:
            ValueError: the text has no mask token or several.
        """
        mask = self.tokenizer.mask_token
        read = self.tokenizer(text, return_tensors="pt").to(self.model.device)
        gaps = (read["input_ids"][0] == self.tokenizer.mask_token_id).nonzero().ravel()
        if len(gaps) != 1:
            raise ValueError(f"The text {text!r} has {len(gaps)} gaps: write {mask} in one place.")
        likeliest = self.model(**read).logits[0, gaps[0]].softmax(-1).topk(k)
        words = [self.tokenizer.decode([number]).strip() for number in likeliest.indices.tolist()]
        return [*zip(words, likeliest.values.tolist(), strict=True)]


def _within(sentences: Subwords, tokens: int) -> Iterator[list[int]]:
    """Numbers of sentences by length, as many at a time as fit into `tokens` when padded to the longest; one at
    least.
    """
    part: list[int] = []
    for index in sorted(range(len(sentences)), key=lambda index: len(sentences[index])):
        if part and (len(part) + 1) * (len(sentences[index]) + 2) > tokens:
            yield part
            part = []
        part.append(index)
    if part:
        yield part
