"""What a lexicon is compared with: the same amount of mixed text, without what the lexicon knows.

Either control is a function of its seed, and touches text as the lexicon itself would: "random" replaces the same words
at the same places, by words of the same languages that mean something else; "neutral" leaves the lexicon's words alone
and replaces as many others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from math import log

import numpy as np

from dlfa_core.data.augment.methods import checked_names
from dlfa_core.data.augment.switching import Switcher
from dlfa_core.data.augment.valence import ValenceWords
from dlfa_core.data.lexicons import Entry, Lexicon, Matcher, word_places
from dlfa_core.data.lexicons.folding import fold
from dlfa_core.data.parallel import CorpusError

CONTROLS = {
    "random": "The same words at the same places are replaced, by translations of other words; valences are shuffled, "
    "too.",
    "neutral": "Words outside the lexicon, about as frequent and as long, are replaced in their stead, each by the one "
    "that stands for its translation.",
}
COUNTED = 3_000  # sentences of each language, its first ones, that words are counted in
LONGEST = 10  # characters of a run that stands for a word where words are not written apart


def checked_controls(names: Sequence[str]) -> tuple[str, ...]:
    """The names, each once.

    Raises:
        ValueError: an unknown one.
    """
    return checked_names("controls", names, CONTROLS)


class ShuffledSwitcher(Switcher):
    """Replaces the words that `Switcher` does, where it does, into the language that it does, by wrong translations.

    From one language into another every word has other words' translations, the same ones throughout: what can be
    drawn is shuffled so that none is put where it would translate. With the same generator, the places, the languages
    and how often a translation is inserted at the places of one word are those of `Switcher`. So what is left is text
    that is mixed, by a dictionary as regular as the true one, but wrong. How often each single word is inserted is not
    controlled for, as that follows from how often the word that it now replaces stands in the text.

    Args:
        lexicon, languages, stem: as of `Switcher`.
        seed: of the shuffling.

    Raises:
        CorpusError: as `Switcher`; when switching, also if too few words translate another language's for all of them
            to be exchanged.
    """

    def __init__(self, lexicon: Lexicon, languages: Sequence[str] = (), stem: bool = True, seed: int = 0):
        super().__init__(lexicon, languages, stem)
        self.seed = seed
        self._exchanged: dict[tuple[str, str], dict[Entry, Entry]] = {}

    def _drawn(self, word: Entry, options: dict[str, tuple[Entry, ...]], rng: np.random.Generator) -> Entry:
        drawn = super()._drawn(word, options, rng)
        return self._wrong(word.language, drawn.language)[drawn]

    def _wrong(self, language: str, into: str) -> dict[Entry, Entry]:
        """Return translation -> the one that is put in its place, for one pair of languages."""
        if (language, into) not in self._exchanged:
            meant: dict[str, set[str]] = defaultdict(set)  # concept -> all that words for it may mean
            for entry in self.lexicon[language]:
                for concept in entry.concepts:
                    meant[concept].update(entry.concepts)
            pool = [entry for entry in self.lexicon[into] if not meant.keys().isdisjoint(entry.concepts)]
            barred = [set().union(*(meant.get(concept, ()) for concept in entry.concepts)) for entry in pool]
            rng = _generator(self.seed, 17, language, into)
            exchanged = _exchanged(pool, barred, rng, self.lexicon.name)
            self._exchanged[language, into] = dict(zip(pool, exchanged, strict=True))
        return self._exchanged[language, into]


def shuffled_valences(words: ValenceWords, seed: int) -> ValenceWords:
    """Return the same words with each other's valences and classes, shuffled within each language."""
    orders = {code: _generator(seed, 18, code).permutation(len(own)) for code, own in words.terms.items()}
    return ValenceWords(
        words.terms,
        {code: words.valences[code][order] for code, order in orders.items()},
        {code: words.classes[code][order] for code, order in orders.items()},
    )


def neutral_lexicon(lexicon: Lexicon, texts: Mapping[str, Sequence[str]], stem: bool = True, seed: int = 0) -> Lexicon:
    """Return a lexicon of words that the lexicon lacks, each in the place of one that it has, to be used as it is.

    Every word of the lexicon that is found in the text of its language is stood for by a word of that text which is
    never part of one, the nearest in frequency and, among those as near, in length; no word stands for two. It takes
    over concepts and valence, so that words of two languages are paired whenever the words that they stand for are
    translations. Two such words are about as frequent, and with rare exceptions do not translate each other.

    It controls for how much of the text is replaced, by how frequent words, into which languages, and for a dictionary
    that is as regular; not for which words are: their parts of speech differ, and the lexicon's own words stay in the
    text. Against the lexicon it thus says what choosing and translating its words is worth together. Words of the
    lexicon that the text never has are left out, as nothing says how frequent they are; so fewer different words
    are inserted than by the lexicon. One word stands for a phrase too, and where words are not written apart a run of
    characters stands for a word, so that some are none.

    Args:
        lexicon: what it is the control of.
        texts: ISO 639-3 code -> what is trained on; words are counted in the first 3,000 sentences.
        stem: whether forms of the lexicon's words count as these words.
        seed: of the choice among words that are as near.

    Raises:
        CorpusError: no word of the lexicon is in the text, or no other word that could stand for one.
    """
    entries = {
        code: tuple(_stand_ins(lexicon, code, texts[code][:COUNTED], stem, seed))
        for code in lexicon.languages
        if code in texts
    }
    entries = {code: own for code, own in entries.items() if own}
    if not entries:
        raise CorpusError(
            f"The text has no word of {lexicon.name} with another word that could stand for it, so there is nothing to "
            f"replace in its stead: give more text, or leave 'neutral' out of controls."
        )
    return replace(lexicon, entries=entries, name=f"{lexicon.name}, neutral words instead")


def _stand_ins(lexicon: Lexicon, code: str, texts: Sequence[str], stem: bool, seed: int) -> Iterator[Entry]:
    """Yield the words that stand for those of one language, for the most frequent one first."""
    matcher = Matcher(lexicon, code, stem)
    counts: Counter[Entry] = Counter()
    taken: set[tuple[int, int]] = set()  # characters, by row and place, that a chosen word or one of the lexicon has
    places: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for row, text in enumerate(texts):
        for match in matcher.find(text):
            counts[match.entry] += 1
            taken.update((row, place) for place in range(match.start, match.end))
        for start, end, folded in word_places(text, code, LONGEST):
            if any(character.isalpha() for character in folded):
                places[folded].append((row, start, end))
    pools = _pools(places, _generator(seed, 19, code))

    @cache
    def nearest(count: int, length: int) -> list[tuple[int, int]]:
        return sorted(pools, key=lambda pool: (abs(log(pool[0] / count)), abs(pool[1] - length), pool))

    for entry, count in counts.most_common():
        for pool in nearest(count, len(fold(entry.term, code).text)):
            if found := _free(pools[pool], places, taken):
                row, start, end = places[found][0]
                term = texts[row][start:end]
                yield Entry(term, code, entry.valence, entry.concepts, term)
                break


def _pools(places: Mapping[str, Sequence[object]], rng: np.random.Generator) -> dict[tuple[int, int], list[str]]:
    """Return (count, length) -> the words that have them, shuffled."""
    words = list(places)
    pools: dict[tuple[int, int], list[str]] = defaultdict(list)
    for index in rng.permutation(len(words)):
        pools[len(places[words[index]]), len(words[index])].append(words[index])
    return pools


def _free(
    pool: list[str], places: Mapping[str, Sequence[tuple[int, int, int]]], taken: set[tuple[int, int]]
) -> str | None:
    """Take the next word out of a pool no place of which is taken, and take its places; None where there is none."""
    while pool:
        word = pool.pop()
        own = {(row, place) for row, start, end in places[word] for place in range(start, end)}
        if own.isdisjoint(taken):
            taken |= own
            return word
    return None


def _exchanged(pool: Sequence[Entry], barred: Sequence[set[str]], rng: np.random.Generator, name: str) -> list[Entry]:
    """Shuffle words so that none is where its concepts are `barred`.

    What still is after shuffling changes places with the first other for which neither then is; with one concept a word
    there is such a word as long as no concept has more than half of them.
    """
    order = [pool[index] for index in rng.permutation(len(pool))]

    def shared(one: int, other: int) -> bool:
        return not barred[one].isdisjoint(order[other].concepts)

    for one in range(len(pool)):
        if not shared(one, one):
            continue
        for other in rng.permutation(len(pool)):
            if not shared(one, other) and not shared(other, one):
                order[one], order[other] = order[other], order[one]
                break
        else:
            raise CorpusError(
                f"{name} has too few concepts: its {len(pool)} words in {pool[0].language} cannot change places so "
                f"that none keeps its meaning. Give a larger lexicon, or leave 'random' out of controls."
            )
    return order


def _generator(seed: int, stream: int, *codes: str) -> np.random.Generator:
    return np.random.default_rng([seed, stream, *chain.from_iterable(code.encode() for code in codes)])
