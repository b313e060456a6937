"""What the Map page asks and shows beyond what pages share."""

from ui.map.choices import layout
from ui.map.drawing import family_trees, layer_table, point_map
from ui.map.out_of_sample import out_of_sample_points, prepare

__all__ = ["family_trees", "layer_table", "layout", "out_of_sample_points", "point_map", "prepare"]
