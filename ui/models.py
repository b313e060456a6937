"""The encoder that every page is of: chosen in the sidebar, named in the page's first line.

Offered are what ships, what results are stored of, and some of the hub's. An option is called in the page's address
what it is called here, so a link names a model as the sidebar does.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from dlfa_core import encoders
from ui import address, kept
from ui.limits import limits

LABELS = {"demo": "Bundled encoder"}
ON_THE_HUB = (
    "bert-base-multilingual-cased",
    "bert-base-multilingual-uncased",
    "distilbert-base-multilingual-cased",
    "sentence-transformers/LaBSE",
    "xlm-roberta-base",
    "microsoft/mdeberta-v3-base",
)


def choose() -> str:
    """The model of the sidebar: bundled, from the hub, or a folder; by its full name."""
    said = (
        "What ships comes first, then models with results on this machine, then some of the hub. Choose one, or "
        f"type a hub id or a folder; {encoders.UNTRAINED!r} before it asks for the same encoder with random weights."
    )
    names = labels()
    return _box("Model", names, "model", help=f"{said}{_absent(names)}" if limits().any_model else None)


def second(first: str) -> str | None:
    """A model to draw beside the first one, or None."""
    names = {name: called for name, called in labels().items() if name != first}
    said = f"It reads the same sentences; its curves are dotted.{_absent(names)}"
    name = _box("Second model beside it", names, "beside", index=None, placeholder="none", help=said)
    return name if name is None or usable(name) else None


def usable(name: str) -> bool:
    """Tell whether a model can be used as far as its files tell; if not, say why over all else on the page."""
    try:
        encoders.models.check_at_hand(name)
    except (ValueError, OSError) as error:
        address.above(error)
        return False
    return True


def others(first: str) -> list[str]:
    """Up to two models to hold the first one against, by their full names."""
    names = {name: called for name, called in labels().items() if name != first}
    chosen = st.multiselect(
        "Models beside it",
        list(names),
        format_func=lambda name: names.get(name, name),
        accept_new_options=limits().any_model,
        max_selections=2,
        placeholder="none",
        help="Up to two, such as the same encoder untrained: what random weights do as well is not the pre-training's."
        + _absent(names),
        **_in_address("others", names),
    )
    return [name for name in (name if name in names else full_name(name) for name in chosen) if usable(name)]


def _absent(names: Mapping[str, str]) -> str:
    """Return a sentence on the models that are not on this machine, to go on with; empty where all are."""
    absent = [called for name, called in names.items() if not encoders.is_here(name)]
    return f" Not on this machine, so fetched from the hub first: {', '.join(absent)}." if absent else ""


def _box(title: str, names: Mapping[str, str], key: str, **more: Any) -> str | None:
    """The full name of a model of those named, or of any other that is typed where that is allowed."""
    name = st.selectbox(
        title,
        list(names),
        format_func=lambda name: names.get(name, name),
        accept_new_options=limits().any_model,
        **more,
        **_in_address(key, names),
    )
    return name if name is None or name in names else full_name(name)


def _in_address(key: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of a widget for models; where none may be typed, those that are not offered are named."""
    return {"key": key, **kept.IN_ADDRESS} if limits().any_model else address.option(key, names, names.__getitem__)


def full_name(name: str) -> str:
    """The name that results of a model are found by."""
    return encoders.models.full_name(name)


def label(name: str) -> str:
    """Return how a model is called on a page."""
    return labels().get(name) or _alone(name)


def labels() -> dict[str, str]:
    """The models that are offered, and how each is called: a folder by its own name where no other is called so."""
    if not limits().any_model:
        return {name: LABELS.get(name, name) for name in encoders.bundled()}
    names = list(dict.fromkeys([*encoders.bundled(), *kept.encoders_with_results(encoders.stamp()), *ON_THE_HUB]))
    short = [_short(name) for name in names]
    return {
        name: called if short.count(called) == 1 and called not in LABELS else _alone(name)
        for name, called in zip(names, short, strict=True)
    }


def _short(name: str) -> str:
    """Return how a model is called: a folder by its own name, one with random weights after the model that it is of."""
    if name.startswith(encoders.UNTRAINED):
        return f"{_short(name.removeprefix(encoders.UNTRAINED))} (untrained)"
    return LABELS.get(name) or (Path(name).name if Path(name).is_absolute() else name)


def _alone(name: str) -> str:
    """Return how a model is called that needs its full name."""
    return f"{name.removeprefix(encoders.UNTRAINED)} (untrained)" if name.startswith(encoders.UNTRAINED) else name


def told(name: str, quality: str = "") -> str:
    """A model in the first line of a page: how it is called, how large it is and how good, as far as that is known."""
    return ", ".join(filter(None, [label(name), _size(name), quality]))


def _size(name: str) -> str:
    count = encoders.models.n_parameters(name)
    return "" if count is None else f"{count / 1e6:,.{1 if count < 1e7 else 0}f} M parameters"


def card(name: str) -> None:
    """A button that opens the model's card, where the model brought one along."""
    said = encoders.card(name)
    if said and st.button("Model card", type="tertiary", key="model_card", icon=":material/description:"):
        _opened(label(name), said)


@st.dialog("Model card", width="large")
def _opened(called: str, said: str) -> None:
    st.caption(called)
    st.markdown(said)


def own_key(key: str, name: str) -> str:
    """The key of a widget whose choices belong to a model, so that another model has another choice."""
    return key if name == "demo" else f"{key}-{re.sub(r'[^a-zA-Z0-9]+', '-', label(name)).strip('-')}"
