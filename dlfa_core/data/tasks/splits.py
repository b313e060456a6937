"""Which examples may be trained on: rows that are translations of a test row may not."""

from collections.abc import Hashable, Mapping, Sequence
from unicodedata import normalize

import numpy as np

from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.values import ChoiceSet, LabelledSet, QuestionSet, SentenceSet, TaggedSet
from dlfa_core.languages import find
from dlfa_core.lazy import Later

# pages import this module and never call it
sparse = Later("scipy.sparse")
csgraph = Later("scipy.sparse.csgraph")

DEV_SHARE = 0.2  # of a fold: its sets are small, and a checkpoint chosen on few examples is chosen by chance


def set_dev_aside(train: LabelledSet, share: float, seed: int = 0) -> tuple[LabelledSet, LabelledSet]:
    """A training set without a random part of it, and that part as dev set.

    Examples that have a sentence in common stay together (XNLI has three hypotheses for every premise), so
    no sentence of dev is trained on.

    Args:
        train: at least two examples without a common sentence.
        share: of the examples, 0 < share < 1; dev gets whole groups until it has as many.
        seed: of the random choice.

    Raises:
        CorpusError: no such share, or one part would be empty.
    """
    if not 0 < share < 1:
        raise CorpusError(
            f"A dev set cannot be {share:g} of a training set. Give a share between 0 and 1, such as 0.1."
        )
    groups = groups_of(train)
    order = np.random.default_rng(seed).permutation(groups.max() + 1)
    sizes = np.bincount(groups)[order]
    chosen = order[np.cumsum(sizes) - sizes < share * len(train)]
    aside = np.isin(groups, chosen)
    if aside.all() or not aside.any():
        raise CorpusError(
            f"The training set of {train.name} cannot be split: it has {len(train):,} examples, and {len(sizes):,} of "
            f"them without a sentence in common. Give more examples, or a dev set."
        )
    return train.take(np.flatnonzero(~aside)), train.take(np.flatnonzero(aside), split="dev")


def groups_of(examples: LabelledSet) -> np.ndarray:
    """(n,) group numbers 0, 1, …; examples with a sentence in common, directly or through others, share one.

    Of questions, those about one context do: "Who was she?" may be asked of any.
    """
    contents = list(zip(*contents_of(examples)[: 1 if isinstance(examples, QuestionSet) else None], strict=True))
    numbers: dict[Hashable, int] = {}
    texts = np.array([[numbers.setdefault(text, len(numbers)) for text in row] for row in contents])
    rows = np.broadcast_to(np.arange(len(texts))[:, None], texts.shape)
    n = len(texts) + len(numbers)
    graph = sparse.coo_array((np.ones(texts.size), (rows.ravel(), len(texts) + texts.ravel())), shape=(n, n))
    _, groups = csgraph.connected_components(graph, directed=False)
    return np.unique(groups[: len(texts)], return_inverse=True)[1]


def contents_of(examples: LabelledSet) -> list[Sequence[Hashable]]:
    """The columns that hold sentences; of questions, contexts first."""
    if isinstance(examples, QuestionSet):
        return [examples.contexts, examples.questions]
    if isinstance(examples, ChoiceSet):
        return [examples.texts, ["\n".join(own) for own in examples.choices]]
    if isinstance(examples, SentenceSet):
        return [column for column in (examples.texts, examples.seconds) if column]
    return [examples.words]


def check_filled(parts: Sequence[LabelledSet], name: str) -> None:
    """Raises CorpusError if a set has no examples, which happens where none has a label."""
    empty = [f"{part.language} ({part.split})" for part in parts if not len(part)]
    if empty:
        raise CorpusError(
            f"{name} has no labelled examples in {', '.join(empty)}: every one was left out. "
            f"Give other examples, or leave these languages out."
        )


def check_folds(parts: Sequence[LabelledSet], name: str) -> None:
    """Raises CorpusError if a row is in one fold in one language and in the other in another."""
    folds: dict[str, LabelledSet] = {}
    for part in parts:
        for row in part.ids:
            first = folds.setdefault(row, part)
            if first.split != part.split:
                raise CorpusError(
                    f"Row {row} of {name} is in fold {first.split} in {first.language} but in fold {part.split} in "
                    f"{part.language}, so its translation would be trained on. "
                    f"Give a row the same fold in all languages."
                )


def texts_of(examples: LabelledSet) -> list[str]:
    """(n,) what is compared of each example: all its texts, or the words, without capitals and extra spaces.

    NFKC makes one of characters that only look different, such as full-width letters.
    """
    columns = [map(" ".join, examples.words)] if isinstance(examples, TaggedSet) else contents_of(examples)
    plain = ([" ".join(normalize("NFKC", text).casefold().split()) for text in column] for column in columns)
    return ["\n".join(parts) for parts in zip(*plain, strict=True)]


def check_no_leak(trained: Sequence[LabelledSet], tests: Sequence[LabelledSet], name: str) -> None:
    """Raises CorpusError if the id of an example that is trained or selected on is, in any language, a test example's.

    Ids that count the rows of each file, as those of PAWS-X do, say nothing: then most of those that two sets of one
    language share stand for different texts.
    """
    seen = {row for part in trained for row in part.ids}
    shared = [(test, common) for test in tests if (common := [row for row in test.ids if row in seen])]
    if shared and _name_content([*trained, *tests]):
        test, common = shared[0]
        raise CorpusError(
            f"{len(common):,} rows of {name} are in the training or dev set and in the test set in "
            f"{test.language}, row {common[0]} among them: a model would be tested on what it has learnt. "
            f"Take them out of one, or head the column of ids 'row' if equal ids do not mean equal content."
        )


def without_duplicates(
    trained: Sequence[LabelledSet], tests: Mapping[str, LabelledSet], drop: bool
) -> tuple[dict[str, LabelledSet], list[str]]:
    """Test sets, and a note on how many examples of each have the text of one that is trained or selected on.

    Args:
        trained: training and dev set.
        tests: by language.
        drop: leave those examples out of the tests.

    Raises:
        CorpusError: no example of a test would be left.
    """
    known = {text for part in trained for text in texts_of(part)}
    kept = {code: [row for row, text in enumerate(texts_of(test)) if text not in known] for code, test in tests.items()}
    counts = [
        f"{find(code).name} {len(tests[code]) - len(rows):,} of {len(tests[code]):,}"
        for code, rows in kept.items()
        if len(rows) < len(tests[code])
    ]
    if not counts:
        return dict(tests), []
    emptied = [code for code, rows in kept.items() if drop and not rows]
    if emptied:
        names = ", ".join(find(code).name for code in emptied)
        raise CorpusError(
            f"All test examples of {tests[emptied[0]].name} in {names} are in the training or dev set, so "
            f"without them none is left. Test on other examples, or leave these languages out."
        )
    tested = "They are tested all the same; the command leaves them out with --drop-duplicates"
    fate = "They are left out" if drop else tested
    note = f"Test examples with the same text as one of the training or dev set: {', '.join(counts)}. {fate}."
    return {code: test.take(kept[code]) if drop else test for code, test in tests.items()}, [note]


def _name_content(parts: Sequence[LabelledSet]) -> bool:
    """Tell whether ids that sets of one language have in common mostly stand for one text; True if there are none."""
    first: dict[tuple[str, str], str] = {}
    shared = same = 0
    for part in parts:
        rows = {(part.language, row): text for row, text in zip(part.ids, texts_of(part), strict=True)}
        common = rows.keys() & first.keys()
        shared += len(common)
        same += sum(rows[row] == first[row] for row in common)
        first |= rows
    return 2 * same >= shared


def without_tested_questions(dev: QuestionSet, tests: Mapping[str, LabelledSet]) -> tuple[QuestionSet, list[str]]:
    """A dev set without the questions about contexts that are tested on, and a note on how many were left out.

    XQuAD's questions are a part of SQuAD's dev set.
    """
    names = {name for test in tests.values() for name in test.ids}
    tested = {context for name, context in zip(dev.ids, dev.contexts, strict=True) if name in names}
    kept = [row for row, context in enumerate(dev.contexts) if context not in tested]
    if len(kept) == len(dev):
        return dev, []
    note = f"{len(dev) - len(kept):,} dev questions are left out, because they are about contexts that are tested on."
    return dev.take(kept), [note]


def without_tested_pairs(train: SentenceSet, test: SentenceSet) -> tuple[SentenceSet, list[str]]:
    """A training set of pairs without those that are test pairs, in either order, and notes on what is left.

    PAWS-X pairs a sentence with several others, and some pairs stand in it twice.
    """
    pairs, tested = ([frozenset(pair) for pair in zip(part.texts, part.seconds, strict=True)] for part in (train, test))
    left_out = set(pairs) & set(tested)
    kept = [row for row, pair in enumerate(pairs) if pair not in left_out]
    trained = {text for row in kept for text in pairs[row]}
    shared = sum(bool(pair & trained) for pair in tested)
    notes = []
    if len(kept) < len(train):
        notes.append(f"{len(train) - len(kept):,} training pairs are left out, because they are test pairs.")
    if shared:
        notes.append(
            f"{shared:,} of {len(test):,} test pairs have one sentence in common with a training pair in "
            f"{find(test.language).name}; the pairs differ."
        )
    return train.take(kept), notes
