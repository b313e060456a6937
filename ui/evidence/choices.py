"""What is chosen on the Evidence page: a task, and where its cursor stands."""

from collections.abc import Sequence

import streamlit as st

from dlfa_core.experiments import recommend
from dlfa_core.figures.sentences.profile import label_of
from ui import address, choices, kept, models, stored, sweeps


def task(model: str) -> stored.Shown | None:
    """Ask for which task the layers are shown: one of the stored sweeps; None, with a way on, where there is none."""
    entries = sweeps.compared(model)
    if not entries:
        st.info(
            f"No layer of {models.label(model)} has been fused for a task here. The Fusion page trains one; the "
            "answer then stands here."
        )
        st.page_link("pages/3_Fusion.py", label="Which layer should be fused?", icon=":material/arrow_forward:")
        return None
    name = st.selectbox("Task", list(entries), **address.option(sweeps.KIND, entries))
    return stored.read(recommend, entries[name])


def layer(last: int, default: int) -> int:
    """The layer at which the cursor stands, 0 to `last`; arrow keys move it."""
    kept.follow("layer", default)
    said = "0 = embeddings, k = output of block k. Arrow keys move it; the line in the figure follows."
    return st.slider("Layer", 0, last, default, help=said, **address.number("layer", 0, last))


def similarity(offered: Sequence[str]) -> str:
    """The measure of similarity that is weighed against grammar."""
    named = {name: label_of(name) for name in offered}
    usual = "retrieval_cosine" if "retrieval_cosine" in named else offered[0]
    return choices.one_of("Similarity", named, usual, "alike")
