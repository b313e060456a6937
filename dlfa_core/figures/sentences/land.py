"""What texts say that landed on a map."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import counted, percent, plain

if TYPE_CHECKING:
    from dlfa_core.experiments import land

_MUCH = 0.2  # of a text's subwords, from where on it is said that they are unknown


def summary(result: "land.Result") -> Iterator[str]:
    """Yield how well the texts fit on the map, in one sentence."""
    last = len(result.coordinates) - 1
    yield (
        f"{counted(len(result.meta['texts']), 'text')} landed at {counted(last + 1, 'layer')}; at layer {last} points "
        f"put back on the map land {plain(result.error[last])} of its spread from their place."
    )


def position(result: "land.Result", row: int) -> str:
    """Say what a reader must know about where a text stands that the map was not made from."""
    far = [
        float(each[row, 0]) / max(float(usual), 1e-9)
        for each, usual in zip(result.distances, result.usual, strict=True)
    ]
    last = len(far) - 1
    said = (
        f"The map was not made from this sentence: it stands among its nearest points, which at layer {last} are "
        f"{plain(far[last], 1)} times as far away as those of the map are from each other. Points of the map that "
        f"are put back in this way land {plain(result.error[last])} of the spread from their place."
    )
    unknown = result.meta["unknown"][row] / max(result.meta["subwords"][row], 1)
    return f"{said} The model does not know {percent(unknown)} of its subwords." if unknown > _MUCH else said
