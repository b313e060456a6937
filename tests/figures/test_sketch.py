"""The picture before the picture."""

import re
from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest

from dlfa_core import figures
from dlfa_core.figures.sketch import WIDTH, sketch
from dlfa_core.figures.theme import GRID

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def figure():
    line = go.Scatter(x=[0, 1, 2], y=[0.0, 0.5, 1.0], mode="lines", line={"color": "#123456", "width": 2})
    return go.Figure(line, {"height": 300, "xaxis": {"range": [0, 2], "dtick": 1}})


def path(svg):
    drawn = next(e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("stroke") == "#123456")
    return [tuple(map(float, point.split())) for point in re.split("[ML]", drawn.get("d"))[1:]]


def test_it_is_well_formed_and_says_what_it_shows(profile_result):
    root = ElementTree.fromstring(sketch(figures.curves(profile_result, ["cka", "anc"]), 'A "curve" <b>'))
    assert root.get("aria-label") == 'A "curve" <b>'
    assert not list(root.iter(f"{SVG}script"))


def test_points_stand_in_proportion(figure):
    (x0, y0), (x1, y1), (x2, y2) = path(sketch(figure, ""))
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    assert 0 < x0 < x2 < WIDTH
    assert 0 < y2 < y0 < 300


def test_every_line_of_the_figure_is_drawn(profile_result):
    figure = figures.curves(profile_result, ["cka", "retrieval_cosine"])
    lines = [t for t in figure.data if "lines" in (t.mode or "") and t.fill != "toself"]
    drawn = [
        e for e in ElementTree.fromstring(sketch(figure, "")).iter(f"{SVG}path") if e.get("stroke") not in (None, GRID)
    ]
    assert len(drawn) == len(lines)


def test_a_gap_in_the_numbers_is_a_gap_in_the_line(figure):
    figure.data[0].y = [0.0, np.nan, 1.0]
    assert len(path(sketch(figure, ""))) == 2
    assert "nan" not in sketch(figure, "")


@pytest.mark.parametrize("top", [0.003, 0.2, 0.9, 1.0, 40.0])
def test_the_upright_axis_has_a_few_round_marks(figure, top):
    figure.data[0].y = [0.0, top / 2, top]
    texts = [e.text for e in ElementTree.fromstring(sketch(figure, "")).iter(f"{SVG}text")]
    marks = [float(text) for text in texts[: -len("012") - 1]]  # then the layers and the title
    assert 5 <= len(marks) <= 13
    assert marks[0] == 0
    assert marks[-1] <= top * 1.06


def test_an_axis_with_a_range_shows_it_negative_numbers_too(figure):
    figure.data[0].y = [-0.04, 0.0, 0.04]
    figure.update_yaxes(range=[-0.05, 0.05])
    (_, y0), (_, y1), (_, y2) = path(sketch(figure, ""))
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    assert 0 < y2 < y0 < 300
    texts = [e.text for e in ElementTree.fromstring(sketch(figure, "")).iter(f"{SVG}text")]
    marks = [float(text) for text in texts[: -len("012") - 1]]
    assert min(marks) < 0 < max(marks)
    assert 0 in marks
    assert marks[0] >= -0.05
    assert marks[-1] <= 0.05
