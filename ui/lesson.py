"""The lesson that runs: its box at the top of every page, with the step's sentences, its question and the way on.

Which lesson and step it is stands in the address, beside what the page's own controls say: `?lesson=NAME&step=2`, and a
layer that the class chose as `guess=7`.
"""

from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dlfa_core import lessons
from ui import kept
from ui.glossary import explained
from ui.html import show
from ui.text import problem

OF_LESSONS = ("lesson", "step", "guess")  # parameters of the address that no page's control has
HOME = "app.py"


def box(page: str, paths: Mapping[str, str]) -> None:
    """Show the step of the lesson that runs, if one does; before any control of the page is drawn.

    Args:
        page: name of the page that is shown.
        paths: files of the pages, by name.
    """
    if (asked := _running(page)) is None:
        return
    name, number = asked
    try:
        lesson = lessons.read(name, paths)
    except lessons.LessonError as error:
        problem(error)
        leave()
        return
    number = min(max(number, 1), len(lesson.steps))
    step = lesson.steps[number - 1]
    here = step.view.page == page
    with st.container(border=True, key="lesson", gap="small"):
        head, way = st.columns([5, 4], vertical_alignment="center")
        try:
            ready = not here or _step(lesson, step)
        except ValueError as error:
            problem(f"{lesson.name}, step {number}: {error}")
            ready = True
        if not here:
            link(lesson, number, paths, f"Back to step {number}, on the {step.view.page} page", "undo")
        with way, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if number > 1:
                link(lesson, number - 1, paths, "Previous", "arrow_back")
            if number < len(lesson.steps):
                link(lesson, number + 1, paths, "Next", "arrow_forward", disabled=not ready)
            st.button("Leave", key="lesson_leave", type="tertiary", icon=":material/close:", on_click=leave)
        with head:  # last: where it names the step, the links lead on from there
            show("lesson.progress", lesson.title, number, len(lesson.steps))


def link(
    lesson: lessons.Lesson,
    number: int,
    paths: Mapping[str, str],
    label: str,
    icon: str,
    disabled: bool = False,
) -> None:
    """A link to a step: to its page, with the view's parameters and those of the lesson in the address."""
    view = lesson.steps[number - 1].view
    guess = st.query_params.get("guess") if st.query_params.get("lesson") == lesson.name else None
    query = [*view.query, ("lesson", lesson.name), ("step", str(number)), *([("guess", guess)] if guess else [])]
    st.page_link(
        paths.get(view.page, HOME),
        label=label,
        icon=f":material/{icon}:",
        query_params=query,
        disabled=disabled,
        help="Choose a layer first." if disabled else None,
    )


def leave() -> None:
    """End the lesson; the page stays as it is."""
    kept.visit().lesson = None
    for parameter in OF_LESSONS:
        st.query_params.pop(parameter, None)


def _running(page: str) -> tuple[str, int] | None:
    """The name of the lesson that runs and its step; None without one.

    A link to a step says all there is to say of the page: as when one goes back in the browser, what the address does
    not name is as usual, whatever was chosen before. On pages that are opened otherwise the lesson goes on.
    """
    visit, context = kept.visit(), get_script_run_ctx()
    if "lesson" in st.query_params:
        name, number = st.query_params["lesson"], st.query_params.get("step", "1")
        number = number if number.isdecimal() and len(number) < 4 else "1"
        if visit.lesson != (name, number, page):
            visit.lesson = (name, number, page)
            context.is_history_navigation = True
            st.query_params.update(
                {"lesson": name, "step": number}
            )  # within a page, the browser's address stays behind
        return name, int(number)
    if visit.lesson is None or context.is_history_navigation:
        visit.lesson = None
        return None
    name, number, _ = visit.lesson
    visit.lesson = (name, number, page)
    st.query_params.update({"lesson": name, "step": number})
    return name, int(number)


def _step(lesson: lessons.Lesson, step: lessons.Step) -> bool:
    """Show a step on its own page; False as long as a prediction is asked for and not made."""
    text, question, answer = (lessons.fill(each, kept.result) for each in (step.text, step.question, step.answer))
    show("lesson.step", explained(text), explained(question), answer)  # what is hidden explains nothing yet
    if step.reveal:
        _reveal(step.reveal)
    return not step.predict or _predict(lesson, step.predict)


def _predict(lesson: lessons.Lesson, task: str) -> bool:
    offered = lessons.fused_layers(task, kept.result)
    if not offered:
        return True
    before = _guess()
    chosen = st.segmented_control(
        "Your layer",
        offered,
        default=before if before in offered else None,
        key=f"lesson_guess_{lesson.name}",
        label_visibility="collapsed",
    )
    if chosen is not None:
        st.query_params["guess"] = str(chosen)
    return chosen is not None


def _reveal(task: str) -> None:
    offered = lessons.fused_layers(task, kept.result)
    guess = _guess()
    if guess in offered:
        show("lesson.reveal", explained(lessons.prediction(task, guess, kept.result)))
    elif offered:
        show("lesson.reveal", explained("No layer was chosen: go back to the step that asks for one."))


def _guess() -> int | None:
    written = st.query_params.get("guess", "")
    return int(written) if written.isdecimal() and len(written) < 4 else None
