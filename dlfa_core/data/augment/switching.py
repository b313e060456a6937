"""Code-switching by lexicon: words of a text replaced by translations, everything else left as it is."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple
from unicodedata import category

import numpy as np

from dlfa_core.data.lexicons import Entry, Lexicon, Match, Matcher
from dlfa_core.data.parallel import CorpusError
from dlfa_core.languages import find


class Span(NamedTuple):
    """A lexicon word in a text that may have been switched.

    Attributes:
        start, end: it is `text[start:end]`.
        entry: what stands there now, as the lexicon has it.
        replaced: the word that stood there before; empty where it still does.
    """

    start: int
    end: int
    entry: Entry
    replaced: str = ""


class Switched(NamedTuple):
    """A text with its lexicon words, in their order."""

    text: str
    spans: tuple[Span, ...]

    @property
    def n_replaced(self) -> int:
        """Return how many words were replaced."""
        return sum(bool(span.replaced) for span in self.spans)


class Switcher:
    """Replaces words of a lexicon by translations: words of other languages that share a concept with them.

    Words are found as `Matcher` finds them. A word is covered if another of the languages has a word for one of
    its concepts; words that are found and not covered are never touched. A replacement is set off by spaces from
    letters beside it, also where a script writes none, so that neither becomes part of the other.

    Args:
        lexicon: of several languages, with concepts.
        languages: codes or names of languages that replacements may come from; all of the lexicon if none are given.
        stem: also find forms of words by simple rules of their language.

    Raises:
        CorpusError: the lexicon lacks a language, or says of no word which others translate it.
        UnknownLanguage: nothing goes by a name.

    Reference: Qin et al. (2020), CoSDA-ML, arXiv 2006.06402. There a language is drawn first and a word stays as it
    is where that language lacks it; here only languages that have the word are drawn from, so that a probability
    of 1 replaces every covered word.
    """

    def __init__(self, lexicon: Lexicon, languages: Sequence[str] = (), stem: bool = True):
        self.lexicon, self.stem = lexicon, stem
        self.languages = lexicon.select(languages).languages
        self._matchers: dict[str, Matcher] = {}
        if not any(len(by_language) > 1 for by_language in lexicon.concepts.values()):
            raise CorpusError(
                f"{lexicon.name} does not say which words translate each other, so nothing can be replaced. Give a "
                f"lexicon with a column of concepts, or use the methods mask and valence."
            )

    def words(self, text: str, language: str) -> tuple[Match, ...]:
        """All lexicon words of a text, covered or not; none where the lexicon lacks the text's language."""
        if language not in self.lexicon:
            return ()
        if language not in self._matchers:
            self._matchers[language] = Matcher(self.lexicon, language, self.stem)
        return self._matchers[language].find(text)

    def translations(self, entry: Entry, into: str = "") -> dict[str, tuple[Entry, ...]]:
        """Language -> words for a concept of this word, lemmas first, without the word's own language.

        Args:
            entry: of the lexicon.
            into: one language to look in; all if empty.
        """
        found: dict[str, dict[Entry, None]] = {}
        for concept in entry.concepts:
            for code, entries in self.lexicon.concepts[concept].items():
                if code != entry.language and code in self._wanted and into in ("", code):
                    found.setdefault(code, {}).update(dict.fromkeys(entries))
        return {code: tuple(entries) for code, entries in found.items()}

    def switch(
        self,
        text: str,
        words: Sequence[Match],
        probability: float,
        rng: np.random.Generator,
        into: str = "",
    ) -> Switched:
        """Replace each covered word with a probability.

        Args:
            text: a sentence.
            words: its lexicon words, as `words` finds them.
            probability: 0 gives the text back, 1 replaces every covered word.
            rng: decides which words are replaced, by which language (each that has one alike) and by which of its
                words (each alike).
            into: one language to take words from; a random one for each word if empty.

        Raises:
            ValueError: a probability outside [0, 1].
        """
        if not 0 <= probability <= 1:
            raise ValueError(f"A word cannot be replaced with probability {probability}: give one from 0 to 1.")
        parts, spans, offset, length = [], [], 0, 0
        for match in words:
            between = text[offset : match.start]
            parts.append(between)
            length += len(between)
            written, entry, replaced = text[match.start : match.end], match.entry, ""
            options = self.translations(match.entry, into) if rng.random() < probability else {}
            if options:
                entry, replaced = self._drawn(match.entry, options, rng), written
                before, after = _set_off(text, match)
                parts.append(f"{before}{entry.term}{after}")
                spans.append(Span(length + len(before), length + len(before) + len(entry.term), entry, replaced))
            else:
                parts.append(written)
                spans.append(Span(length, length + len(written), entry))
            length += len(parts[-1])
            offset = match.end
        return Switched("".join([*parts, text[offset:]]), tuple(spans))

    def _drawn(self, word: Entry, options: dict[str, tuple[Entry, ...]], rng: np.random.Generator) -> Entry:
        """Draw what `word` is replaced by, from its translations by language."""
        entries = options[list(options)[rng.integers(len(options))]]
        return entries[rng.integers(len(entries))]

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(self.languages)


def without_languages(lexicon: Lexicon, held_out: Sequence[str]) -> Lexicon:
    """The lexicon without the words of some languages, whether it has them or not.

    Raises:
        CorpusError: no language is left.
        UnknownLanguage: nothing goes by a name.
    """
    gone = {find(language).code for language in held_out}
    left = [code for code in lexicon.languages if code not in gone]
    if not left:
        raise CorpusError(f"{lexicon.name} has words in {', '.join(lexicon.languages)} only, and all are held out.")
    return lexicon.select(left) if len(left) < len(lexicon.languages) else lexicon


def _set_off(text: str, match: Match) -> tuple[str, str]:
    """A space before and behind a replacement, each where a letter, mark or digit stands beside it."""
    before = match.start > 0 and _in_word(text[match.start - 1])
    after = match.end < len(text) and _in_word(text[match.end])
    return " " * before, " " * after


def _in_word(character: str) -> bool:
    return category(character)[0] in "LMN"
