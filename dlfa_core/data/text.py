"""Monolingual text for pre-training: one sentence a line, one file a language."""

import gzip
import hashlib
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import find

OPENERS = {".xz": lzma.open, ".gz": gzip.open}
ENDINGS = (".txt", ".txt.gz", ".txt.xz")


@dataclass(frozen=True)
class TextFolder:
    """Text files grouped by language.

    `files` maps an ISO 639-3 code to the files that hold its sentences, one a line. Files of one
    language may lie in several subfolders (one for each licence, say): their lines are read in
    the order of their paths.
    """

    files: Mapping[str, tuple[Path, ...]]

    def lines(self, language: str) -> Iterator[str]:
        """The sentences of one language, without line ends and without empty lines."""
        for path in self.files[language]:
            with OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8") as stream:
                yield from (line for raw in stream if (line := raw.strip()))

    @property
    def digest(self) -> str:
        """SHA-256 over language codes, file names and file contents."""
        digest = hashlib.sha256()
        for language, paths in sorted(self.files.items()):
            for path in paths:
                digest.update(f"{language}/{path.name}\n".encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()


def open_text_folder(folder: str | Path, languages: tuple[str, ...] = ()) -> TextFolder:
    """Find `<language>.txt`, `.txt.gz` and `.txt.xz` in a folder and its subfolders.

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
