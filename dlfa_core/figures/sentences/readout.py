"""What is said of how well each layer can be read as words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import counted, plain, with_interval
from dlfa_core.tables import Interval, Record, lowest

if TYPE_CHECKING:
    from dlfa_core.experiments import readout

ALL = "all"


def losses_of(result: "readout.Result", language: str = ALL) -> "readout.Losses":
    """The losses of one language, or the means over all, layer by layer."""
    return result.losses[result.losses["language"] == language].sort_values("layer")


def unigrams_of(result: "readout.Result", language: str = ALL) -> Record[Interval]:
    """The loss by the frequencies of subwords alone, of one language or the mean over all."""
    return result.unigrams[result.unigrams["language"] == language].iloc[0]


def first_readable(result: "readout.Result") -> int | None:
    """The first layer from which on all are read better than frequencies guess; None where the last one is not."""
    first = None
    for row in reversed(result.gains.sort_values("layer").to_dict("records")):
        if not row["ci_low"] > 0:
            break
        first = int(row["layer"])
    return first


def readable_said(result: "readout.Result") -> str:
    """One sentence: from which layer on the output for masked words reads more than frequencies say."""
    last = result.gains.sort_values("layer").iloc[-1]
    n = counted(int(losses_of(result).iloc[-1]["n"]), "hidden subword")
    first = first_readable(result)
    if first is None:
        return (
            f"On {n} of “{result.meta['corpus_name']}” the head does not read the last layer better than guessing by "
            f"frequency does ({with_interval(last)} nats better): no layer's words should be believed."
        )
    where = "Every layer" if first == 0 else f"Only layer {first} and those above"
    if 0 < first == int(last["layer"]):
        where = f"Only the last layer, {first},"
    return (
        f"{where} can be read better than guessing by frequency, on {n} of held-out sentences: at layer "
        f"{int(last['layer'])} by {with_interval(last)} nats."
    )


def held_out_said(result: "readout.Result") -> str:
    """What the sentences are, and what the lines beside the losses mean."""
    own = f"Nobody can tell here whether the model was trained on “{result.meta['corpus_name']}”."
    if result.meta["corpus"] == "sample":
        unread = "; the bundled encoder was not trained on them" if result.meta["model"] == "demo" else ""
        own = f"The sentences were written for this project{unread}."
    return (
        f"{own} 15 % of their subwords are hidden, as in pre-training; the loss is the mean over "
        f"{counted(len(result.meta['languages']), 'language')}, its interval is from drawing the sentences again. "
        f"Guessing by the frequency of subwords in the other sentences costs {with_interval(unigrams_of(result))} "
        f"nats, knowing nothing {plain(result.meta['chance'])}."
    )


def summary(result: "readout.Result") -> Iterator[str]:
    """Yield the losses of the first, the best and the last layer, and what they are worth."""
    rows = losses_of(result)
    best = lowest(rows, rows["value"])
    yield (
        f"Masked-word loss: {with_interval(rows.iloc[0])} nats at layer 0, {with_interval(best)} at layer "
        f"{int(best['layer'])}, the lowest, and {with_interval(rows.iloc[-1])} at the last."
    )
    yield readable_said(result)
    yield held_out_said(result)
