"""What a pre-training says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import plain
from dlfa_core.languages import find
from dlfa_core.tables import highest

if TYPE_CHECKING:
    from dlfa_core.experiments import pretrain


def summary(result: "pretrain.Result") -> Iterator[str]:
    """Yield how training went: the losses, and how the languages stand to each other, at the last check."""
    last = result.history.iloc[-1]
    yield f"{result.parameters:,} parameters, {last['step']:,.0f} steps, {last['tokens']:,.0f} tokens: {result.folder}"
    for name, table in (("Centred retrieval", result.retrieval), ("CKA", result.cka)):
        if len(own := table[table["step"] == table["step"].max()]):
            best = highest(own, own["value"])
            yield f"{name} from English is highest at layer {best['layer']:.0f}: {plain(best['value'])}."
    own = result.dev_loss[result.dev_loss["step"] == result.dev_loss["step"].max()]
    if len(own):
        mean = plain(own["value"].mean())
        yield f"Masked-word loss on held-out sentences, in nats, mean over languages: {mean}."
        for row in own.to_dict("records"):
            yield f"  {find(row['language']).name}: {plain(row['value'])}, n = {row['n']:,}"
