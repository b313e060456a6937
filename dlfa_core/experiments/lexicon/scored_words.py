"""What every classifier says of every sentence, and of the lexicon's words in it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dlfa_core.experiments import attribute
from dlfa_core.experiments.attribute import faithfulness
from dlfa_core.experiments.lexicon import random_words, systems, word_statistics
from dlfa_core.experiments.lexicon.systems import Asked, Bench, Scored
from dlfa_core.runtime.progress import Progress, part, span

EXPLAINING_SHARE = 0.8  # of the progress bar, where faithfulness is measured too


@dataclass(frozen=True, eq=False)
class Table:
    """Scores of all systems; arrays as in `lexicon.Result`.

    Attributes:
        asked: of the last bench; labels may be written in another way by another model.
        baselines: that each bench's texts were held against.
        leans: of each bench.
        others: words outside the lexicon, of each bench.
        labels: of the first bench.
        drops: of each bench.
        erased: rows of the sentences whose words were erased.
        truncated: language -> sentences that were cut for one classifier or more.
    """

    asked: Asked
    baselines: tuple[str, ...]
    leans: tuple[dict[str, float], ...]
    others: tuple[random_words.RandomWords, ...]
    labels: tuple[str, ...]
    systems: tuple[systems.System, ...]
    match_scores: np.ndarray
    values: np.ndarray
    predicted: np.ndarray
    totals: np.ndarray
    drops: tuple[faithfulness.ProbabilityDrops, ...]
    erased: np.ndarray
    truncated: dict[str, int]

    @classmethod
    def of(
        cls,
        benches: Iterable[Bench],
        n_benches: int,
        ask: Callable[[Sequence[str]], Asked],
        sentences: pd.DataFrame,
        found: pd.DataFrame,
        draws: int,
        erased: int,
        random_draws: int,
        seed: int,
        progress: Progress,
    ) -> "Table":
        """Explain all sentences by all systems, one bench after the other.

        Args:
            benches: each is made when it is needed, and may be freed after it.
            ask: labels of a model -> what it is asked.
            sentences: language, id, text.
            found: of `matched_words.matches`.
            draws: random rankings to measure faithfulness against; 0 leaves it out.
            erased: sentences of each language whose words are erased for that.
            random_draws: of other words in the place of each match.
            seed: of these.
        """
        erased_rows = sentences.groupby("language", sort=False).head(erased).index.to_numpy() if draws else ()
        parts: list[tuple[np.ndarray, ...]] = []
        drops: list[faithfulness.ProbabilityDrops] = []
        everyone: list[systems.System] = []
        leans: list[dict[str, float]] = []
        held_against: list[str] = []
        others: list[random_words.RandomWords] = []
        labels: tuple[str, ...] = ()
        cut = np.zeros(len(sentences), dtype=bool)
        for number, bench in enumerate(benches):
            report = part(progress, number, n_benches)
            asked = ask(bench.explainer.labels)
            leans.append(bench.leans(asked))
            asked = replace(asked, baseline=attribute.baselines.chosen(asked.baseline, leans[-1]))
            held_against.append(asked.baseline)
            scored = bench.explain(sentences["text"].tolist(), asked, span(report, 0.0, EXPLAINING_SHARE))
            parts.append(_arrays(scored, sentences, found))
            others.append(random_words.draw(scored, sentences, found, random_draws, seed))
            if len(erased_rows):
                last = span(report, EXPLAINING_SHARE, 1.0)
                drops.append(_probability_drops(bench, asked, [scored[index] for index in erased_rows], draws, last))
            labels = labels or bench.explainer.labels
            everyone += bench.systems
            cut |= [each.reading.truncated for each in scored]
        scores, values, predicted, totals = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        counts = pd.Series(cut).groupby(sentences["language"]).sum()
        truncated = {str(code): int(count) for code, count in counts.items()}
        return cls(
            asked=asked,
            baselines=tuple(held_against),
            leans=tuple(leans),
            others=tuple(others),
            labels=labels,
            systems=tuple(everyone),
            match_scores=scores,
            values=values,
            predicted=predicted,
            totals=totals,
            drops=tuple(drops),
            erased=np.asarray(erased_rows, dtype=int),
            truncated=truncated,
        )

    def in_place(self, system: int) -> np.ndarray:
        """Scores of other words in the place of matches by a system, (draws, matches)."""
        for other in self.others:
            if system < len(other.scores):
                return other.of_matches(system)
            system -= len(other.scores)
        raise IndexError(system)

    def faithfulness(
        self, frame: pd.DataFrame, numbers: word_statistics.Numbering, sentences: pd.DataFrame
    ) -> pd.DataFrame:
        """`lexicon.Result.faithfulness`.

        Args:
            frame: of `systems.frame_of`.
            numbers: of the sentences.
        """
        languages = sentences["language"].to_numpy()[self.erased]
        own, weights = numbers.of_sentences[self.erased], numbers.weights
        frames = [each for drops in self.drops for each in faithfulness.frame_of(drops, own, languages, weights)]
        if not frames:
            return pd.DataFrame(columns=[*frame.columns.drop("dev_score"), *faithfulness.COLUMNS])
        return systems.named(frame, frames)


def _arrays(
    scored: Sequence[Scored], sentences: pd.DataFrame, found: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """`match_scores`, `values`, `predicted` and `totals` of a bench."""
    of_sentence = dict(zip(zip(sentences["language"], sentences["id"], strict=True), scored, strict=True))
    matches = [
        _span_scores(of_sentence[row["language"], row["id"]], row["start"], row["end"])
        for row in found.to_dict("records")
    ]
    return (
        np.stack(matches, axis=1).astype(np.float32),
        np.stack([each.values for each in scored], axis=1).astype(np.float32),
        np.stack([each.predicted for each in scored], axis=1).astype(np.uint8),
        np.stack([np.nansum(np.abs(each.scores), axis=1) for each in scored], axis=1).astype(np.float32),
    )


def _span_scores(scored: Scored, start: int, end: int) -> np.ndarray:
    """(systems,) sums over the words that a span touches; NaN if none of them was read."""
    touched = [word.start < end and start < word.stop for word in scored.reading.words]
    own = scored.scores[:, touched]
    return np.where(np.isnan(own).all(1), np.nan, np.nansum(own, axis=1))


def _probability_drops(
    bench: Bench, asked: Asked, scored: Sequence[Scored], draws: int, progress: Progress
) -> faithfulness.ProbabilityDrops:
    return faithfulness.probability_drops_of(
        bench.explainer,
        [each.reading for each in scored],
        [np.sign(each.values)[:, None] * each.scores if asked.against else each.scores for each in scored],
        bench.explainer.question(asked.target, asked.against),
        asked.baseline,
        draws,
        asked.seed,
        progress,
    )
