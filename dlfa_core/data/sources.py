"""One string that names a corpus, wherever it is: in a spec, on the command line, in the app's address."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dlfa_core.data.files import expanded, unpacked_name
from dlfa_core.data.hub import read_hub
from dlfa_core.data.moses import is_one_of_a_set, moses_files, read_moses
from dlfa_core.data.parallel import CorpusError, ParallelCorpus
from dlfa_core.data.readers import TATOEBA_FILE, read_folder, read_pud, read_table, read_tatoeba
from dlfa_core.data.tmx import read_tmx
from dlfa_core.shipped import ASSETS

SAMPLE = ASSETS / "corpus" / "sample.tsv"


def open_corpus(source: str) -> ParallelCorpus:
    """Open the corpus that a source names.

    Args:
        source: one of

            sample                           the bundled sentences in 20 languages
            table:PATH                       a TSV or CSV table, one column per language
            tmx:PATH                         a translation memory
            folder:PATH                      one text file per language (NTREX-128)
            moses:PATH                       files that share a name: europarl.de beside europarl.en (OPUS, WMT)
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
    path = expanded(source)
    if not source or not path.exists():
        raise CorpusError(
            f"{source!r} is neither a kind of corpus nor a path that exists. "
            f"Write sample, a path, or one of {', '.join(f'{kind}:…' for kind in READERS)}."
        )
    return _guess(path)(source)


def files_of(source: str) -> list[Path]:
    """Every file of a corpus, to notice a change without reading them; none of one on the hub."""
    kind, _, location = source.partition(":")
    path = SAMPLE if source == "sample" else expanded(location if kind in READERS else source)
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file())
    of_a_set = moses_files(path) if kind in ("moses", "tatoeba") or is_one_of_a_set(path) else []
    return sorted({*([path] if path.is_file() else []), *of_a_set})


def _sample() -> ParallelCorpus:
    return replace(read_table(SAMPLE), name="Sample sentences", source="sample", licence="CC BY 4.0")


def _hub(location: str) -> ParallelCorpus:
    name, config, split = (*location.split(":", 2), "", "")[:3]
    name, _, revision = name.partition("@")
    return read_hub(name, config or None, split or None, revision or None)


READERS: dict[str, Callable[[str], ParallelCorpus]] = {
    "table": read_table,
    "tmx": read_tmx,
    "folder": read_folder,
    "moses": read_moses,
    "pud": read_pud,
    "tatoeba": read_tatoeba,
    "hub": _hub,
}


def _guess(path: Path) -> Callable[[str], ParallelCorpus]:
    """The reader for a bare path."""
    if path.is_file():
        if TATOEBA_FILE.fullmatch(unpacked_name(path)):
            return read_tatoeba
        return read_moses if is_one_of_a_set(path) else read_table
    if next(path.rglob("*_pud-*"), None):
        return read_pud
    names = [unpacked_name(file) for file in path.iterdir()]
    if any(map(TATOEBA_FILE.fullmatch, names)):
        return read_tatoeba
    texts = any(name.endswith(".txt") for name in names)
    return read_moses if not texts and any(is_one_of_a_set(file) for file in path.iterdir()) else read_folder
