"""Sets of questions that belong to one task: what is left out, how they are scored, and what a reader should know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.formats import TaskFormat
from dlfa_core.data.tasks.labels import listed
from dlfa_core.data.tasks.splits import without_tested_questions
from dlfa_core.data.tasks.values import QuestionSet
from dlfa_core.languages import find

UNSPACED = {"Hans", "Hant", "Jpan", "Thai", "Khmr", "Laoo", "Mymr", "Tibt"}  # scripts that do not part words by spaces

Tests = Mapping[str, QuestionSet]


def questions_of_task(
    train: QuestionSet, dev: QuestionSet, tests: Tests, recipe: TaskFormat
) -> tuple[QuestionSet, QuestionSet, dict[str, QuestionSet], list[str]]:
    """The sets of a task as they are trained and tested on, and notes.

    No dev question is about a context that is tested on, and all sets know whether a context may have no answer.

    Raises:
        CorpusError: an id twice in one set, or a language that the task's score has no rules for.
    """
    dev, notes = without_tested_questions(dev, tests)
    sets = [train, dev, *tests.values()]
    _check_ids(sets)
    _check_rules((train.language, *tests), recipe)
    no_answer = any(not answers for part in sets for answers in part.gold)
    train, dev, *tested = (replace(part, no_answer=no_answer) for part in sets)
    if no_answer:
        counts = [f"{part.language} {part.split} {sum(not own for own in part.gold):,}" for part in sets]
        notes.append(f"Questions without an answer: {', '.join(counts)}. They are scored as SQuAD 2.0 does.")
    notes += [*_absent(tests, recipe), *_unspaced(tests, recipe)]
    return train, dev, dict(zip(tests, tested, strict=True)), notes


def metric_of(name: str, train: object) -> str:
    """The metric of that name, or what SQuAD 2.0 has in its place where a context may have no answer."""
    lacking = isinstance(train, QuestionSet) and train.no_answer
    return name.replace("squad_", "squad2_") if lacking else name


def _check_ids(sets: Iterable[QuestionSet]) -> None:
    for part in sets:
        seen: set[str] = set()
        twice = next((name for name in part.ids if name in seen or seen.add(name)), None)
        if twice is not None:
            raise CorpusError(
                f"{part.name} in {part.language} ({part.split}) has the id {twice!r} in two files. Give every question "
                f"an id of its own, or leave one of the files out."
            )


def _check_rules(codes: Sequence[str], recipe: TaskFormat) -> None:
    known = [find(written).code for written in recipe.languages]
    other = [code for code in dict.fromkeys(codes) if code not in known]
    if recipe.metric.startswith("mlqa") and other:
        raise CorpusError(
            f"The score of MLQA has rules for {listed(known)}, but none for {listed(other)}. Open these sets as "
            f"qa:PATH, or leave them out."
        )


def _absent(tests: Tests, recipe: TaskFormat) -> list[str]:
    expected = [find(written).code for written in recipe.languages]
    absent = [code for code in expected if code not in tests]
    return (
        [f"{recipe.title}'s mean is over {len(expected)} languages; not here: {', '.join(absent)}."] if absent else []
    )


def _unspaced(tests: Tests, recipe: TaskFormat) -> list[str]:
    """A note on languages in which most answers are one word to the score."""
    codes = [code for code in tests if find(code).script in UNSPACED]
    if not codes or recipe.metric.startswith("mlqa"):
        return []
    names = ", ".join(find(code).name for code in codes)
    return [
        f"{names}: words are not parted by spaces, so an answer without any counts as one word and is right or wrong "
        f"as a whole. XTREME's script does the same."
    ]
