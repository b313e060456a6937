"""Texts of several languages and sources, each with the weight that it has beside the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from dlfa_core import models
from dlfa_core.data.text import TextFolder, TextTable, open_text
from dlfa_core.experiments.sources import corpora
from dlfa_core.languages import find


@dataclass(frozen=True, kw_only=True)
class WeightedTexts:
    """Which texts are read, and how much each counts.

    Attributes:
        text: folder of text files named by language (`en.txt.xz`), one sentence a line, also in subfolders; or
            `sample`, the sentences of the sample corpus that its task is not tested on.
        corpora: corpora whose sentences are read as well: `sample`, a path, or a kind and a place such as
            table:ntrex128.tsv or tatoeba:PATH.
        languages: whose text is read; all that have some if none are named.
        without: languages whose text is not read.
        text_limit: characters of each language's `text`, its first ones; 0 takes all. Corpora are read whole.
        weights: of languages beside 1 of the others, such as swh=2 eng=0.5.
        corpus_weight: of a language's sentences in a corpus beside 1 of its text.
    """

    text: str = ""
    corpora: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    text_limit: int = 0
    weights: tuple[str, ...] = ()
    corpus_weight: float = 0.15


def fingerprints(spec: WeightedTexts) -> dict[str, str]:
    """A digest of the text, and fingerprints of the corpora."""
    text = {"text": open_text(spec.text, spec.languages).digest} if spec.text else {}
    return text | {source: corpora.fingerprint(source) for source in spec.corpora}


def texts_of(spec: WeightedTexts) -> list["models.Text"]:
    """The texts that a spec names, each of one language.

    Raises:
        ValueError: there are none, a language that is named has none, or a weight cannot be read.
    """
    if not spec.text and not spec.corpora:
        raise ValueError(
            "There is no text to choose subwords from: give text=FOLDER with files such as en.txt, corpora such as "
            "table:ntrex128.tsv, or text=sample to try it."
        )
    if spec.corpus_weight <= 0:
        raise ValueError(f"corpus_weight={spec.corpus_weight:g} must be above 0: leave corpora out to do without them.")
    wanted, left_out = ([find(name).code for name in names] for names in (spec.languages, spec.without))
    weights = dict(map(_weight, spec.weights))
    found = [
        models.Text(code, lines, weight * weights.get(code, 1.0))
        for code, lines, weight in _sources(spec)
        if (not wanted or code in wanted) and code not in left_out
    ]
    present = {text.language for text in found}
    if absent := dict.fromkeys([*wanted, *weights]).keys() - present - set(left_out):
        named = ", ".join(f"{find(code).name} ({code})" for code in sorted(absent))
        raise ValueError(
            f"There is no text in {named}: the sources have "
            f"{', '.join(sorted(present)) or 'none of those asked for'}. Add text, or leave the language out."
        )
    if not found:
        raise ValueError("All languages that have text are left out: name fewer in without.")
    return found


def _sources(spec: WeightedTexts) -> Iterator[tuple[str, Any, float]]:
    """Language, what gives its lines, and weight, of all that the sources hold."""
    if spec.text:
        text = open_text(spec.text, spec.languages)
        yield from ((code, partial(_first, text, code, spec.text_limit), 1.0) for code in text.languages)
    for source in spec.corpora:
        corpus = corpora.opened(source)
        yield from ((code, partial(iter, corpus[code]), spec.corpus_weight) for code in corpus.languages)


def _first(text: TextFolder | TextTable, code: str, limit: int) -> Iterator[str]:
    """The lines of a language up to a number of characters, line ends counted; 0 for all."""
    left = limit
    for line in text.lines(code):
        if limit and left <= 0:
            return
        yield line[:left] if limit else line
        left -= len(line) + 1


def _weight(entry: str) -> tuple[str, float]:
    name, _, number = entry.partition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = float("nan")
    if not 0 < weight < float("inf"):
        raise ValueError(f"weights: {entry!r} is no weight of a language. Write it as LANGUAGE=NUMBER, such as swh=2.")
    return find(name).code, weight
