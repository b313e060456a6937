"""What a lexicon makes of the batches of `pretrain`: the methods of `data.augment`, in subwords.

Every draw is a function of the seed and the step, and none of them is shared with the plain batches: the sentences of a
step, their order and what is hidden in them outside the lexicon's words are the same with a lexicon and without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from dlfa_core.data import CorpusError, Lexicon
from dlfa_core.data.augment import (
    CONTROLS,
    ShuffledSwitcher,
    Span,
    Switched,
    Switcher,
    ValenceWords,
    checked_methods,
    neutral_lexicon,
    pseudo_text,
    shuffled_valences,
    without_languages,
    word_groups,
)
from dlfa_core.data.lexicons import POLARITIES, Match, Matcher
from dlfa_core.data.pools import Location, Mixture, Pool
from dlfa_core.experiments.pretrain.prepared_text import pool_of
from dlfa_core.experiments.sources import lexicons
from dlfa_core.languages import find
from dlfa_core.runtime.experiment import ADDED

KINDS = {"regression": 1, "classification": len(POLARITIES)}  # of learning valences, and the outputs that each needs
LEAST_REPLACED = 3  # words of a sentence of pseudo-monolingual text


@dataclass(frozen=True)
class Augmenting:
    """Which methods are on, and how far; the fields of a `pretrain.Spec` with the same names.

    Attributes:
        lexicon: `sample`, or a kind and a place: table:PATH, afinn:PATH, vader:PATH, nrc-vad:PATH, nusax:PATH+SOURCE;
            empty for none.
        methods: of switch, replace, valence, mask; none leaves training as it is without a lexicon.
        held_out: languages whose words are taken out of the lexicon.
        stem: whether forms of a word are found in text by simple rules of the language.
        switch_rate: probability with which `switch` replaces a covered word.
        pseudo_from: language whose text `replace` turns into others.
        pseudo_limit: sentences that it keeps for each language.
        pseudo_share: share of the steps on sentences that read such text instead.
        valence_weight: of the loss of `valence` beside the MLM loss.
        valence_kind: regression, or classification as negative, neutral or positive.
        valence_words: words of a step.
        whole_word_mask_rate: share of the lexicon's words that `mask` hides.
    """

    lexicon: str = ""
    methods: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    stem: bool = True
    switch_rate: float = 0.5
    pseudo_from: str = "eng"
    pseudo_limit: int = 2_000
    pseudo_share: float = 0.3
    valence_weight: float = 1.0
    valence_kind: str = "regression"
    valence_words: int = 64
    whole_word_mask_rate: float = field(default=0.5, metadata={"stored_as": "word_rate"})


@dataclass(frozen=True)
class Controlled(Augmenting):
    """`Augmenting`, or what it is compared with.

    Attributes:
        control: instead of what the lexicon says: random (its words, wrong translations and valences), neutral (other
            words, as frequent); empty for the lexicon as it is.
    """

    control: str = field(default="", metadata=ADDED)


def check(settings: Controlled) -> None:
    """Refuse settings with which a method does nothing, or something else than it says.

    Raises:
        ValueError: an unknown method, kind or control, methods without a lexicon, or a share outside [0, 1].
    """
    if checked_methods(settings.methods) and not settings.lexicon:
        raise ValueError(
            f"The methods {', '.join(settings.methods)} need a lexicon: set lexicon=sample, or a lexicon of your own."
        )
    if settings.valence_kind not in KINDS:
        raise ValueError(f"valence_kind={settings.valence_kind!r} is unknown: use {' or '.join(KINDS)}.")
    if settings.control and settings.control not in CONTROLS:
        raise ValueError(f"control={settings.control!r} is unknown: use {' or '.join(CONTROLS)}, or leave it empty.")
    if settings.control and not settings.methods:
        raise ValueError(
            f"control={settings.control!r} stands in for a lexicon's methods, but methods is empty: name one."
        )
    for name in ("switch_rate", "pseudo_share", "whole_word_mask_rate"):
        if not 0 <= getattr(settings, name) <= 1:
            raise ValueError(f"{name}={getattr(settings, name)} is no share: give a number from 0 to 1.")


def lexicon_of(settings: Augmenting) -> Lexicon:
    """The lexicon without the languages that are held out."""
    return without_languages(lexicons.opened(settings.lexicon), settings.held_out)


def switcher_of(settings: Augmenting) -> Switcher:
    """Return what finds and replaces the lexicon's words."""
    return Switcher(lexicon_of(settings), stem=settings.stem)


@dataclass(frozen=True, eq=False)
class Read:
    """The sentences of a step in subwords.

    Attributes:
        ids: (n,) subword ids of each sentence.
        words: (n,) which subwords are a lexicon word, as `word_groups` numbers them; None where that plays no part.
        texts: (n,) the sentences as they are written; None where they are not at hand.
    """

    ids: list[np.ndarray]
    words: list[np.ndarray] | None
    texts: list[str] | None = None


@dataclass(frozen=True, eq=False)
class Reader:
    """Sentences as the lexicon's methods have them.

    Args:
        settings: checked.
        tokenizer: fast; of the model that is trained.
        text: what steps draw from.
        sentences: the same sentences before they were cut into subwords.
        seed: of everything random.
    """

    settings: Controlled
    tokenizer: Any
    text: Mixture
    sentences: Mapping[str, Sequence[str]]
    seed: int
    _found: dict[Location, tuple[Match, ...]] = field(default_factory=dict)
    _matchers: dict[str, Matcher] = field(default_factory=dict)

    def read(self, tokens: int, step: int) -> Read:
        """The sentences that step number `step` hides words in."""
        if self._has("replace") and self._is_pseudo(step):
            mixture, rows = self._pseudo
            locations = mixture.locations(tokens, self.seed, step)
            return self._cut([rows[code][row] for code, row in locations], [mixture.read(each) for each in locations])
        locations = self.text.locations(tokens, self.seed, step)
        whole = [self.text.read(each) for each in locations]
        if not (self._has("switch") or self._has("mask")):
            return Read(whole, None, [self.sentences[code][row] for code, row in locations] if self.sentences else None)
        rng = np.random.default_rng([self.seed, step, 7])
        return self._cut([self._switched(each, rng) for each in locations], whole)

    def valued(self, step: int) -> tuple[list[np.ndarray], np.ndarray] | None:
        """Words of the lexicon in subwords, with their valences or classes; None where they are not learnt."""
        if not self._has("valence"):
            return None
        words, pools = self._valences
        rows, valences, classes = words.draw(self.settings.valence_words, self.seed, step)
        return [pools[code][row] for code, row in rows], valences if KINDS[self.settings.valence_kind] == 1 else classes

    def _has(self, method: str) -> bool:
        return method in self.settings.methods

    def _is_pseudo(self, step: int) -> bool:
        return np.random.default_rng([self.seed, step, 2]).random() < self.settings.pseudo_share

    def _switched(self, location: Location, rng: np.random.Generator) -> Switched:
        text, words = self.sentences[location.language][location.row], self._words(location)
        if self._has("switch"):
            return self._switcher.switch(text, words, self.settings.switch_rate, rng)
        return Switched(text, tuple(Span(word.start, word.end, word.entry) for word in words))

    def _words(self, location: Location) -> tuple[Match, ...]:
        """Lexicon words of a sentence, looked for when it is first drawn: most of a large text never is."""
        if location not in self._found:
            language, lexicon = location.language, self._lexicon
            if language not in lexicon:
                return ()
            if language not in self._matchers:
                self._matchers[language] = Matcher(lexicon, language, self._stem)
            self._found[location] = self._matchers[language].find(self.sentences[language][location.row])
        return self._found[location]

    def _cut(self, texts: Sequence[Switched], whole: Sequence[np.ndarray]) -> Read:
        """Subwords of texts; of those in which nothing is replaced or marked, those that they were cut into before."""
        marks = self._has("mask")
        anew = [row for row, text in enumerate(texts) if text.n_replaced or (marks and text.spans)]
        ids = list(whole)
        words = [np.zeros(len(subwords), dtype=np.int32) for subwords in whole]
        encodings = self.tokenizer.backend_tokenizer.encode_batch(
            [texts[row].text for row in anew], add_special_tokens=False
        )
        for row, encoding in zip(anew, encodings, strict=True):
            ids[row] = np.array(encoding.ids[: self.text.longest], dtype=np.int32)
            spans = [(span.start, span.end) for span in texts[row].spans]
            words[row] = word_groups(encoding.offsets[: self.text.longest], spans)
        return Read(ids, words if marks else None, [text.text for text in texts])

    @cached_property
    def _lexicon(self) -> Lexicon:
        lexicon = lexicon_of(self.settings)
        if self.settings.control != "neutral":
            return lexicon
        return neutral_lexicon(lexicon, self.sentences, self.settings.stem, self.seed)

    @property
    def _stem(self) -> bool:
        """Whether forms are found; neutral words are counted as they are written, so these are not."""
        return self.settings.stem and self.settings.control != "neutral"

    @cached_property
    def _switcher(self) -> Switcher:
        if self.settings.control == "random":
            return ShuffledSwitcher(self._lexicon, stem=self._stem, seed=self.seed)
        return Switcher(self._lexicon, stem=self._stem)

    @cached_property
    def _valences(self) -> tuple[ValenceWords, dict[str, Pool]]:
        words = ValenceWords.of(self._lexicon)
        if self.settings.control == "random":
            words = shuffled_valences(words, self.seed)
        return words, {code: pool_of(self.tokenizer, terms) for code, terms in words.terms.items()}

    @cached_property
    def _pseudo(self) -> tuple[Mixture, dict[str, list[Switched]]]:
        """Pseudo-monolingual text in every language of the lexicon that has some."""
        source = find(self.settings.pseudo_from).code
        texts = self.sentences.get(source, ())
        rows = {
            into: kept
            for into in self._switcher.languages
            if into != source
            and (
                kept := pseudo_text(
                    texts, source, into, self._switcher, LEAST_REPLACED, self.settings.pseudo_limit, self.seed
                )
            )
        }
        if not rows:
            raise CorpusError(
                f"No sentence in {find(source).name} has {LEAST_REPLACED} words of {self._lexicon.name} that another "
                f"language has, too, so `replace` has nothing to read: give more text, or set pseudo_from."
            )
        pools = {code: pool_of(self.tokenizer, [row.text for row in kept]) for code, kept in rows.items()}
        return Mixture(pools, self.text.exponent, self.text.longest), rows
