"""A lesson on paper: questions without answers, and the teacher's page with them."""

from dlfa_core.lessons.facts import Read, fill
from dlfa_core.lessons.reader import Lesson
from dlfa_core.markup import render


def sheet(lesson: Lesson, read: Read) -> str:
    """A complete HTML page that prints on A4 in black and white and needs no network.

    Args:
        read: gives the stored results that fields are filled from.

    Raises:
        ValueError: a field takes other values than it has.
    """
    steps = [
        {
            "page": step.view.page,
            "chosen": [value for _, value in step.view.query],
            "text": fill(step.text, read),
            "question": fill(step.question, read),
            "answer": fill(step.answer, read),
        }
        for step in lesson.steps
    ]
    return render("page_lesson.html", title=lesson.title, lesson=lesson, steps=steps)
