"""A projection as one HTML file that moves through the layers with no network: the app's own script, and its data."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from dlfa_core.figures.document import document
from dlfa_core.figures.family_tree import tree_data
from dlfa_core.figures.point_map import TREE_MODULES, pack, script, style

if TYPE_CHECKING:
    from dlfa_core.experiments import project

_THEME = """
:root { --st-font: 'Source Sans 3', 'Noto Sans', system-ui, sans-serif; --st-base-radius: 0.5rem;
  --st-text-color: #23262b; --st-background-color: #fcfbf8; --st-secondary-background-color: #f2efe8;
  --st-border-color: #e0dacd; --st-primary-color: #1b6b7f; }
"""


def map_document(
    title: str,
    answer: str,
    result: "project.Result",
    how_to_read: str,
    figures: Sequence[tuple[str, go.Figure, str]],
    facts: Mapping[str, str],
    start: int | None = None,
) -> str:
    """A complete HTML page: the moving map with its table, the family tree, then the figures.

    Args:
        how_to_read: a note under the map.
        figures: (heading, figure, note), as `document` takes them.
        facts: what the result was computed from.
        start: the layer shown first.
    """
    return document(title, answer, figures, facts, before=_moving(result, how_to_read, start))


def _moving(result: "project.Result", how_to_read: str, start: int | None) -> str:
    packed = b64encode(pack(result, start=start)).decode()
    parts = [
        f"<style>{_THEME}{style()}</style>",
        '<div id="map"></div>',
        f'<p class="note">{escape(how_to_read)}</p>',
        f'<script type="module">{script()}\n'
        f'new PointMap(document.getElementById("map"), fromBase64("{packed}"), {{ keepsAddress: false }});</script>',
    ]
    if (tree := tree_data(result, start)) is not None:
        data = json.dumps(tree).replace("<", "\\u003c")
        parts += [
            '<h2>Family trees</h2><div id="trees"></div>',
            f'<script type="module">{script(*TREE_MODULES)}\n'
            f'new FamilyTree(document.getElementById("trees"), {data});</script>',
        ]
    return "\n".join(parts)
