"""What the gate of a fusion lets through, word by word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from dlfa_core.models.batching import batch_rows
from dlfa_core.models.first_subwords import first_subwords, word_marks
from dlfa_core.models.fusion.registry import FUSIONS, find_fusion
from dlfa_core.models.hardware import choose_device
from dlfa_core.models.loading import longest_input
from dlfa_core.models.reading import pad
from dlfa_core.models.source import ModelError
from dlfa_core.models.word_reading import WordReading, read_given, read_words

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)  # over the dimensions of a word's gate
BATCH_TOKENS = {"cpu": 1024, "mps": 4096, "cuda": 8192}


@dataclass(frozen=True, eq=False)
class GateBatch:
    """What a fusion does to the words of a batch of sentences, n words in all.

    A word's vectors are means over its subwords. Arrays are float32 unless said otherwise.
    """

    rows: np.ndarray  # int (batch,): which sentences
    sentence: np.ndarray  # int (n,): index in `rows` of each word's sentence
    word: np.ndarray  # int (n,): number of the word in its sentence
    gate: np.ndarray  # (n, hidden), in (0, 1)
    quantiles: np.ndarray  # (n, len(QUANTILES)) over the dimensions of `gate`
    weight: np.ndarray  # (n,): mean over dimensions of what multiplies the lower state; NaN where nothing does
    change: np.ndarray  # (n,): |hidden - last| / |last|
    local_logits: np.ndarray  # (n, hidden): what each token says before the sigmoid; 0 without a local branch
    global_logits: np.ndarray  # (batch, hidden): what the sentence's mean says
    label: np.ndarray  # int (n,): the class of each word, read as in training; -1 unless the model labels tokens
    pooled: np.ndarray  # (n_states, batch, hidden): each state that is fused, mean over a sentence's own subwords


class GateReader:
    """A fusion model whose gates are looked at.

    Attributes:
        fusion: its entry in `FUSIONS`.
        layer: the lower layer that was chosen to be fused; None where none was.
        labels: names of the classes.
        tags_tokens: whether the model labels tokens.
        reads_pairs: whether it was trained on pairs of texts.
        max_length: the most subwords that it can read at once, special tokens counted.

    Args:
        name: what it was loaded by, for messages.
        model, tokenizer: from `load_task_model`.

    Raises:
        ModelError: the model is no fusion model, or its fusion has no gate.
    """

    def __init__(self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase):
        config = model.config
        gated = [fusion.name for fusion in FUSIONS.values() if fusion.gated]
        if config.model_type != "dlfa":
            raise ModelError(
                f"{name!r} is a plain {config.model_type} checkpoint without a fusion, so it has no gates: choose a "
                "fusion model, such as demo-pos or a folder that `python -m dlfa_core train` wrote."
            )
        self.fusion = find_fusion(config.fusion)
        if not self.fusion.gated:
            raise ModelError(
                f"{name!r} fuses by {self.fusion.label.lower()}, which has no gate: "
                f"choose a model with one of {', '.join(gated)}."
            )
        self.name, self.tokenizer, self.config = name, tokenizer, config
        self.model = model.eval().requires_grad_(False).to(choose_device("auto"))
        self.max_length = longest_input(self.model.encoder, tokenizer)
        self.labels = tuple(config.id2label[number] for number in range(config.num_labels))
        self.hidden_size, self.n_layers = config.encoder.hidden_size, config.encoder.num_hidden_layers
        self.layer = config.layer if self.fusion.uses_lower else None
        self.marks = word_marks(tokenizer)
        self.tags_tokens = type(model).__name__.endswith("TokenClassification")
        self.reads_pairs = config.pairs

    def running(self, texts: Sequence[str], max_length: int) -> list[WordReading]:
        """Running text, cut at `max_length` subwords; words are those of `dlfa_core.data.words`."""
        return read_words(self.tokenizer, texts, min(max_length, self.max_length))

    def pairs(self, texts: Sequence[str], seconds: Sequence[str], max_length: int) -> list[WordReading]:
        """Pairs of running texts; the words of the second follow, as if one character stood between both."""
        readings = read_words(self.tokenizer, list(zip(texts, seconds, strict=True)), min(max_length, self.max_length))
        found = []
        for text, reading in zip(texts, readings, strict=True):
            shifts = [segment * (len(text) + 1) for segment in reading.segments]
            words = zip(reading.words, shifts, strict=True)
            words = tuple(replace(word, start=word.start + by, stop=word.stop + by) for word, by in words)
            found.append(replace(reading, words=words))
        return found

    def split(self, sentences: Sequence[Sequence[str]], max_length: int) -> list[WordReading]:
        """Sentences whose words are known, read as a tagger was trained to: no subword reaches over two words."""
        return read_given(self.tokenizer, sentences, min(max_length, self.max_length))

    def batches(self, readings: Sequence[WordReading], batch_tokens: int | None = None) -> Iterator[GateBatch]:
        """Batches of similar length; sentences without a word to look at are in none.

        A sentence's numbers do not depend on what it is batched with.
        """
        budget = batch_tokens or BATCH_TOKENS[self.model.device.type]
        rows = np.array([row for row, reading in enumerate(readings) if reading.read], dtype=np.int64)
        for chosen in batch_rows([len(readings[row].ids) for row in rows], budget):
            yield self._look(rows[chosen], [readings[row] for row in rows[chosen]])

    @torch.inference_mode()
    def _look(self, rows: np.ndarray, readings: list[WordReading]) -> GateBatch:
        batch = pad(readings, self.tokenizer.pad_token_id or 0, self.model.device)
        states, own = self.model.states(batch.ids, batch.mask, batch.types), batch.own.float()
        fusion = self.model.head.fusion
        fused, votes = (fuse(*states, mask=batch.mask) for fuse in (fusion, fusion.branches))
        last = states[-1]
        members = _Members.of(readings, self.marks, self.model.device)
        gate = members.mean(fused.gate)
        change = torch.linalg.vector_norm(fused.hidden - last, dim=-1) / torch.linalg.vector_norm(last, dim=-1)
        weight = torch.full_like(change, torch.nan) if fused.weight is None else fused.weight.mean(-1)
        local = torch.zeros_like(last) if votes.local_logits is None else votes.local_logits
        levels = torch.tensor(QUANTILES, device=gate.device, dtype=gate.dtype)
        label = members.first(self.model.head.classify(fused.hidden).argmax(-1)) if self.tags_tokens else None
        arrays = (
            gate,
            torch.quantile(gate, levels, dim=1).T,
            members.mean(weight),
            members.mean(change),
            members.mean(local),
            votes.global_logits[:, 0],
        )
        pooled = ((state * own[..., None]).sum(1) / own.sum(1, keepdim=True).clamp(min=1) for state in states)
        return GateBatch(
            rows,
            members.sentence.cpu().numpy(),
            members.word,
            *(array.float().cpu().numpy() for array in arrays),
            np.full(len(members.word), -1) if label is None else label.cpu().numpy(),
            np.stack([state.cpu().numpy() for state in pooled]),
        )


@dataclass(frozen=True, eq=False)
class _Members:
    """Which subwords of a batch make which of its n words, in the order of sentences and words."""

    word: np.ndarray  # int (n,): number in its sentence
    sentence: Tensor  # int (n,): index in the batch
    rows: Tensor  # int (subwords,): sentence of each subword that belongs to a word
    positions: Tensor  # int (subwords,)
    owner: Tensor  # int (subwords,): 0 to n - 1
    firsts: Tensor  # int (n,): position of the subword that carries each word's label

    @classmethod
    def of(cls, readings: Sequence[WordReading], marks: frozenset[int], device: torch.device) -> "_Members":
        found = [(row, number, r.words[number].subwords) for row, r in enumerate(readings) for number in r.read]
        subwords = [(row, position, owner) for owner, (row, _, own) in enumerate(found) for position in own]
        rows, positions, owner = np.array(subwords, dtype=np.int64).reshape(-1, 3).T.copy()
        labelled = [(row, number, _labelled(own, readings[row].ids, marks)) for row, number, own in found]
        sentence, word, firsts = np.array(labelled, dtype=np.int64).reshape(-1, 3).T
        on_device = (torch.from_numpy(array.copy()).to(device) for array in (sentence, rows, positions, owner, firsts))
        return cls(word, *on_device)

    def mean(self, values: Tensor) -> Tensor:
        """The mean over each word's subwords: (batch, seq, ...) -> (n, ...)."""
        chosen = values[self.rows, self.positions]
        total = chosen.new_zeros((len(self.word), *chosen.shape[1:])).index_add_(0, self.owner, chosen)
        counts = torch.bincount(self.owner, minlength=len(self.word)).to(total.dtype)
        return total / counts.reshape(-1, *([1] * (total.dim() - 1)))

    def first(self, values: Tensor) -> Tensor:
        """The value where each word's label is read: (batch, seq) -> (n,)."""
        return values[self.sentence, self.firsts]


def _labelled(own: Sequence[int], ids: np.ndarray, marks: frozenset[int]) -> int:
    """Return which of a word's subwords carries its label."""
    return own[first_subwords([0] * len(own), ids[list(own)], marks)[0]]
