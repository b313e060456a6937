"""Explanations by gradients: texts along their ways from baselines, many at once."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dlfa_core.models.attribution import gradients
from dlfa_core.models.attribution.path import Path
from dlfa_core.models.attribution.result import Explanation
from dlfa_core.models.attribution.subject import States
from dlfa_core.models.attribution.task import Report, Task
from dlfa_core.models.reading import Batch, pad
from dlfa_core.models.word_reading import WordReading

FIRST_STEPS = 13  # points on the way from a baseline to a text to begin with, where more are added on demand
MOST_STEPS = 256  # in all


def by_gradients(task: Task, readings: list[WordReading], steps: int, report: Report) -> list[Explanation]:
    """Explanations of texts, in no language yet."""
    if task.refines:
        return _along_paths(task, readings, steps, report)
    found: list = [None] * len(readings)
    repeats = {"integrated_gradients": steps, "gradient_shap": gradients.SAMPLES_AT_ONCE}.get(task.method, 1)
    budget = task.budget(readings)

    def work(group: np.ndarray, at_once: int) -> None:
        own = _explain_batch(task, [readings[row] for row in group], steps, at_once)
        for row, explanation in zip(group, own, strict=True):
            found[row] = explanation

    for fraction in budget.over([*map(len, readings)], np.full(len(readings), repeats), work):
        report(fraction)
    report(1.0)
    return found


def _along_paths(task: Task, readings: list[WordReading], steps: int, report: Report) -> list[Explanation]:
    """Integrated gradients, each text on a path of its own, all of them refined side by side."""
    paths = [Path(steps) for _ in readings]
    ends: list[dict[float, Tensor]] = [{} for _ in readings]  # (1, n_labels) logits at 0 and 1
    share = 0.0
    while wanted := [row for row, path in enumerate(paths) if path.waiting]:
        budget = task.budget(readings)

        def work(group: np.ndarray, at_once: int, wanted: list[int] = wanted) -> None:
            own = [wanted[index] for index in group]
            _measure(task, *([each[row] for row in own] for each in (readings, paths, ends)), at_once)

        lengths, repeats = ([len(each[row]) for row in wanted] for each in (readings, [path.waiting for path in paths]))
        for fraction in budget.over(lengths, repeats, work):
            report(share + 0.6 * (1 - share) * fraction)
        share += 0.6 * (1 - share)
        for row in wanted:
            paths[row].refine(task.tolerance, MOST_STEPS)
    report(1.0)
    return [
        explanation
        for reading, path, known in zip(readings, paths, ends, strict=True)
        for explanation in task.described([reading], path.scores[None], (known[1.0], known[0.0]), path.points)
    ]


def _measure(
    task: Task, readings: list[WordReading], paths: list[Path], ends: list[dict[float, Tensor]], at_once: int
) -> None:
    """Measure what waits on the paths of texts; `ends` gets the logits at 0 and 1.

    One pass forward and backward a point gives the output there, too, and what is predicted at the text itself, which
    is the first point of all.
    """
    batch, states, baselines = _ends(task, readings)
    places = [(line, point) for line, path in enumerate(paths) for point in path.waiting]
    for first in range(0, len(places), at_once):
        part = places[first : first + at_once]
        lines = torch.tensor([line for line, _ in part], device=batch.ids.device)
        points = _between(states, baselines, lines, [point for _, point in part])
        for state in points:
            state.requires_grad_()
        logits = task.subject.logits(task.layer, points, batch.take(lines))
        for (line, point), own in zip(part, logits.detach().split(1), strict=True):
            if point in (0.0, 1.0):
                ends[line][point] = own
        targets = task.question.targets(torch.cat([ends[line][1.0] for line, _ in part]))
        values = task.question.values(logits, targets)
        slopes = sum(
            (slope * (high - low)[lines]).sum(-1, dtype=torch.float64)
            for slope, high, low in zip(torch.autograd.grad(values.sum(), points), states, baselines, strict=True)
        )
        for (line, point), own, value in zip(part, slopes.cpu().numpy(), values.tolist(), strict=True):
            paths[line].add(point, own[: len(readings[line])], value)


def _ends(task: Task, readings: list[WordReading]) -> tuple[Batch, States, States]:
    """Texts side by side, and what stands at the point of the texts and of their baselines."""
    subject = task.subject
    batch = pad(readings, task.pad_id, subject.device)
    states = subject.read(task.layer, subject.vectors(batch.ids), batch)
    if task.method == "input_x_gradient":  # a first-order Taylor series around zeros
        return batch, states, tuple(torch.zeros_like(state) for state in states)
    return batch, states, subject.read(task.layer, task.baseline.vectors(subject, batch), batch)


def _explain_batch(task: Task, readings: list[WordReading], steps: int, at_once: int) -> list[Explanation]:
    """Of texts that are read side by side."""
    subject = task.subject
    batch, states, baselines = _ends(task, readings)
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
    return task.described(readings, scores.cpu().numpy(), ends, steps)


def _between(states: States, baselines: States, lines: Tensor, shares: Sequence[float]) -> States:
    """Points on the ways of texts with these numbers, each so far from its baseline."""
    far = torch.tensor(shares, dtype=torch.float32, device=lines.device)[:, None, None]
    return tuple(low[lines] + far * (high[lines] - low[lines]) for high, low in zip(states, baselines, strict=True))
