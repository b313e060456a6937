"""What scores of lexicon words say: by polarity, beside their translations, and word by word."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core.measures import (
    Estimate,
    clustered_correlation,
    clustered_mean,
    clustered_share,
    clustered_superiority,
)

POLARITIES = ("negative", "neutral", "positive")
MOST_IDS = 20  # sentences that a row of `words` names


@dataclass(frozen=True, eq=False)
class Numbering:
    """Which sentence of the corpus everything belongs to.

    Attributes:
        weights: (R, n) of the bootstrap over the n sentences of the corpus.
        of_sentences: (sentences,) row of the corpus of each sentence that was explained.
        of_matches: (matches,) the same of each match.
        sentence: (matches,) index among the sentences that were explained.
    """

    weights: np.ndarray
    of_sentences: np.ndarray
    of_matches: np.ndarray
    sentence: np.ndarray

    @classmethod
    def of(cls, sentences: pd.DataFrame, found: pd.DataFrame, weights: np.ndarray) -> "Numbering":
        """Of frames with language, id and row (of the corpus)."""
        keys = pd.MultiIndex.from_frame(sentences[["language", "id"]])
        index = keys.get_indexer(pd.MultiIndex.from_frame(found[["language", "id"]]))
        return cls(weights, sentences["row"].to_numpy(), found["row"].to_numpy(), index)


def scores(
    numbers: Numbering,
    found: pd.DataFrame,
    match_scores: np.ndarray,
    totals: np.ndarray,
    in_place: Callable[[int], np.ndarray],
) -> list[pd.DataFrame]:
    """`lexicon.Result.scores` of each system.

    Args:
        numbers: of sentences and matches.
        found: matches, with language, polarity and valence.
        match_scores: (systems, matches), NaN where a word was not read.
        totals: (systems, sentences).
        in_place: number of a system -> (draws, matches) scores of other words in the place of the matches.
    """
    read = ~np.isnan(match_scores).any(0)
    nulls = [_nulls(numbers, found, in_place(system), totals[system]) for system in range(len(match_scores))]
    frames: list[list[dict[str, Any]]] = [[] for _ in match_scores]
    for language in ("all", *dict.fromkeys(found["language"])):
        own = read & (True if language == "all" else (found["language"] == language).to_numpy())
        for (polarity, measure), (estimate, held) in _by_polarity(numbers, found, match_scores, totals, own).items():
            about = {"language": language, "polarity": polarity, "measure": measure}
            null = np.array([own.get((language, polarity, measure), (np.nan,) * 3) for own in nulls])
            _append(
                frames,
                about,
                estimate,
                null=null[:, 0],
                null_low=null[:, 1],
                null_high=null[:, 2],
                count=int(held.sum()),
                n=len(np.unique(numbers.of_matches[held])),
            )
    return [pd.DataFrame(rows) for rows in frames]


def _nulls(
    numbers: Numbering, found: pd.DataFrame, in_place: np.ndarray, totals: np.ndarray
) -> dict[tuple[str, str, str], tuple[float, float, float]]:
    """(language, polarity, measure) -> mean and central 95 % over draws of other words; empty without draws."""
    if not len(in_place):
        return {}
    alone = replace(numbers, weights=numbers.weights[:0])  # the draws are the spread that is asked for
    drawn = ~np.isnan(in_place).any(0)
    sums = np.broadcast_to(totals, (len(in_place), len(totals)))
    nulls = {}
    for language in ("all", *dict.fromkeys(found["language"])):
        own = drawn & (True if language == "all" else (found["language"] == language).to_numpy())
        for (polarity, measure), (estimate, _) in _by_polarity(alone, found, in_place, sums, own).items():
            if measure != "share":  # of its own sentence, which is another one than the match's
                low, high = np.quantile(estimate.values, (0.025, 0.975))
                nulls[language, polarity, measure] = float(estimate.values.mean()), float(low), float(high)
    return nulls


def _by_polarity(
    numbers: Numbering, found: pd.DataFrame, match_scores: np.ndarray, totals: np.ndarray, own: np.ndarray
) -> dict[tuple[str, str], tuple[Estimate, np.ndarray]]:
    """(polarity, measure) -> estimate for all systems, and the matches that it is over."""
    polarity, valence = found["polarity"].to_numpy(), found["valence"].to_numpy()

    def mean(values: np.ndarray, held: np.ndarray) -> Estimate:
        return clustered_mean(values[:, held], numbers.of_matches[held], numbers.weights)

    with np.errstate(invalid="ignore", divide="ignore"):
        parts = np.nan_to_num(np.abs(match_scores) / totals[:, numbers.sentence])  # 0 of a sentence without scores
    agree = np.sign(match_scores) == np.sign(valence)

    def share(held: np.ndarray) -> Estimate:
        return clustered_share(agree[:, held], numbers.of_matches[held], numbers.weights)

    estimates = {}
    for name in POLARITIES:
        held = own & (polarity == name)
        estimates[name, "attribution"] = mean(match_scores, held), held
        estimates[name, "share"] = mean(parts, held), held
        if name != "neutral":
            estimates[name, "agreement"] = share(held), held
    held = own & (polarity != "neutral")
    estimates["both", "agreement"] = share(held), held
    apart = estimates["positive", "attribution"][0] - estimates["negative", "attribution"][0]
    estimates["both", "separation"] = apart, held
    estimates["both", "order"] = (
        clustered_superiority(match_scores[:, held], valence[held] > 0, numbers.of_matches[held], numbers.weights),
        held,
    )
    return estimates


def translations(numbers: Numbering, found: pd.DataFrame, match_scores: np.ndarray) -> list[pd.DataFrame]:
    """`lexicon.Result.translations` of each system; arguments as for `scores`."""
    tables = _by_concept(numbers, found, match_scores)
    frames: list[list[dict[str, Any]]] = [[] for _ in match_scores]
    everything: dict[str, list[tuple[Estimate, np.ndarray]]] = {"correlation": [], "same_sign": []}
    counts = []
    for source, target in combinations(tables, 2):
        keys = tables[source].index.intersection(tables[target].index)
        if not len(keys):
            continue
        x, y = (tables[code].loc[keys].to_numpy().T for code in (source, target))
        rows = keys.get_level_values("row").to_numpy()
        counts.append((len(keys), set(rows)))
        for measure, (estimate, null) in _alike(x, y, rows, numbers.weights).items():
            everything[measure].append((estimate, null))
            about = {"source": source, "target": target, "measure": measure}
            _append(frames, about, estimate, null=null, count=len(keys), n=len(set(rows)))
    for measure, pairs in everything.items():
        if pairs:
            n = len(set().union(*(rows for _, rows in counts)))
            estimate = Estimate(
                _mean([each.values for each, _ in pairs]),
                _mean([each.replicates for each, _ in pairs]),
                n if measure == "same_sign" else 0,
            )
            about = {"source": "all", "target": "all", "measure": measure}
            null = _mean([null for _, null in pairs])
            _append(frames, about, estimate, null=null, count=sum(count for count, _ in counts), n=n)
    columns = ["source", "target", "measure", "value", "ci_low", "ci_high", "null", "count", "n"]
    return [pd.DataFrame(rows, columns=columns) for rows in frames]


def _by_concept(numbers: Numbering, found: pd.DataFrame, match_scores: np.ndarray) -> dict[str, pd.DataFrame]:
    """Language -> mean score of each concept in each sentence: rows (row of the corpus, concept), columns systems."""
    concepts = found["concepts"].str.split().str[0]  # a word with several has its first
    frame = pd.DataFrame(match_scores.T.astype(np.float64)).assign(
        row=numbers.of_matches, concept=concepts.to_numpy(), language=found["language"].to_numpy()
    )
    frame = frame.dropna()
    return {
        str(language): own.drop(columns="language").groupby(["row", "concept"]).mean()
        for language, own in frame.groupby("language", sort=False)
    }


def _alike(
    x: np.ndarray, y: np.ndarray, rows: np.ndarray, weights: np.ndarray
) -> dict[str, tuple[Estimate, np.ndarray]]:
    """Measures of (systems, pairs) against (systems, pairs), and what is expected without a connection."""
    up, above = (x > 0).mean(1), (y > 0).mean(1)
    return {
        "correlation": (clustered_correlation(x, y, rows, weights), np.zeros(len(x))),
        "same_sign": (
            clustered_share(np.sign(x) == np.sign(y), rows, weights),
            up * above + (1 - up) * (1 - above),
        ),
    }


def _append(frames: list[list[dict[str, Any]]], about: dict[str, str], estimate: Estimate, **beside: Any) -> None:
    """Add a row to the table of every system; arrays beside the estimate have a number for each of them."""
    low, high = estimate.interval()
    for system, rows in enumerate(frames):
        values = {"value": estimate.values[system], "ci_low": low[system], "ci_high": high[system]}
        own = {name: value[system] if isinstance(value, np.ndarray) else value for name, value in beside.items()}
        rows.append(about | values | own)


def _mean(parts: list[np.ndarray]) -> np.ndarray:
    """The mean of those that are numbers, element by element; NaN where none is."""
    stacked = np.stack(parts)
    known = np.isfinite(stacked)
    with np.errstate(invalid="ignore"):
        return np.where(known, stacked, 0).sum(0) / np.where(known.any(0), known.sum(0), np.nan)


def words(found: pd.DataFrame, match_scores: np.ndarray) -> Iterator[pd.DataFrame]:
    """`lexicon.Result.words` of each system; arguments as for `scores`."""
    keys = ["language", "lemma", "concepts", "polarity", "valence"]
    for own in match_scores:
        frame = found[[*keys, "id"]].assign(score=own.astype(np.float64))
        polar = frame["polarity"] != "neutral"
        wrong = np.sign(frame["score"]) == -np.sign(frame["valence"])
        frame = frame.assign(wrong=wrong.astype(float).where(polar)).dropna(subset="score")
        grouped = frame.groupby(keys, sort=False)
        table = grouped.agg(
            count=("score", "size"), score=("score", "mean"), wrong=("wrong", "mean"), ids=("id", _listed)
        ).reset_index()
        off = (-table["score"] * np.sign(table["valence"])).where(table["polarity"] != "neutral")
        yield table.assign(off=off).sort_values(["wrong", "off"], ascending=False).drop(columns="off")


def _listed(ids: pd.Series) -> str:
    return " ".join(dict.fromkeys(ids[:MOST_IDS]))
