"""What the Augmentation page asks and shows beyond what pages share."""

from ui.augmentation.choices import group, sample_method, with_fusion
from ui.augmentation.comparisons import choose
from ui.augmentation.samples import rewritten

__all__ = ["choose", "group", "rewritten", "sample_method", "with_fusion"]
