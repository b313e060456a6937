"""What specs name, read once while its files stay the same; and what a reader should know about how it was read."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submodules=["cautions", "corpora", "labelled", "lexicons", "pools"]
)
__all__ += ["SAMPLE_SEED"]

SAMPLE_SEED = 0  # which sentences a limit keeps; fixed, so that every experiment shares stored vectors
