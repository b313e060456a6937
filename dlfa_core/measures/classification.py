"""How well are labels, tags and answers predicted? XTREME's metrics, as it calls them.

A metric is a ratio of counts that add up over examples: `METRICS[name].counts` gives one row of
(hits, predicted, gold) for each example, and `score` makes the metric of their sum, 2 * hits / (predicted + gold).
So a bootstrap resamples rows of counts, and never tags anew.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from dlfa_core.measures.answers import answer_counts, mean_answer_score

Tags = Sequence[Sequence[str]]


def accuracy(gold: Sequence[str], predicted: Sequence[str]) -> float:
    """Share of examples with the right label.

    Args:
        gold, predicted: (n,) labels.

    Returns:
        A share in [0, 1].

    Raises:
        ValueError: the lengths differ, or there is nothing to score.
    """
    return float(score(accuracy_counts(gold, predicted)))


def token_accuracy(gold: Tags, predicted: Tags) -> float:
    """Share of words with the right tag, over all words of all sentences.

    Args:
        gold, predicted: (n,) sentences, each a sequence of tags.

    Returns:
        A share in [0, 1].

    Raises:
        ValueError: the numbers of sentences differ, or of tags in one of them, or there is nothing to score.
    """
    return float(score(token_counts(gold, predicted)))


def seqeval_f1(gold: Tags, predicted: Tags) -> float:
    """`seqeval.metrics.f1_score`, called as XTREME calls it for names (IOB2) and for parts of speech alike.

    A span counts if its type and both its ends are right. Bare parts of speech are no spans, but seqeval
    reads their first letter as a prefix, so that neighbouring words with one tag become one span (tags in S
    excepted): gold DET NOUN NOUN VERB PUNCT against DET NOUN VERB VERB PUNCT scores 0.50, where 4 of 5 tags
    are right. CCONJ and SCONJ are one type to it, and X is that of O. Published POS "F1" are such numbers; report
    `token_accuracy` beside them.

    Args:
        gold, predicted: (n,) sentences, each a sequence of tags.

    Returns:
        F1 in [0, 1], over the spans of all sentences; 0 where there is no span at all.

    Raises:
        ValueError: as `token_accuracy`.

    Reference: google-research/xtreme, `evaluate.py` and `third_party/run_tag.py`.
    """
    _check_tags(gold, predicted)
    with _without_warnings():
        from seqeval.metrics import f1_score  # takes scikit-learn with it, which other measures do without

        return float(f1_score(list(map(list, gold)), list(map(list, predicted))))


def accuracy_counts(gold: Sequence[str], predicted: Sequence[str]) -> np.ndarray:
    """(n, 3) counts of `accuracy`: right or not, 1, 1."""
    _check_lengths(len(gold), len(predicted), "labels")
    right = np.array([a == b for a, b in zip(gold, predicted, strict=True)], dtype=np.int64)
    return np.stack([right, np.ones_like(right), np.ones_like(right)], axis=1)


def token_counts(gold: Tags, predicted: Tags) -> np.ndarray:
    """(n, 3) counts of `token_accuracy` by sentence: right tags, words, words."""
    _check_tags(gold, predicted)
    rows = [
        (sum(a == b for a, b in zip(true, guess, strict=True)), len(true), len(true))
        for true, guess in zip(gold, predicted, strict=True)
    ]
    return np.array(rows, dtype=np.int64)


def span_counts(gold: Tags, predicted: Tags) -> np.ndarray:
    """(n, 3) counts of `seqeval_f1` by sentence: common spans, predicted spans, gold spans.

    A span counts where it ends. seqeval reads all sentences as one row with an O after each, and takes the tag X and
    the tag O for one type: an X that ends a sentence ends no span, and one that begins a sentence belongs to a span of
    the sentence before. So what a sentence counts can depend on its neighbours; without X it does not.
    """
    _check_tags(gold, predicted)
    after = np.cumsum([len(sentence) + 1 for sentence in gold])  # where the next sentence starts in that row
    with _without_warnings():
        from seqeval.metrics.sequence_labeling import get_entities

        true, guess = (set(get_entities(list(map(list, tags)))) for tags in (gold, predicted))
    return np.stack([_by_sentence(spans, after) for spans in (true & guess, guess, true)], axis=1)


def _by_sentence(spans: set[tuple[str, int, int]], after: np.ndarray) -> np.ndarray:
    """Return how many spans, (type, start, end), end in each sentence, int (n,)."""
    ends = np.array([end for _, _, end in spans], dtype=np.int64)
    return np.bincount(np.searchsorted(after, ends, side="right"), minlength=len(after))


def score(counts: ArrayLike, weights: ArrayLike | None = None) -> np.ndarray:
    """The metric of counts, for the sample or for resamples of it.

    Args:
        counts: (n, 3), hits, predicted and gold of every example.
        weights: (..., n), how often each example is drawn; None for once each.

    Returns:
        (...,) 2 * hits / (predicted + gold) of the sums, in [0, 1]; 0 where nothing is predicted and nothing gold.
    """
    counts = np.asarray(counts, dtype=np.float64)
    hits, predicted, gold = np.moveaxis(counts.sum(axis=0) if weights is None else np.asarray(weights) @ counts, -1, 0)
    return 2 * hits / np.maximum(predicted + gold, 1)


@dataclass(frozen=True)
class Metric:
    """A metric of `METRICS`.

    Attributes:
        name: key in `METRICS`.
        function: (gold, predicted) -> float; of answers to questions also (gold, predicted, language).
        counts: of the same -> (n, 3); `score` of it equals `function`.
        label: for axes.
        reads: one sentence on how to read it.
    """

    name: str
    function: Callable[..., float]
    counts: Callable[..., np.ndarray]
    label: str
    reads: str


def _answers(rules: str, title: str, by: str) -> tuple[Metric, Metric]:
    """F1 and exact match of answers by some rules, which `by` names."""
    shared = f"F1 of the words of an answer with the accepted one that it shares most with, as {by} counts it."
    return (
        Metric(
            f"{rules}_f1",
            partial(mean_answer_score, rules=rules),
            partial(answer_counts, rules=rules),
            f"F1 of {title}",
            shared,
        ),
        Metric(
            f"{rules}_em",
            partial(mean_answer_score, rules=rules, exact=True),
            partial(answer_counts, rules=rules, exact=True),
            f"Exact match of {title}",
            f"Share of answers that are, but for capitals, punctuation and articles, an accepted one, as {by} counts.",
        ),
    )


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", accuracy, accuracy_counts, "Accuracy", "Share of examples with the right label."),
        Metric("span_f1", seqeval_f1, span_counts, "F1 of names", "A name counts if its type and both ends are right."),
        Metric(
            "pos_f1",
            seqeval_f1,
            span_counts,
            "POS F1 (as XTREME)",
            "Runs of equal tags count as one span, as in XTREME, so it is mostly lower than the share of right tags.",
        ),
        Metric("token_accuracy", token_accuracy, token_counts, "Token accuracy", "Share of words with the right tag."),
        *_answers("squad", "answers", "XTREME"),
        *_answers("squad2", "answers (SQuAD 2.0)", "SQuAD 2.0"),
        *_answers("mlqa", "answers (as MLQA)", "MLQA"),
    )
}


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        ValueError: there is none; the message names the nearest.
    """
    if name not in METRICS:
        near = get_close_matches(name, METRICS, n=1, cutoff=0.0)[0]
        raise ValueError(f"Unknown metric {name!r}: did you mean {near!r}? There are {', '.join(METRICS)}.")
    return METRICS[name]


def _without_warnings() -> warnings.catch_warnings:
    """seqeval warns that parts of speech are no name tags, and of F1 without spans; both are meant here."""
    return warnings.catch_warnings(action="ignore")


def _check_tags(gold: Tags, predicted: Tags) -> None:
    _check_lengths(len(gold), len(predicted), "sentences")
    for row, (true, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(true) != len(guess):
            raise ValueError(
                f"Sentence {row} has {len(true)} gold tags but {len(guess)} predicted ones: give every word one tag; "
                "split long sentences before encoding instead of cutting them."
            )


def _check_lengths(n_gold: int, n_predicted: int, what: str) -> None:
    if n_gold != n_predicted:
        raise ValueError(f"There are {n_gold} gold {what} but {n_predicted} predicted ones: predict every example.")
    if not n_gold:
        raise ValueError(f"There are no {what} to score: choose a test set that holds some.")
