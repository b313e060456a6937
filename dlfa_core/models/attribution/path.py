"""The straight way from a baseline to a text in segments, which are halved where the gradient turns quickly.

An integral over the way is the sum of those over its segments, and each of them says by itself how well it is known:
its scores should add up to what the output gains from its start to its stop. A classifier decides somewhere on the way,
within a few hundredths of it, and is level elsewhere; more points everywhere would mostly be spent on nothing.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

POINTS = 3  # of a Gauss-Legendre rule, in each segment: exact for polynomials of degree 5
ROOM = 0.5  # share of what may be missed that segments which are not halved may miss together

Segment = tuple[float, float]  # from where to where, 0 at the baseline and 1 at the text


@dataclass(eq=False)
class Path:
    """One text's way: what its segments say, and which are to be measured next.

    Args:
        steps: points to start with, in equal segments.

    Attributes:
        waiting: segments to measure.
        spent: points measured, those of halved segments counted.
    """

    steps: int
    waiting: list[Segment] = field(init=False)
    spent: int = field(init=False, default=0)
    _measured: dict[Segment, tuple[np.ndarray, float]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        edges = np.linspace(0.0, 1.0, max(1, round(self.steps / POINTS)) + 1).tolist()
        self.waiting = list(pairwise(edges))

    @property
    def scores(self) -> np.ndarray:
        """Return the scores of positions, float64 (seq,), of what was measured."""
        return sum(scores for scores, _ in self._measured.values())

    @property
    def points(self) -> int:
        """Return how many points the scores come from."""
        return POINTS * len(self._measured)

    def add(self, segment: Segment, scores: np.ndarray, gain: float) -> None:
        """Take in what a segment says.

        Args:
            segment: one of those that wait.
            scores: (seq,) its share of the integral.
            gain: of the output from its start to its stop.
        """
        self._measured[segment] = scores, abs(float(scores.sum()) - gain)
        self.spent += POINTS

    def refine(self, tolerance: float, most: int) -> None:
        """Halve the segments that miss most, so that the others miss little.

        Args:
            tolerance: what all segments may miss together, as a share of the sum of |scores|; within it none is halved.
            most: points to be spent in all; the worst segments come first.
        """
        self.waiting = []
        allowed = tolerance * float(np.abs(self.scores).sum())
        missed = sum(miss for _, miss in self._measured.values())
        if missed <= allowed:
            return
        for segment in sorted(self._measured, key=lambda each: -self._measured[each][1]):
            if missed <= ROOM * allowed or self.spent + POINTS * (len(self.waiting) + 2) > most:
                break
            missed -= self._measured.pop(segment)[1]
            start, stop = segment
            middle = (start + stop) / 2
            self.waiting += [(start, middle), (middle, stop)]
