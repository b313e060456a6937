"""What a visitor takes home: HTML files that work offline, what a paper needs, the numbers, and what makes them."""

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import pandas as pd
import streamlit as st

from dlfa_core import report
from dlfa_core.figures.document import Document
from dlfa_core.runtime import runfile
from dlfa_core.runtime.command import read_command
from ui import kept
from ui.limits import is_demo
from ui.text import command_line

Table = pd.DataFrame | Callable[[], pd.DataFrame]  # or what makes it when somebody asks
_FOR_A_PAPER = (
    "Each figure as SVG, PDF and PNG, as wide as one column (3.3 in) and as two (6.9 in), with text of 8 to 9 points; "
    f"each table as CSV, and as LaTeX up to {report.LONGEST} rows. Drawing takes a while."
)
_PUBLIC = "This public app draws no figures for print: run the app on your own machine for them."


def downloads(
    name: str,
    page: Callable[[], Document],
    tables: Mapping[str, Table],
    command: str,
    parquet: Collection[str] = (),
) -> None:
    """The end of a page: buttons for it as HTML, for a paper, and for one CSV per table; the command line; the report.

    Args:
        name: start of the file names.
        page: makes the page; called when somebody asks for it, as it holds all of plotly.js.
        command: what makes the numbers again; of several results, a line each.
        parquet: names of tables that are offered as Parquet, too.
    """
    st.header("Take it with you", anchor=False)
    with st.container(horizontal=True):
        page_button("Page as HTML", lambda: page().html(), f"{name}.html", "download_html", "One file with the figures")
        _button(
            "For a paper as ZIP",
            lambda: _for_a_paper(name, page, tables),
            f"{name}-paper.zip",
            "application/zip",
            "download_paper",
            "article",
            _without_figures() or _FOR_A_PAPER,
        )
        for label, table in tables.items():
            file = f"{name}-{report.slug(label)}"
            key = f"download_{label.lower().replace(' ', '_')}"
            csv_button(f"{label} as CSV", table, f"{file}.csv", key)
            if label in parquet:
                _button(
                    f"{label} as Parquet",
                    lambda table=table: _frame(table).to_parquet(index=False),
                    f"{file}.parquet",
                    "application/vnd.apache.parquet",
                    f"{key}_parquet",
                    "table",
                )
        report_button()
    how_to_compute(command, name)


def report_button() -> None:
    """A button for all that is stored of the model in the sidebar, put together when somebody asks for it."""
    page_button(
        "Report of everything about this model",
        lambda: report.html(report.made(kept.chosen("model", "demo"), bundled_only=is_demo())),
        "report.html",
        "download_report",
        "One file with all figures, tables and settings that are stored of it",
    )


def page_button(label: str, page: Callable[[], str], file: str, key: str, what: str) -> None:
    """A button for a page of HTML, which `page` makes; `what` says what is in it."""
    _button(label, page, file, "text/html", key, "download", f"{what}; it needs no network.")


def csv_button(label: str, table: Table, file: str, key: str) -> None:
    """A button for a table as CSV."""
    _button(label, lambda: _frame(table).to_csv(index=False).encode(), file, "text/csv", key, "table")


def latex_button(label: str, table: Callable[[], str], file: str, key: str) -> None:
    """A button for a table as LaTeX, which `table` writes."""
    _button(label, table, file, "application/x-tex", key, "article", "For a paper, with the rules of booktabs")


def how_to_compute(command: str, name: str) -> None:
    """The command line that gives the same numbers, or several, and the run file that says the same."""
    st.caption("The same numbers from the command line:")
    command_line(command)
    _button(
        "Run file",
        lambda: runfile.written(read_command(line, _experiment) for line in command.splitlines()),
        f"{name}.toml",
        "application/toml",
        f"download_run_{name}",
        "settings",
        "The same settings as a file to keep and to change: python -m dlfa_core run FILE.toml",
    )


def _experiment(name: str) -> runfile.Experiment:
    return import_module(f"dlfa_core.experiments.{name}")


def _without_figures() -> str:
    """Say why there are no figures for print here; empty where they can be drawn."""
    return _PUBLIC if is_demo() else report.cannot_draw()


def _for_a_paper(name: str, page: Callable[[], Document], tables: Mapping[str, Table]) -> bytes:
    """A ZIP with the figures and tables of a page."""
    with TemporaryDirectory() as folder:
        report.write_tables(
            {f"{name}-{report.slug(label)}": _frame(each) for label, each in tables.items()}, Path(folder)
        )
        if said := _without_figures():
            (Path(folder) / "figures.txt").write_text(said, encoding="utf-8")
        else:
            shown = enumerate(page().figures, 1)
            figures = {
                f"{name}-{number}-{report.slug(title)}".rstrip("-"): figure for number, (title, figure, _) in shown
            }
            report.write_figures(figures, Path(folder), report.FORMATS, tuple(report.INCHES))
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for path in sorted(Path(folder).iterdir()):
                archive.write(path, path.name)
        return packed.getvalue()


def _button(
    label: str, data: Callable[[], str | bytes], file: str, mime: str, key: str, icon: str, tip: str | None = None
) -> None:
    st.download_button(label, data, file, mime, key=key, icon=f":material/{icon}:", on_click="ignore", help=tip)


def _frame(table: Table) -> pd.DataFrame:
    return table() if callable(table) else table
