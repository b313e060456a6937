"""Explanations by gradients: texts along their ways from baselines, many at once."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dlfa_core.models.attribution import gradients
from dlfa_core.models.attribution.path import POINTS, Path, Segment
from dlfa_core.models.attribution.result import Explanation
from dlfa_core.models.attribution.subject import States
from dlfa_core.models.attribution.task import Report, Task
from dlfa_core.models.reading import Batch, pad
from dlfa_core.models.word_reading import WordReading

MOST_STEPS = 256  # points on the way from a baseline to a text, those of segments that were halved counted


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
    logits: list[dict[float, Tensor]] = [{} for _ in readings]  # (1, n_labels) at the ends of segments
    share = 0.0
    while wanted := [(row, segment) for row, path in enumerate(paths) for segment in path.waiting]:
        budget = task.budget(readings)

        def work(group: np.ndarray, at_once: int, wanted: list[tuple[int, Segment]] = wanted) -> None:
            own = [wanted[index] for index in group]
            scores = _segments(task, readings, own, logits, at_once)
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
        for explanation in task.described([reading], path.scores[None], (known[1.0], known[0.0]), path.points)
    ]


def _segments(
    task: Task,
    readings: list[WordReading],
    wanted: Sequence[tuple[int, Segment]],
    logits: list[dict[float, Tensor]],
    at_once: int,
) -> np.ndarray:
    """Scores of segments, (segments, seq), of texts with numbers; `logits` gets what it lacks at their ends."""
    rows, index = np.unique([row for row, _ in wanted], return_inverse=True)
    batch, states, baselines = _ends(task, [readings[row] for row in rows])
    places = [(line, row, at) for line, row in enumerate(rows) for at in _unknown(row, wanted, logits)]
    for first in range(0, len(places), at_once):
        part = places[first : first + at_once]
        lines = torch.tensor([line for line, _, _ in part], device=batch.ids.device)
        points = _between(states, baselines, lines, [at for _, _, at in part])
        with torch.no_grad():
            seen = task.subject.logits(task.layer, points, batch.take(lines))
        for (_, row, at), own in zip(part, seen.split(1), strict=True):
            logits[row][at] = own
    lines = torch.as_tensor(index, device=batch.ids.device)
    starts, stops = (_between(states, baselines, lines, [each[end] for _, each in wanted]) for end in (0, 1))
    targets = task.question.targets(torch.cat([logits[row][1.0] for row in rows]))[lines]
    output = gradients.Output(task.subject, task.layer, task.question)
    own = batch.take(lines)
    return (
        gradients.attribute("integrated_gradients", output, stops, starts, own, targets, POINTS, at_once).cpu().numpy()
    )


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


def _unknown(row: int, wanted: Sequence[tuple[int, Segment]], logits: Sequence[dict[float, Tensor]]) -> list[float]:
    """Ends of a text's segments, and of its path, at which its logits are not known."""
    return sorted({0.0, 1.0, *(end for other, each in wanted if other == row for end in each)} - logits[row].keys())


def _between(states: States, baselines: States, lines: Tensor, shares: Sequence[float]) -> States:
    """Points on the ways of texts with these numbers, each so far from its baseline."""
    far = torch.tensor(shares, dtype=torch.float32, device=lines.device)[:, None, None]
    return tuple(low[lines] + far * (high[lines] - low[lines]) for high, low in zip(states, baselines, strict=True))
