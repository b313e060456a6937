"""One string that names a corpus, wherever it is: in a spec, on the command line, in the app's address."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dlfa_core.data.files import unpacked_name
from dlfa_core.data.hub import read_hub
from dlfa_core.data.parallel import CorpusError, ParallelCorpus
from dlfa_core.data.readers import TATOEBA_FILE, read_folder, read_pud, read_table, read_tatoeba

SAMPLE = Path(__file__).parents[2] / "assets" / "corpus" / "sample.tsv"


def open_corpus(source: str) -> ParallelCorpus:
    """Open the corpus that a source names.

    Args:
        source: one of

            sample                           the bundled sentences in 20 languages
            table:PATH                       a TSV or CSV table, one column per language
            folder:PATH                      one text file per language (NTREX-128)
            pud:PATH                         a folder of PUD treebanks
            tatoeba:PATH                     one Tatoeba pair with English
            hub:NAME[@REVISION][:CONFIG[:SPLIT]]   a data set on the Hugging Face hub

            or a path alone, whose kind is then guessed from its files' names.

    Raises:
        CorpusError: no such kind of source, or the corpus cannot be used.
    """
    kind, _, location = source.partition(":")
    if source == "sample":
        return _sample()
    if kind in READERS:
        if not location:
            raise CorpusError(f"The source {source!r} names no place. Write {kind}:PATH or {kind}:NAME.")
        return READERS[kind](location)
    path = Path(source).expanduser()
    if not source or not path.exists():
        raise CorpusError(
            f"{source!r} is neither a kind of corpus nor a path that exists. "
            f"Write sample, a path, or one of {', '.join(f'{kind}:…' for kind in READERS)}."
        )
    return _guess(path)(source)


def _sample() -> ParallelCorpus:
    return replace(read_table(SAMPLE), name="Sample sentences", source="sample", licence="CC BY 4.0")


def _hub(location: str) -> ParallelCorpus:
    name, config, split = (*location.split(":", 2), "", "")[:3]
    name, _, revision = name.partition("@")
    return read_hub(name, config or None, split or None, revision or None)


READERS: dict[str, Callable[[str], ParallelCorpus]] = {
    "table": read_table,
    "folder": read_folder,
    "pud": read_pud,
    "tatoeba": read_tatoeba,
    "hub": _hub,
}


def _guess(path: Path) -> Callable[[str], ParallelCorpus]:
    """The reader for a bare path."""
    if path.is_file():
        return read_tatoeba if TATOEBA_FILE.fullmatch(unpacked_name(path)) else read_table
    if next(path.rglob("*_pud-*"), None):
        return read_pud
    pairs = any(TATOEBA_FILE.fullmatch(unpacked_name(file)) for file in path.iterdir())
    return read_tatoeba if pairs else read_folder
