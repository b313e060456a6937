"""Which words a text classifier's answer comes from: Captum's methods, whole corpora at a time, word by word.

Names are imported on first use: the tables in `registry` are free of torch and captum, so that a page can list them.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "explainer": ["Explainer"],
        "registry": ["BASELINES", "METHODS", "OUTPUTS", "Method", "find_baseline", "find_method"],
        "result": ["Explanation", "Explanations", "delta_advice"],
        "subject": ["Subject"],
    },
)
