"""What texts say that landed on a map."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import counted, plain

if TYPE_CHECKING:
    from dlfa_core.experiments import land


def summary(result: "land.Result") -> Iterator[str]:
    """Yield how well the texts fit on the map, in one sentence."""
    last = len(result.coordinates) - 1
    yield (
        f"{counted(len(result.meta['texts']), 'text')} landed at {counted(last + 1, 'layer')}; at layer {last} points "
        f"put back on the map land {plain(result.error[last])} of its spread from their place."
    )
