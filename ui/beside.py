"""A model held against others on the same question: what is drawn and said of their differences."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import plotly.graph_objects as go

from dlfa_core.experiments import profile, recommend
from dlfa_core.figures import beside as drawn
from dlfa_core.figures.fusion import Fusion
from dlfa_core.figures.sentences import beside as said
from dlfa_core.runtime import store
from dlfa_core.runtime.command import command_line as command_line_of
from dlfa_core.runtime.experiment import name_of
from ui import kept, models, stored, sweeps
from ui.charts import chart
from ui.comparison import in_words
from ui.results import result as ui_result
from ui.text import aside, command_line


def similarity(result: profile.Result, spec: profile.Spec, measures: Sequence[str], other: str) -> None:
    """How much more alike translations are for the encoder of a profile than for another one, or an offer to see."""
    asked = replace(spec, model=other)
    found = ui_result(profile, asked, in_words(asked), slot=f"_similarity_{other}")
    if found is not None:
        _differences(
            drawn.similarity_pairs, drawn.similarity_differences, (result, found, tuple(measures)), spec.model, other
        )


def scores(shown: stored.Shown, fusions: Sequence[Fusion], other: str) -> None:
    """How much better fusions of an encoder do than those of another one, or how to have that one learn the task."""
    entries = [entry for entry in sweeps.compared(other).values() if _same_question(entry, shown.spec)]
    if not entries:
        called = models.label(other)
        aside(f"{called} has not learnt this task in this way. The same command with another model has it do so:")
        command_line(command_line_of(name_of(recommend), replace(shown.spec, model=other)))
        return
    found = stored.read(recommend, entries[0])
    if found is not None:
        _differences(
            drawn.score_pairs,
            drawn.score_differences,
            (shown.result, found.result, tuple(fusions)),
            shown.spec.model,
            other,
        )


def _differences(pairs: Callable, draw: Callable[..., go.Figure], asked: tuple, first: str, other: str) -> None:
    """Show a figure of differences, and say of each quantity where it differs."""
    names = models.label(first), models.label(other)
    lines = kept.once(_lines, pairs, *asked, *names)
    if not lines:
        aside(f"{names[0]} and {names[1]} have nothing of this in common.")
        return
    chart(partial(draw, *asked), f"{draw.__name__}_{other}", alt=" ".join(lines))
    aside(*lines, said.HOW_SURE)


def _lines(pairs: Callable, first: object, second: object, chosen: tuple, name: str, other: str) -> list[str]:
    return [
        said.difference_said(said.difference_table(one, two), label, name, other)
        for label, (one, two, _) in pairs(first, second, chosen).items()
    ]


def _same_question(entry: store.Entry, spec: recommend.Spec) -> bool:
    """Tell whether a sweep differs in its encoder alone."""
    return replace(entry.spec, model="") == replace(spec, model="")
