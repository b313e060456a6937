"""What every page offers to take home, made as a visitor who presses its buttons gets it."""

import io
import tomllib
from zipfile import ZipFile

import pandas as pd
import plotly.graph_objects as go
import pytest

from dlfa_core import report
from dlfa_core.experiments import profile, project, recommend
from dlfa_core.figures import document
from dlfa_core.runtime import runfile
from dlfa_core.runtime.command import command_line, read_command
from tests.app.conftest import PAGES, open_app, opened
from ui.downloads import _experiment, _for_a_paper, _without_figures

TABLES = {"Best layers": pd.DataFrame({"value": [0.5]}), "Later": lambda: pd.DataFrame({"n": [1]})}


def page():
    return document("?", "", [("", go.Figure(), ""), ("Two of them", go.Figure(), "")], {})


def labels(app) -> list[str]:
    return [button.label for button in app.get("download_button")]


@pytest.mark.parametrize("path", [path for path in PAGES if "Lessons" not in path])  # which shows no result
def test_every_page_offers_run_file_report_and_what_a_paper_needs(path):
    app = opened(path)
    assert not app.exception
    offered = {"Page as HTML", "For a paper as ZIP", "Run file", "Report of everything about this model"}
    assert offered <= set(labels(app))


def test_home_offers_the_report():
    assert labels(open_app().run()) == ["Report of everything about this model"]


def test_nothing_is_made_before_somebody_asks(monkeypatch):
    def never(*_, **__):
        raise AssertionError("made too early")

    monkeypatch.setattr(report, "made", never)
    monkeypatch.setattr(runfile, "written", never)
    assert not opened(PAGES[0]).exception


@pytest.mark.parametrize(
    ("experiment", "spec"),
    [
        (profile, profile.Spec(pooling="cls", languages=("eng", "deu"))),
        (project, project.Spec(alignment_regularisation=0.25)),
        (recommend, recommend.Spec(task="sentiment:my folder", layers=(3, 6), lr=1e-4)),
    ],
)
def test_the_run_file_says_what_the_command_says(experiment, spec):
    name = experiment.__name__.rpartition(".")[2]
    assert read_command(command_line(name, spec), _experiment) == (experiment, spec)


def test_a_paper_gets_tables_and_why_there_are_no_figures(monkeypatch):
    monkeypatch.setattr(report, "cannot_draw", lambda: "Install a browser.")
    archive = ZipFile(io.BytesIO(_for_a_paper("layers", page, TABLES)))
    assert archive.namelist() == [
        "figures.txt",
        *(f"layers-{name}.{kind}" for name in ("best-layers", "later") for kind in ("csv", "tex")),
    ]
    assert archive.read("figures.txt") == b"Install a browser."


def test_a_paper_gets_figures_at_both_widths_in_all_formats(monkeypatch):
    asked = []
    monkeypatch.setattr(report, "cannot_draw", lambda: "")
    monkeypatch.setattr(report, "write_figures", lambda *settings: asked.append(settings))
    _for_a_paper("layers", page, {})
    figures, _, formats, columns = asked[0]
    assert list(figures) == ["layers-1", "layers-2-two-of-them"]
    assert set(formats) == {"svg", "pdf", "png"}
    assert columns == (1, 2)


def test_a_public_app_draws_no_figures_for_print(monkeypatch):
    monkeypatch.setenv("DLFA_DEMO", "1")
    assert _without_figures().startswith("This public app draws no figures for print")


def test_run_files_of_several_results_hold_them_all():
    lines = [command_line("profile", profile.Spec()), command_line("project", project.Spec(dims=3))]
    text = runfile.written(read_command(line, _experiment) for line in lines)
    assert [run["experiment"] for run in tomllib.loads(text)["run"]] == ["profile", "project"]
