"""Tatoeba retrieval by XTREME's protocol: find the translation, train nothing."""

from dlfa_core.data.files import existing, unpacked_name
from dlfa_core.data.parallel import CorpusError, ParallelCorpus
from dlfa_core.data.readers import TATOEBA_FILE, read_tatoeba
from dlfa_core.data.tasks.values import Protocol, Task
from dlfa_core.data.xtreme_r import benchmark_task
from dlfa_core.languages import find

# the 36 of XTREME, whose Tatoeba score is their mean
CODES = "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh kk tr et fi hu"
XTREME_LANGUAGES = tuple(find(code).code for code in CODES.split())


def read_retrieval(location: str, source: str, source_language: str) -> Task:
    """Every Tatoeba pair in a folder, or one pair, as a task.

    Each test set is a corpus of two languages. The English sentences are the queries, those of the other
    language the candidates; `Task.protocol` says how to encode both, and
    `measures.retrieval_accuracy(english, other, score="cosine")` is the score.

    Raises:
        CorpusError: no pairs, or queries in another language than English.
    """
    if source_language != "eng":
        raise CorpusError(
            f"Tatoeba's queries are English sentences, but the source language is {find(source_language).name}. "
            f"Choose eng."
        )
    root = existing(location)
    paths = (
        [root]
        if root.is_file()
        else sorted(path for path in root.iterdir() if _is_pair(path.name, unpacked_name(path)))
    )
    if not paths:
        raise CorpusError(f"{root} has no Tatoeba pairs. Give a folder with files such as deu-eng.tsv.")
    corpora: dict[str, ParallelCorpus] = {}
    for corpus in map(read_tatoeba, paths):
        code = corpus.languages[0]
        if code in corpora:
            raise CorpusError(f"{root} has two files for {find(code).name} ({code}). Remove one of them.")
        corpora[code] = corpus
    absent = [code for code in XTREME_LANGUAGES if code not in corpora]
    notes = [f"XTREME's mean is over 36 languages; not here: {', '.join(absent)}."] if absent else []
    notes += filter(None, [benchmark_task("tatoeba").completeness(corpora)])
    return Task(
        name="Tatoeba",
        kind="retrieval",
        labels=(),
        metric="retrieval_cosine",
        source_language="eng",
        train=None,
        dev=None,
        tests=corpora,
        source=source,
        licence="CC BY 2.0 FR",
        notes=tuple(notes),
        protocol=Protocol(),
    )


def _is_pair(name: str, unpacked: str) -> bool:
    """Tell whether a file names a pair; of the two files of LASER's layout, the one that is not English."""
    match = TATOEBA_FILE.fullmatch(unpacked)
    return match is not None and not name.startswith("tatoeba.eng")
