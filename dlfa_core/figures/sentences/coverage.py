"""What the coverage of a lexicon says in words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.figures.sentences.numbers import counted, share

if TYPE_CHECKING:
    from dlfa_core.experiments import coverage


def summary(result: "coverage.Result") -> Iterator[str]:
    """Yield what was counted, in one sentence."""
    rows = result.languages[result.languages["polarity"] == "all"]
    entries = int(rows["entries"].sum())
    one, several = (share(rows[name].sum() / entries, 0) for name in ("one_subword", "several"))
    said = (
        f"{counted(entries, 'word')} in {counted(len(rows), 'language')}: {one} one subword, {several} several, "
        f"{share(rows['unknown'].sum() / entries)} with an unknown subword"
    )
    own = rows[rows["n"].notna()]
    if len(own):
        said += f"; {share(own['lemmas_found'].sum() / own['lemmas'].sum(), 0)} occur in the corpus"
    yield f"{said}."
