"""Words of the glossary in the texts of a page: each is marked where it comes first, with a card that explains it."""

import re
from typing import NamedTuple

from markupsafe import Markup

from dlfa_core import glossary
from ui import kept

_UNITS = re.compile(r"\d %|\bn = \d")


class Part(NamedTuple):
    """A part of a text as the templates show it; `id` names the card of a term, and is empty between terms."""

    text: str | Markup
    card: str = ""
    id: str = ""


def explained(text: str) -> list[Part]:
    """A text in parts, for the macro `marked` of `text.html`; terms that the page has explained are left alone.

    What is HTML already is not touched.
    """
    if isinstance(text, Markup):
        return [Part(text)]
    seen = kept.visit().explained
    parts = []
    for part in glossary.split(str(text), but=seen):
        if part.term is None:
            parts.append(Part(unbroken(part.text)))
        else:
            seen.add(part.term.term)
            card = f"{part.term.term}: {part.term.says} ({part.term.source})"
            parts.append(Part(unbroken(part.text), card, f"card-{part.term.slug}"))
    return parts


def unbroken(text: str) -> str:
    """A text whose numbers stay on the line of their units: "58 %", "n = 252"."""
    return _UNITS.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)


def begin() -> None:
    """Begin a page: nothing has been explained on it."""
    kept.visit().explained.clear()


def help_of(text: str) -> str | None:
    """What the terms of a headline mean, as Markdown for its help; None where there are none."""
    found = [part.term for part in glossary.split(text) if part.term]
    return "\n\n".join(f"**{term.term}.** {term.says}" for term in found) or None
