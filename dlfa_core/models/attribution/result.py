"""What an attribution says, text by text, and ways to look at it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from dlfa_core import markup
from dlfa_core.data.words import membership
from dlfa_core.models.attribution.registry import find_method
from dlfa_core.models.word_reading import WordReading

LARGE_DELTA = 0.05  # share of the sum of |scores| from which a reader is warned


@dataclass(frozen=True, eq=False)
class Explanation:
    """What the words of one text contribute to an output.

    Attributes:
        reading: the text with its subwords and words.
        language: ISO 639-3, or None.
        scores: float64 (n_tokens,) of each subword, special tokens included. Methods that take out whole words give
            each subword an equal part of its word's score.
        predicted: the label that the model gives to the text.
        target: the label whose output is explained; `against`: the one whose output is taken away, or "".
        value, baseline_value: what is explained, of the text and of its baseline.
        steps: of the method, as they were used for this text.
    """

    reading: WordReading
    language: str | None
    scores: np.ndarray
    predicted: str
    target: str
    against: str
    value: float
    baseline_value: float
    steps: int

    @property
    def text(self) -> str | tuple[str, str]:
        return self.reading.text

    @property
    def tokens(self) -> tuple[str, ...]:
        """Subwords as the vocabulary writes them, special tokens included."""
        return self.reading.tokens

    @property
    def words(self) -> tuple[str, ...]:
        """Words as they are written."""
        return tuple(word.text for word in self.reading.words)

    @cached_property
    def word_scores(self) -> np.ndarray:
        """float64 (n_words,): the sum over a word's subwords; NaN for words that were not read."""
        words = self.reading.words
        sums = membership(words, len(self.reading)) @ self.scores
        return np.where([bool(word.subwords) for word in words], sums, np.nan)

    @property
    def special(self) -> float:
        """The sum over special tokens; 0 at the input, where baselines keep them."""
        return float(self.scores[~self.reading.own].sum())

    @property
    def difference(self) -> float:
        """Return what the scores should add up to."""
        return self.value - self.baseline_value

    @property
    def delta(self) -> float:
        """Return how much more than that they add up to."""
        return float(self.scores.sum()) - self.difference

    @property
    def relative_delta(self) -> float:
        """|delta| as a share of the sum of |scores|, which colours are held against; infinite where all scores are 0.

        Not of |difference|: where words for and against an answer cancel, that is near 0, however well each is known.
        """
        if not (size := float(np.abs(self.scores).sum())):
            return np.inf if self.delta else 0.0
        return abs(self.delta) / size

    @cached_property
    def marks(self) -> tuple[tuple[markup.Mark, ...], ...]:
        """Words with their scores, one list for each text of a pair."""
        reading = self.reading
        n_texts = 1 if isinstance(reading.text, str) else len(reading.text)
        every = zip(reading.words, self.word_scores, reading.segments, strict=True)
        placed = [(segment, markup.Mark(word.start, word.stop, float(score))) for word, score, segment in every]
        return tuple(tuple(mark for segment, mark in placed if segment == number) for number in range(n_texts))


@dataclass(frozen=True, eq=False)
class Explanations(Sequence[Explanation]):
    """Explanations of some texts, in their order.

    Attributes:
        each: one for each text.
        model: what explained them.
        method, baseline, output: keys of `METHODS`, `BASELINES` and `OUTPUTS`.
        layer: the state at which scores are given, None for the subwords' own vectors.
    """

    each: tuple[Explanation, ...]
    model: str
    method: str
    baseline: str
    output: str
    layer: int | None

    def __len__(self) -> int:
        return len(self.each)

    def __getitem__(self, number: int) -> Explanation:
        return self.each[number]

    @property
    def tokens(self) -> list[tuple[str, ...]]:
        """Subwords of each text, special tokens included."""
        return [each.tokens for each in self.each]

    @property
    def words(self) -> list[tuple[str, ...]]:
        """Words of each text."""
        return [each.words for each in self.each]

    @property
    def scores(self) -> list[np.ndarray]:
        """float64 (n_tokens,) for each text."""
        return [each.scores for each in self.each]

    @property
    def delta(self) -> np.ndarray:
        """(n,): by how much the scores of each text miss the difference that they explain."""
        return np.array([each.delta for each in self.each])

    @property
    def relative_delta(self) -> np.ndarray:
        """(n,): that as a share of the sum of |scores|."""
        return np.array([each.relative_delta for each in self.each])

    def to_words(self) -> pd.DataFrame:
        """Words: text (its number), language, word (its number), form, segment, start, stop, subwords, score.

        `start` and `stop` count characters; `segment` is 1 in the second text of a pair. A word beyond the limit has
        no subwords and no score.
        """
        rows = [
            (number, each.language, index, word.text, segment, word.start, word.stop, len(word.subwords), score)
            for number, each in enumerate(self.each)
            for index, (word, segment, score) in enumerate(
                zip(each.reading.words, each.reading.segments, each.word_scores, strict=True)
            )
        ]
        columns = ["text", "language", "word", "form", "segment", "start", "stop", "subwords", "score"]
        return pd.DataFrame(rows, columns=columns).astype({"score": float})

    def to_frame(self) -> pd.DataFrame:
        """Subwords: text (its number), language, position, token, word (its number, -1 for special tokens), score."""
        rows = [
            (number, each.language, position, token, word, score)
            for number, each in enumerate(self.each)
            for position, (token, word, score) in enumerate(
                zip(each.tokens, _word_of_each(each.reading), each.scores, strict=True)
            )
        ]
        return pd.DataFrame(rows, columns=["text", "language", "position", "token", "word", "score"])

    def to_texts(self) -> pd.DataFrame:
        """Texts: text (its number), language, predicted, target, against, value, baseline_value, difference, delta,
        relative_delta, special (the sum over special tokens), steps, truncated."""
        names = ["predicted", "target", "against", "value", "baseline_value", "difference", "delta", "relative_delta"]
        rows = [
            (number, each.language, *(getattr(each, name) for name in names), each.special, each.steps)
            for number, each in enumerate(self.each)
        ]
        frame = pd.DataFrame(rows, columns=["text", "language", *names, "special", "steps"])
        return frame.assign(truncated=[each.reading.truncated for each in self.each])

    def to_html(self, path: str | Path, title: str = "Which words the answer comes from") -> Path:
        """Write a page that needs no network: each text with its words coloured, and as a table."""
        path = Path(path)
        about = f"{find_method(self.method).label} of {self.model}, {self._where()}, {self.output}."
        same = len({(each.target, each.against) for each in self.each}) == 1
        key = markup.legend(self.each[0].target, self.each[0].against) if same else markup.legend("the label")
        path.write_text(markup.document(title, self._sections(), about, key), encoding="utf-8")
        return path

    def _where(self) -> str:
        return "at the subwords" if self.layer is None else f"at layer {self.layer}"

    def _sections(self) -> Iterator[markup.Section]:
        for number, each in enumerate(self.each, start=1):
            against = f" against {each.against}" if each.against else ""
            notes = [
                f"{self.output} of {each.target}{against}: {each.value:+.3f}, baseline ({self.baseline}) "
                f"{each.baseline_value:+.3f}; the scores add up to the difference of {each.difference:+.3f} "
                f"but for {each.delta:+.4f}."
            ]
            notes += filter(None, [delta_advice(self.method, each.relative_delta, each.steps)])
            notes += ["The text was cut: words struck through were not read."] * each.reading.truncated
            texts = (each.text,) if isinstance(each.text, str) else each.text
            yield markup.Section(f"{number}. {each.predicted}", texts, each.marks, each.language, tuple(notes))


def delta_advice(method: str, relative_delta: float, steps: int) -> str | None:
    """Say what to do about a large delta, in a sentence; None where it is small, or says nothing."""
    if not relative_delta > LARGE_DELTA:
        return None
    size = f"{relative_delta:.0%}" if np.isfinite(relative_delta) and relative_delta < 10 else "many times"
    missed = f"The scores miss the difference that they should add up to by {size} of the sum of their sizes"
    known = find_method(method)
    if known.complete == "with steps":
        return f"{missed}: use more than {steps} steps, or another baseline, nearer to the text."
    return (
        f"{missed}, as {known.label} may: read them as a ranking, or use integrated gradients or Shapley values, "
        "which add up."
    )


def _word_of_each(reading: WordReading) -> np.ndarray:
    """(length,) the number of the word of each subword, -1 where it has none."""
    found = np.full(len(reading), -1)
    for number, word in enumerate(reading.words):
        found[list(word.subwords)] = number
    return found
