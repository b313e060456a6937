"""What a new comparison trains."""

import streamlit as st

from dlfa_core import languages as lang
from dlfa_core.data.augment import CONTROLS, METHODS
from dlfa_core.experiments import augment
from dlfa_core.figures.sentences.augment import CONTROLS as CONTROL_LABELS
from ui import address, choices, models
from ui.kept import IN_ADDRESS

_LEXICON_HELP = (
    "The bundled words, or your own: `table:FILE`, `afinn:PATH`, `vader:FILE`, `nrc-vad:FILE`, `sentiws:PATH`, "
    "`emolex:FILE`, `nusax:PATH+SOURCE`."
)
_CONTROLS_HELP = (
    "What the lexicon is compared with beside plain pre-training. Each takes as long as the lexicon itself; without "
    "them, a gain or a loss may come from mixing text, whatever the lexicon says."
)
_TASK_HELP = "The bundled sentences, or your own files: `sentiment:FOLDER`, `sentence:FOLDER`, `pos:FOLDER`."
_TEXT_HELP = (
    "What pre-training reads. The bundled sentences that the task is not tested on, or a folder with one text file a "
    "language, such as `en.txt`."
)


def asked(model: str) -> augment.Spec | None:
    """Ask what a new comparison trains, or None where no method is chosen."""
    usual = augment.Spec()
    left, right = st.columns(2, gap="large")
    with left:
        lexicon = st.selectbox(
            "Lexicon", ["sample"], key="augment_lexicon", accept_new_options=True, help=_LEXICON_HELP, **IN_ADDRESS
        )
        methods = st.multiselect(
            "Methods",
            list(METHODS),
            default=list(usual.methods),
            format_func=lambda name: METHODS[name].label,
            placeholder="choose at least one",
            **address.option("augment_methods", METHODS, lambda name: METHODS[name].label),
        )
        controls = st.multiselect(
            "Controls",
            list(CONTROLS),
            default=list(usual.controls),
            format_func=CONTROL_LABELS.__getitem__,
            placeholder="none",
            help=_CONTROLS_HELP,
            **address.option("augment_controls", CONTROLS, CONTROL_LABELS.__getitem__),
        )
        held_out = choices.several_languages("Languages held out of the lexicon", list(lang.LANGUAGES), "held", "none")
    with right:
        task = st.selectbox(
            "Task", ["sentiment:sample"], key="augment_task", accept_new_options=True, help=_TASK_HELP, **IN_ADDRESS
        )
        text = st.selectbox(
            "Text", ["sample"], key="augment_text", accept_new_options=True, help=_TEXT_HELP, **IN_ADDRESS
        )
        steps = st.number_input(
            "Steps of pre-training", 1, 10**6, usual.steps, 50, **address.number("augment_steps", 1, 10**6)
        )
        seeds = st.number_input("Seeds", 1, 20, len(usual.seeds), **address.number("augment_seeds", 1, 20))
    if not methods:
        st.info("Choose at least one method: without, both models are the same.")
        return None
    return augment.Spec(
        model=model,
        lexicon=lexicon,
        methods=tuple(methods),
        controls=tuple(controls),
        held_out=tuple(held_out),
        task=task,
        text=text,
        steps=steps,
        seeds=tuple(range(seeds)),
    )


def in_words(spec: augment.Spec) -> str:
    """Say what computing a spec would do."""
    methods = " and ".join(METHODS[name].label.lower() for name in spec.methods)
    arms = augment.arms_of(spec)
    controls = "".join(f", with {CONTROL_LABELS[name]} instead" for name in arms if name in CONTROLS)
    return (
        f"{models.label(spec.model)} would be trained for {spec.steps:,} further steps, {len(arms) * len(spec.seeds)} "
        f"times: with {methods} from “{spec.lexicon}”, without{controls}, for each of {len(spec.seeds)} seeds. Then "
        f"heads would learn {spec.task}. Every part is kept, so a run that is stopped goes on."
    )
