"""What the output for masked words makes of every state of an encoder, not of the last one alone.

The output was trained on the last state. Read through it, a lower state says which words it lies close to; that it is
not understood does not mean that it says nothing.

Reference: nostalgebraist (2020), interpreting GPT: the logit lens.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from transformers import AutoModelForMaskedLM, PreTrainedModel, PreTrainedTokenizerBase
from transformers.modeling_outputs import BaseModelOutput

from dlfa_core.models.blocks import visit_states, with_types
from dlfa_core.models.continuing import check_mask, with_masked_head
from dlfa_core.models.encoder import Encoder
from dlfa_core.models.hardware import choose_device
from dlfa_core.models.loading import checked_tokenizer, load, quiet, read_config
from dlfa_core.models.masked_language import evaluation_batches
from dlfa_core.models.masked_rows import RowBuilder
from dlfa_core.models.objectives import IGNORED
from dlfa_core.models.source import locate_encoder, untrained_of
from dlfa_core.models.tasks import TaskModel

AT_ONCE = 256  # hidden tokens whose words are weighed at a time: a vocabulary is large


@dataclass(frozen=True, eq=False)
class Losses:
    """What hidden tokens cost at every state: n tokens of some sentences.

    Attributes:
        sentences: int (n,): which sentence each stands in.
        labels: int (n,): the hidden subwords.
        losses: float64 (n_states, n): cross-entropy in nats.
    """

    sentences: np.ndarray
    labels: np.ndarray
    losses: np.ndarray


@dataclass(frozen=True, eq=False)
class Guesses:
    """What the output says of n states.

    Attributes:
        ids: int (n, k): the likeliest subwords, the likeliest first.
        probabilities: float64 (n, k), in [0, 1].
        rank: int (n,): of the true subword, 1 for the likeliest.
        probability: float64 (n,): of the true subword.
    """

    ids: np.ndarray
    probabilities: np.ndarray
    rank: np.ndarray
    probability: np.ndarray


class MaskedHead:
    """A masked language model whose output for masked words reads whatever state it is given.

    Attributes:
        model: of transformers, `…ForMaskedLM`, in float32 and evaluation mode.
        encoder: the part of it that makes the states.
        tokenizer: of both.
    """

    def __init__(self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase):
        self.model, self.tokenizer = model.eval().requires_grad_(False), tokenizer
        self.encoder = Encoder(name, model.base_model, tokenizer)

    @classmethod
    def from_pretrained(cls, name_or_path: str) -> "MaskedHead":
        """Load a model; `name_or_path` as for `Encoder.from_pretrained`, `untrained:demo` and the like included.

        Raises:
            ModelError: the model is missing, damaged, no encoder, or has no output for masked words.
        """
        name, folder = str(name_or_path), locate_encoder(name_or_path)
        with quiet():
            config = read_config(name, folder)
            tokenizer = checked_tokenizer(name, folder, config)
            if untrained_of(name) is None:
                model = with_masked_head(AutoModelForMaskedLM, name, folder)
            else:
                model = _random_model(name, config)
        check_mask(name, tokenizer)
        return cls(name, model.to(choose_device("auto")), tokenizer)

    @torch.inference_mode()
    def states(self, ids: Tensor, mask: Tensor, types: Tensor | None = None) -> list[Tensor]:
        """Every state of a batch, (batch, seq, hidden) each, from the embeddings on.

        Args:
            ids, mask, types: (batch, seq) on the model's device, as `reading.Batch` has them.
        """
        seen: list[Tensor] = []
        visit_states(with_types(self.model.base_model, types), self.encoder.blocks, seen.append, ids, mask)
        return seen

    @torch.inference_mode()
    def log_probabilities(self, states: Tensor) -> Tensor:
        """Logarithms of what the output says of each state: (n, vocabulary) for (n, hidden)."""
        with _made_of(self.model.base_model, states.unsqueeze(0)):
            ids = torch.zeros((1, len(states)), dtype=torch.long, device=states.device)
            return self.model(input_ids=ids).logits[0].float().log_softmax(-1)

    def at(self, ids: np.ndarray, place: int) -> np.ndarray:
        """Every state of one subword of a text: float32 (n_states, hidden).

        Args:
            ids: (length,) numbers of the subwords, with special tokens.
            place: which of them.
        """
        row = torch.from_numpy(ids).to(self.model.device).unsqueeze(0)
        states = self.states(row, torch.ones_like(row), torch.zeros_like(row))
        return torch.stack([state[0, place] for state in states]).cpu().numpy()

    def guesses(self, states: np.ndarray, true: int, k: int) -> Guesses:
        """Return the k likeliest subwords of states (n, hidden), and how the subword `true` fares among all.

        Raises:
            ValueError: `k` is not between 1 and the size of the vocabulary.
        """
        found = self.log_probabilities(torch.from_numpy(states).to(self.model.device)).double().cpu()
        if not 1 <= k <= found.shape[1]:
            raise ValueError(f"{k} words are asked for, but the vocabulary has {found.shape[1]:,}: ask for 1 or more.")
        best = found.topk(k)
        own = found[:, true]
        rank = 1 + (found > own[:, None]).sum(dim=1)
        return Guesses(best.indices.numpy(), best.values.exp().numpy(), rank.numpy(), own.exp().numpy())

    @torch.inference_mode()
    def losses(self, texts: Sequence[str], seed: int = 0, max_length: int = 254) -> Iterator[tuple[Losses, int]]:
        """Yield what hidden tokens cost, batch by batch, and the number of sentences that are done.

        Tokens are hidden as in `masked_language.mean_loss`, so that the mean at the last state is its loss.

        Args:
            texts: not trained on, if the losses are to say anything.
            seed: of what is hidden.
            max_length: subwords of a text; what lies beyond is not read.
        """
        sentences = [ids[:max_length] for ids in self.subwords(texts)]
        done = 0
        for numbers, rows, masked in evaluation_batches(RowBuilder.of(self.tokenizer), sentences, seed):
            done += len(numbers)
            asked, device = masked.labels != IGNORED, self.model.device
            states = self.states(masked.ids.to(device), rows.attention.to(device), rows.types.to(device))
            labels = masked.labels[asked]
            found = [self._losses(state[asked.to(device)], labels.to(device)) for state in states]
            yield Losses(numbers[asked.nonzero()[:, 0].numpy()], labels.numpy(), np.stack(found)), done

    def subwords(self, texts: Sequence[str]) -> list[np.ndarray]:
        """The numbers of the subwords of texts, without special tokens, and never cut off."""
        backend = self.tokenizer.backend_tokenizer
        backend.no_truncation()  # a reading before this one may have set it
        backend.no_padding()
        encodings = backend.encode_batch(list(texts), add_special_tokens=False)
        return [np.array(encoding.ids, dtype=np.int64) for encoding in encodings]

    def _losses(self, states: Tensor, labels: Tensor) -> np.ndarray:
        parts = [
            functional.nll_loss(self.log_probabilities(some), wanted, reduction="none")
            for some, wanted in zip(states.split(AT_ONCE), labels.split(AT_ONCE), strict=True)
            if len(wanted)
        ]
        return torch.cat(parts).double().cpu().numpy() if parts else np.zeros(0)


@dataclass(frozen=True, eq=False)
class FusedStates:
    """What a fusion model makes of one subword: float32 (hidden,) each.

    Attributes:
        last: the last state of its own encoder, whose upper blocks may have been trained.
        fused: what its fusion puts in the place of it.
        shares: whether all blocks of its encoder are those that it was started from.
    """

    last: np.ndarray
    fused: np.ndarray
    shares: bool


@torch.inference_mode()
def fused_at(task_model: TaskModel, ids: np.ndarray, place: int) -> FusedStates:
    """Read one subword of a text with a fusion model; arguments as for `MaskedHead.at`."""
    row = torch.from_numpy(ids).to(task_model.device).unsqueeze(0)
    mask, depth = torch.ones_like(row), task_model.config.encoder.num_hidden_layers
    states = task_model.states(row, mask, torch.zeros_like(row))
    last = dict(zip(task_model.reads, states, strict=True))[depth]
    fused = task_model.head.fusion(*states, mask=mask).hidden
    shares = task_model.config.frozen_blocks == depth
    return FusedStates(last[0, place].float().cpu().numpy(), fused[0, place].float().cpu().numpy(), shares)


def _random_model(name: str, config: Any) -> PreTrainedModel:
    """A model whose encoder is the one that `load` draws, with an output that is as random; what is tied stays tied."""
    encoder, _ = load(name, torch.float32)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForMaskedLM.from_config(config, dtype=torch.float32)
    own = model.base_model.state_dict()
    model.base_model.load_state_dict({key: weight for key, weight in encoder.state_dict().items() if key in own})
    return model


@contextmanager
def _made_of(base: PreTrainedModel, states: Tensor) -> Iterator[None]:
    """Let an encoder say these states, (batch, seq, hidden), whatever it reads, while the `with` block lasts."""
    base.forward = lambda *_, **__: BaseModelOutput(last_hidden_state=states)
    try:
        yield
    finally:
        del base.forward
