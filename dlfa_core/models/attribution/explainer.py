"""Attribution of whole corpora: texts in, scores of words out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from dlfa_core.languages import find
from dlfa_core.models.attribution import gradients
from dlfa_core.models.attribution.baselines import Baseline, possible_baselines
from dlfa_core.models.attribution.memory import Budget, bytes_per_token
from dlfa_core.models.attribution.path import POINTS, Path, Segment
from dlfa_core.models.attribution.question import Question
from dlfa_core.models.attribution.reading import read_texts
from dlfa_core.models.attribution.registry import MOST_NEUTRAL, find_baseline, find_method, most_neutral
from dlfa_core.models.attribution.result import Explanation, Explanations
from dlfa_core.models.attribution.subject import States, Subject
from dlfa_core.models.attribution.variants import read_variants
from dlfa_core.models.attribution.word_scores import WordScores, all_words, plan_of, word_scores
from dlfa_core.models.hardware import choose_device, choose_dtype
from dlfa_core.models.loading import longest_input
from dlfa_core.models.reading import Batch, pad
from dlfa_core.models.task_loading import load_task_model
from dlfa_core.models.word_reading import Text, WordReading

TOLERANCE = 0.02  # of the sum of the sizes of a text's scores
MOST_STEPS = 256  # points on the way from a baseline to a text, those of segments that were halved counted
EMPTY_LENGTHS = (4, 8, 16, 32)  # words of texts without content that baselines are judged by
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
            steps: of the method; None for its default.
            tolerance: what integrated gradients may miss, as a share of the sum of |scores|. The way from the baseline
                is cut into segments, each of which should add up to what the output gains on it; those that miss most
                are halved until all together miss no more, or `MOST_STEPS` are spent. The sum of sizes and not the
                difference is the measure, because it is what a picture's colours are held against: where words for and
                against an answer cancel, the difference is near 0, and a share of it says nothing about any word. 0
                leaves it at `steps` points of one rule, and so does half precision.
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
        if task.refines:
            return self._along_paths(task, readings, steps, report)
        found: list = [None] * len(readings)
        repeats = {"integrated_gradients": steps, "gradient_shap": gradients.SAMPLES_AT_ONCE}.get(task.method, 1)
        budget = self._budget(readings, task.batch_tokens)

        def work(group: np.ndarray, at_once: int) -> None:
            own = self._explain_batch(task, [readings[row] for row in group], steps, at_once)
            for row, explanation in zip(group, own, strict=True):
                found[row] = explanation

        for fraction in budget.over([*map(len, readings)], np.full(len(readings), repeats), work):
            report(fraction)
        report(1.0)
        return found

    def _along_paths(
        self, task: "_Task", readings: list[WordReading], steps: int, report: Callable[[float], None]
    ) -> list[Explanation]:
        """Integrated gradients, each text on a path of its own, all of them refined side by side."""
        paths = [Path(steps) for _ in readings]
        logits: list[dict[float, Tensor]] = [{} for _ in readings]  # (1, n_labels) at the ends of segments
        share = 0.0
        while wanted := [(row, segment) for row, path in enumerate(paths) for segment in path.waiting]:
            budget = self._budget(readings, task.batch_tokens)

            def work(group: np.ndarray, at_once: int, wanted: list[tuple[int, Segment]] = wanted) -> None:
                own = [wanted[index] for index in group]
                scores = self._segments(task, readings, own, logits, at_once)
                for (row, (start, stop)), each in zip(own, scores, strict=True):
                    gains = task.question.values(
                        torch.cat([logits[row][start], logits[row][stop]]),
                        task.question.targets(logits[row][1.0]).expand(2),
                    )
                    paths[row].add((start, stop), each[: len(readings[row])], float(gains[1] - gains[0]))

            lengths = [len(readings[row]) for row, _ in wanted]
            for fraction in budget.over(lengths, np.full(len(wanted), POINTS), work):
                report(share + 0.6 * (1 - share) * fraction)
            share += 0.6 * (1 - share)
            for row in {row for row, _ in wanted}:
                paths[row].refine(task.tolerance, MOST_STEPS)
        report(1.0)
        return [
            explanation
            for reading, path, known in zip(readings, paths, logits, strict=True)
            for explanation in self._described(
                task, [reading], path.scores[None], (known[1.0], known[0.0]), path.points
            )
        ]

    def _segments(
        self,
        task: "_Task",
        readings: list[WordReading],
        wanted: Sequence[tuple[int, Segment]],
        logits: list[dict[float, Tensor]],
        at_once: int,
    ) -> np.ndarray:
        """Scores of segments, (segments, seq), of texts with numbers; `logits` gets what it lacks at their ends."""
        rows, index = np.unique([row for row, _ in wanted], return_inverse=True)
        batch, states, baselines = self._ends(task, [readings[row] for row in rows])
        places = [(line, row, at) for line, row in enumerate(rows) for at in _unknown(row, wanted, logits)]
        for first in range(0, len(places), at_once):
            part = places[first : first + at_once]
            lines = torch.tensor([line for line, _, _ in part], device=batch.ids.device)
            points = _between(states, baselines, lines, [at for _, _, at in part])
            with torch.no_grad():
                seen = self.subject.logits(task.layer, points, batch.take(lines))
            for (_, row, at), own in zip(part, seen.split(1), strict=True):
                logits[row][at] = own
        lines = torch.as_tensor(index, device=batch.ids.device)
        starts, stops = (_between(states, baselines, lines, [each[end] for _, each in wanted]) for end in (0, 1))
        targets = task.question.targets(torch.cat([logits[row][1.0] for row in rows]))[lines]
        output = gradients.Output(self.subject, task.layer, task.question)
        own = batch.take(lines)
        return (
            gradients.attribute("integrated_gradients", output, stops, starts, own, targets, POINTS, at_once)
            .cpu()
            .numpy()
        )

    def _ends(self, task: "_Task", readings: list[WordReading]) -> tuple[Batch, States, States]:
        """Texts side by side, and what stands at the point of the texts and of their baselines."""
        subject = self.subject
        batch = pad(readings, self._pad_id, subject.device)
        states = subject.read(task.layer, subject.vectors(batch.ids), batch)
        if task.method == "input_x_gradient":  # a first-order Taylor series around zeros
            return batch, states, tuple(torch.zeros_like(state) for state in states)
        return batch, states, subject.read(task.layer, task.baseline.vectors(subject, batch), batch)

    def _explain_batch(self, task: "_Task", readings: list[WordReading], steps: int, at_once: int) -> list[Explanation]:
        """Of texts that are read side by side."""
        subject = self.subject
        batch, states, baselines = self._ends(task, readings)
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
    def refines(self) -> bool:
        return self.method == "integrated_gradients" and self.tolerance > 0


def _unknown(row: int, wanted: Sequence[tuple[int, Segment]], logits: Sequence[dict[float, Tensor]]) -> list[float]:
    """Ends of a text's segments, and of its path, at which its logits are not known."""
    return sorted({0.0, 1.0, *(end for other, each in wanted if other == row for end in each)} - logits[row].keys())


def _between(states: States, baselines: States, lines: Tensor, shares: Sequence[float]) -> States:
    """Points on the ways of texts with these numbers, each so far from its baseline."""
    far = torch.tensor(shares, dtype=torch.float32, device=lines.device)[:, None, None]
    return tuple(low[lines] + far * (high[lines] - low[lines]) for high, low in zip(states, baselines, strict=True))


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
