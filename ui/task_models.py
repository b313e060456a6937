"""Task models: which ones stand on the encoder of the sidebar, how they are called, and how to get one."""

from collections.abc import Callable

import streamlit as st

from dlfa_core import encoders
from dlfa_core.experiments import train
from ui import models
from ui.limits import is_demo
from ui.results import result
from ui.text import problem

LABELS = {
    "demo-pos": "Bundled tagger (parts of speech)",
    "demo-sentiment": "Bundled sentiment model",
    "demo-ner": "Bundled tagger (names)",
    "demo-xnli": "Bundled inference model (pairs of texts)",
}
TASKS = {
    "pos": "Tagger (parts of speech)",
    "sentiment": "Sentiment model",
    "sentiment-sample": "Sentiment model from the bundled sentences",
    "qa": "Model that answers questions, from the bundled ones",
}


def label(name: str) -> str:
    """Return how a task model is called on a page."""
    if name in LABELS or not (known := encoders.stands_on(name)):
        return LABELS.get(name, name)
    encoder, task = known
    return f"{TASKS.get(task, task)}, on {models.label(encoder)}"


def of(encoder: str) -> list[str]:
    """Names of the task models on an encoder; in public those that ship."""
    return list(encoders.task_models(encoder, shipped_only=is_demo()).values())


def for_sentiment(encoder: str) -> list[str]:
    """Those of them that label sentiment."""
    found = encoders.task_models(encoder, shipped_only=is_demo())
    return [name for task, name in found.items() if task.startswith("sentiment")]


def shown(encoder: str) -> list[str]:
    """The bundled task models on an encoder; of one without any, its own."""
    return list(encoders.task_models(encoder, shipped_only=True).values()) or of(encoder)


def offer_answers(encoder: str) -> None:
    """Say that no model on an encoder answers questions, and offer to train one on the bundled ones."""
    learns = "One would learn from the bundled questions"
    offer(encoder, "model that answers questions", learns, encoders.from_questions, "_train_answers")


def offer(
    encoder: str,
    kind: str,
    learns: str = "A sentiment model would learn from the bundled sentences",
    spec_of: Callable[[str], train.Spec | None] = encoders.from_sample,
    slot: str = "_train",
) -> None:
    """Say that there is no task model of a kind on an encoder, and offer to train one on what is bundled.

    Args:
        encoder: that it would stand on.
        kind: how the model is called.
        learns: what it would learn from, as the beginning of a sentence.
        spec_of: how it is trained; gives None where it cannot be.
        slot: tells two offers on one page apart.
    """
    missing = f"There is no {kind} on {models.label(encoder)} here"
    if is_demo():
        st.info(f"{missing}, and this public app trains nothing. Run the app on your own machine to make one.")
        return
    try:
        encoders.models.fingerprint(encoder)
    except (ValueError, OSError) as error:
        problem(error)
        return
    spec = spec_of(encoder)
    if spec is None:
        problem(
            f"{missing}, and none can be trained yet: the number of its blocks is not known, or is 1. Of a model from "
            "the hub, compute the Layers page first, which fetches it; in a folder, config.json must say it."
        )
        return
    result(
        train,
        spec,
        f"{missing}. {learns}: DLFA of layer {spec.layer}, the head alone. It is kept for every page, and takes a "
        "minute or a few.",
        slot=slot,
    )
