"""The moving map and the family trees on a page. What a visitor does with them stays in the browser."""

import streamlit as st

from dlfa_core import figures
from dlfa_core.figures.point_map import TREE_MODULES

_map = st.components.v2.component("dlfa_point_map", css=figures.style(), js=figures.script())
_trees = st.components.v2.component("dlfa_family_trees", css=figures.style(), js=figures.script(*TREE_MODULES))


def point_map(key: str, result, landed=(), start: int | None = None) -> None:
    """The map of a `project.Result`, opened at the layer `start`, with sentences that the visitor typed.

    Args:
        key: of the stored result; the same key shows the same picture.
        landed: as `figures.pack` takes them.
    """
    _map(key="point_map", data=_packed(key, start, tuple(each["text"] for each in landed), result, landed))


def family_trees(result, start: int | None = None) -> bool:
    """The trees of all layers, which follow the map's slider; False where the result has none."""
    data = figures.tree_data(result, start)
    if data is not None:
        _trees(key="family_trees", data=data)
    return data is not None


@st.cache_data(max_entries=8, show_spinner=False)
def _packed(key: str, start: int | None, texts: tuple[str, ...], _result, _landed) -> bytes:
    return figures.pack(_result, _landed, start)
