"""What a benchmark says in words: every task's scores, averages where they stand, and what is absent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlfa_core.data.xtreme_r import XTREME_R
from dlfa_core.figures.sentences.numbers import counted, listed
from dlfa_core.figures.suite import NOTHING, SYSTEM_LABELS, interval, percent, suite_table
from dlfa_core.languages import find

if TYPE_CHECKING:
    from dlfa_core.experiments import benchmark

MODES = {
    "frozen": "The encoder stayed as it was and only heads learnt, where the benchmark trains all weights.",
    "finetune": "All weights learnt, as the benchmark has it.",
}
MANY = 4  # missing languages; more are counted


def answer(result: "benchmark.Result") -> str:
    """One sentence: how much of the benchmark is here."""
    tasks = result.cells.copy().drop_duplicates("task")
    whole, n = int(tasks["whole"].sum()), len(XTREME_R)
    if tasks.empty:
        return f"None of the {n} tasks of XTREME-R was computed yet."
    there = f"{counted(len(tasks), 'task')} of {n} of XTREME-R {'is' if len(tasks) == 1 else 'are'} here"
    return f"{there}, {whole or 'none'} of them whole."


def averages_said(result: "benchmark.Result") -> Iterator[str]:
    """Yield the averages that stand, each with its interval; say so where none does."""
    rows = result.averages.copy().dropna(subset=["value"])
    for row in rows.to_dict("records"):
        over, value = counted(row["of_tasks"], "task"), " ".join(filter(None, [percent(row["value"]), interval(row)]))
        yield f"Average over {row['group']} ({over}), {SYSTEM_LABELS[row['system']]}: {value}."
    if rows.empty:
        yield "No average stands: each is over all tasks of a group, every one of them whole."


def absent_said(result: "benchmark.Result") -> Iterator[tuple[str, str]]:
    """Yield each task that is not whole, and which languages are missing and how to get them."""
    for row in result.absent.to_dict("records"):
        names = [find(code).name for code in row["languages"].split()]
        few = listed(names) if len(names) <= MANY else f"{len(names)} languages"
        yield row["title"], f"{few} missing. {row['how']}"


def summary(result: "benchmark.Result") -> Iterator[str]:
    """Yield how much is here, the scores of each task, the averages, and what is absent."""
    yield answer(result)
    layout = suite_table(result)
    for column, (title, metric) in enumerate(layout.columns, start=1):
        cells = [(label, cells[column]) for label, cells in layout.lines if cells[column].value != NOTHING]
        for partial in dict.fromkeys(cell.partial for _, cell in cells):
            yield f"{title} ({metric}, in per cent){f', partial: {partial}' if partial else ''}"
            for label, cell in cells:
                if cell.partial == partial:
                    said = " ".join(filter(None, [cell.value, cell.interval]))
                    yield f"  {label}: {said}{f' ({cell.of})' if cell.of else ''}"
    yield from averages_said(result)
    yield MODES[result.meta["mode"]]
    for title, said in absent_said(result):
        yield f"Absent: {title}: {said}"
