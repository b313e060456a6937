"""SentiWS, the list of German words of Leipzig University (Remus et al. 2010)."""

import re
from collections.abc import Iterator
from pathlib import Path

from dlfa_core.data.files import existing, read_lines, unpacked_name
from dlfa_core.data.lexicons.building import Row, build_lexicon
from dlfa_core.data.lexicons.values import Lexicon
from dlfa_core.data.parallel import CorpusError

LINE = re.compile(r"([^|\t]+)\|\w+\t\s*([+-]?(?:0?\.\d+|[01](?:\.0*)?))\s*(?:\t(.*))?", re.ASCII)


def read_sentiws(path: str | Path, *, language: str | None = None) -> Lexicon:
    """Lines of a word with its part of speech, a score from -1 to 1, and its inflected forms: Lob|NN, 0.37, Lobe,Lobes.

    Takes one file, or the folder with the positive and the negative one.

    Raises:
        CorpusError: another language than German is asked for, no such file, or a line of another kind.
    """
    root = existing(path)
    files = [root] if root.is_file() else sorted(file for file in root.iterdir() if _is_list(file))
    if not files:
        raise CorpusError(
            f"{root} has no SentiWS lists. Give a folder with SentiWS_v2.0_Positive.txt and …_Negative.txt."
        )
    rows = (row for file in files for row in _rows(file))
    licence = "CC BY-NC-SA 3.0"
    lexicon = build_lexicon(rows, name="SentiWS", source=f"sentiws:{path}", scale="-1 to 1", licence=licence)
    return lexicon.select([language] if language else None)


def _is_list(file: Path) -> bool:
    name = unpacked_name(file)
    return name.endswith(".txt") and name.casefold().startswith("sentiws")


def _rows(file: Path) -> Iterator[Row]:
    for number, line in enumerate(read_lines(file), start=1):
        if not (found := LINE.fullmatch(line)):
            if not line.strip():
                continue
            raise CorpusError(
                f"Line {number:,} of {file.name} is no line of SentiWS: {line[:60]!r}. It has a word with its part of "
                f"speech, a score from -1 to 1 and its forms, with tabs between them, such as Lob|NN, 0.37, Lobe,Lobes."
            )
        word, score, forms = found.groups()
        yield Row(word, "deu", float(score))
        yield from (Row(form, "deu", float(score), lemma=word) for form in (forms or "").split(",") if form.strip())
