"""Labelled examples and the tasks made of them, as frozen values."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

import numpy as np

from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import find

Kind = Literal["choice", "sentence", "pair", "tagging", "question", "retrieval"]


@dataclass(frozen=True, eq=False, kw_only=True)  # compare `digest` instead
class LabelledSet:
    """Examples of one language and one split; see `SentenceSet`, `TaggedSet`, `QuestionSet` and `ChoiceSet` for what an
    example is.

    Attributes:
        language: ISO 639-3.
        split: "train", "dev" or "test".
        ids: (n,) names of the examples; two languages share an id only where the content is the same.
        labels: what `gold` is made of, in the order of the classifier's outputs.
        name: for headings, such as "XNLI".
        source: what `open_task` opened.
        licence: as the source states it, or "not stated".
        notes: sentences about what reading left out or repaired; show them to whoever chose the task.
    """

    COLUMNS: ClassVar[tuple[str, ...]]

    language: str
    split: str
    ids: tuple[str, ...]
    gold: tuple
    labels: tuple[str, ...] = ()
    name: str = ""
    source: str = ""
    licence: str = "not stated"
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over language, split, labels and examples, in order; name, source, licence and notes play no part."""
        digest = hashlib.sha256()
        for part in (self.language, self.split, self.labels, self.ids, *(getattr(self, name) for name in self.COLUMNS)):
            digest.update(json.dumps(part).encode())  # JSON marks where every string ends
        return digest.hexdigest()

    @property
    def flat_gold(self) -> Iterable[str]:
        """Every label in the set: one an example, or one a word."""
        return self.gold

    def take(self, rows: Iterable[int], **changes) -> Self:
        """The examples at these indices, in this order, with other attributes changed as given."""
        rows = list(rows)
        columns = {name: getattr(self, name) for name in ("ids", *self.COLUMNS)}
        picked = {name: column and tuple(column[row] for row in rows) for name, column in columns.items()}
        return replace(self, **{**picked, **changes})

    def select(self, limit: int | None = None, seed: int = 0) -> Self:
        """A random part of the examples in their old order; None or 0 for all.

        With one seed, a larger limit keeps every example of a smaller one.

        Raises:
            CorpusError: a negative limit.
        """
        if limit is not None and limit < 0:
            raise CorpusError(f"A set cannot have {limit} examples. Give a limit of 1 or more, or 0 for all.")
        if not limit or limit >= len(self):
            return self
        return self.take(np.sort(np.random.default_rng(seed).permutation(len(self))[:limit]))

    @classmethod
    def join(cls, sets: Sequence[Self]) -> Self:
        """The examples of several sets of one language and split, one set after the other."""
        if len(sets) == 1:
            return sets[0]
        columns = {name: [getattr(part, name) for part in sets] for name in ("ids", *sets[0].COLUMNS)}
        return replace(
            sets[0],
            licence=licences(sets),
            notes=tuple(dict.fromkeys(note for part in sets for note in part.notes)),
            **{name: None if None in parts else tuple(chain(*parts)) for name, parts in columns.items()},
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class SentenceSet(LabelledSet):
    """Sentences, or pairs of sentences, each with one label.

    Attributes:
        texts: (n,) sentences; of a pair, the first (the premise).
        seconds: (n,) the second of each pair (the hypothesis); None for single sentences.
        gold: (n,) labels.
    """

    COLUMNS: ClassVar = ("texts", "seconds", "gold")

    texts: tuple[str, ...]
    seconds: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class TaggedSet(LabelledSet):
    """Sentences in words, each word with a tag.

    Attributes:
        words: (n,) sentences, each a tuple of words.
        gold: (n,) sentences, each a tuple of tags, one a word.
    """

    COLUMNS: ClassVar = ("words", "gold")

    words: tuple[tuple[str, ...], ...]

    @property
    def flat_gold(self) -> Iterable[str]:
        return chain.from_iterable(self.gold)


@dataclass(frozen=True, eq=False, kw_only=True)
class QuestionSet(LabelledSet):
    """Questions, each with a passage that the answer is to be found in.

    Attributes:
        contexts: (n,) passages.
        questions: (n,) what is asked about them.
        gold: (n,) the accepted answers of each question, each a pair of its text and of the character of the context
            that it begins at; none where the context has no answer.
        no_answer: whether a model may say that a context has no answer.
    """

    COLUMNS: ClassVar = ("contexts", "questions", "gold")

    contexts: tuple[str, ...]
    questions: tuple[str, ...]
    no_answer: bool = False

    def answers(self, row: int) -> tuple[str, ...]:
        """The accepted answers of one question; none where its context has none."""
        return tuple(text for text, _ in self.gold[row])


@dataclass(frozen=True, eq=False, kw_only=True)
class ChoiceSet(LabelledSet):
    """Questions, each with choices of which one is right.

    Attributes:
        texts: (n,) what is asked, with what it is asked about.
        choices: (n,) two choices or more each.
        gold: (n,) the number of each right choice, from 1, as a text.
    """

    COLUMNS: ClassVar = ("texts", "choices", "gold")

    texts: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]

    @property
    def chance(self) -> float:
        """The accuracy of guessing."""
        return float(np.mean([1 / len(own) for own in self.choices]))


@dataclass(frozen=True)
class Protocol:
    """How sentences become vectors for retrieval; the defaults are XTREME's for mBERT.

    Attributes:
        layer: its scripts say 7, counted from 0 over the 12 blocks, which is the output of block 8.
        pooling: over the subwords of a sentence.
        special_tokens: whether [CLS] and [SEP] take part in the pooling.
        max_length: in subwords.
        score: for `measures.retrieval_accuracy`, with the queries first and the candidates second.
        queries: ISO 639-3; the other side of each pair holds the candidates.

    Reference: google-research/xtreme, `scripts/run_tatoeba.sh` and `third_party/evaluate_retrieval.py`.
    """

    layer: int = 8
    pooling: str = "mean"
    special_tokens: bool = True
    max_length: int = 512
    score: str = "cosine"
    queries: str = "eng"


@dataclass(frozen=True, eq=False)  # compare `digest` instead
class Task:
    """What to learn in one language and to test in others.

    Attributes:
        name: for headings, such as "XNLI".
        kind: "sentence" (one text), "pair" (two), "tagging" (words), "question" (a span of a context) or "retrieval"
            (nothing is trained).
        labels: the same in every set, in the order of the classifier's outputs.
        metric: key of `measures.classification.METRICS`; for retrieval "retrieval_cosine" of `measures.MEASURES`.
        source_language: ISO 639-3; what `train` and `dev` are in. For retrieval, the language of the queries.
        train, dev: None for retrieval.
        tests: ISO 639-3 code -> test set, the source language's included where there is one; read-only.
            For retrieval, sentences in that language beside their English translations.
        source: what `open_task` opened.
        beside: further metrics to report with `metric`.
        licence: of all sets together.
        notes: what was left out, repaired or split; show them to whoever chose the task.
        protocol: how to encode for retrieval, else None.
        first, first_dev: what is learnt before `train`, and chosen on meanwhile; training then goes on from the best of
            it. None where training has one part.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    metric: str
    source_language: str
    train: LabelledSet | Any  # who trains knows that it is there, as who retrieves knows what is tested
    dev: LabelledSet | Any
    tests: Mapping[str, LabelledSet | Any]
    source: str
    beside: tuple[str, ...] = ()
    licence: str = "not stated"
    notes: tuple[str, ...] = ()
    protocol: Protocol | None = None
    first: LabelledSet | Any = None
    first_dev: LabelledSet | Any = None

    def __post_init__(self):
        object.__setattr__(self, "tests", MappingProxyType(dict(self.tests)))

    def __reduce__(self):  # a read-only view cannot be pickled, and Dask sends tasks around
        values = {field.name: getattr(self, field.name) for field in fields(self)} | {"tests": dict(self.tests)}
        return Task, tuple(values.values())

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-3 codes of the test languages."""
        return tuple(self.tests)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything that a result depends on."""
        digest = hashlib.sha256(json.dumps([self.kind, self.labels, self.metric, self.source_language]).encode())
        before = (self.first, self.first_dev) if self.first else ()
        for part in (*before, self.train, self.dev, *self.tests.values()):
            digest.update(part.digest.encode() if part else b"-")
        return digest.hexdigest()

    def select(
        self,
        languages: Sequence[str] = (),
        train: int | None = None,
        test: int | None = None,
        dev: int | None = None,
        seed: int = 0,
    ) -> "Task":
        """The same task with fewer test languages or a random part of its examples.

        Args:
            languages: codes or names of test languages to keep, in this order; empty for all.
            train: examples of the training set to keep, and of what is learnt before; None or 0 for all.
            test: examples of each test set to keep; None or 0 for all.
            dev: examples of the dev set to keep; None or 0 for all.
            seed: of the random choice.

        Raises:
            CorpusError: the task has no test set in one of the languages.
        """
        codes = dict.fromkeys(self._own(language) for language in languages or self.languages)
        return replace(
            self,
            train=self.train and self.train.select(train, seed),
            dev=self.dev and self.dev.select(dev, seed),
            tests={code: self.tests[code].select(limit=test, seed=seed) for code in codes},
            first=self.first and self.first.select(train, seed),
            first_dev=self.first_dev and self.first_dev.select(dev, seed),
        )

    def _own(self, language: str) -> str:
        code = find(language).code
        if code not in self.tests:
            raise CorpusError(
                f"{self.name} has no test set in {find(code).name} ({code}). Choose from {', '.join(self.languages)}."
            )
        return code


def licences(sets: Iterable[LabelledSet]) -> str:
    """The licences of several sets, each named once."""
    return "; ".join(dict.fromkeys(licence for part in sets for licence in part.licence.split("; ")))
