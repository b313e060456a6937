"""Guided lessons: sequences of the app's own views, each with sentences, a question and its answer.

A lesson is a text file that a teacher can write (docs/lessons.md). Numbers in it are fields, filled from the results.
"""

from dlfa_core.lessons.facts import FACTS, fill, fused_layers, prediction
from dlfa_core.lessons.reader import FOLDER, Lesson, LessonError, Step, View, names, read
from dlfa_core.lessons.sheet import sheet

__all__ = [
    "FACTS",
    "FOLDER",
    "Lesson",
    "LessonError",
    "Step",
    "View",
    "fill",
    "fused_layers",
    "names",
    "prediction",
    "read",
    "sheet",
]
