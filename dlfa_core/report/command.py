"""`python -m dlfa_core report`: a model's report, and its figures and tables for a paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dlfa_core import report


@dataclass(frozen=True)
class Options:
    """Write everything that is stored of a model into one HTML file that works with no network.

    Nothing is computed; what is not stored is named in the report, with the command that computes it.

    Attributes:
        model: a bundled name, a folder or a hub id.
        out: the HTML file.
        run_file: also write the TOML file that `python -m dlfa_core run` computes all of it from.
        figures: also draw every figure into this folder; this needs Chrome or Chromium.
        format: of the figures.
        columns: of the paper, that a figure is as wide as: 1 (3.3 in) or 2 (6.9 in); both, if both are given.
        tables: also write every table into this folder: as CSV, and as LaTeX with booktabs up to 200 rows.
    """

    model: str = "demo"
    out: Path = Path("report.html")
    run_file: Path | None = None
    figures: Path | None = None
    format: tuple[Literal["svg", "pdf", "png"], ...] = ("svg", "pdf")
    columns: tuple[Literal[1, 2], ...] = (1,)
    tables: Path | None = None


def main(arguments: Sequence[str], program: str) -> None:
    """Write what the options ask for.

    Raises:
        ValueError: there is no such model, nothing is stored of it, or figures cannot be drawn here.
        OSError: a file cannot be written.
    """
    import tyro

    asked = tyro.cli(Options, prog=program, args=list(arguments))
    made = report.made(asked.model)
    if not made.sections:
        commands = "; ".join(made.missing) or f"python -m dlfa_core.bundle --model {made.model}"
        raise ValueError(
            f"Nothing is stored of {made.model}, so there is nothing to report. Compute it first: {commands}"
        )
    _write(asked.out, report.html(made))
    if asked.run_file:
        _write(asked.run_file, made.run_file)
    if asked.tables:
        print(f"Written to {asked.tables}: {len(report.write_tables(made.tables, asked.tables))} files of tables")
    if asked.figures:
        drawn = report.write_figures(made.figures, asked.figures, asked.format, asked.columns)
        print(f"Written to {asked.figures}: {len(drawn)} figures")


def _write(path: Path, text: str) -> None:
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path} lies in a folder that does not exist: make {path.parent} first.")
    path.write_text(text, encoding="utf-8")
    print(f"Written to {path}")
