"""What a small multilingual encoder is trained on: masked-language-model (MLM) loss, and translations."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertForMaskedLM, BertModel

from dlfa_core.models.on_device import OnDevice

IGNORED = -100  # label of a token that is not predicted


@dataclass(frozen=True)
class Masked(OnDevice):
    """A batch with some tokens hidden: ids as the model sees them, labels (`IGNORED` where nothing is asked)."""

    ids: Tensor  # (batch, seq)
    labels: Tensor  # (batch, seq)


def mask_tokens(
    ids: Tensor,
    special: Tensor,
    mask_id: int,
    first_subword: int,
    vocab_size: int,
    rate: float,
    generator: torch.Generator,
    groups: Tensor | None = None,
    group_rate: float = 0.0,
) -> Masked:
    """Choose tokens with probability `rate`; of these 80 % become [MASK], 10 % a random subword, 10 % stay.

    Args:
        ids: (batch, seq).
        special: bool (batch, seq): tokens that are never chosen, padding among them.
        mask_id: id of [MASK].
        first_subword: id of the first subword that is no special token.
        vocab_size: one more than the last id.
        rate: share of tokens to choose, in [0, 1].
        generator: source of all chance here.
        groups: (batch, seq) neighbours with one number above 0 are a group, which is chosen whole or not at all and
            has one fate; 0 for tokens on their own.
        group_rate: share of groups to choose, in [0, 1].

    Reference: Devlin et al. (2019), BERT, section 3.1.
    """
    draw = torch.rand(ids.shape, generator=generator)
    fate = torch.rand(ids.shape, generator=generator)
    stand_in = torch.randint(first_subword, vocab_size, ids.shape, generator=generator)
    chosen = draw < rate
    if groups is not None:
        first = _first_of_group(groups)
        chosen = torch.where(groups > 0, draw.gather(1, first) < group_rate, chosen)
        fate = torch.where(groups > 0, fate.gather(1, first), fate)
    chosen &= ~special
    hidden = torch.where(chosen & (fate < 0.8), mask_id, ids)
    hidden = torch.where(chosen & (fate >= 0.9), stand_in, hidden)
    return Masked(hidden, torch.where(chosen, ids, IGNORED))


def _first_of_group(groups: Tensor) -> Tensor:
    """(batch, seq) position of the first token of each token's group; of no use where there is none."""
    positions = torch.arange(groups.shape[1]).expand_as(groups)
    begins = torch.ones_like(groups, dtype=torch.bool)
    begins[:, 1:] = groups[:, 1:] != groups[:, :-1]
    return torch.where(begins, positions, 0).cummax(dim=1).values


def valence_loss(head: nn.Linear, means: Tensor, target: Tensor) -> Tensor:
    """Measure how far the valences of words are from what a head makes of their mean vectors.

    Args:
        head: hidden -> 1 for valences, or -> the number of classes.
        means: (batch, hidden).
        target: (batch,) valences in [-1, 1], or class numbers.

    Returns:
        Mean squared error of valences, or mean cross-entropy (nats) of classes.

    Reference: Koto et al. (2024), arXiv 2402.02113, who pool the word's subwords, try both, and scale to [-5, 5].
    """
    found = head(means).float()
    if head.out_features == 1:
        return functional.mse_loss(found.squeeze(-1), target.float())
    return functional.cross_entropy(found, target)


@dataclass(frozen=True)
class Read:
    """What a model made of a batch with hidden tokens.

    Attributes:
        states: (batch, seq, hidden) of every layer from the embeddings on.
        asked: (hidden tokens, hidden) last states of the hidden tokens, row by row.
        labels: (hidden tokens,) their ids.
    """

    states: tuple[Tensor, ...]
    asked: Tensor
    labels: Tensor


def read_masked(model: BertForMaskedLM, batch: Masked, attention: Tensor, types: Tensor | None = None) -> Read:
    """Run the model on a batch; with two translations in one row, told apart by `types`, this is translation language
    modelling (Conneau & Lample 2019, Cross-lingual Language Model Pretraining).
    """
    states = model.bert(
        batch.ids, attention_mask=attention, token_type_ids=types, output_hidden_states=True
    ).hidden_states
    asked = batch.labels != IGNORED
    return Read(states, states[-1][asked], batch.labels[asked])


def masked_language_loss(model: BertForMaskedLM, read: Read) -> Tensor:
    """Mean cross-entropy (nats) of the hidden tokens; the decoder runs at these tokens only."""
    if not len(read.labels):
        return read.asked.sum() * 0
    return functional.cross_entropy(model.cls(read.asked), read.labels)


def masked_language_losses(model: BertForMaskedLM, read: Read) -> Tensor:
    """(hidden tokens,) cross-entropy (nats) of each, row by row; `masked_language_loss` is their mean."""
    return functional.cross_entropy(model.cls(read.asked), read.labels, reduction="none")


def lower_part(model: BertForMaskedLM, blocks: int) -> BertModel:
    """The embeddings and the first `blocks` blocks of a model, sharing its weights."""
    config = type(model.config).from_dict({**model.config.to_dict(), "num_hidden_layers": blocks})
    config._attn_implementation = model.config._attn_implementation
    part = BertModel(config, add_pooling_layer=False)
    part.embeddings = model.bert.embeddings
    part.encoder.layer = nn.ModuleList(model.bert.encoder.layer[:blocks])
    return part


def sentence_means(part: BertModel, ids: Tensor, attention: Tensor, special: Tensor) -> Tensor:
    """(batch, hidden): mean of the last state over the tokens that are not special."""
    states = part(ids, attention_mask=attention).last_hidden_state
    own = (~special).unsqueeze(-1).to(states.dtype)
    return (states * own).sum(1) / own.sum(1).clamp(min=1)


def translation_ranking_loss(left: Tensor, right: Tensor, temperature: float = 0.05) -> Tensor:
    """Measure how hard it is to pick row i of `right` for row i of `left` among all rows, and the other way (nats).

    Args:
        left, right: (batch, hidden) vectors of sentences and of their translations.
        temperature: what cosines are divided by.

    Reference: Guo et al. (2018), Effective Parallel Corpus Mining using Bilingual Sentence Embeddings; symmetric
    as in Feng et al. (2022), LaBSE, without the margin.
    """
    scores = functional.normalize(left, dim=-1) @ functional.normalize(right, dim=-1).T / temperature
    target = torch.arange(len(scores), device=scores.device)
    return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2
