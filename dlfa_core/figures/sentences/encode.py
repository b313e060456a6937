"""What an encoding says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import counted, share

if TYPE_CHECKING:
    from dlfa_core.experiments import encode


def summary(result: "encode.Result") -> Iterator[str]:
    """Yield what was encoded, in one sentence."""
    n_states, n, hidden = result.vectors.shape
    cut = f", {result.truncated:,} of them cut" if result.truncated else ""
    unknown = share(result.unknown.sum() / max(result.subwords.sum(), 1))
    yield f"{counted(n, 'sentence')}{cut}, {n_states} states of {hidden} dimensions, {unknown} of the subwords unknown."
