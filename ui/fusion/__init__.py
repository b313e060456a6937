"""What the Fusion page asks and shows beyond what pages share."""

from ui.fusion.buckets import bucketed, choose_property
from ui.fusion.by_language import by_language
from ui.fusion.choices import curves_show, drawn, fused_layer, looked_at
from ui.fusion.suite import suite
from ui.fusion.sweeps import choose, names_files

__all__ = [
    "bucketed",
    "by_language",
    "choose",
    "choose_property",
    "curves_show",
    "drawn",
    "fused_layer",
    "looked_at",
    "names_files",
    "suite",
]
