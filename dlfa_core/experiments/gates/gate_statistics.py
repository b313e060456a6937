"""One model's gates on all sentences: rows of words, and what means and shares are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.experiments.gates import groups, similarity
from dlfa_core.experiments.gates.sentences import Chosen, Sentences
from dlfa_core.experiments.gates.shares import LogitSums
from dlfa_core.languages import find
from dlfa_core.runtime.progress import Progress, part
from dlfa_core.tables import led_by

if TYPE_CHECKING:
    from dlfa_core.models.gates import GateBatch
    from dlfa_core.models.word_reading import WordReading


@lru_cache(maxsize=2)  # a typed sentence should not wait for the weights again
def reader_of(name: str, fingerprint: str) -> "models.GateReader":
    """The model of that name, while its files stay the same.

    Raises:
        ModelError: it is missing, damaged, or has no gates.
    """
    return models.GateReader(name, *models.load_task_model(name))


@dataclass(frozen=True, eq=False)
class GateStatistics:
    """What one model's gates did."""

    reader: "models.GateReader"
    words: pd.DataFrame  # as in `Result`, without word_class; `label` is the model's own tag, "" without one
    close: pd.DataFrame
    logits: Mapping[str, LogitSums]  # by language
    dimensions: np.ndarray  # (languages, hidden)
    truncated: Mapping[str, int]
    unknown: Mapping[str, float]
    unread: Mapping[str, int]  # words without subwords

    def shares(self, weights: np.ndarray | None, seed: int) -> pd.DataFrame:
        """`Result.shares` of this model, with weights (R, n) of the sentences, or without intervals."""
        rows = [(code, *sums.local_share(weights)) for code, sums in self.logits.items()]
        frame = pd.DataFrame(rows, columns=["language", "value", "ci_low", "ci_high", "n"]).assign(seed=seed)
        return _led(self.reader, frame)


def see(
    reader: "models.GateReader", chosen: Chosen, max_length: int, pivot: str | None, progress: Progress
) -> GateStatistics:
    """Read every sentence and look.

    Args:
        reader: of one model.
        chosen: the sentences.
        max_length: subwords after which a sentence is cut, special tokens counted.
        pivot: code of the language that the others' similarity is measured to; None measures none.
        progress: told of each language and batch.

    Raises:
        ValueError: a language has no words that can be looked at, or pairs are given to a model of single texts.
    """
    if chosen.paired and not reader.reads_pairs:
        raise ValueError(f"{reader.name!r} reads single texts, but a pair was typed: leave out one of both.")
    frames, logits, dimensions, vectors = [], {}, [], {}
    truncated, unknown, unread = {}, {}, {}
    for index, sentences in enumerate(chosen.languages):
        code, n_languages = sentences.language, len(chosen.languages)
        report = part(progress, index, n_languages)
        message = f"Looking at {find(code).name}, {index + 1} of {n_languages}"
        if sentences.words:
            readings = reader.split(sentences.words, max_length)
        elif sentences.seconds:
            readings = reader.pairs(sentences.texts, sentences.seconds, max_length)
        else:
            readings = reader.running(sentences.texts, max_length)
        frame, logits[code], gates, vectors[code] = _look(reader, readings, report, message)
        frames.append(_named(frame, sentences, readings, reader))
        dimensions.append(gates)
        truncated[code] = sum(reading.truncated for reading in readings)
        subwords = sum(int(reading.own.sum()) for reading in readings)
        unknown[code] = sum(reading.unknown for reading in readings) / max(subwords, 1)
        unread[code] = sum(len(reading.words) - len(reading.read) for reading in readings)
    words = _led(reader, pd.concat(frames, ignore_index=True))
    close = pd.DataFrame() if pivot is None else similarity.similarity(vectors, pivot)
    close = _led(reader, close.assign(pivot=pivot))
    return GateStatistics(reader, words, close, logits, np.stack(dimensions), truncated, unknown, unread)


def _look(
    reader: "models.GateReader", readings: Sequence["WordReading"], progress: Progress, message: str
) -> tuple[pd.DataFrame, LogitSums, np.ndarray, np.ndarray]:
    """Rows of words, sums of logits, the mean gate of each dimension, and a vector of the fused state a sentence."""
    logits = LogitSums.empty(len(readings), reader.hidden_size)
    parts, total, n_words = [], np.zeros(reader.hidden_size), 0
    vectors = np.zeros((len(readings), reader.hidden_size), dtype=np.float32)
    lengths, done = sum(len(reading.ids) for reading in readings), 0
    progress(0.0, message)
    for batch in reader.batches(readings):
        sentence = batch.rows[batch.sentence]
        logits.add(sentence, batch.local_logits, batch.global_logits[batch.sentence])
        total, n_words = total + batch.gate.sum(axis=0, dtype=np.float64), n_words + len(batch.gate)
        vectors[batch.rows] = batch.pooled[-1 if reader.layer is None else 0]
        parts.append(_rows(batch, sentence))
        done += sum(len(readings[row].ids) for row in batch.rows)
        progress(done / lengths, message)
    if not parts:
        raise ValueError("No sentence has a word to look at: give sentences with letters, digits or signs.")
    frame = pd.concat(parts, ignore_index=True).sort_values(["sentence", "position"], ignore_index=True)
    return frame, logits, (total / max(n_words, 1)).astype(np.float32), vectors


def _rows(batch: "GateBatch", sentence: np.ndarray) -> pd.DataFrame:
    """One row a word, in float32."""
    spread = dict(zip(groups.SPREAD_COLUMNS, batch.quantiles.T, strict=True))
    local, both = batch.local_logits, batch.local_logits + batch.global_logits[batch.sentence]
    centred = both - both.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1)
    covariance = (local * centred).mean(axis=1)
    columns = {"sentence": sentence, "position": batch.word, "gate": batch.gate.mean(axis=1), **spread}
    columns |= {"weight": batch.weight, "change": batch.change, "global_logit": batch.global_logits.mean(axis=1)}
    columns["global_logit"] = columns["global_logit"][batch.sentence]
    columns |= {"local_logit": local.mean(axis=1), "local_share": covariance / np.maximum(variance, 1e-12)}
    return pd.DataFrame(columns | {"label": batch.label})


def _named(
    frame: pd.DataFrame, sentences: Sentences, readings: Sequence["WordReading"], reader: "models.GateReader"
) -> pd.DataFrame:
    """Rows of words with their language, sentence and text; names of labels in place of numbers."""
    which = zip(frame["sentence"], frame["position"], strict=True)
    words = [readings[sentence].words[position] for sentence, position in which]
    known = {
        "language": sentences.language,
        "id": [sentences.ids[sentence] for sentence in frame["sentence"]],
        "position": frame["position"].astype(np.int32),
        "start": np.array([word.start for word in words], dtype=np.int32),
        "word": [word.text for word in words],
        "subwords": np.array([len(word.subwords) for word in words], dtype=np.int32),
    }
    numbers = frame.drop(columns=["sentence", "position", "label"])
    labels = [reader.labels[label] if label >= 0 else "" for label in frame["label"]]
    return pd.DataFrame(known, index=frame.index).join(numbers).assign(label=labels)


def _led(reader: "models.GateReader", frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose rows are numbered, with the model and its layer in front."""
    return led_by(frame, model=reader.name, layer=pd.Series([reader.layer] * len(frame), dtype="Int64"))
