"""A projection as one HTML file that moves through the layers with no network: the app's own script, and its data."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go
from markupsafe import Markup

from dlfa_core.figures.document import Document, document
from dlfa_core.figures.family_tree import tree_data
from dlfa_core.figures.point_map import bundle, pack

if TYPE_CHECKING:
    from dlfa_core.experiments import project


def map_document(
    title: str,
    answer: str,
    result: "project.Result",
    how_to_read: str,
    figures: Sequence[tuple[str, go.Figure, str]],
    facts: Mapping[str, str],
    start: int | None = None,
) -> Document:
    """Return a page: the moving map with its table, the family tree, then the figures.

    Args:
        how_to_read: a note under the map.
        figures: (heading, figure, note), as `document` takes them.
        facts: what the result was computed from.
        start: the layer shown first.
    """
    return document(
        title,
        answer,
        figures,
        facts,
        template="page_map.html",
        how_to_read=how_to_read,
        packed=b64encode(pack(result, start=start)).decode(),
        tree=tree_data(result, start),
        style=Markup(bundle("map.css")),
        script=Markup(bundle("page.js")),
    )
