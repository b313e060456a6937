"""What a page or a command asks for: each module is an experiment, as `dlfa_core.runtime` explains."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "attribute",
        "augment",
        "coverage",
        "encode",
        "gates",
        "land",
        "lexicon",
        "predictors",
        "pretrain",
        "profile",
        "project",
        "recommend",
        "shrink",
        "sweep",
        "train",
        "transfer",
    ],
)
