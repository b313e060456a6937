"""The ways in which a lexicon can take part in pre-training, alone or together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One way.

    Attributes:
        name: as specs have it.
        label: for people.
        explains: what it does, in a sentence.
        needs_concepts: whether the lexicon must say which words translate each other.
        source: who came up with it.
    """

    name: str
    label: str
    explains: str
    needs_concepts: bool
    source: str


METHODS = {
    method.name: method
    for method in (
        Method(
            "switch",
            "Code-switching",
            "Words of the lexicon are replaced, by chance and anew in every batch, by a translation into a random "
            "language.",
            True,
            "Qin et al. (2020), CoSDA-ML",
        ),
        Method(
            "replace",
            "Pseudo-monolingual text",
            "Some steps read text of one language in which every word of the lexicon is replaced by one of a second "
            "language.",
            True,
            "Wang, Ruder & Neubig (2022), Expanding Pretrained Models to Thousands More Languages via Lexicon-based "
            "Adaptation",
        ),
        Method(
            "valence",
            "Valence of words",
            "From the mean vector of a lexicon word alone, a further output learns how good or bad the word is.",
            False,
            "Koto et al. (2024), Zero-shot Sentiment Analysis in Low-Resource Languages Using a Multilingual Sentiment "
            "Lexicon",
        ),
        Method(
            "mask",
            "Whole-word masking",
            "Words of the lexicon are hidden more often than others, and always with all of their subwords.",
            False,
            "after Tian et al. (2020), SKEP",
        ),
    )
}


def checked_methods(names: Sequence[str]) -> tuple[str, ...]:
    """The names, each once.

    Raises:
        ValueError: an unknown one.
    """
    return checked_names("methods", names, METHODS)


def checked_names(field: str, names: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The names that a field of a spec lists, each once.

    Raises:
        ValueError: one that is not known.
    """
    for name in names:
        if name not in known:
            raise ValueError(f"{field}={name!r} is unknown: use {', '.join(known)}.")
    return tuple(dict.fromkeys(names))
