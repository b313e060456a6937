"""Attribution of whole corpora: texts in, scores of words out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from dlfa_core.languages import find
from dlfa_core.models.attribution import gradients
from dlfa_core.models.attribution.baselines import Baseline
from dlfa_core.models.attribution.memory import Budget, bytes_per_token
from dlfa_core.models.attribution.question import Question
from dlfa_core.models.attribution.reading import read_texts
from dlfa_core.models.attribution.registry import find_method
from dlfa_core.models.attribution.result import Explanation, Explanations
from dlfa_core.models.attribution.subject import Subject
from dlfa_core.models.attribution.variants import read_variants
from dlfa_core.models.attribution.word_scores import WordScores, all_words, plan_of, word_scores
from dlfa_core.models.hardware import choose_device, choose_dtype
from dlfa_core.models.loading import longest_input
from dlfa_core.models.reading import pad
from dlfa_core.models.task_loading import load_task_model
from dlfa_core.models.word_reading import Text, WordReading

TOLERANCE = 0.01  # of the explained difference
MOST_STEPS = 256
VARIANTS_AT_ONCE = 4096  # of texts with words taken out: bounds what is kept in memory
ROOM_WITHOUT_GRADIENTS = 4  # times the tokens, where nothing is kept for a backward pass

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
        baseline: str = "pad",
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
            baseline: key of `BASELINES`; input × gradient has none of its own and is held against zeros everywhere.
            steps: of the method; None for its default.
            tolerance: integrated gradients of a text whose delta is a larger share of the difference are computed
                anew with twice the steps, until there are `MOST_STEPS`; 0 leaves them, and so does half precision.
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
        asked = Baseline.of(baseline, self.tokenizer)
        steps = known.default_steps if steps is None else steps
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
        tolerance = tolerance if self.subject.dtype is torch.float32 else 0.0
        task = _Task(method, layer, question, asked, tolerance, seed, batch_tokens)
        report = progress or (lambda fraction, message: None)
        message = f"Explaining {len(readings):,} text{'s' * (len(readings) != 1)}"
        report(0.0, message)
        work = self._by_gradients if known.gradients else self._by_variants
        found = work(task, readings, steps, lambda fraction: report(fraction, message))
        each = tuple(replace(explanation, language=code) for explanation, code in zip(found, codes, strict=True))
        return Explanations(each, self.name, method, baseline, output, layer)

    def variants(
        self,
        readings: Sequence[WordReading],
        kept: Sequence[np.ndarray],
        baseline: str = "pad",
        batch_tokens: int | None = None,
    ) -> list[Tensor]:
        """Logits of texts with some words taken out; see `read_variants`."""
        budget = self._budget(readings, batch_tokens, ROOM_WITHOUT_GRADIENTS)
        return read_variants(self.subject, Baseline.of(baseline, self.tokenizer), readings, kept, budget, self._pad_id)

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
        task = _Task(method, None, question, Baseline.of(baseline, self.tokenizer), 0.0, seed, None)
        message = f"Taking words out of {len(readings):,} texts"
        report = progress or (lambda fraction, message: None)
        steps = steps or known.default_steps
        return list(self._scored(task, readings, steps, lambda fraction: report(fraction, message)))

    def _by_gradients(
        self, task: "_Task", readings: list[WordReading], steps: int, report: Callable[[float], None]
    ) -> list[Explanation]:
        found: list = [None] * len(readings)
        rows, share = np.arange(len(readings)), 0.0
        repeats = {"integrated_gradients": steps, "gradient_shap": gradients.SAMPLES_AT_ONCE}.get(task.method, 1)
        while len(rows):
            budget = self._budget(readings, task.batch_tokens)

            def work(group: np.ndarray, at_once: int, rows: np.ndarray = rows, steps: int = steps) -> None:
                own = self._explain_batch(task, [readings[row] for row in rows[group]], steps, at_once)
                for row, explanation in zip(rows[group], own, strict=True):
                    found[row] = explanation

            for fraction in budget.over([len(readings[row]) for row in rows], np.full(len(rows), repeats), work):
                report(share + (1 - share) * fraction * (0.8 if task.may_repeat else 1.0))
            if not task.may_repeat or 2 * steps > MOST_STEPS:
                break
            missed = [row for row in rows if task.misses(found[row])]
            rows, steps, share = np.array(missed, dtype=int), 2 * steps, share + 0.8 * (1 - share)
            repeats = steps
        report(1.0)
        return found

    def _explain_batch(self, task: "_Task", readings: list[WordReading], steps: int, at_once: int) -> list[Explanation]:
        """Of texts that are read side by side."""
        subject = self.subject
        batch = pad(readings, self._pad_id, subject.device)
        vectors, empty = subject.vectors(batch.ids), task.baseline.vectors(subject, batch)
        states = subject.read(task.layer, vectors, batch)
        if task.method == "input_x_gradient":  # a first-order Taylor series around zeros
            baselines = tuple(torch.zeros_like(state) for state in states)
        else:
            baselines = subject.read(task.layer, empty, batch)
        with torch.no_grad():
            ends = [subject.logits(task.layer, each, batch) for each in (states, baselines)]
        scores = gradients.attribute(
            task.method,
            gradients.Output(subject, task.layer, task.question),
            states,
            baselines,
            batch,
            task.question.targets(ends[0]),
            steps,
            at_once,
            task.seed,
        )
        return self._described(task, readings, scores.cpu().numpy(), ends, steps)

    def _described(
        self, task: "_Task", readings: Sequence[WordReading], scores: np.ndarray, ends: Sequence[Tensor], steps: int
    ) -> list[Explanation]:
        """Explanations in no language yet, from scores (batch, seq) and logits (batch, n_labels) of both ends."""
        targets = task.question.targets(ends[0])
        against = "" if task.question.against is None else self.labels[task.question.against]
        values, baseline_values = (task.question.values(logits, targets).double().tolist() for logits in ends)
        predicted = ends[0].argmax(-1).tolist()
        return [
            Explanation(
                reading,
                language=None,
                scores=np.asarray(row[: len(reading)]),
                predicted=self.labels[guess],
                target=self.labels[target],
                against=against,
                value=value,
                baseline_value=baseline_value,
                steps=steps,
            )
            for reading, row, guess, target, value, baseline_value in zip(
                readings, scores, predicted, targets.tolist(), values, baseline_values, strict=True
            )
        ]

    def _by_variants(
        self, task: "_Task", readings: list[WordReading], steps: int, report: Callable[[float], None]
    ) -> list[Explanation]:
        found = []
        for reading, each in zip(readings, self._scored(task, readings, steps, report), strict=True):
            scores = np.zeros(len(reading))
            for word, score in zip(reading.words, each.scores[0], strict=True):
                scores[list(word.subwords)] = score / max(1, len(word.subwords))
            found += self._described(task, [reading], scores[None], (each.whole, each.empty), steps)
        return found

    def _scored(
        self, task: "_Task", readings: Sequence[WordReading], steps: int, report: Callable[[float], None]
    ) -> Iterator[WordScores]:
        start = 0
        while start < len(readings):
            plans = []
            while start + len(plans) < len(readings) and sum(len(plan.kept) for plan in plans) < VARIANTS_AT_ONCE:
                plans.append(plan_of(task.method, readings[start + len(plans)], steps, task.seed))
            part = readings[start : start + len(plans)]
            kept = [all_words(reading, plan.kept) for reading, plan in zip(part, plans, strict=True)]
            logits = self.variants(part, kept, task.baseline.name, task.batch_tokens)
            for reading, plan, own in zip(part, plans, logits, strict=True):
                yield word_scores(task.question, reading, plan, own if own.ndim == 3 else own[:, None])
            start += len(plans)
            report(start / len(readings))

    def _budget(self, readings: Sequence[WordReading], tokens: int | None, room: int = 1) -> Budget:
        cost = bytes_per_token(self.subject.encoder.config, max(map(len, readings), default=1))
        return Budget(tokens, self.subject.device, cost, room)


@dataclass(frozen=True)
class _Task:
    """What is asked of every text."""

    method: str
    layer: int | None
    question: Question
    baseline: Baseline
    tolerance: float
    seed: int
    batch_tokens: int | None

    @property
    def may_repeat(self) -> bool:
        return self.method == "integrated_gradients" and self.tolerance > 0

    def misses(self, found: Explanation) -> bool:
        """Tell whether scores miss the difference by more than the tolerance."""
        difference = found.value - found.baseline_value
        return abs(found.scores.sum() - difference) > self.tolerance * abs(difference)


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
