"""What do the layers hold of grammar and of language, and how far are they from the last one?"""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from dlfa_core.experiments import encode, project
from dlfa_core.experiments.encode import all_encoded
from dlfa_core.experiments.sources import SAMPLE_SEED, corpora, labelled
from dlfa_core.experiments.structure import sentences, words
from dlfa_core.experiments.structure.words import WordProbe
from dlfa_core.runtime.experiment import Experiment
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Interval, Table, led_by

__all__ = ["VERSION", "Result", "Scores", "Spec", "inputs", "inputs_at_hand", "parts", "run"]

VERSION = 1
ENCODING_SHARE, SENTENCES_SHARE = 0.3, 0.5  # ends of parts of the progress bar


@dataclass(frozen=True)
class Spec(encode.CorpusReading):
    """Probe every layer by itself for language and, with tagged words, for grammar, and hold it against the last layer.

    Attributes:
        task: tagged words, as in `transfer`: pos:PATH, or pos:hub; left out, there is no probe for grammar.
        source_language: code or name of the language that its probe learns from.
        train_limit: sentences to learn from, drawn at random; 0 takes all.
        test_limit: sentences to test on in each language; 0 takes all.
        controls: control tasks, each with labels drawn anew.
        resamples: of the test sentences, for the intervals; 0 leaves them out.
        seed: of the control tasks, the folds and the resamples.
        dtype: float32, bfloat16, float16, or auto for what is fastest here.
    """

    task: str = ""
    source_language: str = "eng"
    train_limit: int = 1000
    test_limit: int = 100
    controls: int = 5
    resamples: int = 500
    seed: int = 0
    dtype: str = "auto"


Scores = Table[
    Literal["model", "layer", "measure", "level", "group", Interval, "null_mean", "n", "n_languages", "seed"]
]


@dataclass(frozen=True, eq=False)
class Result:
    """What each layer holds; layer 0 is the embedding output, k that of block k.

    Attributes:
        scores: groups of languages have a level: "source", "targets" (mean over the others), "all", or "language".
            `n` counts words, points or sentences. Measures:
            word_probe (accuracy of a linear probe for the tag of a word, which learnt from the source language alone;
            null_mean is the share of the tag that is most frequent there), word_control (the same for tags that each
            word as it is written got at random, as frequent as those of the task; mean over control tasks) and
            word_selectivity (word_probe less word_control);
            language_probe, language_control and language_selectivity (of parallel sentences, as `project` has them);
            distance_to_last (1 less the debiased CKA of this layer with the last one on sentences of one language; 0 at
            the last layer, and null_mean 1, that of layers which have nothing to do with each other).
            Intervals are over test sentences and, where there are control tasks, over these; that the probe might have
            learnt from other sentences is not in them.
        meta: what was read, `labels`, `targets`, `n_train` (words), and `warnings`, sentences that a reader of the
            numbers should know.
    """

    scores: Scores
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model, the corpus and the task's files, and the version of the encoding."""
    return inputs_at_hand(spec) | ({"task": labelled.fingerprint(spec.task)} if spec.task else {})


def inputs_at_hand(spec: Spec) -> dict[str, str]:
    """Those of the inputs that can be told without the task's files."""
    return {**encode.inputs(spec), "encode": str(encode.VERSION)}


def parts(spec: Spec) -> list[tuple[Experiment, Any]]:
    """The states of each language.

    Raises:
        ValueError: the corpus or a language is not usable.
    """
    languages = corpora.opened(spec.corpus).select(spec.languages, 1).languages
    return [(encode, one) for one in encode.encodings(spec, languages, spec.limit).values()]


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Encode what is not stored yet, then probe layer by layer.

    Raises:
        ValueError: the model, the corpus, a language, the task or a setting is not usable.
    """
    probe = WordProbe.of(spec) if spec.task else None
    corpus = corpora.opened(spec.corpus).select(spec.languages, spec.limit, SAMPLE_SEED)
    states = all_encoded(spec, corpus.languages, spec.limit, span(progress, 0.0, ENCODING_SHARE))
    layers = project.Layers({code: each.vectors for code, each in states.items()})
    varying = layers.varying()
    rows = sentences.rows(layers, varying, spec.resamples, spec.seed, span(progress, ENCODING_SHARE, SENTENCES_SHARE))
    about = encode.about(spec, states)
    missing = [str(layer) for layer in range(len(layers)) if layer not in varying]
    warnings = [*about["warnings"], *sentences.cautions(missing, len(corpus.languages), len(corpus))]
    if probe is not None:
        rows += words.rows(probe, spec, span(progress, SENTENCES_SHARE, 1.0))
        warnings += probe.task.notes
    scores = pd.DataFrame(rows).sort_values("layer", kind="stable", ignore_index=True).assign(seed=spec.seed)
    return Result(
        scores=led_by(scores, model=spec.model),
        meta={**about, **words.about(probe), "seed": spec.seed, "warnings": warnings},
    )
