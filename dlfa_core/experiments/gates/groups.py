"""Means over words of languages, families and word classes, with intervals over sentences."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from dlfa_core.languages import by_family
from dlfa_core.measures.intervals import FEWEST_SENTENCES, interval_or_nan

MEASURES = ("gate", "weight", "change", "global_logit", "local_logit", "local_share")  # of a word
SPREAD = (0.05, 0.25, 0.5, 0.75, 0.95)  # quantiles over words
SPREAD_COLUMNS = tuple(f"p{100 * level:02.0f}" for level in SPREAD)
COLUMNS = ("level", "group", "word_class", "measure", "value", "ci_low", "ci_high", *SPREAD_COLUMNS)


def group_means(words: pd.DataFrame, ids: Sequence[str], weights: np.ndarray | None) -> pd.DataFrame:
    """The mean of each measure over the words of every group.

    The mean of a language is over its words; that of a family, of all languages, or of a class in all languages
    is the mean over its languages, each counting alike. All groups see the same resamples of the sentences.

    Args:
        words: language, id, word_class and `MEASURES`, one row a word.
        ids: (n,) names of the sentences.
        weights: (R, n) from `bootstrap_weights`; None leaves the intervals out.

    Returns:
        `COLUMNS`, then n_words and n, the sentences with such a word. Level is "all", "family", "language", "class"
        or "class_language"; word_class is "" for all words. A group found in fewer than 20 sentences has no interval.
    """
    languages, classes = list(dict.fromkeys(words["language"])), sorted(set(words["word_class"]) - {""})
    sums = _Sums.of(words, languages, classes, ids)
    groups = _groups(words, languages, classes)
    return pd.concat([_frame(sums, weights, group) for group in groups], ignore_index=True)


class _Group(NamedTuple):
    level: str
    name: str
    word_class: str
    languages: list[str]
    words: pd.DataFrame


class _Sums:
    """Sums of the measures and counts of words: (measures, languages, classes, n) and (languages, classes, n)."""

    def __init__(self, languages: list[str], classes: list[str], totals: np.ndarray, counts: np.ndarray):
        self.languages, self.classes, self.totals, self.counts = languages, classes, totals, counts

    @classmethod
    def of(cls, words: pd.DataFrame, languages: list[str], classes: list[str], ids: Sequence[str]) -> "_Sums":
        named = [*classes, ""]
        shape = len(languages), len(named), len(ids)
        indices: list[np.ndarray] = [
            pd.Index(index).get_indexer(pd.Index(words[column]))
            for index, column in ((languages, "language"), (named, "word_class"), (list(ids), "id"))
        ]
        cells = np.ravel_multi_index(indices, shape)
        size = int(np.prod(shape))
        totals = [np.bincount(cells, words[name].to_numpy(np.float64), size).reshape(shape) for name in MEASURES]
        return cls(languages, named, np.stack(totals), np.bincount(cells, minlength=size).reshape(shape).astype(float))

    def of_group(self, members: Sequence[str], word_class: str) -> tuple[np.ndarray, np.ndarray]:
        """Totals (measures, members, n) and counts (members, n)."""
        rows = [self.languages.index(code) for code in members]
        if not word_class:
            return self.totals[:, rows].sum(2), self.counts[rows].sum(1)
        column = self.classes.index(word_class)
        return self.totals[:, rows, column], self.counts[rows, column]


def _groups(words: pd.DataFrame, languages: list[str], classes: list[str]) -> Iterator[_Group]:
    """Every group that has any words."""
    yield _Group("all", "all", "", languages, words)
    for family, members in by_family(languages).items():
        yield _Group("family", family, "", members, words[words["language"].isin(members)])
    own = dict(list(words.groupby("language", sort=False)))
    for code in languages:
        yield _Group("language", code, "", [code], own[code])
    for word_class in classes:
        rows = words[words["word_class"] == word_class]
        held = [code for code in languages if (own[code]["word_class"] == word_class).any()]
        yield _Group("class", "all", word_class, held, rows)
        for code in held:
            yield _Group("class_language", code, word_class, [code], rows[rows["language"] == code])


def _frame(sums: _Sums, weights: np.ndarray | None, group: _Group) -> pd.DataFrame:
    totals, counts = sums.of_group(group.languages, group.word_class)
    values = _mean_of_languages(totals.sum(-1, keepdims=True), counts.sum(-1, keepdims=True))[:, 0]
    n = int((counts > 0).any(0).sum())
    drawn = np.empty((0, len(MEASURES)))
    if weights is not None and n >= FEWEST_SENTENCES:
        drawn = _mean_of_languages(totals @ weights.T, counts @ weights.T).T
    low, high = interval_or_nan(values, drawn)
    spread = group.words[list(MEASURES)].quantile(list(SPREAD)).to_numpy()
    about = {"level": group.level, "group": group.name, "word_class": group.word_class, "measure": list(MEASURES)}
    frame = pd.DataFrame(about).assign(value=values, ci_low=low, ci_high=high)
    return frame.assign(**dict(zip(SPREAD_COLUMNS, spread, strict=True)), n_words=len(group.words), n=n)


def _mean_of_languages(totals: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Totals (measures, languages, R) and counts (languages, R) -> (measures, R), each language counting alike.

    A resample may miss all words of a rare class in some language: then the others speak.
    """
    has = counts > 0
    return (totals / np.where(has, counts, 1)).sum(1, where=has) / has.sum(0)
