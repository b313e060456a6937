"""Which of a benchmark's data are here, and how to get the others."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from dlfa_core.data.tasks.hub import BENCHMARK, HUB
from dlfa_core.data.xtreme_r import XTREME_R, BenchmarkTask
from dlfa_core.languages import find

DATA = "DLFA_DATA"  # of the environment: where the tasks are if nothing else is named
FOLDERS = {"pos": ("ud-pos", "udpos"), "ner": ("ner-panx", "panx")}  # names besides the task's own
TRAINED_ON = {"xcopa": ("socialiqa", "copa"), "xquad": ("squad",), "mlqa": ("squad",)}  # read with the task where there
EXPECTED = {
    "xnli": "tables such as train-en.tsv, dev-en.tsv and test-de.tsv",
    "xcopa": "its JSON lines, and beside it the folders socialiqa and copa with those of Social IQa and COPA",
    "pos": "treebanks such as en_ewt-ud-train.conllu",
    "ner": "a folder for each language with train, dev and test, as PAN-X has them",
    "xquad": "files such as xquad.de.json, and beside it the folder squad with train-v1.1.json and dev-v1.1.json",
    "mlqa": "files such as test-context-de-question-de.json, and beside it the folder squad, as for XQuAD",
    "tydiqa": "SQuAD's JSON for each language and split, such as train-en.json and test-fi.json",
    "tatoeba": "pairs such as deu-eng.tsv, or tatoeba.deu-eng.deu with tatoeba.deu-eng.eng",
    "mewslix": "what get-mewsli-x.sh writes",
    "lareqa": "XQuAD-R's files, such as de.json",
}


def sources_of(named: Sequence[str]) -> dict[str, str]:
    """Return task -> the source of its data, for those that are here, in the order of the benchmark.

    Args:
        named: sources such as xnli:PATH, and folders that hold a folder for each task; a source goes before what a
            folder holds of its task. If there are none, the folder that `DLFA_DATA` names.

    Raises:
        ValueError: something that is neither, or one task twice.
    """
    single: dict[str, str] = {}
    in_folders: dict[str, str] = {}
    for place in named or filter(None, [os.environ.get(DATA)]):
        task = place.partition(":")[0]
        if task not in XTREME_R and not Path(place).expanduser().is_dir():
            raise ValueError(
                f"{place!r} is neither a folder nor a task of XTREME-R with its place. Name a folder that holds "
                f"folders such as {folders_of('xnli')[0]} and {folders_of('pos')[0]}, or write TASK:PATH with one of "
                f"{', '.join(XTREME_R)}."
            )
        found, into = ({task: place}, single) if task in XTREME_R else (dict(_in_folder(place)), in_folders)
        if twice := sorted(found.keys() & into.keys()):
            raise ValueError(f"{twice[0]} is there twice, as {into[twice[0]]} and {found[twice[0]]}: name one of them.")
        into |= found
    together = in_folders | single
    return {task: together[task] for task in XTREME_R if task in together}


def folders_of(task: str) -> tuple[str, ...]:
    """Return the names that the folder of a task may have, the usual one first."""
    return (*FOLDERS.get(task, ()), task)


def how_to_get(task: BenchmarkTask, languages: Iterable[str]) -> str:
    """Say where what is missing of a task comes from, and what it is to be called.

    Args:
        languages: codes of those that are missing.
    """
    folder = f"n the folder {folders_of(task.task)[0]} below {DATA}: {EXPECTED[task.task]}."
    if (pinned := HUB.get(task.task)) is None:
        return f"I{folder}"
    more = {find(code).code for code in pinned.more}
    place = f"hub:{BENCHMARK}" if more & set(languages) else "hub"
    return f"As {task.task}:{place} ({pinned.repository} of the hub, revision {pinned.revision}); or i{folder}"


def _in_folder(place: str) -> Iterator[tuple[str, str]]:
    root = Path(place).expanduser()
    for task in XTREME_R:
        if own := next((name for name in folders_of(task) if (root / name).is_dir()), None):
            beside = [name for name in TRAINED_ON.get(task, ()) if (root / name).exists()]
            yield task, f"{task}:{'+'.join(str(root / name) for name in (*beside, own))}"
