"""A probe for the tags of words: one for each layer, frozen, learnt in one language and tested in others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from dlfa_core import models
from dlfa_core.data.tasks import TaggedSet, Task
from dlfa_core.experiments.encode import reader
from dlfa_core.experiments.sources import labelled
from dlfa_core.experiments.training import Resamples
from dlfa_core.languages import find
from dlfa_core.measures.intervals import interval_or_nan
from dlfa_core.measures.probes import LinearFit, control_labels, fit_linear
from dlfa_core.measures.trainings import mean_over_trainings
from dlfa_core.runtime.progress import Progress, span

if TYPE_CHECKING:
    from dlfa_core.experiments.structure import Spec

BATCH = 32  # sentences that the encoder reads at once


@dataclass(frozen=True, eq=False)
class WordProbe:
    """The task, and what is to be learnt of it: its own tags, then those of each control task.

    Attributes:
        task: with the examples that are learnt from and tested on, none of them both.
        train: its training set.
        tests: its test sets.
        answers: split -> int (words, 1 + controls); the split is "train", or the language of a test set.
    """

    task: Task
    train: TaggedSet
    tests: Mapping[str, TaggedSet]
    answers: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, spec: "Spec") -> Self:
        """Open the task and draw the control tasks.

        Raises:
            ValueError: the task cannot be opened, tags no words, or there is no control task.
        """
        task = labelled.opened(
            spec.task, spec.source_language, 0.0, True
        )  # without test sentences that are learnt from
        if task.kind != "tagging":
            raise ValueError(
                f"{spec.task} labels whole texts, but this probe reads a tag off each word: name tagged words, such as "
                "pos:PATH, or leave the task out."
            )
        if spec.controls < 1:
            raise ValueError(f"controls={spec.controls} leaves nothing to hold the probe against: draw 1 or more.")
        task = task.select(train=spec.train_limit, test=spec.test_limit)
        train: Any = task.train
        tests: dict[str, Any] = dict(task.tests)
        return cls(task, train, tests, answers_of({"train": train, **tests}, spec.controls, spec.seed))


def answers_of(sets: Mapping[str, TaggedSet], controls: int, seed: int) -> dict[str, np.ndarray]:
    """Return the tags of every word, and those that it gets in control tasks, as `WordProbe.answers`.

    A word as it is written has one control tag wherever it stands, in whichever language; they are as frequent as the
    tags of the training set.
    """
    number = {label: index for index, label in enumerate(sets["train"].labels)}
    gold = {name: np.array([number[tag] for tag in part.flat_gold]) for name, part in sets.items()}
    shares = np.bincount(gold["train"], minlength=len(number)) / len(gold["train"])
    written = np.array([word for part in sets.values() for sentence in part.words for word in sentence])
    drawn = [control_labels(written, len(number), seed + draw, shares) for draw in range(controls)]
    together = np.column_stack([np.concatenate(list(gold.values())), *drawn])
    ends = np.cumsum([len(own) for own in gold.values()])[:-1]
    return dict(zip(gold, np.split(together, ends), strict=True))


def fit_probe(states: np.ndarray, answers: np.ndarray, n_labels: int) -> LinearFit:
    """Fit one layer's states of words, (words, d), to all answers, (words, tasks), side by side."""
    targets = np.eye(n_labels)[answers].reshape(len(answers), -1)
    return fit_linear(states.astype(np.float64), targets)


def found_by(fit: LinearFit, states: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Tell of which words the probe finds which answers, bool (words, tasks)."""
    scores = fit.scores(states.astype(np.float64)).reshape(*answers.shape, -1)
    return np.asarray(scores.argmax(axis=2) == answers)


def rows(probe: WordProbe, spec: "Spec", progress: Progress) -> list[dict[str, Any]]:
    """Return rows of `Result.scores`, without model and seed."""
    task, encoder = probe.task, reader(spec.model, models.fingerprint(spec.model), spec.dtype)
    progress(0.0, f"Reading words in {find(task.source_language).name}")
    states = word_states(encoder, probe.train, spec.max_length)
    fits = [fit_probe(layer, probe.answers["train"], len(task.labels)) for layer in states]
    del states
    hits, report = {}, span(progress, 0.4, 1.0)
    for done, (code, test) in enumerate(probe.tests.items()):
        report(done / len(probe.tests), f"Probing words in {find(code).name}, {done + 1} of {len(probe.tests)}")
        states = word_states(encoder, test, spec.max_length)
        found = np.stack([found_by(*pair, probe.answers[code]) for pair in zip(fits, states, strict=True)])
        hits[code] = by_sentence(found, test)
    return list(scored(probe, hits, spec.resamples, spec.seed))


def word_states(encoder: "models.Encoder", examples: TaggedSet, max_length: int) -> np.ndarray:
    """Return the state of every word at every layer, float32 (n_states, words, hidden), read where its tag is read."""
    readings = models.read_examples(encoder.tokenizer, examples, min(max_length, encoder.max_length))
    batches = models.batch_examples(readings, BATCH, encoder.tokenizer.pad_token_id or 0, encoder.model.device)
    n_words = sum(map(len, examples.words))
    states = np.empty((encoder.n_states, n_words, encoder.hidden_size), dtype=np.float32)
    for batch, layers in models.Passes(encoder, batches, range(encoder.n_states)).over():
        for layer, state in layers.items():
            states[layer, batch.numbers] = state[batch.rows, batch.positions].cpu().numpy()
    return states


def by_sentence(found: np.ndarray, examples: TaggedSet) -> np.ndarray:
    """Return how many words of each sentence were found, (n_states, sentences, tasks).

    Args:
        found: bool (n_states, words, tasks).
        examples: what the words are of.
    """
    starts = np.cumsum([0, *map(len, examples.words)])[:-1]
    return np.add.reduceat(found.astype(np.int64), starts, axis=1)


def scored(probe: WordProbe, hits: Mapping[str, np.ndarray], resamples: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield rows of the probe, its controls and its selectivity: of each language, the source, and all others."""
    tests = probe.tests
    draws = Resamples.of({code: test.ids for code, test in tests.items()}, 1, resamples, seed)
    values, replicates, nulls, sizes = {}, {}, {}, {}
    frequent = [np.bincount(column).argmax() for column in probe.answers["train"].T]
    for code, test in tests.items():
        lengths = np.array([len(words) for words in test.words])
        weights = draws.examples[code].astype(np.float64)
        values[code] = hits[code].sum(axis=1) / lengths.sum()
        drawn = np.einsum("rs,lst->rlt", weights, hits[code], optimize=True)
        replicates[code] = drawn / np.maximum(weights @ lengths, 1)[:, None, None]
        nulls[code] = (probe.answers[code] == frequent).mean(axis=0)
        sizes[code] = int(lengths.sum())
    for level, group, codes in _groups(tuple(tests), probe.task.source_language):
        value, null = (np.mean([each[code] for code in codes], axis=0) for each in (values, nulls))
        drawn = np.mean([replicates[code] for code in codes], axis=0)
        about = {"n": sum(sizes[code] for code in codes), "n_languages": len(codes)}
        for measure, found, low, high, chance in _three(value, drawn, null):
            for layer, ends in enumerate(zip(found, low, high, strict=True)):
                named = {"layer": layer, "measure": measure, "level": level, "group": group}
                yield {
                    **named,
                    **dict(zip(("value", "ci_low", "ci_high"), ends, strict=True)),
                    "null_mean": chance,
                    **about,
                }


def about(probe: WordProbe | None) -> dict[str, Any]:
    """Return what `Result.meta` says of the task; empty texts and lists where there is none."""
    if probe is None:
        return {"task": "", "task_name": "", "labels": [], "source_language": "", "targets": [], "n_train": 0}
    task = probe.task
    return {
        "task": task.source,
        "task_name": task.name,
        "task_licence": task.licence,
        "labels": list(task.labels),
        "source_language": task.source_language,
        "targets": [code for code in task.tests if code != task.source_language],
        "n_train": len(probe.answers["train"]),
    }


def _groups(codes: tuple[str, ...], source: str) -> Iterator[tuple[str, str, list[str]]]:
    targets = [code for code in codes if code != source]
    if source in codes:
        yield "source", source, [source]
    if targets:
        yield "targets", "targets", targets
    yield from (("language", code, [code]) for code in codes)


def _three(
    value: np.ndarray, drawn: np.ndarray, null: np.ndarray
) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray, float]]:
    """Yield measure, values, low, high (n_states,) and chance of the probe, its controls and the difference.

    Args:
        value: (n_states, tasks), the first of which is no control.
        drawn: (R, n_states, tasks).
        null: (tasks,).
    """
    right, controls = value[:, 0], value[:, 1:].T
    drawn_right, drawn_controls = drawn[..., 0], drawn[..., 1:].swapaxes(1, 2)
    yield "word_probe", right, *interval_or_nan(right, drawn_right), float(null[0])
    found = mean_over_trainings(controls, drawn_controls)
    yield "word_control", found.values, *found.score_intervals((0, 1)), float(null[1:].mean())
    found = mean_over_trainings(right - controls, drawn_right[:, None] - drawn_controls)
    yield "word_selectivity", found.values, *found.score_intervals((-1, 1)), 0.0
