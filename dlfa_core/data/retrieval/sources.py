"""One string that names queries and their pool, wherever they are: in a spec, on the command line, on a page."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dlfa_core.data.files import existing, unpacked_name
from dlfa_core.data.json_lines import language, rows_of, value
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.retrieval.checking import checked
from dlfa_core.data.retrieval.lareqa import read_lareqa
from dlfa_core.data.retrieval.mewslix import ENTITIES, MENTIONS, read_mewslix
from dlfa_core.data.retrieval.values import Candidate, Query, RetrievalSet

SAMPLES = Path(__file__).parents[3] / "assets" / "retrieval"
SAMPLE_LICENCE = "CC BY 4.0"
QUERIES, CANDIDATES = "queries.jsonl", "candidates.jsonl"


def open_retrieval(source: str) -> RetrievalSet:
    """Open the queries and the pool that a source names.

    Args:
        source: one of

            lareqa:PATH      questions, and sentences in all languages (XQuAD-R, MLQA-R): a folder with de.json, …
            mewslix:PATH     mentions, and descriptions of entities: the folder that get-mewsli-x.sh writes to
            jsonl:PATH       a folder with queries.jsonl (id, language, text, right: ids of candidates; group, where
                             translations share one) and candidates.jsonl (id, language, text)
            lareqa:sample, mewslix:sample   bundled ones, made up for this project

    Raises:
        CorpusError: no such source, or a broken file; the message names file and line.
    """
    kind, _, location = source.partition(":")
    if kind not in RETRIEVAL_KINDS or not location:
        raise CorpusError(
            f"{source!r} names no queries with a pool. Write lareqa:sample, or one of "
            f"{', '.join(f'{name}:PATH' for name in RETRIEVAL_KINDS)}."
        )
    found = RETRIEVAL_KINDS[kind](_place(kind, location), source)
    return replace(found, licence=SAMPLE_LICENCE) if location == "sample" else found


def files_of(source: str) -> list[Path]:
    """Every file of a source, to notice a change without reading them; none of a source that names none.

    Raises:
        CorpusError: nothing is there.
    """
    kind, _, location = source.partition(":")
    if kind not in RETRIEVAL_KINDS or not location:
        return []
    root = existing(_place(kind, location))
    folder = root.parent if root.is_file() and kind != "lareqa" else root
    if folder.is_file():
        return [folder]
    read = {"mewslix": (ENTITIES, *MENTIONS, root.name), "jsonl": (QUERIES, CANDIDATES)}.get(kind)
    return sorted(path for path in folder.iterdir() if path.is_file() and _is_read(unpacked_name(path), read))


def _is_read(name: str, names: tuple[str, ...] | None) -> bool:
    return name.endswith(".json") if names is None else name in names


def _place(kind: str, location: str) -> str:
    return str(SAMPLES / kind) if location == "sample" else location


def _read_jsonl(location: str, source: str) -> RetrievalSet:
    root = existing(location)
    files = {unpacked_name(path): path for path in sorted(root.iterdir())} if root.is_dir() else {}
    for name in (QUERIES, CANDIDATES):
        if name not in files:
            raise CorpusError(f"{root} has no {name}. Give a folder with {QUERIES} and {CANDIDATES}.")
    candidates = [
        (where, Candidate(value(row, "id", str, where), language(row, "language", where), _text(row, where)))
        for where, row in rows_of(files[CANDIDATES])
    ]
    queries = []
    for where, row in rows_of(files[QUERIES]):
        name = value(row, "id", str, where)
        right = tuple(map(str, value(row, "right", list, where, "the ids of the right candidates")))
        group = str(row.get("group") or name)
        queries.append((where, Query(name, language(row, "language", where), _text(row, where), right, group)))
    return RetrievalSet(root.name, *checked(queries, candidates, root.name), source)


def _text(row: dict, where: str) -> str:
    return " ".join(value(row, "text", str, where, "the text").split())


RETRIEVAL_KINDS: dict[str, Callable[[str, str], RetrievalSet]] = {
    "lareqa": read_lareqa,
    "mewslix": read_mewslix,
    "jsonl": _read_jsonl,
}
