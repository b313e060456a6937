"""Monolingual text for pre-training: one sentence a line, one file a language."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlfa_core.data.files import OPENERS, stream_lines
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.sources import open_corpus
from dlfa_core.data.tasks import open_task
from dlfa_core.languages import find

ENDINGS = (".txt", *(f".txt{packed}" for packed in OPENERS))


@dataclass(frozen=True)
class TextFolder:
    """Text files grouped by language.

    `files` maps an ISO 639-3 code to the files that hold its sentences, one a line. Files of one
    language may lie in several subfolders (one for each licence, say): their lines are read in
    the order of their paths.
    """

    files: Mapping[str, tuple[Path, ...]]

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-3 codes."""
        return tuple(self.files)

    def lines(self, language: str) -> Iterator[str]:
        """The sentences of one language, without line ends and without empty lines.

        Raises:
            CorpusError: as `files.stream_lines`.
        """
        for path in self.files[language]:
            yield from stream_lines(path)

    @property
    def digest(self) -> str:
        """SHA-256 over language codes, file names and file contents."""
        digest = hashlib.sha256()
        for language, paths in sorted(self.files.items()):
            for path in paths:
                digest.update(f"{language}/{path.name}\n".encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class TextTable:
    """Sentences by ISO 639-3 code; used as a `TextFolder` is."""

    sentences: Mapping[str, tuple[str, ...]]

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-3 codes."""
        return tuple(self.sentences)

    def lines(self, language: str) -> Iterator[str]:
        """The sentences of one language."""
        return iter(self.sentences[language])

    @property
    def digest(self) -> str:
        """SHA-256 over language codes and sentences."""
        return hashlib.sha256(json.dumps(dict(self.sentences)).encode()).hexdigest()


def open_text(source: str, languages: tuple[str, ...] = ()) -> TextFolder | TextTable:
    """Open the text that a source names.

    Args:
        source: a folder, as for `open_text_folder`; or `sample`, the sentences of the sample corpus on which the task
            sentiment:sample is not tested.
        languages: keep these only (any known code); all by default.

    Raises:
        CorpusError: no such folder, or no text in the languages.
        UnknownLanguage: a language, or a file's name, is none.
    """
    if source != "sample":
        return open_text_folder(source, languages)
    corpus = open_corpus("sample")
    tested = set(next(iter(open_task("sentiment:sample").tests.values())).ids)
    wanted = {find(language).code for language in languages} or set(corpus.languages)
    rows = [row for row, name in enumerate(corpus.ids) if name not in tested]
    found = {code: tuple(corpus[code][row] for row in rows) for code in corpus.languages if code in wanted}
    if not found:
        raise CorpusError(f"The sample has no text in {', '.join(sorted(wanted))}: {', '.join(corpus.languages)}.")
    return TextTable(found)


def open_text_folder(folder: str | Path, languages: tuple[str, ...] = ()) -> TextFolder:
    """Find `<language>.txt`, packed (.xz, .gz, .bz2, .zst) or not, in a folder and its subfolders.

    Args:
        folder: where to look; a file's name up to the first dot is its language, by any code
            that `dlfa_core.languages.find` knows.
        languages: keep these only (ISO 639-3 or any known code); all by default.

    Raises:
        CorpusError: no such folder, or no text file in it.
        UnknownLanguage: a file's name is no language.
    """
    root = Path(folder)
    if not root.is_dir():
        raise CorpusError(f"There is no folder {root}. Give the folder that holds files such as en.txt.")
    wanted = {find(language).code for language in languages}
    files: dict[str, list[Path]] = {}
    for path in sorted(root.rglob("*")):
        if path.name.endswith(ENDINGS):
            code = find(path.name.split(".")[0]).code
            if not wanted or code in wanted:
                files.setdefault(code, []).append(path)
    if not files:
        raise CorpusError(
            f"{root} holds no text file for the chosen languages. Name the files by language, such as "
            f"en.txt or sw.txt.xz, one sentence a line."
        )
    return TextFolder({code: tuple(paths) for code, paths in sorted(files.items())})
