"""One string that names a lexicon, wherever it is: in a spec, on the command line, in the app's address."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dlfa_core.data.files import expanded
from dlfa_core.data.lexicons.emolex import read_emolex
from dlfa_core.data.lexicons.readers import read_afinn, read_nrc_vad, read_nusax, read_table, read_vader
from dlfa_core.data.lexicons.scales import Scale, parse_scale
from dlfa_core.data.lexicons.sentiws import read_sentiws
from dlfa_core.data.lexicons.values import Lexicon
from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import find
from dlfa_core.shipped import ASSETS

SAMPLE = ASSETS / "lexicon" / "sample.tsv"
OPTIONS = ("language", "scale")
READERS: dict[str, Callable[..., Lexicon]] = {
    "table": read_table,
    "afinn": read_afinn,
    "vader": read_vader,
    "sentiws": read_sentiws,
    "emolex": read_emolex,
    "nrc-vad": read_nrc_vad,
}
KINDS = (*READERS, "nusax")
SECOND_SOURCE = re.compile(rf"\+(?=sample$|(?:{'|'.join(KINDS)}):)")


def open_lexicon(source: str) -> Lexicon:
    """Open the lexicon that a source names.

    Args:
        source: one of

            sample               the bundled words in 20 languages
            table:PATH           any TSV or CSV table of words and valences
            afinn:PATH           a word and a score from -5 to 5; a file, or a folder named by language
            vader:PATH           VADER's list, -4 to 4
            sentiws:PATH         SentiWS: German words, -1 to 1; a file, or the folder with both
            emolex:PATH          NRC's emotion lexicon: a word, an emotion and 0 or 1 on each line
            nrc-vad:PATH         a table of NRC VAD, which is licensed: bring your own
            nusax:PATH+SOURCE    NusaX word pairs, with the valences of the Indonesian words in another lexicon

            or a path alone, which is read as a table.

            Behind PATH may stand what the file does not say: #language=deu, #scale=0..1, or both joined by "&"
            (the scale for table and nrc-vad only). Of a file in several languages, #language keeps one.

    Raises:
        CorpusError: no such source, or it holds no usable lexicon; the message says what to do.
        UnknownLanguage: the stated language is none.
    """
    if source == "sample":
        sample = read_table(SAMPLE, "Sample words", scale=Scale(-1, 1))
        return replace(sample, source="sample", licence="CC BY 4.0")
    kind, _, location = _kind_named(source).partition(":")
    if kind not in KINDS:
        raise CorpusError(
            f"{source!r} is neither a kind of lexicon nor a path that exists. "
            f"Write sample, a path, or one of {', '.join(f'{each}:PATH' for each in KINDS)}."
        )
    if not location:
        raise CorpusError(f"The source {source!r} names no place. Write {kind}:PATH.")
    if kind == "nusax":
        path, *second = SECOND_SOURCE.split(location, maxsplit=1)
        if not second:
            raise CorpusError(
                f"NusaX lists have no polarity; it comes from a lexicon with Indonesian words. "
                f"Write {source}+SOURCE, such as {source}+sample."
            )
        return read_nusax(path, open_lexicon(second[0]))
    path, options = _split_options(location)
    if kind not in ("table", "nrc-vad") and "scale" in options:
        raise CorpusError(f"The scale of {kind} lists is known. Leave #scale out, or open the file as table:{path}.")
    return replace(READERS[kind](path, **options), source=f"{kind}:{location}")


def files_of(source: str) -> tuple[Path, ...]:
    """The files that a source is read from, to notice a change without reading them."""
    if source == "sample":
        return (SAMPLE,)
    kind, _, location = _kind_named(source).partition(":")
    first, *second = SECOND_SOURCE.split(location, maxsplit=1) if kind == "nusax" else [location]
    root = expanded(_split_options(first)[0])
    files = tuple(sorted(file for file in root.iterdir() if file.is_file())) if root.is_dir() else (root,)
    return (*files, *(path for other in second for path in files_of(other)))


def _kind_named(source: str) -> str:
    """A path alone, as the source that it stands for; others as they are."""
    bare = source.partition(":")[0] not in KINDS and source
    return f"table:{source}" if bare and expanded(_path_of(source)).exists() else source


def _path_of(location: str) -> str:
    """A location without what is stated behind its "#"."""
    return location if expanded(location).exists() else location.rpartition("#")[0] or location


def _split_options(location: str) -> tuple[str, dict[str, str | Scale]]:
    """A path, and what is stated behind its "#"."""
    path = _path_of(location)
    stated = location.removeprefix(path)[1:]
    if path == location:
        return location, {}
    options: dict[str, str | Scale] = {}
    for part in stated.split("&"):
        key, _, value = part.partition("=")
        if key not in OPTIONS or not value:
            raise CorpusError(
                f"{part!r} behind {path} states nothing that is known. Write #language=deu, #scale=-5..5, "
                f"or #language=deu&scale=-5..5."
            )
        options[key] = parse_scale(value) if key == "scale" else find(value).code
    return path, options
