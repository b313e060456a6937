"""The counts of `METRICS` for many predictors at once, in arrays of class numbers instead of lists of names.

A sweep scores hundreds of heads on every language and epoch. Going through seqeval sentence by sentence would take
longer than training; its rule asks two neighbouring tags only, so that tables of it do for whole arrays. As there, all
examples are one row of tags with an O after each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlfa_core.measures.classification import metric


@dataclass(frozen=True, eq=False)
class Counts:
    """What a metric adds up, by predictor and example; `ratio` of the sums is the metric."""

    hits: np.ndarray  # int (heads, n); of answers to questions float32, a score in [0, 1] each
    predicted: np.ndarray  # int (heads, n)
    gold: np.ndarray  # int (n,)

    def scores(self) -> np.ndarray:
        """(heads,) the metric of every predictor, over all examples."""
        hits = self.hits.sum(1, dtype=np.float64)  # exact, so that the order of examples decides no tie
        return ratio(hits, self.predicted.sum(1), self.gold.sum())


def ratio(hits: np.ndarray, predicted: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """2 * hits / (predicted + gold), in [0, 1]; 0 where nothing is predicted and nothing gold."""
    return 2 * np.asarray(hits, dtype=np.float64) / np.maximum(predicted + gold, 1)


def stacked_counts(
    name: str, labels: Sequence[str], gold: np.ndarray, predicted: np.ndarray, lengths: np.ndarray
) -> Counts:
    """Counts of every predictor and example; row by row they equal `METRICS[name].counts`.

    Args:
        name: key in `METRICS`.
        labels: names of the classes.
        gold: int (m,) class numbers of all examples, one after the other: one an example, or one a word.
        predicted: int (heads, m).
        lengths: int (n,), how many of the m belong to each example; 1 for texts. None is 0.

    Raises:
        ValueError: unknown metric, lengths that do not add up to m, or an example without a label.
    """
    lengths = np.asarray(lengths)
    if len(lengths) == 0 or lengths.min() < 1 or lengths.sum() != len(gold) or predicted.shape[1:] != gold.shape:
        raise ValueError(
            f"{lengths.sum()} labels in {len(lengths)} examples do not fit {len(gold)} gold labels and predictions of "
            f"shape {predicted.shape}: predict every label of every example, and leave out examples without one."
        )
    if metric(name).name in ("span_f1", "pos_f1"):
        return _span_counts(labels, gold, predicted, lengths)
    starts = np.cumsum(lengths) - lengths
    hits = np.add.reduceat(predicted == gold, starts, axis=1, dtype=np.int64)
    return Counts(hits, np.broadcast_to(lengths, hits.shape), lengths)


def stacked_answers(
    name: str, language: str, contexts: Sequence[str], gold: Sequence[Sequence[str]], spans: np.ndarray
) -> Counts:
    """Counts of every predictor and question: a score in [0, 1], 1, 1, so that their ratio is the mean score.

    Args:
        name: key in `METRICS`, of answers.
        language: ISO 639-3.
        contexts: (n,) passages.
        gold: (n,) the accepted answers of each question; none where there is none.
        spans: int (heads, n, 2): the characters of the context that an answer begins at and ends before; twice the
            same for no answer.
    """
    count, hits = metric(name).counts, np.empty((len(spans), len(contexts)), dtype=np.float32)
    for row, (context, answers) in enumerate(zip(contexts, gold, strict=True)):
        keys = spans[:, row, 0].astype(np.int64) << 32 | spans[:, row, 1].astype(np.int64)
        distinct, which = np.unique(keys, return_inverse=True)  # many say the same
        texts = [context[key >> 32 : key & 0xFFFFFFFF] for key in distinct.tolist()]
        hits[:, row] = count([answers] * len(texts), texts, language)[which, 0]
    return Counts(hits, np.ones(hits.shape, dtype=np.int64), np.ones(len(contexts), dtype=np.int64))


def _span_counts(labels: Sequence[str], gold: np.ndarray, predicted: np.ndarray, lengths: np.ndarray) -> Counts:
    tables, words = _Tables.of(labels), np.arange(len(gold)) + np.repeat(np.arange(len(lengths)), lengths)
    true, guess = (_Spans.of(tables, tags, words) for tags in (gold[None], predicted))
    common = guess.ends & true.ends & (guess.begins == true.begins) & (tables.kind[predicted] == tables.kind[gold])
    starts = np.cumsum(lengths) - lengths
    hits, found, there = (
        np.add.reduceat(flags, starts, axis=1, dtype=np.int64) for flags in (common, guess.ends, true.ends)
    )
    return Counts(hits, found, there[0])


@dataclass(frozen=True, eq=False)
class _Tables:
    """seqeval's rule for every two neighbours; index `len(labels)` stands for the O that it puts after a sentence.

    The first word of all comes after O, too, but of no type: index `len(labels) + 1` of `opens`.
    """

    opens: np.ndarray  # bool [before, here]: a span starts here
    closes: np.ndarray  # bool [here, after]: a span ends here
    kind: np.ndarray  # int [label]: which labels are spans of one type

    @classmethod
    def of(cls, labels: Sequence[str]) -> "_Tables":
        from seqeval.metrics.sequence_labeling import end_of_chunk, start_of_chunk

        parts = [(label[0], label[1:].split("-", maxsplit=1)[-1] or "_") for label in [*labels, "O"]]
        pairs = [[(a[0], b[0], a[1], b[1]) for b in parts] for a in [*parts, ("O", "")]]
        kinds = sorted({kind for _, kind in parts})
        return cls(
            np.array([[start_of_chunk(*pair) for pair in row] for row in pairs]),
            np.array([[end_of_chunk(*pair) for pair in row] for row in pairs[:-1]]),
            np.array([kinds.index(kind) for _, kind in parts]),
        )


@dataclass(frozen=True, eq=False)
class _Spans:
    """The spans of (heads, m) tags: at most one ends at each word."""

    ends: np.ndarray  # bool (heads, m)
    begins: np.ndarray  # int (heads, m): where a span that ends here would start

    @classmethod
    def of(cls, tables: _Tables, tags: np.ndarray, words: np.ndarray) -> "_Spans":
        """Find the spans of all sentences in one row, whose words stand at `words`, (m,), with an O after each."""
        o, first = len(tables.closes) - 1, len(tables.closes)
        row = np.full((len(tags), words[-1] + 3), o, dtype=np.min_scalar_type(first))
        row[:, 0], row[:, words + 1] = first, tags
        before, here = row[:, :-2], row[:, 1:-1]
        begins = np.maximum.accumulate(np.where(tables.opens[before, here], np.arange(here.shape[1]), 0), axis=1)
        return cls(tables.closes[tags, row[:, words + 2]], begins[:, words])
