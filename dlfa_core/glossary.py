"""The words of the field, each explained once, and where they stand in a text; assets/glossary.toml has them."""

import re
import tomllib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dlfa_core.shipped import ASSETS

PATH = ASSETS / "glossary.toml"
_KEYS = {"term", "says", "from", "also", "pattern"}
_WITHIN = r"\w‐‑-"  # what continues a word: "gate" is no word of "gate-free"


@dataclass(frozen=True)
class Term:
    """A word and what it means.

    Attributes:
        term: as the glossary lists it.
        says: one or two sentences.
        source: where the word is from.
        forms: how it is written in texts, the term among them unless it is one letter; small letters stand for a
            capital at the start, too.
        pattern: a regular expression of what else stands for it, such as an interval in brackets; empty for none.
    """

    term: str
    says: str
    source: str
    forms: tuple[str, ...]
    pattern: str = ""

    @property
    def slug(self) -> str:
        """The term as part of an id in HTML."""
        return re.sub(r"\W+", "-", self.term.lower()).strip("-")


class Part(NamedTuple):
    """A part of a text; `term` is None between terms."""

    text: str
    term: Term | None = None


@cache
def terms(path: Path = PATH) -> tuple[Term, ...]:
    """The glossary in the order of the alphabet.

    Raises:
        OSError: there is no such file.
        ValueError: it is no TOML, an entry is incomplete or of another type, or two have a form in common.
    """
    found = sorted((_term(entry, path.name) for entry in _entries(path)), key=lambda term: term.term.casefold())
    taken: dict[str, str] = {}
    for term in found:
        for form in term.forms:
            if form in taken:
                raise ValueError(f"{path.name}: {form!r} stands for {taken[form]!r} and for {term.term!r}: keep one.")
            taken[form] = term.term
    return tuple(found)


def split(text: str, known: Iterable[Term] | None = None, but: Container[str] = ()) -> list[Part]:
    """Cut a text at its terms, of each the first occurrence; the parts joined are the text.

    Terms are whole words, and of two that begin at one place the longer one counts.

    Args:
        known: the terms that are looked for; by default the glossary.
        but: terms that are passed over, by their name.
    """
    pattern, owners = _matcher(terms() if known is None else tuple(known))
    parts, end, seen = [], 0, set()
    for found in pattern.finditer(text):
        term = owners[found.lastgroup]
        if term.term in but or term.term in seen:
            continue
        seen.add(term.term)
        if found.start() > end:
            parts.append(Part(text[end : found.start()]))
        parts.append(Part(found[0], term))
        end = found.end()
    if text[end:] or not parts:
        parts.append(Part(text[end:]))
    return parts


def _entries(path: Path) -> list[Mapping[str, Any]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError(f"{path.name} is no glossary: its brackets are nested too deeply.") from None
    except ValueError as error:  # what is no text as well
        raise ValueError(f"{path.name} is no glossary, which is TOML: {error}.") from error
    entries = content.get("term")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, Mapping) for entry in entries):
        raise ValueError(f"{path.name} is no glossary: begin each entry with [[term]].")
    return entries


def _term(entry: Mapping[str, Any], where: str) -> Term:
    for key, value in entry.items():
        fits = isinstance(value, list) and all(isinstance(form, str) for form in value) if key == "also" else True
        if not fits or (key != "also" and not isinstance(value, str)):
            kind = "a list of texts" if key == "also" else "text in quotes"
            raise ValueError(f"{where}: {entry.get('term')!r} has {key} = {value!r}, which must be {kind}.")
    if unknown := entry.keys() - _KEYS:
        raise ValueError(f"{where}: {entry.get('term')!r} has {', '.join(sorted(unknown))}, which is not known.")
    if missing := [key for key in ("term", "says", "from") if not str(entry.get(key, "")).strip()]:
        raise ValueError(f"{where}: {entry.get('term')!r} has no {' and no '.join(missing)}.")
    says, source = (" ".join(entry[key].split()) for key in ("says", "from"))
    forms = tuple(dict.fromkeys(form for form in (entry["term"], *entry.get("also", ())) if len(form) > 1))
    return Term(entry["term"], says, source, forms, entry.get("pattern", ""))


@cache
def _matcher(known: tuple[Term, ...]) -> tuple[re.Pattern[str], dict[str, Term]]:
    """One expression for all terms, longest forms first, and which term each of its groups stands for."""
    forms = sorted(((form, term) for term in known for form in term.forms), key=lambda each: -len(each[0]))
    choices = [(rf"(?<![{_WITHIN}]){_written(form)}(?![{_WITHIN}])", term) for form, term in forms]
    choices += [(term.pattern, term) for term in known if term.pattern]
    owners = {f"t{number}": term for number, (_, term) in enumerate(choices)}
    pattern = "|".join(f"(?P<{name}>{choice})" for name, (choice, _) in zip(owners, choices, strict=True))
    return re.compile(pattern or r"(?!)"), owners


def _written(form: str) -> str:
    """An expression for a form: any white space between its words, and a capital at its start where it has none."""
    words = [re.escape(word) for word in form.split()]
    if form[0].islower():
        words[0] = f"[{form[0]}{form[0].upper()}]{words[0][1:]}"
    return r"\s+".join(words)
