"""Holding a model's states to those of another one that reads the same sentences with other subwords.

A model whose vocabulary was cut (`models.shrinking`) reads rare words in subwords that it never saw there. The model
that it was cut from still knows what those words are, so it teaches: wherever both tokenizers end a subword at the same
character, the mean state between two such places is to be the teacher's, at every layer that is taught.

Reference: hidden-state distillation as in Jiao et al. (2020), TinyBERT, section 3.1, without a projection because both
models are of one width; across two tokenizers, so that spans of text stand where they have tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import BertForMaskedLM, BertModel

from dlfa_core.models.loading import checked_tokenizer, quiet, read_config
from dlfa_core.models.masked_rows import RowBuilder, Rows
from dlfa_core.models.on_device import OnDevice
from dlfa_core.models.source import ModelError, locate

NOWHERE = -1  # span of a token that is in none


@dataclass(frozen=True)
class Lesson(OnDevice):
    """The sentences of a step as the teacher reads them, and the spans that both models can be compared on.

    Attributes:
        rows: what the teacher reads.
        taught: (batch, teacher's seq) span of each of its tokens, or `NOWHERE`.
        learnt: (batch, student's seq) span of each of the student's tokens, or `NOWHERE`.
        n_spans: their number; 0 where every span has a hidden token.
    """

    rows: Rows
    taught: Tensor
    learnt: Tensor
    n_spans: int


class Teacher:
    """A frozen encoder of which the embeddings and the first blocks are used.

    Attributes:
        blocks: how many; states of layers 1 ... `blocks` are taught.
    """

    def __init__(self, model: BertModel, tokenizer: Any, student_tokenizer: Any):
        self.model, self.blocks = model.eval().requires_grad_(False), model.config.num_hidden_layers
        self.builder = RowBuilder.of(tokenizer)
        self._own, self._student = tokenizer.backend_tokenizer, student_tokenizer.backend_tokenizer

    @classmethod
    def from_pretrained(
        cls, name_or_path: str, student: BertForMaskedLM, student_tokenizer: Any, blocks: int
    ) -> "Teacher":
        """Load the first `blocks` blocks in float32; `name_or_path` as for `Encoder.from_pretrained`.

        Raises:
            ModelError: the teacher is missing, damaged, no BERT, of another width, or has too few blocks.
        """
        name, folder = str(name_or_path), locate(name_or_path)
        with quiet():
            config = read_config(name, folder)
            _check(name, config, student.config, blocks)
            tokenizer = checked_tokenizer(name, folder, config)
            config.num_hidden_layers = blocks
            model = BertModel.from_pretrained(folder, config=config, dtype=torch.float32, add_pooling_layer=False)
        return cls(model.to(student.device), tokenizer, student_tokenizer)

    def prepare(self, texts: Sequence[str], rows: Rows, hidden: Tensor) -> Lesson:
        """Prepare what there is to learn from sentences. It touches no model, so a thread may prepare the next steps.

        Args:
            texts: (batch,) sentences.
            rows: the same ones in the student's subwords; may leave out their ends.
            hidden: bool (batch, seq) tokens that the student does not see as they are: their spans are left out.
        """
        lengths = (~rows.special).sum(1).tolist()
        whole = list(texts)
        theirs = self._own.encode_batch(whole, add_special_tokens=False)
        ours = self._student.encode_batch(whole, add_special_tokens=False)
        learnt = np.full(rows.ids.shape, NOWHERE)
        taught, ids, n_spans = [], [], 0
        for row, (one, other, length) in enumerate(zip(theirs, ours, lengths, strict=True)):
            ends = _ends(other)[:length]
            read = _ends(one)
            read = read[read <= ends.max(initial=0)]
            own, teacher, n = number_spans(ends, read, hidden[row, 1 : 1 + length].numpy())
            learnt[row, 1 : 1 + length] = np.where(own == NOWHERE, NOWHERE, own + n_spans)
            taught.append(np.where(teacher == NOWHERE, NOWHERE, teacher + n_spans))
            ids.append(np.where(teacher == NOWHERE, self.builder.mask, np.array(one.ids[: len(read)], dtype=np.int64)))
            n_spans += n
        taught_rows = self.builder.sentences(ids)
        spans = np.full(taught_rows.ids.shape, NOWHERE)
        for row, own in enumerate(taught):
            spans[row, 1 : 1 + len(own)] = own
        return Lesson(taught_rows, torch.from_numpy(spans), torch.from_numpy(learnt), n_spans)

    def loss(self, lesson: Lesson, states: Sequence[Tensor]) -> Tensor:
        """Share of the variance of the teacher's states that the student's leave unexplained, mean over the layers.

        Args:
            lesson: on the teacher's device.
            states: (batch, seq, hidden) the student's, one for each layer from the embeddings on; those above the
                teacher's blocks play no part.

        Returns:
            0 where the states are the same, 1 where the mean of all spans would do as well.
        """
        with torch.no_grad():
            rows = lesson.rows
            read = self.model(rows.ids, attention_mask=rows.attention, output_hidden_states=True).hidden_states
        losses = [
            unexplained_variance(
                span_means(states[layer], lesson.learnt, lesson.n_spans),
                span_means(read[layer], lesson.taught, lesson.n_spans),
            )
            for layer in range(1, self.blocks + 1)
        ]
        return torch.stack(losses).mean()


def span_means(states: Tensor, spans: Tensor, n_spans: int) -> Tensor:
    """(n_spans, hidden) mean state of each span's tokens.

    Args:
        states: (batch, seq, hidden).
        spans: (batch, seq) number of the span that each token is in, or `NOWHERE`; every span has a token.
        n_spans: their number.
    """
    inside = spans != NOWHERE
    where = spans[inside]
    sums = states.new_zeros((n_spans, states.shape[-1])).index_add_(0, where, states[inside])
    return sums / torch.bincount(where, minlength=n_spans).unsqueeze(1)


def unexplained_variance(found: Tensor, target: Tensor) -> Tensor:
    """Squared distance of vectors from their targets, in units of the targets' from their own mean.

    Args:
        found, target: (n, hidden).

    Returns:
        0 and more; 0 for n = 0, and where all targets are the same the squared distance itself.
    """
    if not len(target):
        return found.sum() * 0
    found, target = found.float(), target.float()
    spread = (target - target.mean(0)).square().sum()
    return (found - target).square().sum() / torch.where(spread > 0, spread, len(target))


def _check(name: str, config: Any, student: Any, blocks: int) -> None:
    if config.model_type != "bert":
        raise ModelError(f"A teacher has to be a BERT, but {name!r} is of the type {config.model_type}.")
    if config.hidden_size != student.hidden_size:
        raise ModelError(
            f"The states of the teacher {name!r} have {config.hidden_size} dimensions and the model's "
            f"{student.hidden_size}: choose the model that the start was shrunk from."
        )
    if not 1 <= blocks <= min(config.num_hidden_layers, student.num_hidden_layers):
        raise ModelError(
            f"teacher_blocks={blocks}, but the teacher {name!r} has {config.num_hidden_layers} blocks and the model "
            f"{student.num_hidden_layers}: choose at least 1 and no more than either has."
        )


def _ends(encoding: Any) -> np.ndarray:
    """(tokens,) the character behind each token; never falls."""
    ends = np.array([end for _, end in encoding.offsets], dtype=np.int64)
    return np.maximum.accumulate(ends)


def number_spans(own: np.ndarray, theirs: np.ndarray, hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Span of each token of two readings of a sentence, and how many spans there are.

    Args:
        own, theirs: (tokens,) the character behind each token.
        hidden: bool (own tokens,) whose spans are not compared.
    """
    common = np.intersect1d(own, theirs)
    spans = [np.searchsorted(common, ends) for ends in (own, theirs)]
    kept = np.ones(len(common) + 1, dtype=bool)
    kept[spans[0][hidden]] = False
    kept[-1] = False  # behind the last place where both end a token
    numbers = np.where(kept, np.cumsum(kept) - 1, NOWHERE)
    return numbers[spans[0]], numbers[spans[1]], int(kept.sum())
