"""How many tokens at once: what suits the processor, what fits into the memory, and half of it when it did not fit."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from dlfa_core.models.hardware import free_memory

# On a processor, passes that are kept for a backward pass are at full speed from some hundred tokens on, and larger
# ones only leave the cache. Accelerators need more.
TOKENS = {"cpu": 1024, "mps": 8192, "cuda": 32768}
SHARE_OF_FREE = 0.25  # of the memory that is free now
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")  # without a class of its own


class Budget:
    """Tokens that are read at once, forward and backward; padding and repetitions counted.

    Args:
        tokens: how many; by default what suits the device and fits a quarter of its free memory.
        device: of the model.
        bytes_per_token: that a pass keeps for its backward pass; see `bytes_per_token`.
        room: how many times as many tokens may be read, where nothing is kept.

    Raises:
        ValueError: fewer than one token.
    """

    def __init__(self, tokens: int | None, device: torch.device, bytes_per_token: int = 1, room: int = 1):
        if tokens is not None and tokens < 1:
            raise ValueError(f"batch_tokens={tokens} must be at least 1: leave it out for what suits the device.")
        fits = int(SHARE_OF_FREE * free_memory(device) / bytes_per_token)
        self.tokens = tokens or max(1, room * min(TOKENS[device.type], fits))
        self._device = device

    def over(
        self, lengths: Sequence[int], repeats: Sequence[int], work: Callable[[np.ndarray, int], None]
    ) -> Iterator[float]:
        """Call `work` with groups of texts of similar length, the longest first.

        Where the memory runs out, the budget is halved and the group is done again in smaller parts.

        Args:
            lengths: tokens of each text.
            repeats: how often each text is read, such as steps of an integral.
            work: takes numbers of texts and how many rows of their length may be read at once, one or more. It must
                bear being called anew with texts that it did not finish.

        Yields:
            The fraction of the work that is done, after every group.
        """
        lengths, repeats = np.asarray(lengths), np.asarray(repeats)
        cost = lengths * repeats
        order = np.argsort(-lengths, kind="stable")
        start, done = 0, 0
        while start < len(order):
            longest = int(lengths[order[start]])
            rows = max(1, self.tokens // longest)
            group = order[
                start : start + max(1, int(np.searchsorted(np.cumsum(repeats[order[start:]]), rows, "right")))
            ]
            try:
                work(group, rows)
            except (RuntimeError, MemoryError) as error:
                if rows == 1 or not is_out_of_memory(error):
                    raise
                self.tokens = longest * (rows // 2)
                if self._device.type == "cuda":
                    torch.cuda.empty_cache()
                continue
            start += len(group)
            done += int(cost[group].sum())
            yield done / int(cost.sum())


def bytes_per_token(config, longest: int) -> int:
    """About how much one token of a Transformer keeps for its backward pass, in float32.

    Args:
        config: of the encoder.
        longest: tokens of the longest text; attention keeps that many weights for each head.
    """
    hidden = config.hidden_size
    inner = getattr(config, "intermediate_size", None) or getattr(config, "hidden_dim", None) or 4 * hidden
    heads = getattr(config, "num_attention_heads", 12)
    return 4 * config.num_hidden_layers * (14 * hidden + 4 * inner + 4 * heads * longest)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that the memory ran out, on a processor or an accelerator."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(words in str(error).lower() for words in OUT_OF_MEMORY)
