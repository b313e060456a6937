"""Text without what matching should not look at: case, optional vowel marks, joiners, kinds of white space."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import category, is_normalized, normalize

DOTTED = ("tur", "azj")  # languages in which I is the capital of ı, and İ that of i
UNDOTTED = str.maketrans("Iİ", "ıi")
# Arabic vowel marks and tatweel, Hebrew points and accents, the Devanagari nukta, soft hyphens, joiners and
# non-joiners, marks of direction: what writers of one language put or leave out
DROPPED = re.compile(
    "[\u0610-\u061a\u0640\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u093c\u00ad\u200b-\u200f\u2060]"
)
UNUSUAL_SPACE = re.compile(r"\s\s|[^\S ]")
APOSTROPHES = str.maketrans("’ʼ", "''")
HANGUL_TAILS = re.compile("[\u1160-\u11ff]")  # vowels and finals that join the letter before them in NFC


class Folded(NamedTuple):
    """A folded text, and for each of its characters the part of the original that it came from.

    `text[starts[i]:ends[i]]` became `folded[i]`; where several characters came from one part, as the two of "ß",
    they share its offsets.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


def fold(text: str, language: str) -> Folded:
    """Fold a text so that spellings which differ only in form are equal.

    Case goes (for Turkish and Azerbaijani by their own rule), and so do optional vowel marks of Arabic and Hebrew,
    joiners and soft hyphens; the result is NFC with single plain spaces and straight apostrophes.
    """
    whole = _fold_part(text, language)
    if len(whole) == len(text) and is_normalized("NFC", text) and not UNUSUAL_SPACE.search(text):
        return Folded(whole, range(len(text)), range(1, len(text) + 1))
    parts, starts, ends = [], [], []
    for start, end in _clusters(text):
        part = " " if text[start].isspace() else _fold_part(text[start:end], language)
        parts.append(part)
        starts += [start] * len(part)
        ends += [end] * len(part)
    return Folded("".join(parts), starts, ends)


def _fold_part(text: str, language: str) -> str:
    text = DROPPED.sub("", normalize("NFC", text)).translate(APOSTROPHES)
    return normalize("NFC", (text.translate(UNDOTTED) if language in DOTTED else text).casefold())


def _clusters(text: str) -> list[tuple[int, int]]:
    """Runs of white space, and characters with the marks and dropped characters that follow them."""
    bounds = [0]
    for offset in range(1, len(text)):
        if not _continues(text[offset - 1], text[offset]):
            bounds.append(offset)
    return list(zip(bounds, [*bounds[1:], len(text)], strict=True)) if text else []


def _continues(before: str, character: str) -> bool:
    if character.isspace():
        return before.isspace()
    if before.isspace():
        return False
    return category(character)[0] == "M" or bool(DROPPED.match(character) or HANGUL_TAILS.match(character))
