"""Which answers does a model find in a passage, and how sure is it of each?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from dlfa_core import models
from dlfa_core.data.tasks import QuestionSet
from dlfa_core.experiments.sources import cautions, labelled
from dlfa_core.languages import find
from dlfa_core.measures.answers import exact_match
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Interval, Table

__all__ = ["VERSION", "Result", "Spec", "inputs", "run"]
__all__ += ["EXAMPLES", "Answers"]  # for whoever asks and shows

VERSION = 1
TYPED = "typed"  # the id of a question that somebody typed
EXAMPLES = {  # language -> a passage and a question about it; written for this project
    "eng": (
        "Elena was born in Lisbon in 1938. She studied history and later worked as a painter in Paris.",
        "In which city did Elena work later?",
    ),
    "arb": ("وُلدت إيلينا في لشبونة عام 1938. درست التاريخ ثم عملت رسامة في باريس.", "في أي مدينة عملت إيلينا لاحقًا؟"),
    "cmn": ("叶莲娜于1938年出生在里斯本。她学习了历史，后来在巴黎当画家。", "叶莲娜后来在哪个城市工作？"),
    "tha": ("เอเลนาเกิดที่ลิสบอนในปี 1938 เธอเรียนประวัติศาสตร์ และต่อมาทำงานเป็นจิตรกรในปารีส", "ต่อมาเอเลนาทำงานในเมืองใด"),
}
BATCH = 16  # windows that are read at once


@dataclass(frozen=True)
class Spec:
    """List the likeliest answers to a question about a passage, or to all test questions of a task.

    Attributes:
        model: a task model that answers questions: a folder that `train --task qa:sample` and the like wrote, or a hub
            id of any extractive one.
        question: what is asked about the context; left out for the questions of a task.
        context: the passage that the answer is a part of.
        language: of both, ISO code or name, for what shows them; it changes no answer.
        task: xquad:PATH, mlqa:PATH, tydiqa:PATH, qa:PATH, or qa:sample; left out for a typed question.
        source_language: that the task is trained in, for where its files are opened.
        languages: codes or names to answer in; all of the task if none are given.
        n_best: answers to keep of each question.
        longest: subwords of an answer at most.
        window: subwords of a question and of as much of its context as is read at once.
        stride: subwords from the start of a window's part of the context to that of the next.
        test_limit: questions in each language, drawn at random; 0 takes all.
    """

    model: str = ""
    question: str = ""
    context: str = ""
    language: str = ""
    task: str = ""
    source_language: str = "eng"
    languages: tuple[str, ...] = ()
    n_best: int = 20
    longest: int = 30
    window: int = 384
    stride: int = 128
    test_limit: int = 0


Answers = Table[Literal["language", "id", "rank", "text", "first", "last", "score", "probability", "exact"]]


@dataclass(frozen=True, eq=False)
class Result:
    """The likeliest answers.

    Attributes:
        found: of a task's questions, the share whose "first" answer is an accepted one, and the share with one among
            those that are "listed"; Wilson's intervals over questions. Empty for a typed question.
        answers: `rank` counts from 1; `text` is the context from character `first` to before `last`, "" for no answer;
            `score` is the sum of those of its start and its end, `probability` a softmax over those that are listed of
            the question; `exact` is 1 where it is an accepted one by the task's own rules, else 0, and missing for a
            typed question.
        meta: what was asked, `n` questions, and `warnings`, sentences that a reader should know.
    """

    answers: Answers
    found: Table[Literal["language", "measure", Interval, "n"]]
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model, and of the task's files where one is named."""
    return {"model": models.fingerprint(spec.model), **({"task": labelled.fingerprint(spec.task)} if spec.task else {})}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Read every question with the windows of its context, and rank the spans of all of them.

    Raises:
        ValueError: nothing is asked, or twice; the model answers no questions; the task, a language or a setting is
            not usable.
    """
    asked, rules, notes = _asked(spec)
    progress(0.0, f"Loading the model {spec.model}")
    reader = _reader(spec.model, models.fingerprint(spec.model))
    rows: list[tuple[Any, ...]] = []
    truncated = {}
    for done, (code, questions) in enumerate(asked.items()):
        report = span(progress, 0.1 + 0.9 * done / len(asked), 0.1 + 0.9 * (done + 1) / len(asked))
        readings = reader.read(questions, spec.window, spec.stride)
        truncated[code] = sum(reading.truncated for reading in readings)
        said = reader.said(readings, BATCH, report)
        questions = replace(questions, no_answer=reader.no_answer)
        found = models.likeliest_answers(said, questions, spec.n_best, spec.longest)
        rows += _rows(code, questions, found, rules)
    sizes = {code: len(questions) for code, questions in asked.items()}
    columns = ["language", "id", "rank", "text", "first", "last", "score", "probability", "exact"]
    answers = pd.DataFrame(rows, columns=columns)
    return Result(
        answers=answers,
        found=_found(answers),
        meta={
            "model": spec.model,
            "fingerprint": models.fingerprint(spec.model),
            "trained_on": reader.trained_on,
            "question": spec.question,
            "context": spec.context,
            "language": find(spec.language).code if spec.language else "",
            "task": spec.task,
            "no_answer": reader.no_answer,
            "n": sum(sizes.values()),
            "n_best": spec.n_best,
            "warnings": [*notes, *_cut(truncated, sizes)],
        },
    )


@lru_cache(maxsize=1)
def _reader(model: str, fingerprint: str) -> "models.AnswerReader":
    """A model that stays loaded until another one is asked."""
    return models.AnswerReader.from_pretrained(model)


def _asked(spec: Spec) -> tuple[dict[str, QuestionSet], str, list[str]]:
    """Questions by their language, "" where nobody told it, the rules that score them, and notes."""
    typed = bool(spec.question.strip() or spec.context.strip())
    if typed == bool(spec.task):
        raise ValueError(
            "Give either a question with a context, or a task such as qa:sample whose test questions are asked."
        )
    if typed:
        for name in ("question", "context"):
            if not getattr(spec, name).strip():
                raise ValueError(f"The {name} is empty: an answer is a part of a context that a question asks about.")
        code = find(spec.language).code if spec.language else ""
        asked = QuestionSet(
            language=code,
            split="test",
            ids=(TYPED,),
            contexts=(spec.context,),
            questions=(spec.question,),
            gold=((),),
        )
        return {code: asked}, "", []
    task = labelled.opened(spec.task, spec.source_language)
    if task.kind != "question":
        raise ValueError(
            f"{spec.task} asks no questions about contexts: use qa:PATH, xquad:PATH, mlqa:PATH or tydiqa:PATH."
        )
    task = task.select(spec.languages, test=spec.test_limit)
    tests: dict[str, Any] = dict(task.tests)
    return tests, task.metric.partition("_")[0], list(task.notes)


def _found(answers: pd.DataFrame) -> pd.DataFrame:
    """`Result.found`."""
    rows = []
    for code, own in answers.dropna(subset="exact").groupby("language", sort=False):
        listed = own.groupby("id", sort=False)["exact"]
        for measure, right in (("first", listed.first()), ("listed", listed.max())):
            interval = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
            rows.append((code, measure, right.mean(), interval.low, interval.high, len(right)))
    return pd.DataFrame(rows, columns=["language", "measure", "value", "ci_low", "ci_high", "n"])


def _cut(truncated: dict[str, int], sizes: dict[str, int]) -> Iterator[str]:
    """Say which questions were cut."""
    if truncated.pop("", 0):
        yield f"The question was cut at {models.LONGEST_QUESTION} subwords, as XTREME does."
    yield from cautions.cut_questions(truncated, sizes, models.LONGEST_QUESTION)


def _rows(code: str, questions: QuestionSet, found: list[Any], rules: str) -> Iterator[tuple[Any, ...]]:
    for row, (name, own) in enumerate(zip(questions.ids, found, strict=True)):
        for rank, answer in enumerate(own, start=1):
            exact = exact_match(answer.text, questions.answers(row), rules, code) if rules else np.nan
            told = (answer.text, answer.first, answer.last, answer.score, answer.probability, exact)
            yield (code, name, rank, *told)
