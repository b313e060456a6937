"""What is shown of a sweep."""

from collections.abc import Sequence

import streamlit as st

from ui import address, choices, kept


def drawn(offered: Sequence[str], default: Sequence[str]) -> list[str]:
    """Fusions to draw, in the order of the offer."""
    chosen = st.multiselect(
        "Drawn",
        list(offered),
        default=list(default),
        placeholder="choose at least one",
        **address.option("drawn", offered),
    )
    return [name for name in offered if name in chosen]


def looked_at(offered: Sequence[str], default: str) -> str:
    """The fusion that is looked at language by language."""
    return st.selectbox(
        "Fusion", list(offered), index=list(offered).index(default), **address.option("fusion", offered)
    )


def curves_show() -> str:
    """Ask what the curves show: "gain" over the last layer alone, or the "score" itself."""
    said = "The gain over the last layer alone on the same examples and seeds, or the score itself."
    return choices.one_of("Curves show", ["gain", "score"], "gain", "height", said)


def fused_layer(offered: Sequence[int], default: int) -> int:
    """One of the lower layers that were fused."""
    kept.follow("fused_layer", default)
    return st.select_slider(
        "Fused layer",
        list(offered),
        default,
        help="k = output of block k",
        **address.option("fused_layer", offered),
    )
