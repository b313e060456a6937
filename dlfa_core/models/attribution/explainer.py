"""Attribution of whole corpora: texts in, scores of words out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from dlfa_core.languages import find
from dlfa_core.models.attribution.baselines import Baseline, possible_baselines
from dlfa_core.models.attribution.by_gradients import FIRST_STEPS, by_gradients
from dlfa_core.models.attribution.by_variants import by_variants, logits_of, scored
from dlfa_core.models.attribution.question import Question
from dlfa_core.models.attribution.reading import read_texts
from dlfa_core.models.attribution.registry import MOST_NEUTRAL, Method, find_baseline, find_method, most_neutral
from dlfa_core.models.attribution.result import Explanations
from dlfa_core.models.attribution.subject import Subject
from dlfa_core.models.attribution.task import Task
from dlfa_core.models.attribution.word_scores import WordScores
from dlfa_core.models.hardware import choose_device, choose_dtype
from dlfa_core.models.loading import longest_input
from dlfa_core.models.reading import pad
from dlfa_core.models.task_loading import load_task_model
from dlfa_core.models.word_reading import Text, WordReading

TOLERANCE = 0.02  # of the sum of the sizes of a text's scores
EMPTY_LENGTHS = (4, 8, 16, 32)  # words of texts without content that baselines are judged by

Progress = Callable[[float, str], None]


class Explainer:
    """Says which words a text classifier's answer comes from.

    Args:
        model: a fusion model, or a checkpoint of transformers for sequence classification; it is frozen, so that
            backward passes compute gradients of the input only, and put into evaluation mode. Or a `Subject`, as it
            is.
        tokenizer: its own, a fast one.
        name: what the model is called in results.
        dtype: what the model computes in, of those in `hardware.DTYPES`, or auto. Half precision is faster where the
            device has it, and misses the explained difference by some per cent, which no number of steps mends.

    Attributes:
        labels: the classes.
        n_layers: L, its blocks; scores can be given at the subwords or at any state, 0 to L.
        max_length: the most subwords that it can read at once.
        reads_pairs: whether it is known to have been trained on pairs of texts.

    Raises:
        ValueError: the model labels no texts, or its layers cannot be told apart.
    """

    def __init__(
        self,
        model: nn.Module | Subject,
        tokenizer: PreTrainedTokenizerBase,
        name: str = "model",
        dtype: str = "float32",
    ):
        if isinstance(model, nn.Module):
            _check_sentences(model, name)
            model = Subject.of(model.to(choose_dtype(dtype, next(model.parameters()).device)))
        self.name, self.tokenizer, self.subject = name, tokenizer, model
        if self.subject.device.type == "cpu":  # fused attention has a slow backward pass there
            self.subject.encoder.set_attn_implementation("eager")
        self.labels, self.n_layers = self.subject.labels, self.subject.n_layers
        self.max_length = longest_input(self.subject.encoder, tokenizer)
        self.reads_pairs = getattr(self.subject.model.config, "pairs", False)
        self._pad_id = tokenizer.pad_token_id or 0
        self._leans: dict[Question, dict[str, float]] = {}

    @classmethod
    def from_pretrained(cls, name_or_path: str, device: str = "auto", dtype: str = "float32") -> "Explainer":
        """Load a classifier: the bundled one, a folder, or a hub id.

        Args:
            name_or_path: which.
            device: as for `choose_device`.
            dtype: as for the class.

        Raises:
            ModelError: the model is missing, damaged, or labels no texts.
            ValueError: no such device or dtype.
        """
        model, tokenizer = load_task_model(name_or_path)
        return cls(model.to(choose_device(device)), tokenizer, str(name_or_path), dtype)

    def question(self, target: str = "", against: str = "", output: str = "logit") -> Question:
        """Return what to explain, in the words of `explain`; errors as there."""
        return Question.of(self.labels, target, against, output)

    def read(self, texts: Sequence[Text], max_length: int = 256) -> list[WordReading]:
        """Texts in subwords and words; see `read_texts`."""
        if isinstance(texts, str):
            raise ValueError("explain reads a list of texts but got one string: write explain([text]).")
        return read_texts(self.tokenizer, texts, min(max_length, self.max_length))

    def explain(
        self,
        texts: Sequence[Text],
        languages: Sequence[str] | None = None,
        *,
        method: str = "integrated_gradients",
        layer: int | None = None,
        target: str = "",
        against: str = "",
        output: str = "logit",
        baseline: str = MOST_NEUTRAL,
        steps: int | None = None,
        tolerance: float = TOLERANCE,
        max_length: int = 256,
        seed: int = 0,
        batch_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> Explanations:
        """Score the words of texts. What a text gets does not depend on the other texts.

        Args:
            texts: n texts, or pairs of texts.
            languages: codes or names, one for each text, for showing them.
            method: key of `METHODS`.
            layer: the state at which scores are given; None for the vectors of the subwords.
            target: label, or its number, whose output is explained; "" for the predicted one.
            against: label whose output is taken away from it, or "".
            output: key of `OUTPUTS`.
            baseline: key of `BASELINES`, or auto, for that of `neutral_baseline`; input × gradient has none of its own
                and is held against zeros everywhere.
            steps: of the method, to begin with where there is a tolerance; None for its default.
            tolerance: what integrated gradients may miss, as a share of the sum of |scores|. The way from the baseline
                is cut into segments, whose parts should add up to what the output gains on them; those that miss most
                get more points until all together miss no more, or `by_gradients.MOST_STEPS` are spent. The sum of
                sizes and not the difference is the measure, because it is what a picture's colours are held against:
                where words for and against an answer cancel, the difference is near 0, and a share of it says nothing
                about any word. 0 leaves it at `steps` points of one rule, and so does half precision.
            max_length: subwords after which a text is cut, special tokens counted; lowered to the model's own limit.
            seed: of gradient SHAP and Shapley values.
            batch_tokens: passed through the model at once, each step of each text counted; by default what suits the
                device and its free memory. Where the memory runs out it is halved.
            progress: called with the fraction done and a message; what it raises ends the work.

        Raises:
            ValueError: an unknown method, baseline, layer, label, language or output; an empty text; no steps.
        """
        known = find_method(method)
        question = Question.of(self.labels, target, against, output)
        baseline = self.neutral_baseline(question) if find_baseline(baseline) == MOST_NEUTRAL else baseline
        asked = Baseline.of(baseline, self.tokenizer)
        tolerance = tolerance if self.subject.dtype is torch.float32 else 0.0
        steps = _default_steps(known, tolerance) if steps is None else steps
        if steps < 1:
            raise ValueError(f"steps={steps} computes nothing: use at least 1, or leave it out for the default.")
        self.subject.cut(layer)  # refuses a layer that is not there
        if layer is not None and not known.gradients:
            raise ValueError(
                f"{known.label} takes out words of the text, so it has no layers: leave the layer out, "
                "or use integrated gradients."
            )
        codes = _codes(languages, len(texts))
        readings = self.read(texts, max_length)
        task = Task(self.subject, self._pad_id, method, layer, question, asked, tolerance, seed, batch_tokens)
        report = progress or (lambda fraction, message: None)
        message = f"Explaining {len(readings):,} text{'s' * (len(readings) != 1)}"
        report(0.0, message)
        work = by_gradients if known.gradients else by_variants
        found = work(task, readings, steps, lambda fraction: report(fraction, message))
        each = tuple(replace(explanation, language=code) for explanation, code in zip(found, codes, strict=True))
        return Explanations(each, self.name, method, baseline, output, layer)

    def leans(self, question: Question) -> dict[str, float]:
        """Return what the model says of texts without content, by the name of the baseline that they are made of.

        Of texts of `EMPTY_LENGTHS` words, because it depends on the length; the mean over them, and over the sizes of
        what systems say, where there are several. Computed once for each question.
        """
        if question not in self._leans:
            self._leans[question] = self._measured_leans(question)
        return dict(self._leans[question])

    def _measured_leans(self, question: Question) -> dict[str, float]:
        readings = self.read([" ".join(["a"] * length) for length in EMPTY_LENGTHS])
        batch = pad(readings, self._pad_id, self.subject.device)
        found = {}
        for name in possible_baselines(self.tokenizer):
            vectors = Baseline.of(name, self.tokenizer).vectors(self.subject, batch)
            with torch.no_grad():
                leans = question.leans(self.subject.logits(None, (vectors,), batch)).double().mean(0)
            found[name] = float(leans if leans.ndim == 0 else leans.abs().mean())
        return found

    def neutral_baseline(self, question: Question) -> str:
        """The baseline of which the model says least: the one whose `leans` is nearest to 0.

        A text is held against a baseline as if that had no content. Where a model takes padding for praise, every word
        of a text seems to speak against it.
        """
        return most_neutral(self.leans(question))

    def variants(
        self,
        readings: Sequence[WordReading],
        kept: Sequence[np.ndarray],
        baseline: str = "pad",
        batch_tokens: int | None = None,
    ) -> list[Tensor]:
        """Logits of texts with some words taken out; see `read_variants`."""
        asked = Baseline.of(baseline, self.tokenizer)
        task = Task(self.subject, self._pad_id, "", None, Question(), asked, batch_tokens=batch_tokens)
        return logits_of(task, readings, kept)

    def word_scores(
        self,
        readings: Sequence[WordReading],
        question: Question,
        *,
        method: str = "occlusion",
        baseline: str = "pad",
        steps: int | None = None,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> list[WordScores]:
        """Scores of words by all systems of a `StackedSubject` at once, or by one model; for methods without gradients.

        Args:
            readings: of `read`.
            question: of `question`.
            method, baseline, steps, seed, progress: as for `explain`.

        Raises:
            ValueError: the method reads gradients.
        """
        known = find_method(method)
        if known.gradients:
            raise ValueError(f"{known.label} reads gradients, of one system at a time: use explain.")
        asked = Baseline.of(baseline, self.tokenizer)
        task = Task(self.subject, self._pad_id, method, None, question, asked, seed=seed)
        message = f"Taking words out of {len(readings):,} texts"
        report = progress or (lambda fraction, message: None)
        steps = steps or known.default_steps
        return list(scored(task, readings, steps, lambda fraction: report(fraction, message)))


def _default_steps(method: Method, tolerance: float) -> int:
    """Return how many steps a method takes, or begins with where more are added on demand."""
    return FIRST_STEPS if method.name == "integrated_gradients" and tolerance > 0 else method.default_steps


def _codes(languages: Sequence[str] | None, n: int) -> list[str | None]:
    if languages is None:
        return [None] * n
    if len(languages) != n:
        raise ValueError(f"{n} texts but {len(languages)} languages: give one for each text, or none.")
    return [find(language).code for language in languages]


def _check_sentences(model: nn.Module, name: str) -> None:
    """Refuse a model that labels no texts."""
    kind = type(model).__name__
    if "ForSequenceClassification" not in kind:
        raise ValueError(
            f"{name!r} is a {kind}, which gives no label to a text: choose a model for sequence classification, "
            "such as a sentiment model."
        )
