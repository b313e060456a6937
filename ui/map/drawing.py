"""The moving map, the family trees and the numbers beside them. What a visitor does with a map stays in the browser."""

import pandas as pd
import streamlit as st

from dlfa_core import figures
from dlfa_core.figures.sentences.numbers import plain
from ui import address, kept
from ui.html import show

_STYLE = figures.bundle("map.css")
_map = st.components.v2.component("dlfa_point_map", css=_STYLE, js=figures.bundle("map_component.js"))
_trees = st.components.v2.component("dlfa_family_trees", css=_STYLE, js=figures.bundle("tree_component.js"))


def point_map(key: str, result, out_of_sample=(), start: int | None = None) -> None:
    """The map of a `project.Result`, opened at the layer `start`, with sentences that the visitor typed.

    Args:
        key: of the stored result; the same key shows the same picture.
        out_of_sample: as `figures.pack` takes them.
    """
    layers = range(len(result.coordinates))
    colours = kept.once(figures.colours_by, result)
    address.in_browser({"colour": colours, "shape": ("family", "colour"), "view": ("one", "all"), "layer": layers})
    texts = tuple(each["text"] for each in out_of_sample)
    _map(key="point_map", data=kept.packed_map(key, start, texts, result, out_of_sample))


def family_trees(result, start: int | None = None) -> bool:
    """The trees of all layers, which follow the map's slider; False where the result has none."""
    data = kept.once(figures.tree_data, result, start)
    if data is not None:
        _trees(key="family_trees", data=data)
    return data is not None


def layer_table(table: pd.DataFrame, here: int) -> None:
    """A table with one row per layer, such as `figures.layer_table` gives; the row of the layer `here` stands out."""
    head = ("Layer", *table.columns)
    show("map.layers", head, [(layer, map(_number, row)) for layer, *row in table.itertuples(name=None)], here)


def _number(value: float) -> str:
    return "–" if pd.isna(value) else plain(value)
