"""What test examples can be put into buckets by: one entry a property."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlfa_core.data.tasks import LabelledSet, QuestionSet, TaggedSet, Task
from dlfa_core.data.tasks.questions import UNSPACED
from dlfa_core.data.words import count_words
from dlfa_core.experiments.buckets.resources import LEVELS
from dlfa_core.languages import FAMILIES, find

Cut = Callable[[LabelledSet], np.ndarray]  # the subwords of each example, (n,)


@dataclass(frozen=True)
class Property:
    """A property of test examples: a `Number` of each, or a `Name` that all examples of a language share.

    Attributes:
        label: as a reader calls it.
        explains: what is measured, in a sentence.
        kinds: of tasks that it is for; empty for all.
        metric: of tasks that it is for; empty for any.
    """

    label: str
    explains: str
    kinds: tuple[str, ...] = ()
    metric: str = ""

    def suits(self, task: Task) -> bool:
        """Tell whether it is known of the examples of a task."""
        return (not self.kinds or task.kind in self.kinds) and self.metric in ("", task.metric)


@dataclass(frozen=True, kw_only=True)
class Number(Property):
    """A property in numbers.

    Attributes:
        unit: of them.
        measure: (examples, what counts their subwords) -> (n,), NaN where an example has none.
        digits: after the point, as they are written and told apart.
    """

    unit: str
    measure: Callable[[Any, Cut], np.ndarray]
    digits: int = 0


@dataclass(frozen=True, kw_only=True)
class Name(Property):
    """A property of languages.

    Attributes:
        name: ISO 639-3 -> the bucket, "" where there is none.
        order: names of buckets as they are shown; those that it lacks come last, sorted.
    """

    name: Callable[[str], str]
    order: tuple[str, ...] = ()


def properties_of(task: Task) -> dict[str, Property]:
    """Return the properties that a task's examples have, by name."""
    return {name: each for name, each in PROPERTIES.items() if each.suits(task)}


def texts_of(examples: LabelledSet) -> Iterator[tuple[str, ...]]:
    """Yield the texts whose length counts: both of a pair, a question without its passage or its choices."""
    if isinstance(examples, QuestionSet):
        yield from zip(examples.questions, strict=True)
        return
    columns = [getattr(examples, name, None) for name in ("texts", "seconds")]
    yield from zip(*(column for column in columns if column is not None), strict=True)


def n_words(examples: LabelledSet) -> np.ndarray:
    """Return the words of each example, (n,): those that were tagged, or as `count_words` finds them; NaN for texts in
    scripts that do not part words by spaces, where it would count letters.
    """
    if isinstance(examples, TaggedSet):
        return np.array([len(words) for words in examples.words], dtype=np.float64)
    if is_unspaced(examples.language):
        return np.full(len(examples), np.nan)
    return np.array([sum(map(count_words, texts)) for texts in texts_of(examples)], dtype=np.float64)


def is_unspaced(code: str) -> bool:
    """Tell whether a language is written without spaces between words."""
    return find(code).script in UNSPACED


def _length(examples: LabelledSet, cut: Cut) -> np.ndarray:
    return n_words(examples)


def _fertility(examples: LabelledSet, cut: Cut) -> np.ndarray:
    words = n_words(examples)
    return np.divide(cut(examples), words, out=np.full(len(words), np.nan), where=words > 0)


def _answer(examples: QuestionSet, cut: Cut) -> np.ndarray:
    """Of several accepted answers the shortest: the least that has to be found."""
    if is_unspaced(examples.language):
        return np.full(len(examples), np.nan)
    lengths = [[count_words(text) for text, _ in answers] for answers in examples.gold]
    return np.array([min(own) if own else np.nan for own in lengths], dtype=np.float64)


def _entity(examples: TaggedSet, cut: Cut) -> np.ndarray:
    return np.array([longest_entity(tags) for tags in examples.gold], dtype=np.float64)


def longest_entity(tags: Sequence[str]) -> float:
    """Return the words of the longest entity in IOB2 tags, NaN where there is none."""
    longest = length = 0
    for before, tag in zip(("O", *tags), tags, strict=False):
        goes_on = tag[:2] == "I-" and before[2:] == tag[2:]
        length = 0 if tag == "O" else length + 1 if goes_on else 1
        longest = max(longest, length)
    return longest or np.nan


def _resources(code: str) -> str:
    return _LEVEL_NAMES.get(LEVELS.get(code, -1), "")


def _script(code: str) -> str:
    return find(code).script


def _family(code: str) -> str:
    return find(code).family


_LEVEL_NAMES = {5: "5, most", 4: "4", 3: "3", 2: "2", 1: "1, few"}

PROPERTIES: dict[str, Property] = {
    "length": Number(
        "Sentence length",
        "Words and punctuation marks; of a pair those of both sentences, of a question those of the question alone. "
        "Texts in scripts that do not part words by spaces are left out.",
        unit="words",
        measure=_length,
    ),
    "entity": Number(
        "Entity length",
        "Words of the longest name in the sentence, by the gold labels. What was found is kept by sentence, so all "
        "names of a sentence count where its longest one does.",
        metric="span_f1",
        unit="words",
        measure=_entity,
    ),
    "answer": Number(
        "Answer length",
        "Words of the shortest accepted answer, where words are parted by spaces.",
        kinds=("question",),
        unit="words",
        measure=_answer,
    ),
    "fertility": Number(
        "Subwords per word",
        "How many subwords the encoder’s tokenizer cuts a word of the example into on average. Texts in scripts that "
        "do not part words by spaces are left out.",
        unit="subwords a word",
        measure=_fertility,
        digits=2,
    ),
    "resources": Name(
        "Language resources",
        "Class of the language by its labelled and unlabelled text: Joshi et al. (2020), from 0, hardly any, to 5.",
        name=_resources,
        order=tuple(_LEVEL_NAMES.values()),
    ),
    "script": Name("Script", "What the language is mostly written in.", name=_script),
    "family": Name("Family", "Family of the language, by Glottolog.", name=_family, order=tuple(FAMILIES)),
}
