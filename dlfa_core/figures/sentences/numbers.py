"""How numbers are written in sentences and where a figure is pointed at; nothing else decides on digits and signs."""

from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import pandas as pd

from dlfa_core.tables import Interval, Record

_NEARLY_ALL = 0.95
Write = Callable[[float], str]


def plain(value: float, digits: int = 2) -> str:
    """Return "0.62" or "−0.62"; what rounds to zero has no sign."""
    return f"{value:z.{digits}f}".replace("-", "−")


def thousandths(value: float) -> str:
    """Return "0.621" or "−0.621"."""
    return plain(value, 3)


def signed(value: float, digits: int = 3) -> str:
    """Return "+0.621" or "−0.621"; what rounds to zero is not negative."""
    return f"{value:+z.{digits}f}".replace("-", "−")


def signed_hundredths(value: float) -> str:
    """Return "+0.62" or "−0.62"."""
    return signed(value, 2)


def percent(share: float) -> str:
    """Return "62 %" for 0.62."""
    return f"{_hundredfold(share)} %"


def share(of_one: float, digits: int = 1) -> str:
    """Return "62.5%" for 0.625, as the lines of the command line have it."""
    return f"{plain(100 * of_one, digits)}%"


def between(low: float, high: float, write: Write = plain) -> str:
    """Return " [0.58, 0.66]", to stand behind a value, or "" where nothing was resampled."""
    return "" if isnan(low) else f" [{write(low)}, {write(high)}]"


def with_interval(row: Record[Interval], write: Write = plain) -> str:
    """Return "0.62 [0.58, 0.66]" of a row, or "0.62" where nothing was resampled."""
    return f"{write(row['value'])}{between(row['ci_low'], row['ci_high'], write)}"


def percent_with_interval(row: Record[Interval]) -> str:
    """Return "62 % [58, 66]" of a row."""
    return f"{percent(row['value'])}{between(row['ci_low'], row['ci_high'], _hundredfold)}"


def counted(n: int, one: str, several: str = "") -> str:
    """Return "1 language", "0 languages" or "1,200 languages"; `several` is for plurals that do not end in s."""
    return f"{n:,} {one if n == 1 else several or f'{one}s'}"


def listed(parts: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def best_at(layer: Any, n_layers: int) -> str:
    """Return ", best at layer 6, of 5 fused layers", "" where none is fused; a number may be above their count."""
    if pd.isna(layer):
        return ""
    return f", at layer {layer}" if n_layers == 1 else f", best at layer {layer}, of {n_layers} fused layers"


def within(label: str) -> str:
    """Return a label as it stands within a sentence: "accuracy", but "POS F1"."""
    return label if label[:2].isupper() or label[1:2].isdigit() else label[0].lower() + label[1:]


def likely(shares: "pd.Series[float]") -> tuple[int, ...]:
    """Return the fewest layers that together are the best in 95 % of the resamples, given each one's share of them."""
    ranked = shares.sort_values(ascending=False, kind="stable")
    enough = int(ranked.cumsum().searchsorted(_NEARLY_ALL - 1e-9)) + 1
    return tuple(sorted(int(layer) for layer in ranked.index[:enough]))


def drawn_again(what: str, best: str, share: float, layers: Sequence[int]) -> str:
    """Return how often a layer is the best when something is drawn again, and where nearly all of the best ones lie."""
    said = f"Draw {what} again, and {best} in {percent(share)} of the draws"
    low, high = min(layers), max(layers)
    return (
        f"{said}."
        if low == high
        else f"{said}; {percent(_NEARLY_ALL)} of the best lie between layers {low} and {high}."
    )


def about_time(seconds: float) -> str:
    """Return "a few seconds", "about 40 seconds", "about 3 minutes" or "about 2 hours", as exact as forecasts are."""
    if seconds < 7.5:
        return "a few seconds"
    if seconds < 90:
        return f"about {max(10, 10 * round(seconds / 10))} seconds"
    if seconds < 90 * 60:
        return f"about {max(2, round(seconds / 60))} minutes"
    return f"about {max(2, round(seconds / 3600))} hours"


def _hundredfold(share: float) -> str:
    return plain(100 * share, 0)
