"""One HTML file to hand out: question, answer, figures and provenance, readable with no network."""

from collections.abc import Iterator, Mapping, Sequence

import plotly.graph_objects as go
from markupsafe import Markup

from dlfa_core.markup import render


def document(
    title: str,
    answer: str,
    figures: Sequence[tuple[str, go.Figure, str]],
    facts: Mapping[str, str],
    before: Markup | str = "",
    template: str = "page_figures.html",
    **values: object,
) -> str:
    """A complete HTML page that carries its own plotly.js (about 5 MB) and asks nothing of the network.

    Args:
        title: the question.
        answer: the computed sentence.
        figures: (heading, figure, note on how to read it); an empty heading adds none.
        facts: what the result was computed from, and the command that rebuilds it.
        before: what stands before the figures.
        template: `page_figures.html` or what extends it, which gets `values` too.
    """
    charts = list(_charts(figures))
    return render(template, title=title, answer=answer, figures=charts, facts=facts, before=before, **values)


def _charts(figures: Sequence[tuple[str, go.Figure, str]]) -> Iterator[tuple[str, Markup, str]]:
    config = {"displaylogo": False, "responsive": True}
    for position, (heading, figure, note) in enumerate(figures):
        chart = figure.to_html(full_html=False, include_plotlyjs=position == 0, config=config)
        yield heading, Markup(chart), note
