"""Figures at the size of paper: widths, text and formats; drawn in the browser that the tests have."""

import re
import struct
import sys
from pathlib import Path

import plotly.graph_objects as go
import pytest
from choreographer.browsers.chromium import Chromium

from dlfa_core import figures
from dlfa_core.report import paper

POINTS = 72
NO_BROWSER = pytest.mark.skipif(bool(paper.cannot_draw()), reason="needs Chrome or Chromium")


@pytest.fixture(scope="module")
def curves(profile_result) -> go.Figure:
    return figures.curves(profile_result, ("cka", "anc"))


def sizes(node, within=""):
    """All sizes of text in a part of a figure, in pixels."""
    if isinstance(node, list | tuple):
        for each in node:
            yield from sizes(each, within)
    if isinstance(node, dict):
        if within.endswith("font") and "size" in node:
            yield node["size"]
        for key, value in node.items():
            yield from sizes(value, key)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_figure_is_as_wide_as_its_columns_with_text_of_8_to_9_points(curves, columns):
    made = paper.at_paper_size(curves, columns)
    assert made.layout.width == pytest.approx(paper.INCHES[columns] * 96)
    found = [size * POINTS / 96 for size in sizes(made.to_dict())]
    assert found
    assert all(7.99 <= size <= 9.01 for size in found)
    assert made.layout.paper_bgcolor == "white"


def test_the_figure_of_the_page_stays_as_it_was(curves):
    before = curves.to_json()
    paper.at_paper_size(curves, 1)
    assert curves.to_json() == before


def test_all_that_is_drawn_is_still_there(curves):
    made = paper.at_paper_size(curves, 1)
    assert [trace.name for trace in made.data] == [trace.name for trace in curves.data]
    for ours, theirs in zip(made.data, curves.data, strict=True):
        assert list(ours.y) == pytest.approx(list(theirs.y), nan_ok=True)
        assert ours.line.dash == theirs.line.dash


def test_a_legend_of_many_rows_does_not_take_the_place_of_the_curves(curves):
    few, many = (
        paper.at_paper_size(go.Figure([go.Scatter(x=[1], y=[1], name=f"curve number {i}") for i in range(n)], look), 1)
        for n in (1, 9)
        for look in [{"legend_orientation": "h", "showlegend": True, "height": 400}]
    )
    assert many.layout.height > few.layout.height + 4 * paper.LARGEST


def test_all_rows_are_named_and_long_names_are_broken_in_one_column_only():
    names = ["short", "a name of a row that is rather long", *(f"row {number}" for number in range(30))]
    figure = go.Figure(go.Scatter(x=list(range(len(names))), y=names), {"height": 400})
    narrow, wide = (paper.at_paper_size(figure, columns) for columns in (1, 2))
    for made in (narrow, wide):
        assert made.layout.yaxis.tickvals == tuple(names)
        assert [name.replace("<br>", " ") for name in made.layout.yaxis.ticktext] == names
        assert made.layout.height > len(names) * paper.SMALLEST
    assert "<br>" in narrow.layout.yaxis.ticktext[1]
    assert "<br>" not in wide.layout.yaxis.ticktext[1]


def test_a_long_title_of_an_axis_is_broken_into_lines_that_fit():
    figure = go.Figure(go.Scatter(x=[1], y=[1]), {"xaxis_title": "one two " * 12, "height": 400})
    lines = paper.at_paper_size(figure, 1).layout.xaxis.title.text.split("<br>")
    assert len(lines) > 1
    assert max(map(len, lines)) * 5 < paper.INCHES[1] * 96


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"formats": ["svg", "eps"]}, "cannot be written as eps: choose of svg, pdf, png"),
        ({"columns": [3]}, "as wide as 1 column or 2, not 3"),
    ],
)
def test_other_formats_and_widths_are_refused(curves, settings, message, tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "cannot_draw", lambda: "")
    with pytest.raises(ValueError, match=message):
        paper.write_figures({"curves": curves}, tmp_path, **settings)


def test_without_a_browser_it_says_what_to_install(curves, tmp_path, monkeypatch):
    monkeypatch.setattr(Chromium, "find_browser", lambda **_: None)
    with pytest.raises(ValueError, match="drawn by Chrome or Chromium, and there is none here: install one"):
        paper.write_figures({"curves": curves}, tmp_path)
    monkeypatch.setattr(Chromium, "find_browser", lambda **_: str(tmp_path / "nothing"))
    assert paper.cannot_draw().startswith(f"BROWSER_PATH={tmp_path / 'nothing'} is no file")


def test_without_kaleido_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "choreographer.browsers.chromium", None)
    assert "need the package kaleido: pip install" in paper.cannot_draw()


@pytest.fixture(scope="module")
def drawn(curves, tmp_path_factory) -> Path:
    """A folder with one figure in every format and at both widths."""
    folder = tmp_path_factory.mktemp("paper")
    files = paper.write_figures({"curves": curves}, folder, paper.FORMATS, (1, 2))
    assert sorted(files) == sorted(folder.iterdir())
    assert len(files) == 6
    return folder


@NO_BROWSER
@pytest.mark.browser
@pytest.mark.parametrize("columns", [1, 2])
def test_files_have_the_width_of_the_columns(drawn, columns):
    svg = (drawn / f"curves-{columns}col.svg").read_text(encoding="utf-8")
    assert float(re.search(r'<svg[^>]* width="([\d.]+)"', svg)[1]) / 96 == pytest.approx(
        paper.INCHES[columns], abs=0.01
    )
    assert "CKA" in svg
    pdf = (drawn / f"curves-{columns}col.pdf").read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) [\d.]+\]", pdf)
    assert len(boxes) == 1
    assert float(boxes[0]) / POINTS == pytest.approx(paper.INCHES[columns], abs=0.02)
    png = (drawn / f"curves-{columns}col.png").read_bytes()
    assert struct.unpack(">I", png[16:20])[0] / 600 == pytest.approx(paper.INCHES[columns], abs=0.02)
