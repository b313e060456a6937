"""One string that names a labelled task, wherever it is: in a spec, on the command line, in the app's address."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlfa_core.data.files import expanded
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.sources import SAMPLE, open_corpus
from dlfa_core.data.tasks.choices import choice_notes, in_parts, social_first
from dlfa_core.data.tasks.folders import FOLDS, find_files, read_sets
from dlfa_core.data.tasks.formats import TASK_FORMATS, TaskFormat
from dlfa_core.data.tasks.hub import read_hub_sets
from dlfa_core.data.tasks.labels import labelled, labels_of, listed, respelt
from dlfa_core.data.tasks.questions import metric_of, questions_of_task
from dlfa_core.data.tasks.retrieval import read_retrieval
from dlfa_core.data.tasks.splits import (
    DEV_SHARE,
    check_filled,
    check_folds,
    check_no_leak,
    set_dev_aside,
    without_duplicates,
    without_tested_pairs,
)
from dlfa_core.data.tasks.squad import asks_across
from dlfa_core.data.tasks.values import LabelledSet, SentenceSet, Task, licences
from dlfa_core.languages import find

QUESTIONS, CHOICES = (SAMPLE.parents[1] / name for name in ("questions", "choices"))
SHARES = {"train": 0.5, "dev": 0.15, "test": 0.35}  # of the sample's rows
PANX_DEV_SHARE = 0.05

Sets = Mapping[tuple[str, str], LabelledSet]


def open_task(source: str, source_language: str = "eng", dev_share: float = 0.0, drop_duplicates: bool = False) -> Task:
    """Open the labelled task that a source names.

    Args:
        source: one of

            xnli:PATH        natural language inference, three labels
            pawsx:PATH       paraphrases, two labels
            ner:PATH         names in IOB2 (PAN-X, Universal NER, or any types)
            pos:PATH         universal parts of speech in CoNLL-U
            sentiment:PATH   negative, neutral (or not), positive
            qa:PATH          questions that a span of their context answers (SQuAD's JSON, JSON lines, parquet)
            xquad:PATH, mlqa:PATH, tydiqa:PATH   the same, scored as each of them is
            xcopa:PATH, choice:PATH   multiple choice: XCOPA, or any JSON lines. Social IQa is learnt first, then COPA,
                             where there are both
            sentence:PATH    sentences with any labels
            pair:PATH        pairs of sentences with any labels
            tatoeba:PATH     retrieval by XTREME's protocol; nothing is trained
            sentiment:sample                 the bundled sentences in 20 languages
            qa:sample, mlqa:sample, xcopa:sample   bundled questions in six languages, choices in five
            xnli:hub, pawsx:hub, ner:hub, pos:hub, xquad:hub   pinned sets on the Hugging Face hub in XTREME's
                             languages (xquad:hub learns from SQuAD 1.1); pos:hub:de,sw tests in these only,
                             pos:hub:xtreme-r in those of XTREME-R

            PATH is a folder or a file; PATH+PATH reads several. Files are named by language and split
            (train-en.tsv, en_ewt-ud-dev.conllu.xz, de/test.tsv); tables may have columns fold, split, and
            lang or language instead.
            Row-parallel tables with a column fold train on fold A of the source language, a part of it
            set aside as dev, and test on fold B of every language; tables without folds beside them are
            trained on before (SNLI).
        source_language: code or name of the language to train in.
        dev_share: part of the training set to set aside where there is no dev set; 0 refuses instead. Folds,
            and PAN-X as `ner` folders have it (dev sets to test on), set a part aside in any case.
        drop_duplicates: leave test examples out whose text is trained or selected on; else a note counts them.

    Raises:
        CorpusError: no such source, no training or dev set in the source language, no test set, a set without
            examples, labels that do not fit or are placeholders, a test row that is trained on, a file that is
            broken, or one whose name may mean two languages.
        UnknownLanguage: no language goes by the source language's name.
    """
    kind, _, path = source.partition(":")
    code = find(source_language).code
    if kind not in (*TASK_FORMATS, "tatoeba") or not path:
        raise CorpusError(
            f"{source!r} names no task. Write sentiment:sample, or one of "
            f"{', '.join(f'{name}:PATH' for name in (*TASK_FORMATS, 'tatoeba'))}."
        )
    if kind == "tatoeba":
        return read_retrieval(path, source, code)
    recipe = TASK_FORMATS[kind]
    train, dev, tests, notes = _divided(kind, path, code, dev_share)
    check_no_leak([train, dev], list(tests.values()), recipe.title)
    check_filled([train, dev, *tests.values()], recipe.title)
    tests, doubled = without_duplicates([train, dev], tests, drop_duplicates)
    notes += doubled
    labels = labels_of(train, recipe)
    train, dev, *tested = (replace(labelled(part, labels), source=source) for part in (train, dev, *tests.values()))
    first = first_dev = None
    if recipe.kind == "choice" and in_parts(train):
        (first, train), (first_dev, dev) = social_first(train), social_first(dev)
    return Task(
        name=recipe.title,
        kind=recipe.kind,
        labels=labels,
        metric=metric_of(recipe.metric, train),
        source_language=code,
        train=train,
        dev=dev,
        tests=dict(zip(tests, tested, strict=True)),
        source=source,
        beside=tuple(metric_of(name, train) for name in recipe.beside),
        licence=licences((train, dev, *tested)),
        notes=tuple(dict.fromkeys((*notes, *(note for part in (train, dev, *tested) for note in part.notes)))),
        first=first,
        first_dev=first_dev,
    )


def _divided(kind: str, path: str, code: str, dev_share: float):
    """Training, dev and test sets of a source, and notes."""
    recipe = TASK_FORMATS[kind]
    sets = _joined([respelt(part, recipe) for part in _read(kind, path, code)])
    by_folds = any(split in FOLDS for _, split in sets)
    train, dev, tests, notes = (_by_folds if by_folds else _by_splits)(sets, recipe, code, dev_share)
    if recipe.kind == "question":
        train, dev, tests, more = questions_of_task(train, dev, tests, recipe)
        notes = [*notes, *more, *_across(path)]
    if recipe.kind == "choice":
        notes = [*notes, *choice_notes(kind, train, tests)]
    return train, dev, tests, notes


def files_of(source: str) -> tuple[Path, ...]:
    """The files that a source is read from, to notice a change without reading them; none for the hub.

    Raises:
        CorpusError: nothing is there.
    """
    kind, _, location = source.partition(":")
    if location == "sample":
        if _chooses(kind):
            return tuple(find_files(str(CHOICES), kind))
        return tuple(sorted(QUESTIONS.glob("*.json"))) if _asks(kind) else (SAMPLE,)
    if _on_hub(location):
        return ()
    if kind == "tatoeba":
        root = expanded(location)
        return (root,) if root.is_file() else tuple(sorted(root.glob("*")))
    parts = [location] if expanded(location).exists() else location.split("+")
    return tuple(path for part in parts for path in find_files(part, kind))


def _read(kind: str, location: str, source_language: str) -> Sequence[LabelledSet]:
    if location == "sample" and not (_asks(kind) or _chooses(kind)):
        return _sample(kind)
    if _on_hub(location):
        languages = location.partition(":")[2]
        return list(read_hub_sets(kind, languages.split(",") if languages else (), source_language))
    return [part for path in files_of(f"{kind}:{location}") for part in read_sets(path, kind)]


def _across(location: str) -> list[str]:
    """A note on the files in which the question is in another language than its context."""
    roots = [Path(part).expanduser() for part in (location, *location.split("+"))]
    count = sum(asks_across(path) for root in dict.fromkeys(roots) if root.is_dir() for path in root.rglob("*.*"))
    return [f"{count:,} files ask in another language than they answer in, and are left out."] if count else []


def _chooses(kind: str) -> bool:
    return kind in TASK_FORMATS and TASK_FORMATS[kind].kind == "choice"


def _asks(kind: str) -> bool:
    return kind in TASK_FORMATS and TASK_FORMATS[kind].kind == "question"


def _on_hub(location: str) -> bool:
    return location.partition(":")[0] == "hub"


def _sample(kind: str, seed: int = 0) -> list[LabelledSet]:
    """The sample corpus with its sentiment. Rows are dealt to the splits class by class, the same in all languages."""
    if kind != "sentiment":
        raise CorpusError(
            f"The samples have labels for sentiment, answers to questions and choices only. Write sentiment:sample, "
            f"qa:sample or xcopa:sample, or {kind}:PATH."
        )
    corpus = open_corpus("sample")
    gold = corpus.meta["sentiment"].to_numpy()
    split_of = np.empty(len(corpus), dtype=object)
    for label in TASK_FORMATS[kind].labels:
        rows = np.random.default_rng(seed).permutation(np.flatnonzero(gold == label))
        ends = np.round(np.cumsum(list(SHARES.values())) * len(rows)).astype(int)
        for split, members in zip(SHARES, np.split(rows, ends[:-1]), strict=True):
            split_of[members] = split
    sets = []
    for language in corpus.languages:
        whole = SentenceSet(
            language=language,
            split="",
            ids=corpus.ids,
            texts=corpus[language],
            gold=tuple(gold),
            name=TASK_FORMATS[kind].title,
            licence=corpus.licence,
        )
        sets += [whole.take(np.flatnonzero(split_of == split), split=split) for split in SHARES]
    return sets


def _joined(parts: Sequence[LabelledSet]) -> Sets:
    """(language, split) -> all examples of it, in the order of the files."""
    groups: dict[tuple[str, str], list[LabelledSet]] = {}
    for part in parts:
        groups.setdefault((part.language, part.split), []).append(part)
    return {key: type(members[0]).join(members) for key, members in groups.items()}


def _by_splits(sets: Sets, recipe: TaskFormat, code: str, dev_share: float):
    """Training, dev and test sets where the splits are given."""
    train = _source_set(sets, recipe, code, "train")
    tests = {language: part for (language, split), part in sets.items() if split == "test"}
    dev, notes = sets.get((code, "dev")), []
    if not tests:  # PAN-X: the dev sets are there to be tested on
        tests = {lang: replace(part, split="test") for (lang, split), part in sets.items() if split == "dev"}
        dev, dev_share = None, dev_share or PANX_DEV_SHARE
        notes.append(f"{recipe.title} has no test sets here, so its dev sets are tested on.")
    if not tests:
        raise CorpusError(f"{recipe.title} has no test set here. Add files such as test-de.tsv.")
    if dev is None:
        if not dev_share:
            raise CorpusError(
                f"{recipe.title} has no dev set in {find(code).name}, which is needed to choose a checkpoint. "
                f"Add a file such as dev-{code}.tsv, or set a part of the training set aside with dev_share=0.1."
            )
        train, dev = set_dev_aside(train, dev_share)
        notes.append(_set_aside_note(dev, train))
    return train, dev, tests, notes


def _by_folds(sets: Sets, recipe: TaskFormat, code: str, dev_share: float):
    """Training, dev and test sets where rows are parallel: fold A of one language, fold B of all."""
    check_folds([part for (_, split), part in sets.items() if split in FOLDS], recipe.title)
    fold = _source_set(sets, recipe, code, FOLDS[0])
    tests = {language: replace(part, split="test") for (language, split), part in sets.items() if split == FOLDS[1]}
    if code not in tests:
        raise CorpusError(f"{recipe.title} has no fold {FOLDS[1]} in {find(code).name}. Take the table again.")
    fold, notes = without_tested_pairs(fold, tests[code]) if recipe.kind == "pair" else (fold, [])
    train, dev = set_dev_aside(replace(fold, split="train"), dev_share or DEV_SHARE)
    notes.append(_set_aside_note(dev, train))
    extra = [part for (language, split), part in sets.items() if split not in FOLDS and language == code]
    if extra:
        count = sum(map(len, extra))
        notes.append(f"{count:,} further examples in {find(code).name} are trained on before fold {FOLDS[0]}.")
        train = type(train).join([*(replace(part, split="train") for part in extra), train])
    return train, dev, tests, notes


def _source_set(sets: Sets, recipe: TaskFormat, code: str, split: str) -> LabelledSet:
    if (code, split) not in sets:
        there = [language for language, other in sets if other == split]
        raise CorpusError(
            f"{recipe.title} has no training set in {find(code).name} ({code}); there are some in: {listed(there)}. "
            f"Choose another source language, or add a file such as train-{code}.tsv."
        )
    return sets[code, split]


def _set_aside_note(dev: LabelledSet, train: LabelledSet) -> str:
    return f"The dev set is {len(dev):,} examples that were set aside from the training set; {len(train):,} are left."
