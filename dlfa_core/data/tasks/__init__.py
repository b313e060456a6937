"""Labelled tasks: train in one language, test in the others. Nothing here imports torch."""

from dlfa_core.data.tasks.formats import TASK_FORMATS
from dlfa_core.data.tasks.sources import files_of, open_task
from dlfa_core.data.tasks.values import ChoiceSet, LabelledSet, Protocol, QuestionSet, SentenceSet, TaggedSet, Task
from dlfa_core.data.tasks.windows import split_tagged, windows

__all__ = [
    "TASK_FORMATS",
    "ChoiceSet",
    "LabelledSet",
    "Protocol",
    "QuestionSet",
    "SentenceSet",
    "TaggedSet",
    "Task",
    "files_of",
    "open_task",
    "split_tagged",
    "windows",
]
