"""What can a class find out here?

Guided lessons through the pages, each with questions, a note for the teacher and a sheet to print; and all words of the
field in one list.
"""

import streamlit as st

import ui
import ui.lessons

QUESTION = "What can a class find out here?"

ui.frame("Lessons", QUESTION)
pages = {page.name: page.path for page in ui.pages()}
lessons = ui.lessons.all_of(pages)

ui.answer(
    f"{len(lessons)} lessons lead through the pages of this app, with its own model and sentences; no network needed."
)
ui.aside(
    "Start one, and its questions stand at the top of every page until it ends. A lesson is a text file in "
    "assets/lessons; docs/lessons.md says how to write another."
)
for left, right in zip(lessons[::2], [*lessons[1::2], None], strict=False):
    for column, lesson in zip(st.columns(2, gap="medium"), (left, right), strict=True):
        if lesson is not None:
            with column:
                ui.lessons.card(lesson, pages)

st.header("Glossary", anchor="glossary")
ui.aside("Words with a dotted line show the same on every page: point at them, or go to them with the tab key.")
ui.lessons.all_terms()
