"""What is asked on the Gates page: which models, which sentences."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlfa_core import languages as lang
from dlfa_core.experiments import gates
from ui import address, choices, task_models
from ui import models as encoders
from ui.kept import IN_ADDRESS
from ui.limits import limits

MEASURES = {"gate": "Gate", "weight": "Weight", "change": "Change"}
_MEASURE_HELP = (
    "The gate; what multiplies the lower layer, which is the gate or, as the paper's equations say, W * gate; or how "
    "far fusing moves a word's vector, in parts of its length."
)


def models(encoder: str) -> tuple[str, ...]:
    """Fusion models to look into: those on an encoder, and on one's own machine folders and hub ids."""
    own = task_models.of(encoder)
    return tuple(
        st.multiselect(
            "Fusion models",
            own,
            default=own[:1],
            format_func=task_models.label,
            key=encoders.own_key("fusions", encoder),
            accept_new_options=limits().any_model,
            placeholder="choose at least one",
            help="Several models of one encoder, such as one for each layer, are shown one above the other. "
            + ("Type a folder or a hub id." if limits().any_model else ""),
            **IN_ADDRESS,
        )
    )


def standing_on(result, encoder: str) -> str:
    """Return what fusion models stand on, where that is not the model of the sidebar; else empty."""
    return " ".join(
        f"“{task_models.label(about['name'])}” has {encoders.label(about['encoder'] or 'weights of its own')} as its "
        "encoder, not the model in the sidebar."
        for about in result.meta["models"]
        if encoders.full_name(about["encoder"] or "") != encoder
    )


def one_of(names: Sequence[str]) -> str:
    """The model that the sentences and figures below are about."""
    if len(names) == 1:
        return names[0]
    return st.selectbox(
        "Model shown",
        list(names),
        format_func=task_models.label,
        **address.option("fusion", names, task_models.label),
    )


def sentence(n: int) -> int:
    """Ask which of the kept sentences is shown, 1 to `n`."""
    return choices.sentence(n, "look") if n > 1 else 1


def two_languages(offered: Sequence[str], places: Sequence[DeltaGenerator]) -> list[str]:
    """Languages to show side by side: one or two, each asked for in its place."""
    chosen = []
    for column, title, usual in zip(places, ("Left", "Right"), choices.side_by_side(offered), strict=False):
        with column:
            chosen.append(choices.language(title, offered, f"gates_{title.lower()}", usual))
    return chosen


def typed() -> tuple[str, bool]:
    """A typed sentence as `gates.Spec.texts` wants it, "" for none, and whether its visitor has just asked for it."""
    with st.form("typed", border=False):
        left, right = st.columns([1, 3], vertical_alignment="bottom")
        with left:
            by_name = sorted(lang.LANGUAGES, key=choices.language_name)
            code = choices.language("Language of the sentence", by_name, "typed_language", "eng")
        with right:
            text = st.text_input(
                "Sentence of your own",
                key="typed_text",
                max_chars=limits().characters,
                placeholder="Type a sentence in any language",
                help=f"For a model of pairs, write both texts with {gates.BETWEEN} between them.",
                **IN_ADDRESS,
            )
        code = choices.language_of(text, code)
        asked = st.form_submit_button("Look", type="primary")
    text = " ".join(text.split())[: limits().characters]
    return (f"{code}:{text}" if text else ""), asked and bool(text)


def measure() -> str:
    """Ask what is drawn of languages and kinds of words, a key of `MEASURES`."""
    return choices.one_of("Quantity", MEASURES, "gate", "quantity", _MEASURE_HELP)
