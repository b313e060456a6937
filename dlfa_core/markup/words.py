"""Texts with their words coloured by a number, as HTML that is safe with whatever a visitor typed.

Orange speaks for, blue against; an underline, solid or dotted, says the same without colour, and every number is there
on hover and as text for screen readers. Colours are laid over the page's own, so the same HTML is readable on light and
dark. A whole document forbids scripts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from markupsafe import Markup

from dlfa_core.markup.render import render, template

FOR, AGAINST = (213, 94, 0), (0, 114, 178)  # Okabe and Ito's vermilion and blue
STRONGEST = 0.6  # opacity of the largest number: text on it stays readable on paper and on slate
UNDERLINED = 0.15  # share of the largest number from which a word is underlined


@dataclass(frozen=True)
class Mark:
    """A word of a text, `text[start:stop]`, and its number; NaN for a word that was not read."""

    start: int
    stop: int
    score: float


@dataclass(frozen=True)
class Section:
    """One text of a document.

    Attributes:
        heading: above it.
        text: what is coloured; of a pair, both texts with their own marks.
        marks: words in order, one list for each text.
        language: ISO code or name, or None where it is not known.
        notes: sentences below the heading.
    """

    heading: str
    text: tuple[str, ...]
    marks: tuple[tuple[Mark, ...], ...]
    language: str | None = None
    notes: tuple[str, ...] = field(default=())


class Part(NamedTuple):
    """A part of a text as `words.html` shows it; without a number, what stands between words."""

    text: str
    number: str = ""
    kind: str = ""  # "for", "against", "unread", or neither
    touching: str = ""  # "after" a word, "before" one, or both, with nothing written between them
    colour: tuple[int, int, int] = FOR
    opacity: float = 0.0


def marked(text: str, marks: Sequence[Mark], language: str | None = None, largest: float | None = None) -> Markup:
    """A paragraph of HTML with the words of a text coloured; needs `words.css` on the page.

    Args:
        text: as it was read, in any script.
        marks: words in order, not overlapping.
        language: ISO code or name, for `lang` and `dir`; None leaves the direction to the browser.
        largest: the number with the strongest colour; by default the largest of this text.

    Raises:
        ValueError: marks overlap or lie outside the text; an unknown language.
    """
    return _macro("marked", list(_parts(text, marks, largest or _largest([marks]))), language)


def legend(supported: str, opposed: str | None = None) -> Markup:
    """Return what the colours mean, as a line of HTML: the label that is explained, and the one it is held against."""
    return _macro("legend", supported, f"speaks for {opposed}" if opposed else "speaks against it")


def signed(score: float) -> str:
    """A number as hover text and tables show it."""
    return "not read" if score != score else f"{score:+.3f}".replace("-", "−")


def document(title: str, sections: Iterable[Section], intro: str = "", key: Markup | str = "") -> str:
    """A complete HTML page that needs no network and runs no script.

    Args:
        title: its heading.
        sections: texts, in order.
        intro: a sentence or more under the title.
        key: a `legend`.
    """
    shown = [(section, list(_texts(section))) for section in sections]
    return render("page_texts.html", title=title, intro=intro, key=key, sections=shown)


def _macro(name: str, *values: object) -> Markup:
    return getattr(template("words.html").module, name)(*values)


def _texts(section: Section) -> Iterator[list[Part]]:
    """The texts of a section, whose colours mean the same."""
    scale = _largest(section.marks)
    for text, marks in zip(section.text, section.marks, strict=True):
        yield list(_parts(text, marks, scale))


def _largest(texts: Iterable[Sequence[Mark]]) -> float:
    return max((abs(m.score) for marks in texts for m in marks if m.score == m.score), default=0.0) or 1.0


def _parts(text: str, marks: Sequence[Mark], scale: float) -> Iterator[Part]:
    end = 0
    follows = [mark.start for mark in marks[1:]]
    for mark, following in zip_longest(marks, follows):
        if not end <= mark.start <= mark.stop <= len(text):
            raise ValueError(
                f"The mark {mark.start} to {mark.stop} overlaps the one before, or leaves the text of {len(text)} "
                "characters: give words in order."
            )
        if between := text[end : mark.start]:
            yield Part(between)
        sides = ["after"] * (mark.start == end > 0) + ["before"] * (mark.stop == following)
        yield _word(text[mark.start : mark.stop], mark.score, scale, " ".join(sides))
        end = mark.stop
    yield Part(text[end:])


def _word(word: str, score: float, scale: float, touching: str) -> Part:
    if score != score:
        return Part(word, signed(score), "unread", touching)
    strength = min(abs(score) / scale, 1.0)
    kind = "" if strength < UNDERLINED else "for" if score > 0 else "against"
    return Part(word, signed(score), kind, touching, FOR if score > 0 else AGAINST, STRONGEST * strength)
