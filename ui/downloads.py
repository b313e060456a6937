"""What a visitor takes home: one HTML file that works offline, the numbers, the command that makes them."""

from collections.abc import Callable, Collection, Mapping

import pandas as pd
import streamlit as st

from ui.text import command_line


def downloads(
    name: str,
    page: Callable[[], str],
    tables: Mapping[str, pd.DataFrame | Callable[[], pd.DataFrame]],
    command: str,
    parquet: Collection[str] = (),
) -> None:
    """Buttons for the HTML page and one CSV per table, and the command line.

    Args:
        name: start of the file names.
        page: makes the HTML; called when somebody asks for it, as it holds all of plotly.js.
        tables: frames, or what makes them when somebody asks.
        parquet: names of tables that are offered as Parquet, too.
    """
    with st.container(horizontal=True):
        st.download_button(
            "Page as HTML",
            page,
            f"{name}.html",
            "text/html",
            key="download_html",
            icon=":material/download:",
            on_click="ignore",
            help="One file with the figures; it needs no network.",
        )
        for label, table in tables.items():
            st.download_button(
                f"{label} as CSV",
                lambda table=table: _frame(table).to_csv(index=False).encode(),
                f"{name}-{label.lower().replace(' ', '-')}.csv",
                "text/csv",
                key=f"download_{label.lower().replace(' ', '_')}",
                icon=":material/table:",
                on_click="ignore",
            )
            if label in parquet:
                st.download_button(
                    f"{label} as Parquet",
                    lambda table=table: _frame(table).to_parquet(index=False),
                    f"{name}-{label.lower().replace(' ', '-')}.parquet",
                    "application/vnd.apache.parquet",
                    key=f"download_{label.lower().replace(' ', '_')}_parquet",
                    icon=":material/table:",
                    on_click="ignore",
                )
    st.caption("The same numbers from the command line:")
    command_line(command)


def _frame(table: pd.DataFrame | Callable[[], pd.DataFrame]) -> pd.DataFrame:
    return table() if callable(table) else table
