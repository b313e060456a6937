"""Every state of a multilingual encoder, pooled to one vector a text, in one pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from dlfa_core.models.batching import distinct, sorted_batches
from dlfa_core.models.blocks import find_blocks, visit_states
from dlfa_core.models.filling import Filling
from dlfa_core.models.hardware import choose_device, choose_dtype, free_memory, has_matrix_unit, to_host
from dlfa_core.models.loading import load, longest_input
from dlfa_core.models.pooling import POOLINGS
from dlfa_core.models.reading import Batch, check_text, pad

# Tokens in a batch. On a processor matrix products are at full speed from about 256 tokens on, and small batches hold
# less padding (68 sentences: 4 % at 256 tokens, 8 % at 512, 25 % at 2,048) and stay in the cache. Matrix units such as
# AMX, which are ten times as fast, and accelerators need more.
BATCH_TOKENS = {"cpu": 512, "mps": 4096, "cuda": 16384}
BATCH_TOKENS_MATRIX_UNIT = 2048  # on a processor that has one, in bfloat16
SHARE_OF_FREE = 0.25  # of an accelerator's memory that a batch may take
KEPT = 8  # states of a token, and inner ones, that a block holds at once: about so many


@dataclass(frozen=True, eq=False)
class States:
    """What every layer of an encoder makes of some texts."""

    vectors: np.ndarray  # float32 (n_states, n, hidden); row i is text i, state 0 the embedding output
    n_subwords: np.ndarray  # int (n,): subwords read of each text, special tokens not counted
    unknown: np.ndarray  # int (n,): how many of them the vocabulary does not know
    truncated: int  # texts that were cut at max_length


class Encoder:
    """A pretrained encoder with all its states.

    Attributes:
        name: what it was loaded by.
        model, tokenizer: of transformers; the model is frozen and in eval mode.
        n_states: blocks + 1.
        hidden_size: width of a state.
        max_length: the most subwords that it can read at once, special tokens counted.
    """

    def __init__(self, name: str, model: nn.Module, tokenizer: PreTrainedTokenizerBase):
        self.name, self.model, self.tokenizer = name, model, tokenizer
        self.blocks = find_blocks(model)
        self.n_states = len(self.blocks) + 1
        self.hidden_size = model.config.hidden_size
        self.max_length = longest_input(model, tokenizer)

    @classmethod
    def from_pretrained(cls, name_or_path: str, device: str = "auto", dtype: str = "auto") -> "Encoder":
        """Load an encoder.

        Args:
            name_or_path: `demo` for the bundled model, a folder, or a hub id.
            device: "auto" (CUDA before MPS before the processor), "cpu", "cuda", "cuda:1", "mps".
            dtype: "auto" (bfloat16 where the device computes with it, else float32), or its name.

        Raises:
            ModelError: the model is missing, damaged or no encoder.
            ValueError: no such device or dtype.
        """
        chosen = choose_device(device)
        model, tokenizer = load(name_or_path, choose_dtype(dtype, chosen))
        return cls(str(name_or_path), model.to(chosen), tokenizer)

    def encode(
        self,
        texts: Sequence[str],
        pooling: str = "mean",
        special_tokens: bool = False,
        max_length: int = 256,
        progress: Callable[[float, str], None] | None = None,
        out: np.ndarray | None = None,
        batch_tokens: int | None = None,
    ) -> States:
        """Read texts and pool every state inside the batch, so that token states are never held.

        A text's vectors do not depend on the other texts. Identical texts are read once.

        Args:
            texts: n texts; none gives arrays with no rows.
            pooling: "mean" or "max" over the text's subwords, or "cls" for the first token.
            special_tokens: whether "mean" and "max" include [CLS], [SEP] and the like.
            max_length: the most subwords of a text, special tokens counted; lowered to the model's own limit.
            progress: called with the fraction done and a message before the first and after every batch; what
                it raises ends the work.
            out: float32 (n_states, n, hidden) to write to, such as a memory map; by default a new array.
            batch_tokens: the most tokens in a batch, padding counted; by default what suits the device.

        Raises:
            NoSubwords: a text of which the tokenizer leaves nothing, such as an empty one.
            ValueError: an unknown pooling, a text that is not a valid string, a limit that leaves no room for
                text, or an `out` of another shape or type.
        """
        texts = _checked_texts(texts)
        if pooling not in POOLINGS:
            raise ValueError(f"pooling={pooling!r} is unknown: use one of {', '.join(POOLINGS)}.")
        limit = self._checked_limit(max_length)
        budget = self._budget() if batch_tokens is None else batch_tokens
        if budget < 1:
            raise ValueError(f"batch_tokens={budget} must be at least 1: leave it out for the default.")
        vectors = _checked_output(out, (self.n_states, len(texts), self.hidden_size))
        message = f"Encoding {len(texts):,} texts"
        report = progress or (lambda fraction, message: None)

        report(0.0, message)
        unique = distinct(texts)
        counts = np.zeros((3, len(unique.texts)), dtype=np.int64)  # subwords, unknown, truncated
        filling = Filling(vectors, ahead=0 if self.model.device.type == "cpu" else 1)
        for rows, readings, fraction in sorted_batches(self.tokenizer, unique.texts, limit, budget):
            batch = pad(readings, self.tokenizer.pad_token_id or 0, self.model.device)
            filling.add(unique.first_row[rows], self._pooled_states(batch, pooling, special_tokens))
            counts[:, rows] = np.transpose([(r.own.sum(), r.unknown, r.truncated) for r in readings])
            report(fraction, message)
        filling.finish()
        unique.fill_repeats(vectors)
        n_subwords, unknown, truncated = counts[:, unique.index]
        return States(vectors, n_subwords, unknown, int(truncated.sum()))

    def _budget(self) -> int:
        """Tokens in a batch that suit the device and the number format."""
        device = self.model.device
        if device.type == "cpu":
            whole = self.model.dtype == torch.bfloat16 and has_matrix_unit(device)
            return BATCH_TOKENS_MATRIX_UNIT if whole else BATCH_TOKENS["cpu"]
        inner = getattr(self.model.config, "intermediate_size", None) or 4 * self.hidden_size
        of_a_token = KEPT * (self.hidden_size + inner) * self.model.dtype.itemsize
        return max(1, min(BATCH_TOKENS[device.type], int(SHARE_OF_FREE * free_memory(device) / of_a_token)))

    @torch.inference_mode()
    def _pooled_states(self, batch: Batch, pooling: str, special_tokens: bool) -> Callable[[], np.ndarray]:
        """What gives float32 (n_states, batch, hidden), moved to the host in one transfer."""
        pool, pooled = POOLINGS[pooling], []
        keep = batch.mask.bool() if special_tokens else batch.own
        visit_states(
            self.model,
            self.blocks,
            lambda state: pooled.append(pool(state, keep)),
            batch.ids,
            batch.mask,
        )
        return to_host(torch.stack(pooled))

    def _checked_limit(self, max_length: int) -> int:
        special = self.tokenizer.num_special_tokens_to_add()
        if max_length <= special:
            raise ValueError(
                f"max_length={max_length} leaves no room for text: "
                f"{self.name!r} adds {special} special tokens, so use at least {special + 1}."
            )
        return min(max_length, self.max_length)


def _checked_texts(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise ValueError("encode reads a list of texts but got one string: write encode([text]).")
    texts = list(texts)
    for row, text in enumerate(texts):
        check_text(row, text)
    return texts


def _checked_output(out: np.ndarray | None, shape: tuple[int, int, int]) -> np.ndarray:
    if out is None:
        return np.empty(shape, np.float32)
    if out.shape != shape or out.dtype != np.float32:
        raise ValueError(f"out is {out.dtype} {out.shape} but the states are float32 {shape}: make it like that.")
    return out
