"""Everything that is stored of a model as one HTML file that works with no network; its figures and tables for a paper.

Nothing is computed: what the stores do not hold is named, with the command that computes it.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from dlfa_core import models
from dlfa_core.markup import render
from dlfa_core.report.paper import FORMATS, INCHES, cannot_draw, write_figures
from dlfa_core.report.sections import Section, sections_of, slug
from dlfa_core.report.stored import missing, of_model
from dlfa_core.report.suite import latex_suite
from dlfa_core.report.tables import LONGEST, latex, write_tables, written
from dlfa_core.runtime import runfile

__all__ = [
    "FORMATS",
    "INCHES",
    "LONGEST",
    "Report",
    "cannot_draw",
    "html",
    "latex",
    "latex_suite",
    "made",
    "slug",
    "write_figures",
    "write_tables",
]

PACKAGES = ("torch", "transformers", "numpy", "pandas", "scipy", "scikit-learn", "umap-learn", "plotly")


@dataclass(frozen=True)
class Report:
    """What is stored of a model.

    Attributes:
        model: its full name.
        sections: one for each result.
        missing: commands that compute what is not stored yet.
    """

    model: str
    sections: tuple[Section, ...]
    missing: tuple[str, ...]

    @property
    def figures(self) -> dict[str, go.Figure]:
        """All figures by the names of their files: "profile-similarity-at-every-layer"."""
        return {
            section.file(heading): figure for section in self.sections for heading, figure, _ in section.content.figures
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by the names of their files: "profile-best-layers"."""
        return {
            section.file(title): table for section in self.sections for title, table in section.content.tables.items()
        }

    @property
    def run_file(self) -> str:
        """What computes all of it again; "" where nothing is stored."""
        runs = [(each.stored.experiment, each.stored.entry.spec) for each in self.sections]
        return runfile.written(runs) if runs else ""


def made(model: str, bundled_only: bool = False) -> Report:
    """Return what is stored of an encoder and of the task models on it.

    Args:
        model: a bundled name, a folder or a hub id.
        bundled_only: leave out what was computed here.

    Raises:
        ValueError: there is no such model.
    """
    name = models.full_name(model)
    found = of_model(name, bundled_only)
    return Report(name, tuple(sections_of(found)), tuple(missing(name, found)))


def html(report: Report) -> str:
    """Return a report as a complete HTML page, which carries plotly.js once and asks nothing of the network."""
    return render(
        "page_report.html",
        title=f"What is known of {report.model}",
        report=report,
        model=_about(report.model),
        charts={name: Markup(_json(figure)) for name, figure in report.figures.items()},
        written=written,
        longest=LONGEST,
        versions=_versions(),
        plotly=Markup(get_plotlyjs()),
    )


def _json(figure: go.Figure) -> str:
    """A figure as JSON that cannot end the script that it stands in."""
    return figure.to_json().replace("<", "\\u003c")


def _about(model: str) -> str:
    count, blocks = models.n_parameters(model), models.n_blocks(model)
    known = [f"{count:,} parameters" if count else "", f"{blocks} blocks" if blocks else ""]
    return ", ".join([model, *filter(None, known)])


def _versions() -> Mapping[str, str]:
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
