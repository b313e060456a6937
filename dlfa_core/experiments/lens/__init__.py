"""What would each layer say?

One word of a sentence is hidden, and the model's output for masked words, which was trained on the last layer, reads
every layer: its likeliest words and their languages, and how it ranks the hidden one. Beside it, the sentences of a
corpus that are nearest to the whole sentence at each layer.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data import ParallelCorpus
from dlfa_core.experiments import encode
from dlfa_core.experiments.encode import all_encoded
from dlfa_core.experiments.lens.fused import Fused, fused_of
from dlfa_core.experiments.lens.hidden_word import LONGEST, HiddenWord, gap_of, hide
from dlfa_core.experiments.lens.nearest import nearest_sentences
from dlfa_core.experiments.lens.subword_languages import SubwordLanguages, written_of
from dlfa_core.experiments.sources import SAMPLE_SEED, cautions, corpora
from dlfa_core.languages import find
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Table

__all__ = ["VERSION", "Result", "Spec", "inputs", "run"]
__all__ += ["EXAMPLES", "LONGEST", "Truth", "Words", "gap_of"]  # for whoever asks for sentences and shows them

VERSION = 1
EXAMPLES = {  # language -> a sentence; written for this project, and their results ship with it
    "eng": "The book is [on] the table.",
    "deu": "Das Buch liegt [auf] dem Tisch.",
    "hin": "बच्चे बगीचे में खेल रहे [हैं]।",
    "cmn": "这是我[的]书。",
}
LAYER = "layer"  # beside `fused.OWN_LAST` and `fused.FUSED`


@dataclass(frozen=True)
class Spec:
    """Hide one word of a sentence, and ask every layer for it.

    Attributes:
        text: a sentence with brackets around the word to hide.
        word: the word to hide, where the text has no brackets.
        language: of the sentence, ISO code or name; it is needed to centre its vector. Empty: that of the corpus whose
            mean is nearest.
        model: `demo`, a folder, or a hub id such as bert-base-multilingual-cased, with its masked language model head.
        fusion: a fusion model on this encoder, whose fused state is read, too; empty for none.
        corpus: of the nearest sentences, and by which the languages of subwords are told: `sample`, a path, or a kind
            and a place, as for profile.
        top: likeliest words to keep at each layer.
        near: nearest sentences to keep at each layer.
        limit: sentences of the corpus to read, drawn at random; 0 takes all.
        max_length: the most subwords of the sentence, special tokens counted.
    """

    text: str = EXAMPLES["eng"]
    word: str = ""
    language: str = ""
    model: str = "demo"
    fusion: str = ""
    corpus: str = "sample"
    top: int = 5
    near: int = 5
    limit: int = 1000
    max_length: int = 256


State = Literal["state", "layer"]  # "layer" of the encoder; of a fusion model "own_last" and "fused"


Words = Table[State | Literal["rank", "subword", "probability", "languages", "how"]]
Truth = Table[State | Literal["rank", "probability"]]


@dataclass(frozen=True, eq=False)
class Result:
    """What each layer would say.

    Attributes:
        words: the likeliest subwords at the first mask. `rank` counts from 1, `probability` is in [0, 1], `languages`
            are codes with spaces between; `how` they are told is "seen", "script", or, without any, "several",
            "letters" or "none", see `subword_languages.Origin`.
        truth: rank (1 = likeliest) and probability of the subword that is hidden there.
        near: the nearest sentences of the corpus; `value` is the centred cosine.
        meta: the sentence, what of it is hidden, and what read it.
    """

    words: Words
    truth: Truth
    near: Table[Literal["layer", "rank", "id", "language", "text", "value"]]
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of model and corpus, and of the fusion model where one is named."""
    return {**encode.inputs(spec), **({"fusion": models.fingerprint(spec.fusion)} if spec.fusion else {})}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Read the sentence, once with its word hidden and once as it is.

    Raises:
        ValueError: no word is hidden, or several; the sentence is too long; the model has no output for masked words;
            or the fusion model stands on another encoder.
    """
    gap = gap_of(spec.text, spec.word)
    language = find(spec.language).code if spec.language else ""
    corpus = corpora.opened(spec.corpus).select(limit=spec.limit, seed=SAMPLE_SEED)
    progress(0.0, f"Loading the model {spec.model}")
    head = _head(spec.model, models.fingerprint(spec.model))
    hidden = hide(gap, head.tokenizer, min(spec.max_length, head.encoder.max_length))
    fused = fused_of(spec.fusion, spec.model, hidden) if spec.fusion else None

    every = all_encoded(spec, corpus.languages, spec.limit, span(progress, 0.1, 0.9))
    progress(0.9, "Looking for the nearest sentences")
    reader = encode.reader(spec.model, models.fingerprint(spec.model), "auto")
    new = reader.encode([gap.text], max_length=spec.max_length).vectors[:, 0]
    vectors = {code: each.vectors for code, each in every.items()}
    near = nearest_sentences(vectors, new, corpus, language, spec.near)

    words, truth = _words(spec, head, hidden, fused, SubwordLanguages.of(head.tokenizer, corpus.texts))
    return Result(words, truth, near, _about(spec, head, hidden, language, corpus, fused))


@lru_cache(maxsize=1)
def _head(model: str, fingerprint: str) -> "models.MaskedHead":
    """A model with its output that stays loaded until another one is asked for."""
    return models.MaskedHead.from_pretrained(model)


def _words(
    spec: Spec, head: "models.MaskedHead", hidden: HiddenWord, fused: Fused | None, origins: SubwordLanguages
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The likeliest words and the fate of the hidden one, at every layer and at the states of a fusion model."""
    place = hidden.places[0]
    states = head.at(hidden.ids, place)
    named = [(LAYER, layer) for layer in range(len(states))]
    if fused is not None:
        states, named = np.concatenate([states, fused.states]), [*named, *fused.names]
    found = head.guesses(states, int(hidden.shown[place]), spec.top)
    words = []
    for (state, layer), ids, probabilities in zip(named, found.ids.tolist(), found.probabilities, strict=True):
        for rank, (number, probability) in enumerate(zip(ids, probabilities, strict=True), start=1):
            written = written_of(head.tokenizer, number)
            origin = origins.origin(number, written)
            said = (written, float(probability), " ".join(origin.languages), origin.how)
            words.append((state, layer, rank, *said))
    truth = pd.DataFrame(named, columns=["state", "layer"])
    truth = truth.assign(rank=found.rank, probability=found.probability)
    columns = ["state", "layer", "rank", "subword", "probability", "languages", "how"]
    return pd.DataFrame(words, columns=columns), truth


def _about(
    spec: Spec,
    head: "models.MaskedHead",
    hidden: HiddenWord,
    language: str,
    corpus: ParallelCorpus,
    fused: Fused | None,
) -> dict[str, Any]:
    gap, asked = hidden.gap, gap_of(spec.text, spec.word).word
    wider = [f"The model reads {gap.word!r} as one, so all of it is hidden, and not {asked!r} alone."]
    return {
        "model": spec.model,
        "fingerprint": models.fingerprint(spec.model),
        "corpus": spec.corpus,
        "corpus_name": corpus.name,
        "licence": corpus.licence,
        "languages": list(corpus.languages),
        "n": len(corpus),
        "n_states": head.encoder.n_states,
        "text": gap.text,
        "start": gap.start,
        "stop": gap.stop,
        "word": gap.word,
        "language": language,
        "subwords": [written_of(head.tokenizer, hidden.shown[place]) for place in hidden.places],
        "vocabulary": len(head.tokenizer),
        "fusion": None if fused is None else fused.about,
        "warnings": [
            *(wider if gap.word != asked else []),
            *cautions.unseen_languages(spec.model, [language] if language else []),
        ],
    }
