"""Explanations by what a classifier says of texts with words taken out."""

from collections.abc import Iterator, Sequence

import numpy as np
from torch import Tensor

from dlfa_core.models.attribution.result import Explanation
from dlfa_core.models.attribution.task import Report, Task
from dlfa_core.models.attribution.variants import read_variants
from dlfa_core.models.attribution.word_scores import WordScores, all_words, plan_of, word_scores
from dlfa_core.models.word_reading import WordReading

VARIANTS_AT_ONCE = 4096  # of texts with words taken out: bounds what is kept in memory
ROOM = 4  # times the tokens, where nothing is kept for a backward pass


def logits_of(task: Task, readings: Sequence[WordReading], kept: Sequence[np.ndarray]) -> list[Tensor]:
    """Logits of texts with some words taken out; see `read_variants`."""
    budget = task.budget(readings, ROOM)
    return read_variants(task.subject, task.baseline, readings, kept, budget, task.pad_id)


def by_variants(task: Task, readings: list[WordReading], steps: int, report: Report) -> list[Explanation]:
    """Explanations of texts, in no language yet."""
    found = []
    for reading, each in zip(readings, scored(task, readings, steps, report), strict=True):
        scores = np.zeros(len(reading))
        for word, score in zip(reading.words, each.scores[0], strict=True):
            scores[list(word.subwords)] = score / max(1, len(word.subwords))
        found += task.described([reading], scores[None], (each.whole, each.empty), steps)
    return found


def scored(task: Task, readings: Sequence[WordReading], steps: int, report: Report) -> Iterator[WordScores]:
    """Scores of words, text by text, of all systems at once."""
    start = 0
    while start < len(readings):
        plans = []
        while start + len(plans) < len(readings) and sum(len(plan.kept) for plan in plans) < VARIANTS_AT_ONCE:
            plans.append(plan_of(task.method, readings[start + len(plans)], steps, task.seed))
        part = readings[start : start + len(plans)]
        kept = [all_words(reading, plan.kept) for reading, plan in zip(part, plans, strict=True)]
        logits = logits_of(task, part, kept)
        for reading, plan, own in zip(part, plans, logits, strict=True):
            yield word_scores(task.question, reading, plan, own if own.ndim == 3 else own[:, None])
        start += len(plans)
        report(start / len(readings))
