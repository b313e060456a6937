"""What outlives a run: made once for all visitors, and sent as Streamlit would have sent it."""

import json

import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlfa_core.figures.theme import PALETTE, WIDE, blank, faded
from dlfa_core.runtime import jobs
from ui import charts, kept


class Result:
    """Stands for a stored result: told apart by identity."""


def test_what_is_made_of_a_result_is_made_once():
    asked = []
    result, other = Result(), Result()

    def count(*arguments):
        asked.append(arguments)
        return len(asked)

    assert [kept.once(count, result, ["cka", "anc"]) for _ in range(3)] == [1, 1, 1]
    assert kept.once(count, other, ["cka", "anc"]) == 2
    assert kept.once(count, result, ["anc"]) == 3
    assert kept.once(count, result, 1) != kept.once(count, result, True)
    assert asked[0] == (result, ("cka", "anc"))


def test_what_fails_is_tried_again():
    answers = iter([ValueError("not yet"), "now"])

    def later(_result):
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    result = Result()
    with pytest.raises(ValueError, match="not yet"):
        kept.once(later, result)
    assert kept.once(later, result) == "now"


def test_what_has_no_identity_is_refused():
    with pytest.raises(TypeError, match="unhashable"):
        kept.once(len, {"a": 1})


def draw(heights: tuple[float, ...]) -> go.Figure:
    figure = blank(300)
    figure.add_scatter(x=[0, 1, 2], y=heights, line_color=PALETTE[0], fillcolor=faded(PALETTE[0], 0.5))
    figure.add_heatmap(z=[[1.0, 2.0]], meta="diverging")
    return figure.update_layout(xaxis_range=[0, 2], yaxis_range=[0, 4])


def draw_wide(heights: tuple[float, ...]) -> go.Figure:
    return draw(heights).update_layout(meta=WIDE)


def test_a_finished_figure_is_what_streamlit_would_have_sent():
    """By the second route, plotly builds and validates the figure again from what is sent."""
    finished = charts._finished(draw, (1.0, 2.0, 3.0))
    assert isinstance(finished, go.Figure)
    again = go.Figure(finished.to_dict())
    assert json.loads(again.to_json()) == finished.to_dict()
    assert (again.data[0].line.color, again.data[0].fillcolor) == ("#000001", "#00000180")  # the browser's to fill in
    assert again.layout.font.color == again.layout.xaxis.tickfont.color != draw((1.0,)).layout.font.color


def test_a_page_sends_the_same_figure_to_every_visitor():
    def page():
        from functools import partial

        import ui
        from tests.app.test_kept import draw

        ui.chart(partial(draw, (1.0, 3.0, 2.0)), "twice", "a line")

    specs = []
    for _ in range(2):
        shown = AppTest.from_function(page, default_timeout=60).run()
        assert not shown.exception
        specs.append([each.proto.spec for each in shown.get("plotly_chart")])
    assert specs[0] == specs[1]
    assert json.loads(specs[0][0])["data"][0]["type"] == "scatter"


def test_only_a_wide_figure_scrolls_by_itself():
    def page():
        from functools import partial

        import ui
        from tests.app.test_kept import draw, draw_wide

        for key, make in (("narrow", draw), ("broad", draw_wide)):
            ui.chart(partial(make, (1.0, 3.0, 2.0)), key, "a line")

    shown = AppTest.from_function(page, default_timeout=60).run()
    assert not shown.exception
    assert len(shown.get("plotly_chart")) == 2
    (scrolls,) = shown.get("flex_container")
    assert scrolls.proto.id.endswith("-wide-broad")


def test_nothing_looks_through_all_objects_after_each_run():
    assert st.get_option("runner.postScriptGC") is False


def test_nothing_is_prepared_where_memory_is_small(monkeypatch):
    prepared = []
    monkeypatch.setattr(jobs, "prepare", lambda *arguments: prepared.append(arguments))
    monkeypatch.setenv("DLFA_PREPARE", "0")
    kept.prepare_once("switched off")
    monkeypatch.delenv("DLFA_PREPARE")
    for _ in range(2):
        kept.prepare_once("switched on")
    assert prepared == [([], jobs.LIBRARIES)]
