"""Readers for tagged words: CoNLL-U (parts of speech) and IOB2 (names)."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from dlfa_core.data.files import read_lines
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.formats import UPOS

NAME_TAG = re.compile(r"[BI]-\S+")
NOT_A_WORD = re.compile(r"(\d+)(?:-(\d+)|\.\d+)")  # a fused word, 3-4, or an empty node, 8.1
SENT_ID = re.compile(r"# ?sent_id = (.+)")
# which of equally high words gives a fused word its tag, as in ud-conversion-tools
_PRECEDENCE = "VERB NOUN PROPN PRON ADJ NUM ADV INTJ AUX ADP DET PART CCONJ SCONJ X PUNCT SYM"
PRECEDENCE = {tag: rank for rank, tag in enumerate(_PRECEDENCE.split())}
WITHHELD = (
    "XTREME's prepared test sets come without labels, so nothing can be scored on them here. "
    "Take the original test sets (XNLI, PAWS-X, WikiAnn, UD) instead."
)


class Sentence(NamedTuple):
    """A tagged sentence and its name in the file; None where it has none."""

    sent_id: str | None
    words: tuple[str, ...]
    tags: tuple[str, ...]


Line = tuple[int, str]  # its number in the file, and its text


def read_conllu(path: str | Path) -> tuple[list[Sentence], list[str]]:
    """Words and universal parts of speech of a treebank, and notes on what was left out.

    A fused word such as French "du" or English "don't" is one word, as it is written, with the tag of that one
    of its parts that stands highest in the tree: so XTREME prepares its treebanks. Empty nodes (8.1) are left
    out, and sentences whose words the treebank withholds ("_").

    Raises:
        CorpusError: a line is broken; the message names file and line.
    """
    sentences, withheld = [], 0
    for sent_id, lines in _blocks(path):
        tokens = [token for line in lines if (token := _token(path, line))]
        words, tags = _as_written(tokens, path, lines[0])
        if words.count("_") > len(words) / 2:
            withheld += 1
        else:
            sentences.append(Sentence(sent_id, words, tags))
    note = f"{withheld:,} sentences of {Path(path).name} are left out, because their words are withheld."
    return sentences, [note] if withheld else []


def read_iob2(path: str | Path) -> tuple[list[Sentence], list[str]]:
    """Words and name tags, one `word<TAB>tag` a line, and notes on what was repaired.

    A tag I-X that does not continue a name of type X begins one, so it is read as B-X (some sources write so).

    Raises:
        CorpusError: a line is broken, or no line has a tag; the message names file and line.
    """
    sentences, repaired = [], 0
    for sent_id, lines in _blocks(path):
        pairs = [_tagged_word(path, line) for line in lines]
        tags = begun([tag for _, tag in pairs])
        repaired += sum(tag != old for tag, (_, old) in zip(tags, pairs, strict=True))
        sentences.append(Sentence(sent_id, tuple(word for word, _ in pairs), tags))
    return sentences, [repair_note(repaired, Path(path).name)] if repaired else []


def begun(tags: Sequence[str]) -> tuple[str, ...]:
    """IOB2 tags in which every name begins with B-."""
    before = ("O", *tags)
    return tuple(
        f"B-{tag[2:]}" if tag.startswith("I-") and last[2:] != tag[2:] else tag
        for last, tag in zip(before, tags, strict=False)
    )


def repair_note(count: int, name: str) -> str:
    """Return what to say about tags that `begun` changed."""
    return f"Tags of {name} that begin a name with I- and are read as B-: {count:,}."


def _blocks(path: str | Path) -> Iterator[tuple[str | None, list[Line]]]:
    """The lines of each sentence, without comments, and its sent_id."""
    sent_id, lines = None, []
    for number, text in enumerate((*read_lines(path), ""), start=1):
        if not text.strip():
            if lines:
                yield sent_id, lines
            sent_id, lines = None, []
        elif text.startswith("#") and "\t" not in text:
            match = SENT_ID.fullmatch(text)
            sent_id = match[1].strip() if match else sent_id
        else:
            lines.append((number, text))


def _broken(path: str | Path, line: Line, wrong: str, advice: str) -> NoReturn:
    number, text = line
    shown = text if len(text) <= 60 else text[:60] + "…"
    raise CorpusError(f"Line {number:,} of {Path(path).name} {wrong}: {shown!r}. {advice}")


def _tagged_word(path: str | Path, line: Line) -> tuple[str, str]:
    _, text = line
    fields = text.split("\t") if "\t" in text else text.split()
    if len(fields) == 1 or not fields[-1].strip():
        _broken(path, line, "has a word but no tag", f"Write word, tab, tag. {WITHHELD}")
    if len(fields) != 2 or not fields[0].strip():
        _broken(path, line, f"has {len(fields)} fields instead of a word and a tag", "Write word, tab, tag.")
    word, tag = fields[0].strip(), fields[1].strip()
    if tag != "O" and not NAME_TAG.fullmatch(tag):
        _broken(path, line, f"has the tag {tag!r}", "Tags are O, B-TYPE or I-TYPE, such as B-PER (IOB2).")
    return word, tag


class _Token(NamedTuple):
    first: int  # number of the word, or of the first and last word in a fused one
    last: int
    form: str
    upos: str
    head: int


def _token(path: str | Path, line: Line) -> _Token | None:
    """A line of ten columns; None for an empty node."""
    fields = line[1].split("\t")
    if len(fields) != 10:
        _broken(path, line, f"has {len(fields)} columns instead of 10", "Take the file from UD again.")
    name, form, _, upos, _, _, head, *_ = fields
    if not name.isdecimal():
        match = NOT_A_WORD.fullmatch(name)
        if match is None:
            _broken(path, line, f"has the word number {name!r}", "Take the file from UD again.")
        return _Token(int(match[1]), int(match[2]), form, upos, 0) if match[2] else None
    if upos not in PRECEDENCE:
        _broken(path, line, f"has the part of speech {upos!r}", f"The universal ones are {', '.join(UPOS)}.")
    return _Token(int(name), int(name), form, upos, int(head) if head.isdecimal() else 0)


def _as_written(tokens: Sequence[_Token], path: str | Path, start: Line) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words and tags of a sentence that begins at a line, with fused words in place of their parts."""
    parts = [token for token in tokens if token.first == token.last]
    fused = [token for token in tokens if token.first != token.last]
    if [part.first for part in parts] != list(range(1, len(parts) + 1)):
        _broken(path, start, "begins a sentence whose words are not numbered 1, 2, 3, …", "Take the file again.")
    if any(not token.first < token.last <= len(parts) for token in fused):
        _broken(path, start, "begins a sentence with a fused word of words it lacks", "Take the file again.")
    covered = {number for token in fused for number in range(token.first, token.last + 1)}
    words = [token for token in tokens if token.first != token.last or token.first not in covered]
    tags = [min(parts[token.first - 1 : token.last], key=lambda part: _rank(part, parts)).upos for token in words]
    return tuple(token.form for token in words), tuple(tags)


def _rank(token: _Token, parts: Sequence[_Token]) -> tuple[int, int]:
    """Return how far below the root a word stands, then how its part of speech ranks."""
    depth, head = 0, token.head
    while 0 < head <= len(parts) and depth <= len(parts):  # a circle of heads ends, too
        depth, head = depth + 1, parts[head - 1].head
    return depth, PRECEDENCE[token.upos]
