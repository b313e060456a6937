"""What the Lessons page shows: each lesson with its way in, the teacher's note and the sheet, and the glossary."""

from collections.abc import Mapping

import streamlit as st

from dlfa_core import glossary, lessons
from ui import kept, lesson
from ui.downloads import page_button
from ui.glossary import explained
from ui.html import show
from ui.text import problem


def all_of(pages: Mapping[str, str]) -> list[lessons.Lesson]:
    """The lessons that can be read, in their order; what is wrong with another is said on the page."""
    found = []
    for name in lessons.names():
        try:
            found.append(lessons.read(name, pages))
        except lessons.LessonError as error:
            problem(error)
    return found


def card(each: lessons.Lesson, pages: Mapping[str, str]) -> None:
    """A lesson with its aim, a link to its first step, the teacher's note and the sheet.

    Args:
        pages: files of the pages, by name.
    """
    with st.container(border=True):
        show("lessons.about", each, explained(each.aim))
        with st.container(horizontal=True, vertical_alignment="center"):
            lesson.link(each, 1, pages, "Start", "play_arrow")
            page_button(
                "Sheet to print",
                lambda: lessons.sheet(each, kept.result),
                f"{each.name}.html",
                f"sheet_{each.name}",
                "Two pages, questions and answers",
            )
        with st.expander("For the teacher", icon=":material/school:"):
            show("lessons.note", each.teacher)


def all_terms() -> None:
    """Show the whole glossary."""
    show("lessons.glossary", glossary.terms())
