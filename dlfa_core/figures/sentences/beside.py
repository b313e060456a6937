"""What the layers of two models say beside each other: where one is above the other, by intervals of the difference."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import pandas as pd

from dlfa_core.figures.sentences.numbers import signed, with_interval
from dlfa_core.measures.differences import difference_intervals
from dlfa_core.tables import INTERVAL, Interval, Table

Curve = Table[Literal["layer", Interval]]

HOW_SURE = (
    "The intervals of differences hold for all layers at once. They take the numbers of the two models as drawn apart, "
    "though both read the same texts: rather too wide than too narrow."
)


def difference_table(first: Curve, second: Curve) -> Curve:
    """Return first minus second at the layers that both have: layer, value, ci_low, ci_high, all layers at once.

    Rows without a layer are left out.
    """
    one, other = (
        rows.copy().dropna(subset="layer").astype({"layer": int}).set_index("layer")[list(INTERVAL)].astype(float)
        for rows in (first, second)
    )
    layers = sorted(set(one.index) & set(other.index))
    found = difference_intervals(one.loc[layers], other.loc[layers], max(1, len(layers)))
    return pd.DataFrame({"layer": layers, **dict(zip(INTERVAL, found, strict=True))})


def difference_said(differences: Curve, what: str, first: str, second: str) -> str:
    """Say at which layers the first model is above or below the second, and where most.

    Args:
        differences: of `difference_table`.
        what: the quantity, as a sentence begins with it.
        first, second: names of the models.
    """
    rows = differences.copy()
    if rows.empty:
        return f"{what}: {first} and {second} have no layer in common."
    if rows["ci_low"].isna().all():
        return f"{what}: how surely {first} and {second} differ was not computed."
    sides = []
    for side, apart in (("above", rows[rows["ci_low"] > 0]), ("below", rows[rows["ci_high"] < 0])):
        if len(apart):
            most = apart.iloc[int(apart["value"].abs().to_numpy().argmax())]
            where = f", most at layer {int(most['layer'])}" if len(apart) > 1 else ""
            sides.append(f"{side} {second} at {_layers(apart['layer'].tolist())}{where}: {with_interval(most, signed)}")
    if not sides:
        return f"{what}: no difference between {first} and {second} is shown at any layer."
    return f"{what}: {first} is {' and '.join(sides)}."


def _layers(numbers: Sequence[int]) -> str:
    """Return "layer 7", or "layers 1 to 3, 5 and 8 to 12"."""
    starts = [numbers[0], *(right for left, right in pairwise(numbers) if right != left + 1)]
    ends = [*(left for left, right in pairwise(numbers) if right != left + 1), numbers[-1]]
    runs = [str(low) if low == high else f"{low} to {high}" for low, high in zip(starts, ends, strict=True)]
    said = runs[0] if len(runs) == 1 else f"{', '.join(runs[:-1])} and {runs[-1]}"
    return f"layer {said}" if len(numbers) == 1 else f"layers {said}"
