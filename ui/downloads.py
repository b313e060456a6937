"""What a visitor takes home: one HTML file that works offline, the numbers, the command that makes them."""

from collections.abc import Callable, Collection, Mapping

import pandas as pd
import streamlit as st

from ui.text import command_line

Table = pd.DataFrame | Callable[[], pd.DataFrame]  # or what makes it when somebody asks


def downloads(
    name: str, page: Callable[[], str], tables: Mapping[str, Table], command: str, parquet: Collection[str] = ()
) -> None:
    """The end of a page: buttons for it as HTML and for one CSV per table, and the command line.

    Args:
        name: start of the file names.
        page: makes the HTML; called when somebody asks for it, as it holds all of plotly.js.
        parquet: names of tables that are offered as Parquet, too.
    """
    st.header("Take it with you", anchor=False)
    with st.container(horizontal=True):
        page_button("Page as HTML", page, f"{name}.html", "download_html", "One file with the figures")
        for label, table in tables.items():
            file = f"{name}-{label.lower().replace(' ', '-')}"
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
    how_to_compute(command)


def page_button(label: str, page: Callable[[], str], file: str, key: str, what: str) -> None:
    """A button for a page of HTML, which `page` makes; `what` says what is in it."""
    _button(label, page, file, "text/html", key, "download", f"{what}; it needs no network.")


def csv_button(label: str, table: Table, file: str, key: str) -> None:
    """A button for a table as CSV."""
    _button(label, lambda: _frame(table).to_csv(index=False).encode(), file, "text/csv", key, "table")


def how_to_compute(command: str) -> None:
    """The command line that gives the same numbers."""
    st.caption("The same numbers from the command line:")
    command_line(command)


def _button(
    label: str, data: Callable[[], str | bytes], file: str, mime: str, key: str, icon: str, tip: str | None = None
) -> None:
    st.download_button(label, data, file, mime, key=key, icon=f":material/{icon}:", on_click="ignore", help=tip)


def _frame(table: Table) -> pd.DataFrame:
    return table() if callable(table) else table
