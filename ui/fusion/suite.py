"""All tasks of XTREME-R in one table: far down on the page, and made when the visitor comes near."""

from collections.abc import Iterator
from contextlib import suppress

import streamlit as st

import ui
from dlfa_core import report
from dlfa_core.experiments import benchmark, transfer
from dlfa_core.figures import suite as layouts
from dlfa_core.figures.published import published_suite
from dlfa_core.figures.sentences import benchmark as said
from dlfa_core.runtime import store
from dlfa_core.runtime.command import command_line as program_line
from ui import kept, stored
from ui.downloads import csv_button, how_to_compute, latex_button
from ui.html import show
from ui.text import command_line

HOW_TO_READ = (
    "Scores are per cent; below each is its 95 % interval and what was scored. The English dev set of each task chose "
    "the layer and the control. DLFA has no score where nothing is trained, unless a task model was named."
)
HOW_AVERAGED = (
    "XTREME-R averages over languages, then over tasks; of questions the score is the mean of F1 and exact match. An "
    "average stands only where every task is whole. Its interval, and that of two metrics, has the mean ends of those "
    "that it is made of, which is rather too wide."
)
PARTIAL = f"{layouts.PARTIAL} Partial: fewer languages or examples than XTREME-R, or a sample in place of its data."
PUBLISHED = (
    "mBERT, fine-tuned on other data, partly in fewer languages: no baseline for the rows above. DLFA's layer was "
    "picked on the tests."
)
_HEIGHT = 480  # of the place that is kept for it, in pixels


def suite(model: str) -> None:
    """Show the fullest stored benchmark of a model, or what its stored transfers fill of one."""
    ui.in_sight("suite", lambda: _draw(model), _HEIGHT)


def _draw(model: str) -> None:
    result, command = _found(model)
    ui.aside(ui.once(said.answer, result), said.MODES[result.meta["mode"]])
    layout = ui.once(layouts.suite_table, result)
    if layout.lines:
        show("fusion.suite", layout, "Scores computed here")
    partial = list(layouts.partial_said(layout))
    if partial:
        ui.aside(PARTIAL)
    ui.reading(HOW_TO_READ, HOW_AVERAGED, *partial)
    ui.reading(terms=list(said.absent_said(result)), title="What is missing, and how to get it")
    st.subheader("Published by others", anchor=False)
    show("fusion.suite", layouts.published_table(), "Scores published by others")
    ui.reading(PUBLISHED, *layouts.partial_said(layouts.published_table()))
    with st.container(horizontal=True):
        csv_button("XTREME-R as CSV", result.cells, "xtreme-r.csv", "download_suite")
        csv_button("Its averages as CSV", result.averages, "xtreme-r-averages.csv", "download_suite_averages")
        csv_button("Published as CSV", published_suite, "xtreme-r-published.csv", "download_suite_published")
        latex_button("XTREME-R as LaTeX", lambda: report.latex_suite(result), "xtreme-r.tex", "download_suite_tex")
    if command:
        how_to_compute(command, "xtreme-r")
    else:
        st.caption("These are stored results of single tasks. All tasks whose data are here, from the command line:")
        command_line(program_line("benchmark", benchmark.Spec(model=model)))


def _found(model: str) -> tuple[benchmark.Result, str]:
    """The result to show, and the command that computes it; "" of one that is put together of stored ones."""
    entries = [entry for entry in store.listing(benchmark) if stored.of(model, entry)]
    for entry in sorted(entries, key=lambda entry: (-entry.values["meta"]["reach"], entry.key)):
        with suppress(kept.NotStored):
            return kept.result(benchmark, entry.key), entry.command
    return ui.once(benchmark.of_transfers, model, tuple(_trained(model))), ""


def _trained(model: str) -> Iterator[tuple[transfer.Spec, transfer.Result]]:
    """The stored transfers of a model in the benchmark's tasks, on an encoder that stayed as it was; bundled first."""
    entries = [entry for entry in store.listing(transfer) if stored.of(model, entry)]
    for entry in sorted(entries, key=lambda entry: (not entry.bundled, entry.key)):
        if benchmark.is_task(entry.spec.task) and entry.spec.mode == "frozen":
            with suppress(kept.NotStored):
                yield entry.spec, kept.result(transfer, entry.key)
