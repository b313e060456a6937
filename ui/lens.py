"""What the Lens page asks and shows beyond what pages share."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlfa_core.data.words import kind_of, word_spans
from dlfa_core.experiments import encode, lens, readout
from dlfa_core.runtime import store
from dlfa_core.runtime.experiment import Experiment
from ui import address, choices, corpora, kept, models, task_models
from ui.comparison import extent, facts
from ui.kept import IN_ADDRESS
from ui.limits import limits
from ui.text import sentences

NO_FUSION = "none"
MOST_WORDS = 24  # that are offered to be hidden with a click
WARMING = "Good [morning]."
EXAMPLES = {  # written for this project; those of `dlfa_core.bundle` ship with their results
    **lens.EXAMPLES,
    "fra": "Je voudrais un verre d'[eau], s'il vous plaît.",
    "spa": "Mi hermana vive en una [casa] muy grande.",
    "rus": "Вчера мы долго гуляли по [городу].",
    "pes": "من هر روز صبح [چای] می‌نوشم.",
    "ell": "Το [βιβλίο] είναι πάνω στο τραπέζι.",
    "fin": "Lapset leikkivät [puutarhassa] koko päivän.",
    "tur": "Her sabah bir bardak [çay] içiyorum.",
    "arb": "أشرب فنجانًا من [القهوة] كل صباح.",
    "heb": "הילדים משחקים בגינה עם [הכלב].",
    "jpn": "私は毎朝[コーヒー]を飲みます。",
    "kor": "저는 매일 아침 [커피]를 마십니다.",
    "ind": "Anak-anak bermain di [taman] setiap sore.",
    "vie": "Tôi uống một tách [cà phê] mỗi sáng.",
    "swh": "Watoto wanacheza [mpira] uwanjani.",
    "tam": "நான் தினமும் காலையில் [காபி] குடிக்கிறேன்.",
    "tha": "ฉันดื่ม[กาแฟ]ทุกเช้า",
}


class Asked(NamedTuple):
    """A sentence with brackets around a word, and its language, "" where nobody told it."""

    text: str
    language: str


def asked(example: DeltaGenerator, own: DeltaGenerator) -> Asked:
    """Ask for the sentence: an example in a language, or one of the visitor's own, which comes first.

    Args:
        example, own: where each is asked for.
    """
    with example:
        code = choices.language("Example in", list(EXAMPLES), "lens_example", then=lambda: kept.choose("lens_text", ""))
    typed = own.text_input(
        "Or a sentence of your own, with brackets around the word to hide",
        key="lens_text",
        max_chars=limits().characters,
        placeholder=EXAMPLES[code],
        help="In any language.",
        **IN_ADDRESS,
    )
    text = " ".join(typed.split())[: limits().characters]
    return Asked(text, "") if text else Asked(EXAMPLES[code], code)


def hide_another(text: str) -> None:
    """The words of the sentence as buttons: a click hides that one instead."""
    plain = text.replace("[", "").replace("]", "")
    begin, end = (text.index("["), text.index("]") - 1) if "[" in text and "]" in text else (0, 0)
    spans = [span for span in word_spans(plain) if kind_of(plain[slice(*span)]) in ("word", "number")][:MOST_WORDS]
    if begin < end:  # it may be several of them, in a language that writes no blanks
        spans = sorted([span for span in spans if span[1] <= begin or span[0] >= end] + [(begin, end)])
    with st.container(horizontal=True, gap="small", key="hide-another"):
        st.caption("Hide another word:", width="content")
        for start, stop in spans:
            hidden = (start, stop) == (begin, end)
            st.button(
                f"[{plain[start:stop]}]" if hidden else plain[start:stop],
                key=f"hide_{start}",
                type="secondary" if hidden else "tertiary",
                disabled=hidden,
                on_click=kept.choose,
                args=("lens_text", f"{plain[:start]}[{plain[start:stop]}]{plain[stop:]}"),
            )


def fusion(encoder: str) -> str:
    """Ask for the fusion model whose fused state is read too; "" for none."""
    offered = [*task_models.of(encoder), NO_FUSION]

    def called(name: str) -> str:
        return name if name == NO_FUSION else task_models.label(name)

    chosen = st.selectbox(
        "Fused state of",
        offered,
        format_func=called,
        help="A fusion model on this encoder: its fused state, and its own last layer, are read through the same head.",
        **address.option(models.own_key("fused", encoder), offered, called),
    )
    return "" if chosen == NO_FUSION else chosen


def layer(n_states: int) -> int:
    """Ask at which layer the nearest sentences are shown."""
    last = n_states - 1
    return st.slider("Layer", 0, last, 2 * last // 3, **address.number("near_layer", 0, last))


def nearest(result: lens.Result, at: int) -> None:
    """The nearest sentences at a layer, each in its language."""
    rows = result.near[result.near["layer"] == at].sort_values("rank")
    sentences(zip(rows["language"], rows["text"], strict=True))


def in_words(spec: lens.Spec) -> str:
    """Say what asking every layer would do."""
    return f"{models.label(spec.model)} would read the sentence with its word hidden, and {extent_of(spec)} beside it."


def losses_in_words(spec: readout.Spec) -> str:
    """Say what measuring the losses would do."""
    return f"{models.label(spec.model)} would guess hidden words at every layer, in {extent(spec)}."


def extent_of(spec: lens.Spec) -> str:
    """Say how many sentences are compared with."""
    corpus = corpora.read(spec.corpus)
    return f"{min(len(corpus), spec.limit or len(corpus)):,} sentences in {len(corpus.languages)} languages"


def provenance(spec: lens.Spec, result: lens.Result) -> dict[str, str]:
    """Return what a result was computed from, for the page that is taken home."""
    meta = result.meta
    first = {
        "Model": f"{meta['model']}, {meta['n_states']} states",
        "Weights": meta["fingerprint"],
        "Sentence": meta["text"],
        "Hidden": meta["word"],
    }
    return facts(lens, spec, meta, first, {"Licences": meta["licence"]})


def prepare(spec: lens.Spec) -> None:
    """Have a worker with the model and the corpus's vectors in it before somebody types."""
    kept.prepare_once(f"lens {spec.model} {spec.corpus}", lambda: list(_ahead(spec)))


def _ahead(spec: lens.Spec) -> Iterator[tuple[Experiment, object]]:
    warm = lens.Spec(text=WARMING, model=spec.model, fusion=spec.fusion, corpus=spec.corpus)
    with suppress(ValueError, OSError):  # of a model that cannot be read, which the page says where it is asked for
        store.key_of(lens, warm)
        yield from (
            (encode, each) for each in encode.encodings(spec, corpora.read(spec.corpus).languages, spec.limit).values()
        )
        yield lens, warm
