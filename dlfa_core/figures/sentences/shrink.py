"""What a smaller encoder says of what it left out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import counted, plain, share
from dlfa_core.languages import find

if TYPE_CHECKING:
    from dlfa_core.experiments import shrink


def summary(result: "shrink.Result") -> Iterator[str]:
    """Yield how much smaller the model is, and what each language lost, a line each."""
    sizes = {row["size"]: (row["before"], row["after"]) for row in result.sizes.to_dict("records")}
    (subwords, fewer), (parameters, less), (size, smaller) = (
        sizes[name] for name in ("subwords", "parameters", "bytes")
    )
    table = result.languages
    more = (table["fertility_after"] / table["fertility_before"]).mean() - 1
    yield (
        f"{fewer:,} of {counted(subwords, 'subword')} are kept: {plain(less / 1e6, 1)} instead of "
        f"{plain(parameters / 1e6, 1)} million parameters, {plain(smaller / 1e6, 1)} instead of {plain(size / 1e6, 1)} "
        f"MB. They are {share(table['kept'].mean())} of the tokens, mean over {counted(len(table), 'language')}; a "
        f"word takes {share(more)} more tokens."
    )
    for row in table.sort_values("kept", kind="stable").to_dict("records"):
        yield (
            f"{find(row['language']).name}: {share(row['kept'])} of {counted(row['tokens'], 'token')} are kept, a word "
            f"takes {plain(row['fertility_after'])} tokens instead of {plain(row['fertility_before'])}"
        )
