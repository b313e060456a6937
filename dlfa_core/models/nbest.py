"""The likeliest answers to a question, each with its probability, as the scripts of SQuAD list them.

Spans of all windows compete. Of spans with the same text the best one counts, the highest sums of a start's and an
end's score are kept, and a softmax over these alone is their probability: so it says how sure a model is among what it
found, not whether any of it is right. The scripts look at the 20 best starts and ends of a window, and here every span
is looked at.

Reference: google-research/xtreme, `third_party/run_squad.py`; transformers, `data/metrics/squad_metrics.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dlfa_core.data.tasks import QuestionSet
from dlfa_core.models.spans import LONGEST_ANSWER, SpanBatch

N_BEST = 20


@dataclass(frozen=True)
class Answer:
    """A span of a context: `text` stands from character `first` to before `last`; "" says that there is none."""

    text: str
    first: int
    last: int
    score: float
    probability: float = 0.0


def likeliest_answers(
    said: Iterable[tuple[Tensor, SpanBatch]], examples: QuestionSet, n_best: int = N_BEST, longest: int = LONGEST_ANSWER
) -> list[tuple[Answer, ...]]:
    """The answers to each question with the highest scores, the best first.

    Args:
        said: (m, 2) logits of one model, and the batch that they are of, so that every window is met once.
        examples: what is asked; where contexts may have no answer, "" is among the answers, behind all where it is
            none of the best.
        n_best: answers to keep.
        longest: subwords of an answer at most.

    Returns:
        A tuple for each question; fewer than `n_best` where a context has fewer spans.

    Raises:
        ValueError: fewer answers than one are asked for.
    """
    if n_best < 1:
        raise ValueError(f"n_best={n_best} answers cannot be kept: use 1 or more.")
    found: list[list[Answer]] = [[] for _ in examples.ids]
    none = np.full(len(examples), np.inf)
    for logits, batch in said:
        scores = batch.spread(logits.detach()[None])[0].double().cpu().numpy()
        for row, number in enumerate(batch.numbers):
            none[number] = min(none[number], scores[row, 0].sum())
            spans = _spans(scores[row], batch.starts[row].cpu().numpy(), batch.characters[row], longest)
            found[number] += _best_texts(_answers(examples.contexts[number], *spans), n_best)
    return [
        _with_probabilities(_kept(own, float(null) if examples.no_answer else None, n_best))
        for own, null in zip(found, none, strict=True)
    ]


def _spans(
    scores: np.ndarray, starts: np.ndarray, characters: np.ndarray, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Characters (k, 2) and scores (k,) of all spans of a window, the best first."""
    inside = characters[:, 0] >= 0
    begun = np.flatnonzero(starts & inside)
    ends = begun[:, None] + np.arange(longest)
    whole = ends < len(scores)
    ends = np.minimum(ends, len(scores) - 1)
    rows, lengths = np.nonzero(whole & inside[ends])
    first, last = begun[rows], ends[rows, lengths]
    sums = scores[first, 0] + scores[last, 1]
    order = np.argsort(-sums, kind="stable")
    return np.stack([characters[first, 0], characters[last, 1]], 1)[order], sums[order]


def _answers(context: str, places: np.ndarray, sums: np.ndarray) -> Iterator[Answer]:
    for (first, last), score in zip(places.tolist(), sums.tolist(), strict=True):
        yield Answer(context[first:last], first, last, score)


def _best_texts(ordered: Iterable[Answer], n_best: int) -> list[Answer]:
    """The first answers with texts of their own."""
    kept: dict[str, Answer] = {}
    for answer in ordered:
        kept.setdefault(answer.text, answer)
        if len(kept) == n_best:
            break
    return list(kept.values())


def _kept(found: Sequence[Answer], null: float | None, n_best: int) -> list[Answer]:
    """The best of all windows; with the score of no answer, that too."""
    nothing = [] if null is None else [Answer("", 0, 0, null)]
    kept = _best_texts(sorted([*found, *nothing], key=lambda answer: -answer.score), n_best)
    return kept if not nothing or nothing[0] in kept else [*kept, *nothing]


def _with_probabilities(kept: Sequence[Answer]) -> tuple[Answer, ...]:
    scores = torch.tensor([answer.score for answer in kept], dtype=torch.float64)
    return tuple(
        Answer(answer.text, answer.first, answer.last, answer.score, probability)
        for answer, probability in zip(kept, scores.softmax(0).tolist(), strict=True)
    )
