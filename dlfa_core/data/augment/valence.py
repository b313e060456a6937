"""Words of a lexicon with their valences, drawn again for the same seed and step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlfa_core.data.lexicons import POLARITIES, Lexicon


@dataclass(frozen=True, eq=False)
class ValenceWords:
    """The words of a lexicon, each with what is to be learnt of it.

    Attributes:
        terms: language -> words.
        valences: language -> float32 (n,) in [-1, 1].
        classes: language -> int64 (n,) index in `POLARITIES`.
    """

    terms: dict[str, tuple[str, ...]]
    valences: dict[str, np.ndarray]
    classes: dict[str, np.ndarray]

    @classmethod
    def of(cls, lexicon: Lexicon) -> "ValenceWords":
        """All words of a lexicon, as they are listed."""
        return cls(
            {code: tuple(entry.term for entry in lexicon[code]) for code in lexicon.languages},
            {code: np.array([e.valence for e in lexicon[code]], np.float32) for code in lexicon.languages},
            {code: np.array([POLARITIES.index(e.polarity) for e in lexicon[code]]) for code in lexicon.languages},
        )

    def draw(self, n: int, seed: int, step: int) -> tuple[list[tuple[str, int]], np.ndarray, np.ndarray]:
        """Words of random languages, each language alike; a word may be drawn twice.

        Returns:
            n (language, index in `terms`), their valences (n,), their classes (n,).
        """
        rng = np.random.default_rng([seed, step, 3])
        codes = list(self.terms)
        drawn = [codes[index] for index in rng.integers(len(codes), size=n)]
        rows = [(code, int(rng.integers(len(self.terms[code])))) for code in drawn]
        return rows, self._picked(self.valences, rows), self._picked(self.classes, rows)

    def _picked(self, column: dict[str, np.ndarray], rows: Sequence[tuple[str, int]]) -> np.ndarray:
        return np.array([column[code][index] for code, index in rows])
