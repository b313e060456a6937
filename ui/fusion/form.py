"""What a new sweep trains."""

import re
from typing import Any

import streamlit as st

from dlfa_core import languages as lang
from dlfa_core.data.tasks import TASK_FORMATS
from dlfa_core.experiments import recommend, transfer
from dlfa_core.experiments.training import BEYOND, MODE_LABELS
from dlfa_core.figures.sentences.numbers import listed
from ui import address, choices, models
from ui.kept import IN_ADDRESS
from ui.text import problem

TASKS = ("sentiment:sample", "qa:sample", "xcopa:sample", "pos:hub", "ner:hub", "xnli:hub", "pawsx:hub")
_TASK_HELP = (
    "The bundled sentences, questions or choices, one of XTREME's tasks from the hub, or your own files: `pos:FOLDER`, "
    "`ner:FOLDER`, `xnli:FOLDER`, `pawsx:FOLDER`, `sentiment:FOLDER`, `sentence:FOLDER`, `pair:FOLDER`; "
    "questions with passages: `xquad:FOLDER`, `mlqa:FOLDER`, `tydiqa:FOLDER`, `qa:FOLDER`; "
    "multiple choice: `xcopa:FOLDER`, `choice:FOLDER`."
)


def asked() -> dict[str, Any] | None:
    """Ask what is trained: fields of a spec, or None for what cannot be understood."""
    known = [code for code, language in lang.LANGUAGES.items() if language.alpha2 or language.in_xtreme_r]
    left, right = st.columns(2, gap="large")
    with left:
        task = st.selectbox("Task", list(TASKS), key="task", accept_new_options=True, help=_TASK_HELP, **IN_ADDRESS)
        source = choices.language("Trained on", known, "source", "eng")
        targets = choices.several_languages("Tested on", known, "targets", "all languages of the task")
        beyond = _beyond()
        layers = st.text_input("Layers to fuse", key="fused", placeholder="all, or such as 3, 8-11", **IN_ADDRESS)
    with right:
        mode = choices.one_of("Encoder", MODE_LABELS, "frozen", "mode")
        seeds = st.number_input("Seeds", 1, 20, len(transfer.Spec().seeds), **address.number("seeds", 1, 20))
        epochs = st.number_input(
            "Epochs", 1, 200, None, placeholder="as usual for task and mode", **address.number("epochs", 1, 200)
        )
        train_limit = st.number_input(
            "Examples to train on, 0 for all", 0, 10**7, 0, 100, **address.number("train", 0, 10**7)
        )
        test_limit = st.number_input(
            "Examples to test on in each language, 0 for all", 0, 10**6, 0, 100, **address.number("test", 0, 10**6)
        )
    try:
        numbers = fused_numbers(layers)
    except ValueError as error:
        problem(error)
        return None
    return {
        "task": task,
        "mode": mode,
        "source_language": source,
        "languages": tuple(targets),
        "fusions": (*recommend.Spec().fusions, *beyond),
        "layers": numbers,
        "seeds": tuple(range(seeds)),
        "epochs": epochs,
        "train_limit": train_limit,
        "test_limit": test_limit,
    }


def in_words(spec: recommend.Spec) -> str:
    """Say what computing a spec would do."""
    layers = f"layers {', '.join(map(str, spec.layers))}" if spec.layers else "every layer"
    tested = ", ".join(lang.find(code).name for code in spec.languages) or "every language of the task"
    trained = f" over at most {spec.train_limit:,} examples" if spec.train_limit else ""
    each = f", at most {spec.test_limit:,} examples each" if spec.test_limit else ""
    beyond = [BEYOND[name]["label"] for name in spec.fusions if name in BEYOND]
    besides = f", besides by {listed(beyond)}" if beyond else ""
    learner = "Classifiers on" if spec.mode == "frozen" else "Classifiers and all weights of"
    return (
        f"{learner} {models.label(spec.model)} would learn {spec.task} in "
        f"{lang.find(spec.source_language).name}, fused at {layers} and with every control{besides}, "
        f"{len(spec.seeds)} seeds, {spec.epochs or 'the usual'} epochs{trained}, and be tested in {tested}{each}. "
        f"{_length(spec)}"
    )


def _length(spec: recommend.Spec) -> str:
    """Say how long it takes."""
    if spec.mode != "frozen":
        return "Every fusion, layer and seed is trained apart, which takes hours without a GPU."
    recipe = TASK_FORMATS.get(spec.task.partition(":")[0])
    if recipe is not None and recipe.kind == "question":
        return (
            "Every subword of a passage is scored, which takes longer than sentences do: try it with few layers first."
        )
    beyond = any(name in BEYOND for name in spec.fusions)
    return f"On the bundled sentences it takes {'about ten minutes' if beyond else 'about a minute'}."


def _beyond() -> list[str]:
    """Ask which fusions are trained that go beyond the paper: of more layers than two, or of more gates."""
    said = "\n".join(f"- {about['label']}: {about['explains']}" for about in BEYOND.values())
    return st.multiselect(
        "Beyond the paper",
        list(BEYOND),
        format_func=_called,
        placeholder="only DLFA and its controls",
        help=f"Each takes as long as DLFA or several times that.\n{said}",
        **address.option("beyond", BEYOND, _called),
    )


def _called(name: str) -> str:
    return BEYOND[name]["label"]


def fused_numbers(text: str) -> tuple[int, ...]:
    """Layers as a person writes them: "3, 8-11" is 3, 8, 9, 10, 11; nothing is all.

    Raises:
        ValueError: something else is written.
    """
    numbers: list[int] = []
    for part in re.findall(r"[^\s,;]+", text):
        found = re.fullmatch(r"(\d{1,3})(?:[-–](\d{1,3}))?", part)
        if not found:
            raise ValueError(
                f"Layers are numbers, but {part!r} is none: write them as 3, 8-11, or leave the field empty."
            )
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise ValueError(f"{part!r} runs backwards: write {last}-{first}.")
        numbers += range(first, last + 1)
    return tuple(dict.fromkeys(numbers))
