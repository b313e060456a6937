"""Readers for tagged words: CoNLL-U (parts of speech) and IOB2 (names)."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from dlfa_core.data.files import read_lines
from dlfa_core.data.parallel import CorpusError
from dlfa_core.data.tasks.formats import UPOS
from dlfa_core.languages import code_of

NAME_TAG = re.compile(r"([BIESLU])-(\S+)")
IOB2 = {"E": "I", "L": "I", "S": "B", "U": "B"}  # BIOES and BILOU mark the end of a name, and a name of one word
PREFIX = re.compile(r"([a-z]{2,3}):")  # PAN-X as published writes en:Word
DOCUMENT = "-DOCSTART-"  # begins a document in CoNLL-2003, and is no word
NOT_A_WORD = re.compile(r"(\d+)(?:-(\d+)|\.\d+)")  # a fused word, 3-4, or an empty node, 8.1
SENT_ID = re.compile(r"#\s*sent_id\s*=\s*(.+)")
# which of equally high words gives a fused word its tag, as in ud-conversion-tools
_PRECEDENCE = "VERB NOUN PROPN PRON ADJ NUM ADV INTJ AUX ADP DET PART CCONJ SCONJ X PUNCT SYM"
PRECEDENCE = {tag: rank for rank, tag in enumerate(_PRECEDENCE.split())}
WITHHELD = (
    "Benchmarks such as XTREME give out test sets without labels, so nothing can be scored on them here. "
    "Take the original test sets (of XNLI, PAWS-X, WikiAnn, UD) instead."
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
        words, tags = _as_written(tokens, path)
        if words.count("_") > len(words) / 2:
            withheld += 1
        elif words:
            sentences.append(Sentence(sent_id, words, tags))
    note = f"{withheld:,} sentences of {Path(path).name} are left out, because their words are withheld."
    return sentences, [note] if withheld else []


def read_iob2(path: str | Path) -> tuple[list[Sentence], list[str]]:
    """Words and name tags, one `word<TAB>tag` a line, and notes on what was repaired.

    Spaces may stand for the tab. A tag I-X that does not continue a name of type X begins one, so it is read as B-X
    (some sources write so); BIOES and BILOU are read as IOB2. A language that all words begin with (en:Word, as PAN-X
    is published) is left out, and so are lines that begin a document.

    Raises:
        CorpusError: a line is broken, or no line has a tag; the message names file and line.
    """
    blocks = [(sent_id, [_tagged_word(path, line) for line in lines]) for sent_id, lines in _blocks(path, _is_tagged)]
    name, prefix = Path(path).name, _prefix([word for _, pairs in blocks for word, _ in pairs])
    sentences, written = [], []
    for sent_id, pairs in blocks:
        named = [(word, tag) for full, tag in pairs if (word := full.removeprefix(prefix).strip())]
        if named:
            words, old = zip(*named, strict=True)
            sentences.append(Sentence(sent_id, words, name_tags(old)))
            written.append(old)
    notes = [f"All words of {name} begin with {prefix} and are read without it."] if prefix else []
    return sentences, notes + tag_notes(written, [sentence.tags for sentence in sentences], name)


def in_iob2(tag: str) -> str | None:
    """A tag of BIOES or BILOU as IOB2 has it; None for what is no tag of a name."""
    match = NAME_TAG.fullmatch(tag)
    return f"{IOB2.get(match[1], match[1])}-{match[2]}" if match else tag if tag == "O" else None


def name_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags of names, all of them known to `in_iob2`, as IOB2 in which every name begins with B-."""
    return begun([in_iob2(tag) or "O" for tag in tags])


def begun(tags: Sequence[str]) -> tuple[str, ...]:
    """IOB2 tags in which every name begins with B-."""
    before = ("O", *tags)
    return tuple(
        f"B-{tag[2:]}" if tag.startswith("I-") and last[2:] != tag[2:] else tag
        for last, tag in zip(before, tags, strict=False)
    )


def tag_notes(written: Sequence[Sequence[str]], tags: Sequence[Sequence[str]], name: str) -> list[str]:
    """Notes on the tags of a file's sentences that are not read as they are written."""
    changed = [old for row in zip(written, tags, strict=True) for old, new in zip(*row, strict=True) if old != new]
    ends = sum(old[0] in IOB2 for old in changed)
    notes = [f"Tags of {name} that mark the end of a name (BIOES) and are read as IOB2: {ends:,}."] if ends else []
    return notes + ([repair_note(len(changed) - ends, name)] if len(changed) > ends else [])


def repair_note(count: int, name: str) -> str:
    """Return what to say about tags that `begun` changed."""
    return f"Tags of {name} that begin a name with I- and are read as B-: {count:,}."


def _blocks(
    path: str | Path, is_word: Callable[[str], bool] = lambda text: "\t" in text
) -> Iterator[tuple[str | None, list[Line]]]:
    """The lines of each sentence, without comments, and its sent_id.

    Args:
        path: of the file.
        is_word: whether a line that begins with # is a word and no comment.
    """
    sent_id, lines = None, []
    for number, text in enumerate((*read_lines(path), ""), start=1):
        if not text.strip() or text.startswith(DOCUMENT):
            if lines:
                yield sent_id, lines
            sent_id, lines = None, []
        elif text.startswith("#") and not is_word(text):
            match = SENT_ID.fullmatch(text)
            sent_id = match[1].strip() if match else sent_id
        else:
            lines.append((number, text))


def _prefix(words: Sequence[str]) -> str:
    """The code of a language and the colon that all words begin with; "" if they do not."""
    match = PREFIX.match(words[0]) if words else None
    return match[0] if match and all(word.startswith(match[0]) for word in words) and code_of(match[1]) else ""


def _broken(path: str | Path, line: Line, wrong: str, advice: str) -> NoReturn:
    number, text = line
    shown = text if len(text) <= 60 else text[:60] + "…"
    raise CorpusError(f"Line {number:,} of {Path(path).name} {wrong}: {shown!r}. {advice}")


def _fields(text: str) -> list[str]:
    """Of a line, which tabs separate, or else spaces; a word may hold other white space."""
    if "\t" in text:
        return [field.strip() for field in text.rstrip().split("\t")]
    return [field for field in text.split(" ") if field]


def _is_tagged(text: str) -> bool:
    fields = _fields(text)
    return len(fields) == 2 and in_iob2(fields[1]) is not None


def _tagged_word(path: str | Path, line: Line) -> tuple[str, str]:
    fields = _fields(line[1])
    if len(fields) == 1:
        _broken(path, line, "has a word but no tag", f"Write word, tab, tag. {WITHHELD}")
    if len(fields) != 2:
        advice = "Write word, tab, tag, and leave other columns out."
        _broken(path, line, f"has {len(fields)} fields instead of a word and a tag", advice)
    word, tag = fields
    if not word:
        _broken(path, line, "has a tag but no word", "Write word, tab, tag; an empty line ends a sentence.")
    if in_iob2(tag) is None:
        _broken(path, line, f"has the tag {tag!r}", "Tags are O, B-TYPE or I-TYPE, such as B-PER (IOB2).")
    return word, tag


class _Token(NamedTuple):
    first: int  # number of the word, or of the first and last word in a fused one
    last: int
    form: str
    upos: str
    head: int
    line: Line


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
        return _Token(int(match[1]), int(match[2]), form, upos, 0, line) if match[2] else None
    if upos not in PRECEDENCE:
        _broken(path, line, f"has the part of speech {upos!r}", f"The universal ones are {', '.join(UPOS)}.")
    return _Token(int(name), int(name), form, upos, int(head) if head.isdecimal() else 0, line)


def _as_written(tokens: Sequence[_Token], path: str | Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words and tags of a sentence, with fused words in place of their parts."""
    parts = [token for token in tokens if token.first == token.last]
    fused = [token for token in tokens if token.first != token.last]
    for due, part in enumerate(parts, start=1):
        if part.first != due:
            advice = "Look for a line, or an empty line between two sentences, that is missing."
            _broken(path, part.line, f"has the word number {part.first} where {due} is due", advice)
    before = 0
    for token in fused:
        if not before < token.first < token.last <= len(parts):
            advice = f"Its sentence has {len(parts)} words, and no word is part of two fused ones."
            _broken(path, token.line, f"has a fused word of the words {token.first} to {token.last}", advice)
        before = token.last
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
