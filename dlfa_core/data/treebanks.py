"""Words and parts of speech of the parallel treebanks (PUD), sentence by sentence."""

from pathlib import Path

from dlfa_core.data.files import existing, unpacked_name
from dlfa_core.data.tasks.conll import Sentence, read_conllu
from dlfa_core.languages import find


def tagged_pud(folder: str | Path) -> dict[str, dict[str, Sentence]]:
    """The words and universal parts of speech behind `read_pud`, by ISO 639-3 code and then by sent_id.

    A fused word such as French "du" is one word, as in `read_conllu`.

    Raises:
        CorpusError: no such folder, or a line of a file is broken.
    """
    root = existing(folder)
    found: dict[str, dict[str, Sentence]] = {}
    for path in treebank_files(root):
        sentences, _ = read_conllu(path)
        code = find(path.name.partition("_")[0]).code
        found[code] = {sentence.sent_id: sentence for sentence in sentences if sentence.sent_id}
    return found


def treebank_files(folder: str | Path) -> list[Path]:
    """The files of a folder, and of its subfolders, that `read_pud` reads, by name."""
    paths = [path for path in existing(folder).rglob("*_pud-*") if unpacked_name(path).endswith(".conllu")]
    return sorted(paths, key=lambda path: path.name)
