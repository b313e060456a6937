"""The straight way from a baseline to a text in segments, which are looked at more closely where they miss.

An integral over the way is the sum of those over its segments. A segment is measured at points that both of its ends
belong to, so that neighbours share them, and everything that was measured once is used again when there are more. Each
part between two points says by itself how well it is known: its scores should add up to what the output gains on it. A
classifier decides somewhere on the way, within a few hundredths of it, and is level elsewhere; more points everywhere
would mostly be spent on nothing.
"""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

ROOM = 0.5  # share of what may be missed that segments which are not looked at again may miss together


@dataclass(frozen=True, eq=False)
class Rule:
    """Points of a segment, n from 0 to 1, and the integral of the polynomial through what is measured there.

    Attributes:
        nodes: (n,) ascending.
        parts: (n - 1, n) weights of the n measurements in the integral from each node to the next.
    """

    nodes: np.ndarray
    parts: np.ndarray

    @classmethod
    def of(cls, *nodes: float) -> "Rule":
        """Return the rule with these points between -1 and 1, both of which are points."""
        powers = np.arange(len(nodes))
        moments = np.diff(np.power.outer(nodes, powers + 1) / (powers + 1), axis=0)  # of each part
        weights = np.linalg.solve(np.power.outer(nodes, powers).T, moments.T).T
        return cls((np.array(nodes) + 1) / 2, weights / 2)


# Lobatto's rule, exact for polynomials of degree 5, and Kronrod's three further points, with which it is for degree 9.
INNER, OUTER = 5**-0.5, (2 / 3) ** 0.5
RULES = (
    Rule.of(-1, -INNER, INNER, 1),
    Rule.of(-1, -OUTER, -INNER, 0, INNER, OUTER, 1),
)
POINTS = len(RULES[0].nodes)  # of a segment at first


@dataclass(frozen=True)
class Segment:
    """From where to where, 0 at the baseline and 1 at the text, and by which of `RULES`."""

    start: float
    stop: float
    rule: int = 0

    @property
    def points(self) -> list[float]:
        inner = [self.start + (self.stop - self.start) * node for node in RULES[self.rule].nodes[1:-1].tolist()]
        return [self.start, *inner, self.stop]

    def closer(self) -> "list[Segment]":
        """The same with more points: of the next rule, or in halves."""
        if self.rule + 1 < len(RULES):
            return [Segment(self.start, self.stop, self.rule + 1)]
        middle = self.points[len(self.points) // 2]
        return [Segment(self.start, middle), Segment(middle, self.stop)]


@dataclass(eq=False)
class Path:
    """One text's way: what was measured on it, and where to measure next.

    Args:
        steps: points to start with, in equal segments.

    Attributes:
        waiting: points to measure, at first the text's own before all others.
    """

    steps: int
    waiting: list[float] = field(init=False)
    _segments: list[Segment] = field(init=False)
    _measured: dict[float, tuple[np.ndarray, float]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        edges = np.linspace(0.0, 1.0, max(1, round((self.steps - 1) / (POINTS - 1))) + 1).tolist()
        self._segments = [Segment(start, stop) for start, stop in pairwise(edges)]
        self.waiting = sorted({point for segment in self._segments for point in segment.points}, reverse=True)

    @property
    def scores(self) -> np.ndarray:
        """Return the scores of positions, float64 (seq,), of what was measured."""
        return sum(self._parts(segment)[0].sum(0) for segment in self._segments)

    @property
    def points(self) -> int:
        """Return how many points were measured."""
        return len(self._measured)

    def add(self, point: float, slopes: np.ndarray, value: float) -> None:
        """Take in what was measured.

        Args:
            point: one of those that wait.
            slopes: (seq,) the derivative of the output along the way there, shared out among positions.
            value: the output there.
        """
        self._measured[point] = slopes, value

    def refine(self, tolerance: float, most: int) -> None:
        """Look more closely at the segments that miss most, so that the others miss little.

        Args:
            tolerance: what all segments may miss together, as a share of the sum of |scores|; within it there is
                nothing more to measure.
            most: points to be measured in all; the worst segments come first.
        """
        self.waiting = []
        misses = {segment: self._missed(segment) for segment in self._segments}
        missed, allowed = sum(misses.values()), tolerance * float(np.abs(self.scores).sum())
        if missed <= allowed:
            return
        for segment in sorted(misses, key=lambda each: -misses[each]):
            closer = segment.closer()
            new = {point for each in closer for point in each.points} - self._measured.keys()
            if missed <= ROOM * allowed or self.points + len(self.waiting) + len(new) > most:
                break
            missed -= misses[segment]
            self._segments.remove(segment)
            self._segments += closer
            self.waiting += sorted(new)

    def _parts(self, segment: Segment) -> tuple[np.ndarray, np.ndarray]:
        """Scores of positions on each part of a segment, (parts, seq), and what the output gains there, (parts,)."""
        slopes, values = zip(*(self._measured[point] for point in segment.points), strict=True)
        return (segment.stop - segment.start) * (RULES[segment.rule].parts @ np.stack(slopes)), np.diff(values)

    def _missed(self, segment: Segment) -> float:
        """By how much the scores of a segment's parts miss what the output gains there, all sizes together."""
        scores, gains = self._parts(segment)
        return float(np.abs(scores.sum(1) - gains).sum())
