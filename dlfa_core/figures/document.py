"""One HTML file to hand out: question, answer, figures and provenance, readable with no network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from markupsafe import Markup

from dlfa_core.markup import render

_CONFIG = {  # on hover, one button: the figure as SVG
    "displaylogo": False,
    "responsive": True,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "svg"},
}


@dataclass(frozen=True)
class Document:
    """A page that is taken home.

    Attributes:
        figures: (heading, figure, note on how to read it).
        values: all else that the template gets.
        template: `page_figures.html` or what extends it.
    """

    figures: Sequence[tuple[str, go.Figure, str]]
    values: Mapping[str, object]
    template: str

    def html(self) -> str:
        """A complete HTML page that carries its own plotly.js (about 5 MB) and asks nothing of the network."""
        return render(self.template, figures=list(_charts(self.figures)), **self.values)


def document(
    title: str,
    answer: str,
    figures: Sequence[tuple[str, go.Figure, str]],
    facts: Mapping[str, str],
    before: Markup | str = "",
    template: str = "page_figures.html",
    **values: object,
) -> Document:
    """Return a page of figures.

    Args:
        title: the question.
        answer: the computed sentence.
        figures: (heading, figure, note on how to read it); an empty heading adds none.
        facts: what the result was computed from, and the command that rebuilds it.
        before: what stands before the figures.
        template: `page_figures.html` or what extends it, which gets `values` too.
    """
    own = {"title": title, "answer": answer, "facts": facts, "before": before, **values}
    return Document(figures, own, template)


def _charts(figures: Sequence[tuple[str, go.Figure, str]]) -> Iterator[tuple[str, Markup, str]]:
    for position, (heading, figure, note) in enumerate(figures):
        chart = figure.to_html(full_html=False, include_plotlyjs=position == 0, config=_CONFIG)
        yield heading, Markup(chart), note
