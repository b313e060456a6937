"""Labelled tasks: train in one language, test in the others. Nothing here imports torch."""

from dlfa_core.data.tasks.formats import TASK_FORMATS
from dlfa_core.data.tasks.sources import open_task, places
from dlfa_core.data.tasks.values import LabelledSet, Protocol, SentenceSet, TaggedSet, Task
from dlfa_core.data.tasks.windows import split_tagged, windows

__all__ = [
    "TASK_FORMATS",
    "LabelledSet",
    "Protocol",
    "SentenceSet",
    "TaggedSet",
    "Task",
    "open_task",
    "places",
    "split_tagged",
    "windows",
]
