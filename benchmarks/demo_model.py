"""How good is a small encoder? Every number of its model card, in one run.

    python -m benchmarks.demo_model PATH_OF_DATA [--model demo]

Retrieval: parallel treebanks (PUD), 1,000 sentences, English to the other language, top 1 by cosine after each
language's mean was subtracted; the second table is means over all pairs of languages. Parts of speech: trained as the
bundled tagger is, the lower eight blocks as they are, on 6,000 sentences of the English treebank EWT; the epoch is
chosen on its dev set, every other treebank is scored once, by token. Neither PUD nor a treebank's test set is trained
on.
"""

from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace

import pandas as pd
import tyro

from dlfa_core.experiments import profile, transfer
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import bar, span

MEASURES = ("cka", "retrieval_cosine", "retrieval_centred")


POS = transfer.Spec(
    task="pos:ud-pos",
    mode="finetune",
    fusions=("last", "dlfa"),
    layers=(8,),
    weights=("literal",),
    seeds=(0,),
    frozen_blocks=8,
    epochs=3,
    lr=5e-4,
    accumulation=1,
    eval_steps=0,
    train_limit=6000,
)


def main(data: tyro.conf.Positional[str], model: str = "demo") -> None:
    """Print the tables of the model card.

    Args:
        data: folder that holds the treebanks, `ud-pud` and `ud-pos`.
        model: as for `python -m dlfa_core profile`.
    """
    with chdir(data), bar() as progress:
        pud = profile.Spec(model=model, corpus="pud:ud-pud", measures=MEASURES)
        close = store.fetch(profile, pud, span(progress, 0, 0.3))
        tagged = store.fetch(transfer, replace(POS, model=model), span(progress, 0.3, 1))
    for table in (per_language(close.pairs), per_layer(close.means), per_treebank(tagged)):
        print("\n".join(table), end="\n\n")


def per_language(pairs: pd.DataFrame) -> Iterator[str]:
    """Centred retrieval from English, a row for each language and one for their mean."""
    chosen = pairs[(pairs.measure == "retrieval_centred") & (pairs.source == "eng")]
    table = chosen.pivot(index="target", columns="layer", values="value")
    table.index = [find(code).name for code in table.index]
    table.loc["mean"] = table.mean()
    yield from rows("English to", table)


def per_layer(means: pd.DataFrame) -> Iterator[str]:
    """Each measure's mean over all pairs of languages."""
    yield from rows("all pairs", means.pivot(index="measure", columns="layer", values="value"))


def per_treebank(result: transfer.Result) -> Iterator[str]:
    """Token accuracy with the last layer alone and with DLFA, and its mean over the languages but English."""
    chosen = result.scores[result.scores["measure"] == "token_accuracy"]
    table = chosen.pivot(index="language", columns="fusion", values="value")[["last", "dlfa"]]
    table = table.rename(columns={"last": "last layer", "dlfa": f"DLFA, layer {POS.layers[0]}"})
    mean = table.drop(index="eng").mean()
    table.index = [find(code).name for code in table.index]
    table.loc["mean of all but English"] = mean
    yield from rows("part of speech", table)


def rows(corner: str, table: pd.DataFrame) -> Iterator[str]:
    """A Markdown table with two decimals; the best layer of each row stands out."""
    yield "| " + " | ".join([corner, *map(str, table.columns)]) + " |"
    yield "| --- |" + " ---: |" * len(table.columns)
    for name, values in table.iterrows():
        cells = (f"**{value:.2f}**" if value == values.max() else f"{value:.2f}" for value in values)
        yield "| " + " | ".join([str(name), *cells]) + " |"


if __name__ == "__main__":
    tyro.cli(main)
