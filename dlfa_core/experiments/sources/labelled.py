"""Labelled tasks as specs name them: read once while their files stay the same, and fingerprinted without parsing."""

from pathlib import Path

from dlfa_core.data.opened import digest_of, opened_once, stamp_of
from dlfa_core.data.tasks import TASK_FORMATS, Task, files_of, open_task
from dlfa_core.data.tasks.hub import HUB

LEARNT = {"choice": ", in parts", "question": ", with warm-up"}  # kind -> what is newer than some stored results


def _files(source: str) -> tuple[Path, ...]:
    """Every file of a task; none of one on the hub, or of a source that names none, which opening then explains."""
    kind, _, path = source.partition(":")
    return tuple(files_of(source)) if kind in (*TASK_FORMATS, "tatoeba") and path else ()


@opened_once(_files, most=2)
def opened(source: str, source_language: str, dev_share: float = 0.0, drop_duplicates: bool = False) -> Task:
    """`open_task`, anew only when a file of the task has changed."""
    return open_task(source, source_language, dev_share, drop_duplicates)


def fingerprint(source: str) -> str:
    """A text that changes when a file of the task changes; for a set on the hub, what pins it.

    Raises:
        CorpusError: nothing is there.
    """
    kind, _, path = source.partition(":")
    learnt = LEARNT.get(TASK_FORMATS[kind].kind, "") if kind in TASK_FORMATS else ""
    if path.partition(":")[0] == "hub" and kind in HUB:
        parts = (HUB[kind], HUB[kind].trained_on)
        return f"hub:{'+'.join(f'{part.repository}@{part.revision}' for part in parts if part)}{learnt}"
    return f"sha256:{digest_of(stamp_of(_files(source)))}{learnt}"
