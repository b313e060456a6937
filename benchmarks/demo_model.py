"""How good is a small encoder? Translation retrieval and CKA per layer and language on PUD, as in its model card.

    python -m benchmarks.demo_model PATH_OF_UD_PUD [--model demo]

PUD is never trained on. Every row is English to the other language over 1,000 sentences, top 1 by cosine after each
language's mean was subtracted; the second table is means over all pairs of languages.
"""

from collections.abc import Iterator

import pandas as pd
import tyro

from dlfa_core.experiments import profile
from dlfa_core.languages import find
from dlfa_core.runtime import store
from dlfa_core.runtime.progress import bar

MEASURES = ("cka", "retrieval_cosine", "retrieval_centred")


def main(pud: tyro.conf.Positional[str], model: str = "demo") -> None:
    """Print the tables of the model card.

    Args:
        pud: folder of the PUD treebanks.
        model: as for `python -m dlfa_core profile`.
    """
    with bar() as progress:
        result = store.fetch(profile, profile.Spec(model=model, corpus=f"pud:{pud}", measures=MEASURES), progress)
    print("\n".join([*per_language(result.pairs), "", *per_layer(result.means)]))


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


def rows(corner: str, table: pd.DataFrame) -> Iterator[str]:
    """A Markdown table with two decimals; the best layer of each row stands out."""
    yield "| " + " | ".join([corner, *map(str, table.columns)]) + " |"
    yield "| --- |" + " ---: |" * len(table.columns)
    for name, values in table.iterrows():
        cells = (f"**{value:.2f}**" if value == values.max() else f"{value:.2f}" for value in values)
        yield "| " + " | ".join([str(name), *cells]) + " |"


if __name__ == "__main__":
    tyro.cli(main)
