"""Files of lessons, as docs/lessons.md describes them: a title, an aim, minutes, a note, and steps, in TOML."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from dlfa_core.lessons.facts import FACTS, fields_of
from dlfa_core.shipped import ASSETS

FOLDER = ASSETS / "lessons"
HOME = "Home"  # what a view calls the app's first page
TASKS = ("pos", "ner", "xnli", "pawsx", "sentiment")  # whose fused layers a class can choose among
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_LESSON = {"title": str, "aim": str, "minutes": int, "teacher": str, "step": list}
_STEP = {"view": str, "text": str, "question": str, "answer": str, "predict": str, "reveal": str}
_NEEDED = ("view", "text", "question")
_LONGEST = 300  # minutes


class LessonError(ValueError):
    """A file is no lesson; says which file, which line or step, and what to write."""


@dataclass(frozen=True)
class View:
    """A page as a link opens it: its name and the parameters of its address, in their order."""

    page: str
    query: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """Return the view as the address bar has it, such as "Layers?layer=7"."""
        query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in self.query)
        return f"{self.page}?{query}" if query else self.page


@dataclass(frozen=True)
class Step:
    """One view with what is said of it and asked about it; texts may hold fields such as `{layers.best cka}`.

    Attributes:
        answer: empty where the step asks for a prediction.
        predict: the task for which the class chooses a layer here; empty for none.
        reveal: the task for which an earlier choice is compared with the app's; empty for none.
    """

    view: View
    text: str
    question: str
    answer: str = ""
    predict: str = ""
    reveal: str = ""


@dataclass(frozen=True)
class Lesson:
    """A guided lesson; `teacher` is a note in paragraphs, on what to aim at and what pupils stumble over."""

    name: str
    title: str
    aim: str
    minutes: int
    teacher: tuple[str, ...]
    steps: tuple[Step, ...]


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Names of the lessons in a folder, in the order of the numbers that they begin with."""
    found = (path.stem for path in folder.glob("*.toml"))
    return tuple(sorted(found, key=lambda name: (int(re.match(r"\d*", name)[0] or 10**6), name)))


def read(name: str, pages: Collection[str], folder: Path = FOLDER) -> Lesson:
    """Read the lesson of a name, one of `names`.

    Args:
        pages: names of the app's pages, other than "Home".

    Raises:
        LessonError: there is no such file, or it is no lesson.
    """
    path = folder / f"{name}.toml"
    if not _NAME.fullmatch(name):
        raise LessonError(f"{name!r} is no name of a lesson: call the file by small letters, digits and hyphens.")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        why = "its brackets are nested too deeply" if isinstance(error, RecursionError) else "it is not UTF-8"
        raise LessonError(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or why}.") from error
    except ValueError as error:  # a TOMLDecodeError, or a number or date that Python cannot hold
        raise LessonError(f"{path.name}: {error}. Compare the line with the example in docs/lessons.md.") from error
    return _lesson(name, content, pages, path.name)


def _lesson(name: str, content: Mapping[str, Any], pages: Collection[str], where: str) -> Lesson:
    _check(content, _LESSON, tuple(_LESSON), where)
    if not 1 <= content["minutes"] <= _LONGEST:
        raise LessonError(f"{where}: minutes is {content['minutes']}, but a lesson takes 1 to {_LONGEST}.")
    steps: list[Step] = []
    for number, step in enumerate(content["step"], 1):
        steps.append(_step(step, pages, f"{where}, step {number}", [each.predict for each in steps]))
    if len(steps) < 2:
        raise LessonError(f"{where} has {len(steps)} steps, but a lesson has at least 2: begin each with [[step]].")
    teacher = tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", content["teacher"]) if part.strip())
    return Lesson(name, _text(content["title"]), _text(content["aim"]), content["minutes"], teacher, tuple(steps))


def _step(content: Any, pages: Collection[str], where: str, predicted: Collection[str]) -> Step:
    if not isinstance(content, Mapping):
        raise LessonError(f"{where} is {content!r}, but a step is a part that begins with [[step]].")
    needed = _NEEDED if "predict" in content else (*_NEEDED, "answer")
    _check(content, _STEP, needed, where)
    for key in ("predict", "reveal"):
        if content.get(key, TASKS[0]) not in TASKS:
            raise LessonError(f"{where}: {key} is {content[key]!r}, which is no task: take {', '.join(TASKS)}.")
    if "reveal" in content and content["reveal"] not in predicted:
        raise LessonError(f"{where} reveals {content['reveal']!r}, but no step before has predict = that.")
    for key in ("text", "question", "answer"):
        for field in fields_of(content.get(key, "")):
            if field.partition(" ")[0] not in FACTS:
                known = ", ".join(FACTS)
                raise LessonError(f"{where}: {key} has the field {{{field}}}, which is not known. Known are {known}.")
    said = {key: _text(value) for key, value in content.items() if key != "view"}
    return Step(view=_view(content["view"], pages, where), **said)


def _view(text: str, pages: Collection[str], where: str) -> View:
    """A view from what follows the app's address in a link, such as "Layers?layer=7"."""
    page, _, query = text.strip().strip("/").partition("?")
    if page not in {*pages, HOME}:
        raise LessonError(f"{where}: view names the page {page!r}. Pages are {', '.join([HOME, *pages])}.")
    try:
        parameters = tuple(parse_qsl(query, strict_parsing=bool(query)))
    except ValueError as error:
        raise LessonError(
            f"{where}: view has {query!r} after the question mark; write name=value, joined by &."
        ) from error
    return View(page, parameters)


def _check(content: Mapping[str, Any], known: Mapping[str, type], needed: Collection[str], where: str) -> None:
    """Raise unless these keys are known, of their type and filled, and those that are needed are there."""
    for key, value in content.items():
        if key not in known:
            raise LessonError(f"{where}: {key!r} is not known. Known are {', '.join(known)}.")
        if type(value) is not known[key]:
            kind = {str: "text in quotes", int: "a whole number", list: "parts that begin with [[step]]"}[known[key]]
            raise LessonError(f"{where}: {key} is {value!r}, but has to be {kind}.")
        if isinstance(value, str) and not value.strip():
            raise LessonError(f"{where}: {key} is empty.")
    for key in needed:
        if key not in content:
            raise LessonError(f"{where} has no {key}.")


def _text(value: str) -> str:
    return " ".join(value.split())
