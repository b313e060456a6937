"""Which language a subword is of: by how often it stands in sentences of each, else by its letters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlfa_core import models
from dlfa_core.data.letters import can_write, has_letters, is_unspaced
from dlfa_core.languages import LANGUAGES

LEAST_SEEN = 2  # times in all sentences; what is rarer is told by its letters
ENOUGH = 0.8  # of a subword's frequency: the fewest languages that hold so much are its languages
MOST_NAMED = 3  # languages; a subword of more is of "several"


@dataclass(frozen=True)
class Origin:
    """What is known of a subword.

    Attributes:
        languages: codes, the likeliest first; none where `how` is not "seen" or "script".
        how: "seen" in sentences of few languages, or of "several"; told by its "script", which one language writes;
            with "letters" of many languages, seen too seldom to tell; or "none", without letters.
    """

    languages: tuple[str, ...]
    how: str


class SubwordLanguages:
    """Tells the languages of subwords.

    Args:
        languages: codes.
        counts: (n_languages, vocabulary): how often each subword stands in sentences of each.
    """

    def __init__(self, languages: Sequence[str], counts: np.ndarray):
        self.languages, self.counts = tuple(languages), counts
        self.rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    @classmethod
    def of(cls, tokenizer: Any, texts: Mapping[str, Sequence[str]]) -> "SubwordLanguages":
        """Count the subwords of sentences, by language."""
        backend = tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        counts = [models.subword_counts(backend, own, len(tokenizer)) for own in texts.values()]
        return cls(tuple(texts), np.stack(counts))

    def origin(self, number: int, written: str) -> Origin:
        """Return the languages of a subword.

        Frequencies are shares of each language's own subwords, so that a language with more text has no more say.

        Args:
            number: of the subword.
            written: its characters.
        """
        if not has_letters(written):
            return Origin((), "none")
        if self.counts[:, number].sum() < LEAST_SEEN:
            return self._by_script(written)
        shares = self.rates[:, number] / self.rates[:, number].sum()
        order = np.argsort(-shares, kind="stable")
        needed = int(np.searchsorted(np.cumsum(shares[order]), ENOUGH - 1e-9)) + 1
        if needed > MOST_NAMED:
            return Origin((), "several")
        return Origin(tuple(self.languages[index] for index in order[:needed]), "seen")

    def _by_script(self, written: str) -> Origin:
        """The language that alone writes such letters, among those of the sentences, else among all that are known."""
        for known in (self.languages, tuple(LANGUAGES)):
            if able := [code for code in known if can_write(code, written)]:
                return Origin(tuple(able), "script") if len(able) == 1 else Origin((), "letters")
        return Origin((), "letters")


def written_of(tokenizer: Any, number: int) -> str:
    """Return a subword as a reader should see it: with a hyphen in front where it goes on a word.

    Scripts without spaces between words have no hyphens, and special tokens are as the vocabulary writes them.
    """
    token = tokenizer.convert_ids_to_tokens(int(number))
    if token in tokenizer.all_special_tokens:
        return str(token)
    written = tokenizer.decode([int(number)]).strip().removeprefix("##") or token.strip("▁Ġ ") or "␣"
    marked = {each[0] for each in tokenizer.tokenize("a b")} & {"▁", "Ġ"}
    goes_on = token.startswith("##") or (bool(marked) and token[0] not in marked)
    return f"‑{written}" if goes_on and has_letters(written[:1]) and not is_unspaced(written) else written
