"""Texts with their words coloured by a number, as HTML that is safe with whatever a visitor typed.

Orange speaks for, blue against; an underline, solid or dotted, says the same without colour, and every number is there
on hover and as text for screen readers. Colours are laid over the page's own, so the same HTML is readable on light and
dark. Everything that comes from outside is escaped, and a whole document forbids scripts besides.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from dlfa_core.languages import find

FOR, AGAINST = (213, 94, 0), (0, 114, 178)  # Okabe and Ito's vermilion and blue
STRONGEST = 0.6  # opacity of the largest number: text on it stays readable on paper and on slate
UNDERLINED = 0.15  # share of the largest number from which a word is underlined

STYLE = """
.marked { line-height: 2.1; font-size: 1.15rem; overflow-wrap: anywhere; margin: .25rem 0 .75rem; }
.marked .word { border-radius: .2em; padding: .12em .06em; border-bottom: .15em solid transparent; }
.marked .for { border-bottom: .15em solid rgb(213, 94, 0); }
.marked .against { border-bottom: .15em dotted rgb(0, 114, 178); }
.marked .unread { opacity: .55; text-decoration: line-through; }
.marked .aside, .legend .aside { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; user-select: none; }
.legend { font-size: .85rem; }
.legend .word { padding: .1em .35em; border-radius: .2em; }
.legend .for { background: rgba(213, 94, 0, .6); border-bottom: .15em solid rgb(213, 94, 0); }
.legend .against { background: rgba(0, 114, 178, .6); border-bottom: .15em dotted rgb(0, 114, 178); }
"""

_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; padding: 3rem 1.25rem; max-width: 56rem; background: light-dark(#fcfbf8, #14171c);
  color: light-dark(#23262b, #e6e3dc); font: 1rem/1.6 'Source Sans 3', 'Noto Sans', 'Noto Sans Arabic',
  'Noto Sans Devanagari', 'Noto Sans Thai', 'Noto Sans CJK SC', system-ui, sans-serif; }}
h1, h2 {{ font-family: 'Source Serif 4', 'Noto Serif', Georgia, serif; font-weight: 500; line-height: 1.25; }}
h1 {{ font-size: 2rem; margin: 0 0 .5rem; }}
h2 {{ font-size: 1.1rem; margin: 2rem 0 .25rem; }}
.note, summary, .legend {{ color: light-dark(#5c626b, #a5acb6); }}
.note {{ font-size: .9rem; margin: 0 0 .5rem; }}
table {{ border-collapse: collapse; font-size: .9rem; }}
th, td {{ padding: .15rem .75rem .15rem 0; text-align: start; }}
td.number {{ text-align: end; font-variant-numeric: tabular-nums; }}
{style}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


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


def marked(text: str, marks: Sequence[Mark], language: str | None = None, largest: float | None = None) -> str:
    """A paragraph of HTML with the words of a text coloured; needs `STYLE` on the page.

    Args:
        text: as it was read, in any script; escaped here.
        marks: words in order, not overlapping.
        language: ISO code or name, for `lang` and `dir`; None leaves the direction to the browser.
        largest: the number with the strongest colour; by default the largest of this text.

    Raises:
        ValueError: marks overlap or lie outside the text; an unknown language.
    """
    scores = [abs(mark.score) for mark in marks if mark.score == mark.score]
    scale = largest or max(scores, default=0.0) or 1.0
    return f'<p class="marked" {_attributes(language)}>{"".join(_parts(text, marks, scale))}</p>'


def legend(supported: str, opposed: str | None = None) -> str:
    """What the colours mean, as a line of HTML: the label that is explained, and the one it is held against."""
    against = f"speaks for {opposed}" if opposed else "speaks against it"
    return (
        f'<p class="legend"><span class="word for">speaks for {escape(supported)}</span> '
        f'<span class="word against">{escape(against)}</span></p>'
    )


def signed(score: float) -> str:
    """A number as hover text and tables show it."""
    return "not read" if score != score else f"{score:+.3f}".replace("-", "−")


def document(title: str, sections: Iterable[Section], intro: str = "", key: str = "") -> str:
    """A complete HTML page that needs no network and runs no script.

    Args:
        title: its heading; escaped here, as is all below.
        sections: texts, in order.
        intro: a sentence or more under the title.
        key: HTML of `legend`.
    """
    body = [f'<p class="note">{escape(intro)}</p>' if intro else "", key]
    for section in sections:
        body.append(f"<h2>{escape(section.heading)}</h2>")
        body += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
        scale = max((abs(m.score) for marks in section.marks for m in marks if m.score == m.score), default=0.0)
        for text, marks in zip(section.text, section.marks, strict=True):
            body.append(marked(text, marks, section.language, scale))
        body.append(_table(section))
    return _DOCUMENT.format(title=escape(title), style=STYLE, body="\n".join(filter(None, body)))


def _table(section: Section) -> str:
    rows = "".join(
        f"<tr><td {_attributes(section.language)}>{escape(text[mark.start : mark.stop])}</td>"
        f'<td class="number">{signed(mark.score)}</td></tr>'
        for text, marks in zip(section.text, section.marks, strict=True)
        for mark in marks
    )
    return f"<details><summary>as a table</summary><table><tr><th>word</th><th>score</th></tr>{rows}</table></details>"


def _attributes(language: str | None) -> str:
    if language is None:
        return 'dir="auto"'
    known = find(language)
    return f'lang="{escape(known.bcp47)}" dir="{known.direction}"'


def _parts(text: str, marks: Sequence[Mark], scale: float) -> Iterator[str]:
    end = 0
    for mark in marks:
        if not end <= mark.start <= mark.stop <= len(text):
            raise ValueError(
                f"The mark {mark.start} to {mark.stop} overlaps the one before, or leaves the text of {len(text)} "
                "characters: give words in order."
            )
        yield escape(text[end : mark.start])
        yield _word(text[mark.start : mark.stop], mark.score, scale)
        end = mark.stop
    yield escape(text[end:])


def _word(word: str, score: float, scale: float) -> str:
    if score != score:
        return f'<span class="word unread" title="not read">{escape(word)}</span>'
    strength = min(abs(score) / scale, 1.0)
    red, green, blue = FOR if score > 0 else AGAINST
    kind = "" if strength < UNDERLINED else " for" if score > 0 else " against"
    number = signed(score)
    return (
        f'<span class="word{kind}" style="background: rgba({red}, {green}, {blue}, {STRONGEST * strength:.3f})" '
        f'title="{number}">{escape(word)}<bdi class="aside"> ({number})</bdi></span>'
    )
