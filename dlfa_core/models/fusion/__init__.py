"""Fusions: what a task model may make of the states of its encoder, DLFA and its controls.

Names are imported on first use: the properties in `FUSIONS` are free of torch, so that a page can list them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "aif": ["AIF", "Branches"],
        "build": ["build_fusion"],
        "controls": ["Average", "Concat", "Extra", "Last", "ScalarMix"],
        "dlfa": ["DLFA", "Fused"],
        "masked": ["MaskedBatchNorm", "masked_mean"],
        "registry": ["FUSIONS", "NORMS", "WEIGHTS", "Fusion", "find_fusion"],
    },
)
