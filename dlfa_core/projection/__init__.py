"""From vectors of every layer to a plane or a space: exact neighbours, and layouts of all layers at once.

Names are imported on first use: `methods` is free of what lays out, so that a page can list it; `library` takes
seconds, and an aligned map of up to 20,000 points never needs it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["aligned", "graph", "library", "neighbours", "optimiser", "out_of_sample", "pca"],
    submod_attrs={
        "estimator": ["LayerProjection"],
        "neighbours": ["comparable"],
        "out_of_sample": ["nearest_to"],
    },
)
