"""Text of a language that has none: sentences of another language with every word of a lexicon replaced."""

from collections.abc import Iterable

import numpy as np

from dlfa_core.data.augment.switching import Switched, Switcher


def pseudo_text(
    texts: Iterable[str],
    language: str,
    into: str,
    switcher: Switcher,
    least: int = 3,
    most: int = 200_000,
    seed: int = 0,
) -> list[Switched]:
    """Pseudo-monolingual text: every word that the second language has in the lexicon is replaced by it.

    Args:
        texts: sentences, read in order.
        language: ISO 639-3, of the texts.
        into: ISO 639-3, of the replacements.
        switcher: with words of both.
        least: replacements that a sentence must have to be kept.
        most: sentences to keep; reading stops there.
        seed: of the choice among several translations.

    Returns:
        The sentences that were kept.

    Reference: Wang, Ruder & Neubig (2022), arXiv 2203.09435: at least 3 replacements, up to 200,000 sentences.
    """
    rng, kept = np.random.default_rng(seed), []
    for text in texts:
        if len(kept) == most:
            break
        words = switcher.words(text, language)
        if len(words) < least:
            continue
        switched = switcher.switch(text, words, 1.0, rng, into)
        if switched.n_replaced >= least:
            kept.append(switched)
    return kept
