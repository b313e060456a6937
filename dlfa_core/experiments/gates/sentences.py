"""What the gates are shown: typed sentences, running text of a corpus, or the tagged words of a treebank."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlfa_core.data import ParallelCorpus
from dlfa_core.data.files import expanded
from dlfa_core.data.opened import digest_of, opened_once, stamp_of
from dlfa_core.data.tasks.conll import Sentence
from dlfa_core.data.treebanks import tagged_pud, treebank_files
from dlfa_core.experiments.sources import SAMPLE_SEED, corpora
from dlfa_core.languages import find

LONGEST_TEXT = 2000  # characters of a typed sentence
BETWEEN = "|||"  # the two texts of a typed pair


@dataclass(frozen=True, eq=False)
class Sentences:
    """Sentences of one language."""

    language: str  # ISO 639-3
    ids: tuple[str, ...]  # (n,)
    texts: tuple[str, ...] = ()  # (n,) running text; none where words are known
    seconds: tuple[str, ...] = ()  # (n,) the second texts of pairs; none where there are none
    words: tuple[tuple[str, ...], ...] = ()  # (n,) words of a treebank
    classes: tuple[tuple[str, ...], ...] = ()  # (n,) their parts of speech


@dataclass(frozen=True, eq=False)
class Chosen:
    """What a spec asks for: the same sentences in every language, or what was typed in each."""

    languages: tuple[Sentences, ...]
    name: str
    licence: str
    notes: tuple[str, ...] = ()

    @property
    def paired(self) -> bool:
        """Tell whether they are pairs of texts."""
        return bool(self.languages[0].seconds)

    @property
    def tagged(self) -> bool:
        """Tell whether the words come with parts of speech."""
        return bool(self.languages[0].words)


def typed(texts: Sequence[str]) -> Chosen:
    """Sentences such as "deu:Guten Tag!", or pairs such as "eng:It rains. ||| It is wet.", by language in the order of
    first use.

    Raises:
        ValueError: one has no language before its first colon, no text after it, or is too long; or some are pairs and
            some are none.
    """
    if len({BETWEEN in text for text in texts}) > 1:
        raise ValueError(f"Some texts are pairs, with {BETWEEN} between both, and some are not: look at either alone.")
    found: dict[str, list[tuple[str, ...]]] = {}
    for number, given in enumerate(texts, start=1):
        name, colon, text = given.partition(":")
        if not colon or not text.strip():
            raise ValueError(f"The text {given!r} must be a language, a colon and a sentence, such as 'eng:Good day!'.")
        if len(text) > LONGEST_TEXT:
            raise ValueError(
                f"Text {number} has {len(text):,} characters, but up to {LONGEST_TEXT:,} are looked at as one "
                "sentence: split it."
            )
        parts = tuple(part.strip() for part in text.split(BETWEEN, 1))
        if not all(parts):
            raise ValueError(f"The pair {given!r} lacks a text: write one before and one after {BETWEEN}.")
        found.setdefault(find(name).code, []).append((f"typed-{number}", *parts))
    sets = []
    for code, rows in found.items():
        ids, firsts, *seconds = (tuple(column) for column in zip(*rows, strict=True))
        sets.append(Sentences(code, ids, firsts, *seconds))
    return Chosen(tuple(sets), "Typed sentences", "not stated")


def chosen(source: str, languages: Sequence[str], limit: int) -> Chosen:
    """Sentences of a corpus; those of a PUD treebank in its words and with its parts of speech.

    Raises:
        ValueError: the corpus or a language is not there, or the treebank tags none of the sentences.
    """
    corpus = corpora.opened(source).select(languages, limit, SAMPLE_SEED)
    folder = treebank_folder(source)
    if folder is None:
        parts = tuple(Sentences(code, corpus.ids, corpus[code]) for code in corpus.languages)
        return Chosen(parts, corpus.name, corpus.licence, corpus.notes)
    return _tagged(corpus, _treebank(folder))


def treebank_folder(source: str) -> Path | None:
    """The folder of a source that is a PUD treebank, else None."""
    kind, _, location = source.partition(":")
    path = expanded(location if kind == "pud" else source)
    return path if source != "sample" and path.is_dir() and treebank_files(path) else None


def fingerprint(source: str) -> dict[str, str]:
    """Return what the sentences of a source depend on: their text and, for a treebank, its files."""
    folder = treebank_folder(source)
    tags = {} if folder is None else {"treebank": f"sha256:{digest_of(stamp_of(treebank_files(folder)))}"}
    return {"corpus": corpora.fingerprint(source)} | tags


def _tagged(corpus: ParallelCorpus, treebank: dict[str, dict[str, Sentence]]) -> Chosen:
    rows = [sent_id for sent_id in corpus.ids if all(sent_id in treebank[code] for code in corpus.languages)]
    if not rows:
        raise ValueError(f"The treebanks of {corpus.name} tag none of the sentences: take their files from UD again.")
    left_out = len(corpus) - len(rows)
    note = (f"{left_out:,} sentences are left out, because some treebank withholds their words.",) if left_out else ()
    parts = []
    for code in corpus.languages:
        sentences = [treebank[code][sent_id] for sent_id in rows]
        words, tags = (tuple(getattr(sentence, side) for sentence in sentences) for side in ("words", "tags"))
        parts.append(Sentences(code, tuple(rows), words=words, classes=tags))
    return Chosen(tuple(parts), corpus.name, corpus.licence, (*corpus.notes, *note))


@opened_once(treebank_files, most=1)
def _treebank(folder: Path) -> dict[str, dict[str, Sentence]]:
    return tagged_pud(folder)
