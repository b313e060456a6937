"""A model that answers questions: a fusion model of this project, or any extractive one that transformers knows."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from dlfa_core.data.tasks import QuestionSet
from dlfa_core.models.hardware import choose_device
from dlfa_core.models.loading import longest_input
from dlfa_core.models.source import ModelError
from dlfa_core.models.spans import SpanBatch, SpanReading, read_spans
from dlfa_core.models.task_batches import batch_examples
from dlfa_core.models.task_loading import load_task_model


class AnswerReader:
    """Scores every subword of contexts as the start and as the end of an answer.

    Attributes:
        no_answer: whether the model may say that a context has none.
        trained_on: what the model says that it was trained on; "" where it says nothing.
        max_length: the most subwords that it can read at once, special tokens counted.

    Args:
        name: what it was loaded by, for messages.
        model, tokenizer: from `load_task_model`.

    Raises:
        ModelError: the model answers no questions.
    """

    def __init__(self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase):
        if not type(model).__name__.endswith("ForQuestionAnswering"):
            raise ModelError(
                f"{name!r} answers no questions (it is a {type(model).__name__}): choose a model that was trained to, "
                "such as one of `python -m dlfa_core train --task qa:sample`."
            )
        self.name, self.tokenizer = name, tokenizer
        self.model = model.eval().requires_grad_(False).to(choose_device("auto"))
        self.max_length = longest_input(getattr(model, "encoder", model), tokenizer)
        self.no_answer = bool(getattr(model.config, "no_answer", False))
        self.trained_on = getattr(model.config, "trained_on", None) or ""

    @classmethod
    def from_pretrained(cls, name: str) -> "AnswerReader":
        """Load a model by its name; errors as `load_task_model`."""
        return cls(name, *load_task_model(name))

    def read(self, questions: QuestionSet, window: int, stride: int) -> list[SpanReading]:
        """Questions with the windows of their contexts; errors as `read_spans`."""
        return read_spans(self.tokenizer, questions, min(window, self.max_length), stride)

    def said(
        self, readings: Sequence[SpanReading], size: int, progress: Callable[[float, str], None]
    ) -> Iterator[tuple[Tensor, SpanBatch]]:
        """Yield (m, 2) logits and the batch of windows that they are of, `size` windows at most."""
        batches = batch_examples(readings, size, self.tokenizer.pad_token_id or 0, self.model.device)
        for done, batch in enumerate(batches):
            progress(done / len(batches), f"Reading passages, {done + 1} of {len(batches)}")
            with torch.inference_mode():
                yield self._logits(batch)[batch.rows, batch.positions].float(), batch

    def _logits(self, batch: SpanBatch) -> Tensor:
        """(batch, seq, 2) of every subword."""
        inputs = {"input_ids": batch.ids, "attention_mask": batch.mask}
        if self.model.config.model_type == "dlfa" or getattr(self.model.config, "type_vocab_size", 0) > 1:
            inputs["token_type_ids"] = batch.types
        found = self.model(**inputs)
        if self.model.config.model_type == "dlfa":
            return found.logits
        return torch.stack([found.start_logits, found.end_logits], -1)
