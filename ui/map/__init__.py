"""What the Map page asks and shows beyond what pages share."""

from ui.map.choices import layout
from ui.map.drawing import family_trees, layer_table, point_map
from ui.map.landing import landed, prepare

__all__ = ["family_trees", "landed", "layer_table", "layout", "point_map", "prepare"]
