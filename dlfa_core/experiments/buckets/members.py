"""Which test examples are in which bucket."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dlfa_core import models
from dlfa_core.data.tasks import LabelledSet, TaggedSet, Task
from dlfa_core.experiments.buckets.properties import Cut, Name, Number, properties_of, texts_of
from dlfa_core.measures.buckets import NO_BUCKET, in_quantiles, span_of_bucket

ALL = "all"  # the property of the one bucket that holds every example


@dataclass(frozen=True, eq=False)
class Bucket:
    """Some of the test examples.

    Attributes:
        property: name of what they have in common; `ALL` for every example.
        label: how much of it, or which.
        rows: their numbers among all test examples.
    """

    property: str
    label: str
    rows: np.ndarray


def subword_counter(model: str) -> Cut:
    """Return what counts the subwords of examples, (n,), as the tokenizer of an encoder cuts them; special ones aside.

    Raises:
        ModelError: the model is missing, damaged or no encoder.
    """
    tokenizer = models.load_tokenizer(model)

    def count(texts: Sequence[str] | Sequence[list[str]], split: bool) -> np.ndarray:
        cut = tokenizer(list(texts), add_special_tokens=False, is_split_into_words=split, verbose=False)
        return np.array([len(ids) for ids in cut["input_ids"]], dtype=np.float64)

    def subwords(examples: LabelledSet) -> np.ndarray:
        if isinstance(examples, TaggedSet):
            return count([list(words) for words in examples.words], True)
        return np.sum([count(texts, False) for texts in zip(*texts_of(examples), strict=True)], axis=0)

    return subwords


def buckets_of(task: Task, codes: Sequence[str], cut: Cut, most: int) -> Iterator[Bucket]:
    """Yield the bucket of all examples, then those of every property that the task's examples have.

    Args:
        task: as it was tested; rows count the examples of all its test sets, one set after the other.
        codes: of the languages whose examples are put into buckets.
        cut: counts subwords.
        most: buckets of a property in numbers, at most.
    """
    ends = np.cumsum([len(test) for test in task.tests.values()])
    places = {code: np.arange(end - len(task.tests[code]), end) for code, end in zip(task.tests, ends, strict=True)}
    rows = np.concatenate([places[code] for code in codes])
    yield Bucket(ALL, ALL, rows)
    for name, about in properties_of(task).items():
        if isinstance(about, Name):
            parts = _named(about, task, codes)
        elif isinstance(about, Number):
            parts = _numbered(about, task, codes, cut, most)
        yield from (Bucket(name, label, rows[own]) for label, own in parts)


def _named(about: Name, task: Task, codes: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    names = np.repeat([about.name(code) for code in codes], [len(task.tests[code]) for code in codes])
    order = {name: place for place, name in enumerate(about.order)}
    for name in sorted(set(names.tolist()) - {""}, key=lambda name: (order.get(name, len(order)), name)):
        yield name, np.flatnonzero(names == name)


def _numbered(about: Number, task: Task, codes: Sequence[str], cut: Cut, most: int) -> Iterator[tuple[str, np.ndarray]]:
    found = np.concatenate([about.measure(task.tests[code], cut) for code in codes])
    values = found.round(about.digits)  # what a label says is what parts the buckets
    numbers = in_quantiles(values, most)
    for number in range(NO_BUCKET + 1, numbers.max() + 1):
        own = np.flatnonzero(numbers == number)
        yield span_of_bucket(values[own], about.digits), own
