"""Task models: an encoder, a fusion of its states, and a classifier, saved and loaded as one.

`from_encoder` starts one from any encoder that `Encoder` reads; `save_pretrained` and `from_pretrained` write
and read config.json and model.safetensors, with a model card beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    AutoModel,
    AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedModel,
)
from transformers.utils import ModelOutput

from dlfa_core.models.blocks import fed, find_blocks, skipping, visit_lower, visit_states, with_types
from dlfa_core.models.card import model_card
from dlfa_core.models.compact import PREFIX, borrow, halved, own_weights
from dlfa_core.models.fingerprint import fingerprint
from dlfa_core.models.fusion.build import build_fusion
from dlfa_core.models.fusion.registry import find_fusion
from dlfa_core.models.heads import ChoiceHead, Head, SentenceHead, SpanHead, TokenHead
from dlfa_core.models.loading import check_finite, first_line, load, quiet
from dlfa_core.models.source import ModelError, local_folder
from dlfa_core.models.task_config import DlfaConfig, without_folder

IGNORED = -100  # label of a token that does not count: special tokens, later subwords of a word, padding


@dataclass
class TaskOutput(ModelOutput):
    """What a task model says of a batch; an output that was not asked for, or does not exist, is None."""

    loss: Tensor | None = None  # mean cross-entropy (nats) of what is labelled; given labels
    logits: Tensor | None = None  # (batch, n_labels) for texts, (batch, seq, n_labels) for tokens and spans
    gate: Tensor | None = None  # (batch, seq, hidden), in (0, 1)
    weight: Tensor | None = None  # (batch, seq, hidden), what multiplies the lower state


class TaskModel(PreTrainedModel):
    """An encoder and a head; see the subclasses.

    Args:
        config: what to build.
        encoder: the encoder to use; by default a new one with random weights.

    Raises:
        ValueError: an unknown fusion or setting, a layer that the encoder lacks, or more frozen blocks than it has.
    """

    config_class = DlfaConfig
    base_model_prefix = "encoder"
    supports_gradient_checkpointing = True
    _supports_sdpa = _supports_flash_attn = True  # the encoder has the last word
    head_class: type[Head]

    def __init__(self, config: DlfaConfig, encoder: nn.Module | None = None):
        super().__init__(config)
        width, depth = config.encoder.hidden_size, config.encoder.num_hidden_layers
        chosen = find_fusion(config.fusion)
        self.reads = chosen.needs(config.layer, depth)
        if chosen.freezes:
            config.frozen_blocks = max(config.frozen_blocks, depth // 2)
        fusion = build_fusion(config.fusion, width, depth, config.reduction, config.norm, config.weight)
        self.head = self.head_class(fusion, width, config.num_labels, config.dropout)
        self.encoder = AutoModel.from_config(config.encoder) if encoder is None else encoder
        if getattr(self.encoder, "pooler", None) is not None:
            self.encoder.pooler = None  # it reads the last state; the head's own reads the fused one
        self._freeze_lower()
        self.constant = self._find_constant()
        self.post_init()

    @classmethod
    def from_encoder(cls, name_or_path: str, labels: Sequence[str], **settings) -> "TaskModel":
        """Start from a pretrained encoder, with a new fusion and classifier, in evaluation mode.

        Args:
            name_or_path: `demo`, a folder, or a hub id, as for `Encoder.from_pretrained`.
            labels: the classes, in the order of their numbers.
            settings: fields of `DlfaConfig`, such as fusion, layer, weight and frozen_blocks.

        Raises:
            ModelError: the encoder is missing, damaged or none.
            ValueError: fewer than two classes, an unknown setting, or as for the constructor.
        """
        _check_start(labels, settings)
        encoder, _ = load(name_or_path, torch.float32)
        names = dict(enumerate(labels))
        config = cls.config_class(
            encoder=without_folder(encoder.config),
            encoder_name=str(name_or_path),
            encoder_fingerprint=fingerprint(name_or_path),
            id2label=names,
            label2id={label: number for number, label in names.items()},
            **settings,
        )
        pooler = getattr(encoder, "pooler", None)
        model = cls(config, encoder.requires_grad_(True))
        model._adopt_pooler(pooler)
        return model.eval()

    @classmethod
    def from_pretrained(
        cls, name_or_path: str | Path, *arguments, encoder_path: str | None = None, **options
    ) -> "TaskModel":
        """Load a saved task model, in float32 unless told otherwise.

        Args:
            name_or_path: `demo-sentiment`, `demo-pos`, a folder, or a hub id.
            arguments, options: as for `PreTrainedModel.from_pretrained`.
            encoder_path: where the encoder of a compact checkpoint lies, if it moved.

        Raises:
            ModelError: there is no such model, it is of another kind, some weights do not fit, or the encoder of a
                compact checkpoint is missing or another one now.
        """
        folder = local_folder(name_or_path) or name_or_path
        wanted = options.pop("output_loading_info", False)
        options = {"dtype": torch.float32, **options}
        try:
            with quiet():
                model, report = super().from_pretrained(folder, *arguments, output_loading_info=True, **options)
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(
                f"The task model {str(name_or_path)!r} cannot be read ({first_line(error)}): "
                "copy its folder again, or check its name."
            ) from error
        problems = {kind: set(map(str, keys)) for kind, keys in report.items() if keys}
        absent = {key for key in problems.get("missing_keys", ()) if key.startswith(PREFIX)}
        if absent and len(absent) == model.config.encoder_borrowed:
            borrow(model, absent, encoder_path or model.config.encoder_name, model.config.encoder_fingerprint)
            problems["missing_keys"] -= absent
        problems = {kind: sorted(keys) for kind, keys in problems.items() if keys}
        if problems:
            kind, keys = next(iter(problems.items()))
            raise ModelError(
                f"The weights of {str(name_or_path)!r} do not fit a {cls.__name__}: {kind.replace('_', ' ')} "
                f"{keys[0]} and {len(keys) - 1} more; it was saved as {_saved_as(model.config)}."
            )
        check_finite(str(name_or_path), model)
        model._freeze_lower()  # loaded weights are new ones
        return (model, report) if wanted else model

    def save_pretrained(
        self,
        save_directory: str | Path,
        is_main_process: bool = True,
        compact: bool = False,
        half: bool = False,
        **options,
    ) -> None:
        """Write config.json, model.safetensors and README.md, the model card.

        Args:
            save_directory: folder to write to.
            is_main_process: whether this process writes.
            compact: leave out what is, bit by bit, in the encoder that the model was started from; `from_pretrained`
                takes it from there.
            half: write matrices in float16.
            options: as for transformers.

        Raises:
            ModelError: the encoder of a compact checkpoint is missing or another one now.
        """
        weights = options.pop("state_dict", None) or self.state_dict()
        total = len(weights)
        if compact:
            weights = own_weights(weights, self.config.encoder_name, self.config.encoder_fingerprint)
        self.config.encoder_borrowed = total - len(weights)
        weights = halved(weights) if half else weights
        with quiet():
            super().save_pretrained(save_directory, is_main_process, state_dict=weights, **options)
        if is_main_process:
            self.write_card(save_directory)

    def write_card(self, folder: str | Path) -> None:
        """Write config.json and README.md anew, for a model whose weights lie there and whose scores are new."""
        self.config.save_pretrained(folder)
        card = model_card(type(self).__name__, self.config)
        (Path(folder) / "README.md").write_text(card, encoding="utf-8")

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        output_gates: bool = False,
        lower_states: Tensor | None = None,
    ) -> TaskOutput:
        """Classify a batch.

        Args:
            input_ids: (batch, seq).
            attention_mask: (batch, seq), 1 for tokens and 0 for padding; by default all are tokens.
            token_type_ids: (batch, seq); left out for encoders that know one type only.
            labels: class numbers, -100 where none: (batch,) for texts, (batch, seq) for tokens; for answers
                the positions of their first and last token, (batch, 2).
            output_gates: whether to return the fusion's gate and weight, where it has them.
            lower_states: what `lower_states` gives of this batch, so that frozen blocks need not run.
        """
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        states = self.states(input_ids, mask, token_type_ids, lower_states)
        fused = self.head.fusion(*states, mask=mask)
        logits = self.head.classify(fused.hidden)
        loss = None if labels is None else self.mean_loss(logits, labels, mask)
        return TaskOutput(loss, logits, *((fused.gate, fused.weight) if output_gates else ()))

    def mean_loss(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Mean cross-entropy of what is labelled, in nats; 0 if nothing is."""
        return self._mean(logits.flatten(0, -2), labels.flatten(), labels)

    def n_labelled(self, labels: Tensor) -> Tensor:
        """() of how many things `mean_loss` is the mean."""
        return (labels != IGNORED).sum()

    def _mean(self, scores: Tensor, gold: Tensor, labels: Tensor) -> Tensor:
        total = functional.cross_entropy(scores, gold, ignore_index=IGNORED, reduction="sum")
        return total / self.n_labelled(labels).clamp(min=1)

    def states(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
        lower_states: Tensor | None = None,
    ) -> list[Tensor]:
        """The states that the fusion reads, (batch, seq, hidden) each, in its order; arguments as for `forward`."""
        encoder, blocks = with_types(self.encoder, token_type_ids), find_blocks(self.encoder)
        if lower_states is None:
            seen = _Seen(self.reads)
            visit_states(encoder, blocks, seen.see, input_ids, attention_mask)
            return [seen.states[number] for number in self.reads]
        states, first = dict(zip(self.constant, lower_states.unbind(1), strict=True)), self.constant[-1]
        if first < len(blocks):
            seen = _Seen(self.reads, first)
            with skipping(self.encoder, blocks, first), fed(blocks[first], states[first]):
                visit_states(encoder, blocks[first:], seen.see, input_ids, attention_mask)
            states |= seen.states
        return [states[number] for number in self.reads]

    def lower_states(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """The states that `constant` lists, (batch, n_states, seq, hidden); arguments as for `forward`."""
        seen = _Seen(self.constant)
        blocks = find_blocks(self.encoder)
        visit_lower(
            with_types(self.encoder, token_type_ids), blocks, self.constant[-1], seen.see, input_ids, attention_mask
        )
        return torch.stack([seen.states[number] for number in self.constant], 1)

    def train(self, mode: bool = True) -> "TaskModel":
        """As of any module, but what is frozen stays in evaluation mode, so that it gives a text the same states."""
        super().train(mode)
        if self.config.frozen_blocks:
            self.encoder.eval()
            for block in find_blocks(self.encoder)[self.config.frozen_blocks :]:
                block.train(mode)
        return self

    def _find_constant(self) -> tuple[int, ...]:
        """The numbers of the states that training leaves as they are and all others follow from; none for none."""
        last = self.config.frozen_blocks
        return tuple(sorted({*(number for number in self.reads if number <= last), last})) if last else ()

    def _freeze_lower(self) -> None:
        """Exclude from training all of the encoder but its blocks from `frozen_blocks` + 1 on; nothing for 0."""
        blocks, n_frozen = find_blocks(self.encoder), self.config.frozen_blocks
        if not 0 <= n_frozen <= len(blocks):
            raise ValueError(
                f"frozen_blocks={n_frozen} but the encoder has {len(blocks)} blocks: "
                f"use a number from 0 to {len(blocks)}."
            )
        if n_frozen:
            self.encoder.requires_grad_(False)
            for block in blocks[n_frozen:]:
                block.requires_grad_(True)

    def _adopt_pooler(self, pooler: nn.Module | None) -> None:
        """Start the head's pooler, where it has one, from that of the encoder, where it has one."""
        ours, theirs = getattr(self.head, "pooler", None), getattr(pooler, "dense", None)
        if ours is not None and theirs is not None and theirs.weight.shape == ours.weight.shape:
            ours.load_state_dict(theirs.state_dict())

    def _init_weights(self, module: nn.Module) -> None:
        """Nothing: heads start themselves, encoders have their own start, and no checkpoint may lack a weight."""


class _Seen:
    """Keeps some of the states that it sees, one after the other, by their numbers; the first is number `first`."""

    def __init__(self, wanted: Sequence[int], first: int = 0):
        self.wanted, self.number = wanted, first
        self.states: dict[int, Tensor] = {}

    def see(self, state: Tensor) -> None:
        if self.number in self.wanted:
            self.states[self.number] = state
        self.number += 1


class DlfaForSequenceClassification(TaskModel):
    """Labels texts and pairs of texts: the first token of the fused sequence, a pooler, a classifier."""

    head_class = SentenceHead


class DlfaForTokenClassification(TaskModel):
    """Labels tokens: a classifier of every position of the fused sequence."""

    head_class = TokenHead


class DlfaForQuestionAnswering(TaskModel):
    """Finds answers: scores of every position of the fused sequence as the start and as the end of one.

    The two classes are "start" and "end". It reads a question and a window of its context, as `read_spans` makes them,
    and `best_answers` finds the best span of all windows.
    """

    head_class = SpanHead

    def mean_loss(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Mean cross-entropy of starts and ends, (batch, 2), over the tokens of each window, in nats."""
        scores = logits.masked_fill(~mask.bool()[..., None], -torch.inf).transpose(1, 2)
        return self._mean(scores.flatten(0, 1), labels.flatten(), labels)


class DlfaForMultipleChoice(TaskModel):
    """Scores a question with each of its choices, which are rows of a batch: the first token, a pooler, one score.

    Labels are the `targets` of a `ChoiceBatch`, (questions, 1 + most choices): the right choice, then the rows that
    hold the choices, -1 where there are fewer.
    """

    head_class = ChoiceHead

    def mean_loss(self, logits: Tensor, labels: Tensor, mask: Tensor) -> Tensor:
        """Mean cross-entropy over the choices of each question, in nats."""
        gold, rows = labels[:, 0], labels[:, 1:]
        scores = logits[:, 0][rows.clamp(min=0)].masked_fill(rows < 0, -torch.inf)
        return self._mean(scores, gold, labels)

    def n_labelled(self, labels: Tensor) -> Tensor:
        return super().n_labelled(labels[:, 0])


def _check_start(labels: Sequence[str], settings: dict) -> None:
    """Refuse classes and settings that transformers would take without a word."""
    if isinstance(labels, str) or len(set(labels)) < max(2, len(labels)):
        raise ValueError(f"labels={labels!r} must list at least two classes, each once.")
    choices = [name for name in DlfaConfig.__annotations__ if not name.startswith("encoder")]
    for name in settings:
        if name not in choices:
            raise ValueError(f"{name!r} is no setting of a task model: use {', '.join(choices)}.")


def _saved_as(config: DlfaConfig) -> str:
    return (config.architectures or ["an unknown class"])[0]


AutoModelForSequenceClassification.register(DlfaConfig, DlfaForSequenceClassification, exist_ok=True)
AutoModelForTokenClassification.register(DlfaConfig, DlfaForTokenClassification, exist_ok=True)
AutoModelForMultipleChoice.register(DlfaConfig, DlfaForMultipleChoice, exist_ok=True)
AutoModelForQuestionAnswering.register(DlfaConfig, DlfaForQuestionAnswering, exist_ok=True)
