"""From vectors to a plane or a space: exact neighbours, and layouts of all layers at once.

Modules are imported on first use: `library` takes seconds, and an aligned map of up to 20,000 points never needs it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=["aligned", "graph", "layouts", "library", "neighbours", "optimiser", "pca"]
)
