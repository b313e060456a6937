"""What became of a layer that somebody chose beforehand, beside the one that the dev set points at."""

from math import isnan
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from dlfa_core.figures.sentences.numbers import between, percent, signed
from dlfa_core.languages import find
from dlfa_core.tables import Head, Record

if TYPE_CHECKING:
    from dlfa_core.experiments import recommend

Gain = Record[Literal["value", "joint_low", "joint_high"]]


def layers(result: "recommend.Result") -> tuple[int, ...]:
    """Return the layers that somebody can choose among: those that the fusion of the advice was trained with."""
    return tuple(int(layer) for layer in _gains(result).index)


def compared(result: "recommend.Result", layer: int) -> str:
    """Say what the layer gains on the tests beside the one that the dev set points at, and how often it is that one.

    Raises:
        ValueError: this layer was not fused.
    """
    gains, advised = _gains(result), int(_chosen(result)["layer"])
    if layer not in gains.index:
        raise ValueError(f"Layer {layer} was not fused: take one of {', '.join(map(str, gains.index))}.")
    dev = f"the {find(result.meta['source_language']).name} dev set"
    if layer == advised:
        return f"You chose layer {layer}, and so does {dev}: {_gained(gains.loc[layer])} over the last layer alone."
    said = (
        f"You chose layer {layer}, {dev} layer {advised}. On the tests yours gains {_gained(gains.loc[layer])} over "
        f"the last layer alone, the other {_gained(gains.loc[advised])}."
    )
    share = _share(result, layer)
    return (
        said if isnan(share) else f"{said} With other dev examples, yours is the choice in {percent(share)} of draws."
    )


def _chosen(result: "recommend.Result") -> Record[Head]:
    return result.choices[result.choices["against"] == "chosen"].iloc[0]


def _gains(result: "recommend.Result") -> pd.DataFrame:
    """The gain of the advised fusion at each of its layers on all languages that the advice is about, by layer."""
    table, chosen = result.differences.copy(), _chosen(result)
    own = (table["fusion"] == chosen["fusion"]) & (table["weight"] == chosen["weight"])
    own &= (table["level"] == result.meta["together"]) & (table["measure"] == result.meta["metric"])
    return table[own].dropna(subset="layer").set_index("layer").sort_index()


def _gained(row: Any) -> str:
    gain: Gain = row
    return f"{signed(gain['value'])}{between(gain['joint_low'], gain['joint_high'], signed)}"


def _share(result: "recommend.Result", layer: int) -> float:
    table, chosen = result.dev_best.copy(), _chosen(result)
    own = table[(table["fusion"] == chosen["fusion"]) & (table["weight"] == chosen["weight"])]
    shares = own.loc[own["layer"] == layer, "share"]
    return float(shares.iloc[0]) if len(shares) else float("nan")
