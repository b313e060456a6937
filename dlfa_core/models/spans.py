"""Questions as an encoder reads them: windows over their contexts, and the spans that answer them.

A context that is too long is read in windows that overlap. Every subword of a window is scored as the start and as the
end of the answer; the span with the highest sum, of all windows, is the answer. The first subword, [CLS] or <s>, stands
for "no answer here": it is what a window without the answer should point at.

Reference: google-research/xtreme, `third_party/run_squad.py` and its defaults.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Encoding
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedTokenizerBase

from dlfa_core.data.tasks import QuestionSet
from dlfa_core.models.reading import Reading, pad
from dlfa_core.models.task_batches import LabelledReading, TaskBatch

WINDOW, STRIDE = 384, 128  # subwords of a question and a part of its context, and from one part's start to the next's
LONGEST_QUESTION = 64  # subwords; what is longer is cut
LONGEST_ANSWER = 30  # subwords
LEAST_ROOM = 2  # subwords of a context in a window


@dataclass(frozen=True, eq=False)
class SpanReading(LabelledReading):
    """A question and a window of its context; `positions` are all its subwords, `first` is the question's number.

    `gold`, int (1, 2), are the positions of the first and the last subword of the answer, both 0 where the window does
    not hold it whole.
    """

    characters: np.ndarray  # int (length, 2): what a subword begins at and ends before; -1 where no answer may be read
    starts: np.ndarray  # bool (length,): whether an answer may begin here, and no other window shows more around it

    @classmethod
    def batch(cls, readings: "Sequence[SpanReading]", pad_id: int, device: torch.device | str) -> "SpanBatch":
        batch = pad(readings, pad_id, device)
        characters = np.full((*batch.ids.shape, 2), -1)
        starts = np.zeros(batch.ids.shape, dtype=bool)
        for row, reading in enumerate(readings):
            characters[row, : len(reading)], starts[row, : len(reading)] = reading.characters, reading.starts
        return SpanBatch(
            *vars(batch).values(),
            *batch.mask.nonzero(as_tuple=True),
            gold=torch.from_numpy(np.concatenate([reading.gold for reading in readings])).to(device),
            numbers=np.array([reading.first for reading in readings]),
            characters=characters,
            starts=torch.from_numpy(starts).to(device),
        )


@dataclass(frozen=True, eq=False)
class SpanBatch(TaskBatch):
    """Windows side by side; all subwords are labelled, at `rows`, `positions`.

    `gold` is int64 (batch, 2), as in `SpanReading`; `numbers`, int (batch,), the question of each window.
    """

    characters: np.ndarray  # int (batch, seq, 2), as in `SpanReading`; -1 in padding
    starts: Tensor  # bool (batch, seq)

    def losses(self, logits: Tensor) -> Tensor:
        """Mean cross-entropy of starts and ends over windows, in nats: (heads, m, 2) -> (heads,)."""
        scores = self.spread(logits)
        heads, n, length, _ = scores.shape
        flat = scores.permute(0, 1, 3, 2).reshape(-1, length)
        gold = self.gold.repeat(heads, 1).flatten()
        return functional.cross_entropy(flat, gold, reduction="none").view(heads, 2 * n).mean(1)

    def spread(self, logits: Tensor) -> Tensor:
        """Logits of all subwords, (heads, m, 2), as (heads, batch, seq, 2), with -inf at padding."""
        wide = logits.new_full((len(logits), *self.mask.shape, 2), -torch.inf)
        wide[:, self.rows, self.positions] = logits
        return wide


def read_spans(
    tokenizer: PreTrainedTokenizerBase, examples: QuestionSet, window: int = WINDOW, stride: int = STRIDE
) -> list[SpanReading]:
    """Cut questions and their contexts into subwords and windows, those of a question one after the other.

    Args:
        tokenizer: of the encoder, a fast one.
        examples: at least one; of several accepted answers, the first is learnt.
        window: the most subwords of a reading, special tokens counted.
        stride: subwords from the start of a window's part of the context to that of the next.

    Raises:
        ValueError: a window that leaves no room for a context beside its question, or a stride below 1.
    """
    if stride < 1:
        raise ValueError(f"stride={stride} never comes to an end of a context: use 1 or more.")
    questions, lengths, cut = _cut_questions(tokenizer, examples.questions)
    added = tokenizer.num_special_tokens_to_add(pair=True)
    readings: list[list[SpanReading]] = [[] for _ in questions]
    for length in np.unique(lengths):
        room = window - added - int(length)
        if room < LEAST_ROOM:
            raise ValueError(
                f"window={window} leaves no room for a context beside a question of {length} subwords and {added} "
                f"special tokens: use at least {added + int(lengths.max()) + LEAST_ROOM}."
            )
        rows = np.flatnonzero(lengths == length)
        found = tokenizer(
            [questions[row] for row in rows],
            [examples.contexts[row] for row in rows],
            truncation="only_second",
            max_length=window,
            stride=max(0, room - stride),  # what tokenizers call so is how far windows overlap
            return_overflowing_tokens=True,
            verbose=False,
        )
        parts: dict[int, list[Encoding]] = {}
        for encoding, number in zip(found.encodings, found["overflow_to_sample_mapping"], strict=True):
            parts.setdefault(int(rows[number]), []).append(encoding)
        for row, windows in parts.items():
            readings[row] = _windows(windows, tokenizer, examples, row, bool(cut[row]))
    return [reading for own in readings for reading in own]


def best_answers(
    said: Iterable[tuple[Tensor, SpanBatch]], n: int, no_answer: bool, longest: int = LONGEST_ANSWER
) -> np.ndarray:
    """The best span of each question over all its windows, by each head.

    Args:
        said: (heads, m, 2) logits and the batch that they are of, so that every window is met once.
        n: questions.
        no_answer: whether a head may say that there is none; it does where the scores of the first subword, of the
            window in which they are lowest, sum to more than those of the best span, as in SQuAD 2.0.
        longest: subwords of an answer at most.

    Returns:
        int (heads, 2 * n): the characters of its context that each answer begins at and ends before; both 0 for none.
    """
    best: np.ndarray | None = None
    for logits, batch in said:
        if best is None:
            best = np.full((len(logits), n), -np.inf)
            none = np.full((len(logits), n), np.inf)
            spans = np.zeros((len(logits), n, 2), dtype=np.int64)
        scores = batch.spread(logits.detach())
        value, first, last = (found.cpu().numpy() for found in best_spans(scores, batch, longest))
        null = scores[:, :, 0].sum(-1).cpu().numpy()
        for row, number in enumerate(batch.numbers):
            none[:, number] = np.minimum(none[:, number], null[:, row])
            better = np.flatnonzero(value[:, row] > best[:, number])
            best[better, number] = value[better, row]
            spans[better, number, 0] = batch.characters[row, first[better, row], 0]
            spans[better, number, 1] = batch.characters[row, last[better, row], 1]
    if best is None:
        raise ValueError("There are no windows to answer from: give at least one question.")
    if no_answer:
        spans[none > best] = 0
    return spans.reshape(len(spans), -1)


def best_spans(scores: Tensor, batch: SpanBatch, longest: int) -> tuple[Tensor, Tensor, Tensor]:
    """The highest sum of a start's and an end's score in each window, and where its span begins and ends.

    Every span of at most `longest` subwords of the context is tried, where XTREME tries those of the 20 best starts and
    ends.

    Args:
        scores: (heads, batch, seq, 2).
        batch: whose windows they are of.
        longest: subwords of a span.

    Returns:
        (heads, batch) each: the sum, -inf where a window has no span, and the positions of both ends.
    """
    inside = torch.from_numpy(batch.characters[..., 0] >= 0).to(scores.device)
    starts = scores[..., 0].masked_fill(~batch.starts, -torch.inf)
    ends = scores[..., 1].masked_fill(~inside, -torch.inf)
    best, length = torch.full_like(starts, -torch.inf), torch.zeros_like(starts, dtype=torch.int64)  # by start
    for more in range(min(longest, starts.shape[-1])):
        sums = starts[..., : starts.shape[-1] - more] + ends[..., more:]
        better = sums > best[..., : sums.shape[-1]]
        best[..., : sums.shape[-1]] = torch.where(better, sums, best[..., : sums.shape[-1]])
        length[..., : sums.shape[-1]].masked_fill_(better, more)
    value, first = best.max(-1)
    return value, first, first + length.gather(-1, first[..., None])[..., 0]


def _cut_questions(
    tokenizer: PreTrainedTokenizerBase, questions: Sequence[str]
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Questions of at most `LONGEST_QUESTION` subwords, how many each has, and which were cut."""
    encodings = tokenizer(list(questions), add_special_tokens=False, verbose=False).encodings
    lengths = np.array([len(encoding.ids) for encoding in encodings])
    texts = list(questions)
    for row in np.flatnonzero(lengths > LONGEST_QUESTION):
        texts[row] = texts[row][: encodings[row].offsets[LONGEST_QUESTION - 1][1]]
    cut = lengths > LONGEST_QUESTION
    if cut.any():
        again = tokenizer(texts, add_special_tokens=False, verbose=False).encodings
        lengths = np.array([len(encoding.ids) for encoding in again])
    return texts, lengths, cut


def _windows(
    encodings: Sequence[Encoding], tokenizer: PreTrainedTokenizerBase, examples: QuestionSet, row: int, cut: bool
) -> Iterator[SpanReading]:
    """The windows of one question."""
    characters = [_characters(encoding, examples.contexts[row]) for encoding in encodings]
    widest = _widest(characters) if len(characters) > 1 else [characters[0][:, 0] >= 0]
    answers = examples.gold[row]
    for number, (encoding, own, starts) in enumerate(zip(encodings, characters, widest, strict=True)):
        plain = Reading.of(encoding, tokenizer)
        yield SpanReading(
            plain.ids,
            plain.types,
            plain.own,
            truncated=cut and number == 0,  # a question is counted once
            unknown=plain.unknown,
            positions=np.arange(len(plain)),
            gold=_gold(own, answers[0] if answers else None)[None],
            first=row,
            characters=own,
            starts=starts,
        )


def _characters(encoding: Encoding, context: str) -> np.ndarray:
    """(length, 2) characters of the context that each subword covers, without the space before; -1 elsewhere."""
    found = np.full((len(encoding.ids), 2), -1)
    for position, (number, (first, last)) in enumerate(zip(encoding.sequence_ids, encoding.offsets, strict=True)):
        if number == 1:
            while first < last and context[first].isspace():
                first += 1
            found[position] = first, last
    return found


def _widest(windows: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Where each window may begin an answer: at subwords that no other window shows with more on their poorer side."""
    around: dict[tuple[int, int], tuple[float, int]] = {}
    places = []
    for number, characters in enumerate(windows):
        inside = np.flatnonzero(characters[:, 0] >= 0)
        places.append(inside)
        for rank, position in enumerate(inside):
            seen = min(rank, len(inside) - rank - 1) + 0.01 * len(inside)
            key = (int(characters[position, 0]), int(characters[position, 1]))
            if key not in around or seen > around[key][0]:
                around[key] = (seen, number)
    found = []
    for number, (characters, inside) in enumerate(zip(windows, places, strict=True)):
        starts = np.zeros(len(characters), dtype=bool)
        starts[inside] = [around[tuple(map(int, characters[position]))][1] == number for position in inside]
        found.append(starts)
    return found


def _gold(characters: np.ndarray, answer: tuple[str, int] | None) -> np.ndarray:
    """int (2,): positions of the first and the last subword of an answer; 0 twice where it is not whole in a window."""
    inside = np.flatnonzero(characters[:, 0] >= 0)
    if answer is None or not len(inside):
        return np.zeros(2, dtype=np.int64)
    text, begin = answer
    end = begin + len(text)
    if characters[inside[0], 0] > begin or characters[inside[-1], 1] < end:
        return np.zeros(2, dtype=np.int64)
    first = inside[characters[inside, 1] > begin][0]
    last = inside[characters[inside, 0] < end][-1]
    return np.array([first, last])
