"""What the training of one classifier says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import thousandths, with_interval
from dlfa_core.languages import find

if TYPE_CHECKING:
    from dlfa_core.experiments import train


def summary(result: "train.Result") -> Iterator[str]:
    """Yield scores in every language, with intervals."""
    meta = result.meta
    yield (
        f"{meta['task_name']} with {meta['name']}, {'all weights' if meta['mode'] == 'finetune' else 'the head alone'} "
        f"trained in {find(meta['source_language']).name}; best after epoch {meta['epoch']:g}, "
        f"{meta['metric']} on the dev set {thousandths(meta['dev_score'])}."
    )
    for row in result.scores.to_dict("records"):
        score = with_interval(row, thousandths)
        yield f"  {find(row['language']).name}: {row['measure']} {score}, n = {row['n']:,}"
    if meta["folder"]:
        yield f"The model is in {meta['folder']}."
