"""Do the words that carry sentiment in a lexicon carry it for a classifier, in every language and at every layer?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from dlfa_core import models
from dlfa_core.data import ParallelCorpus
from dlfa_core.data.lexicons import Lexicon, can_stem
from dlfa_core.experiments import attribute
from dlfa_core.experiments.lexicon import matched_words, scored_words, systems, word_statistics
from dlfa_core.experiments.lexicon.systems import Asked, Bench
from dlfa_core.experiments.sources import cautions, corpora, labelled, lexicons
from dlfa_core.experiments.training import FROZEN, FrozenRecipe, layers_of, plan_of
from dlfa_core.languages import find
from dlfa_core.measures.intervals import FEWEST_SENTENCES, possible_weights
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Head, Interval, Table

__all__ = ["FUSION_LABELS", "VERSION", "Result", "Score", "Spec", "System", "Words", "inputs", "run"]

VERSION = 3
FUSION_LABELS = {name: fusion.label for name, fusion in models.FUSIONS.items()}
FUSION_LABELS["last"] += " alone"  # as it is called beside what fuses it with another
POLES = (("positive", "negative"), ("pos", "neg"), ("5 stars", "1 star"), ("5 star", "1 star"))
TRAINED, SCORED = 0.15, 0.97  # of the progress bar, up to here


@dataclass(frozen=True)
class Spec:
    """Score the words of a lexicon wherever they stand in a corpus, by several classifiers beside each other.

    Classifiers are task models that you name, or heads that are trained here on a frozen encoder: the last layer alone,
    DLFA at each layer, and the average at each layer, each the mean of several seeds.

    Attributes:
        classifiers: task models to compare: folders, hub ids, `demo-sentiment`; heads are trained here if none are
            given.
        model: encoder of the heads: `demo`, a folder, or a hub id such as bert-base-multilingual-cased.
        task: what the heads learn: `sentiment:sample`, sentiment:PATH, or other labelled sentences.
        source_language: code or name of the language that they learn in.
        fusions: last, dlfa, average, or another of the fusions.
        layers: lower layers to fuse with the last; 1 to the last but one if none are given.
        weight: of the lower layer in dlfa and se: literal (the paper's equations) or gate (a convex mix).
        seeds: of the heads' start.
        epochs: over the training set, at most.
        patience: epochs without a better score on the dev set after which a head has learnt enough, as in `transfer`; 0
            trains all.
        lr: of AdamW at the highest.
        corpus: `sample`, a path, or a kind and a place, as `profile` takes it.
        lexicon: `sample`, or a kind and a place: table:PATH, afinn:PATH, vader:PATH, nrc-vad:PATH, nusax:PATH+SOURCE.
        languages: ISO codes or names; all that corpus and lexicon share if none are given.
        limit: sentences of the corpus, drawn at random; 0 takes all.
        stem: whether forms of a word are found by simple rules of the language.
        method: occlusion, shapley, integrated_gradients, input_x_gradient, deep_lift, or gradient_shap.
        layer: the state at which task models are explained; at the subwords if not given.
        target: label that a positive word should speak for; found among the labels if not given.
        against: label that a negative word should speak for.
        baseline: what takes the place of words: pad, mask or zero; auto takes the one of which a classifier says least,
            on average over the heads of one encoder.
        steps: of the method; 0 for its default.
        draws: random rankings of the words to measure faithfulness against; 0 leaves it out.
        erased: sentences in each language whose words are erased to measure faithfulness.
        random_words: draws of other words of the same texts, as frequent and as long, in the place of the lexicon's; 0
            leaves them out.
        max_length: subwords after which a sentence is cut, special tokens counted.
        resamples: of the sentences, for the intervals; 0 leaves them out.
        seed: of what is drawn.
    """

    classifiers: tuple[str, ...] = ()
    model: str = "demo"
    task: str = "sentiment:sample"
    source_language: str = "eng"
    fusions: tuple[str, ...] = ("last", "dlfa", "average")
    layers: tuple[int, ...] = ()
    weight: str = "literal"
    seeds: tuple[int, ...] = (0, 1, 2)
    epochs: int = FROZEN.epochs
    patience: int = FROZEN.patience
    lr: float = FROZEN.lr
    corpus: str = "sample"
    lexicon: str = "sample"
    languages: tuple[str, ...] = ()
    limit: int = 120
    stem: bool = True
    method: str = "occlusion"
    layer: int | None = None
    target: str = ""
    against: str = ""
    baseline: str = "auto"
    steps: int = 0
    draws: int = 3
    erased: int = 10
    random_words: int = 100
    max_length: int = 256
    resamples: int = 200
    seed: int = 0


System = Literal["model", Head]
Score = Literal[System, "language", "polarity", "measure", Interval, "null", "null_low", "null_high", "count", "n"]
Translations = Table[Literal[System, "source", "target", "measure", Interval, "null", "count", "n"]]
Lemma = Literal["lemma", "concepts", "polarity", "valence"]
Words = Table[Literal[System, "language", Lemma, "count", "score", "wrong", "ids"]]
Coverage = Table[Literal["language", "polarity", "lemmas", "found", "matches", "sentences", "n"]]
Faithfulness = Table[Literal[System, attribute.Faithful]]
Matches = Table[Literal["language", "id", "start", "end", "form", Lemma, "how"]]


@dataclass(frozen=True, eq=False)
class Result:
    """What lexicon words contribute to the output of `target` less that of `against`.

    Frames about systems begin with model, fusion ("" for a plain checkpoint), layer (the lower one that is fused;
    missing where there is none), weight ("" where there is none). Intervals over sentences, whose translations are
    drawn together, in the same draws for all systems and languages.

    Attributes:
        scores: …, language (or "all"), polarity, measure, value, ci_low, ci_high, count (words), n (sentences), and
            null, null_low, null_high: mean and central 95 % of the same with random other words of the same texts in
            the place of the lexicon's, as frequent and as long; missing without draws, and for share.

            attribution   mean score of the words of a polarity (negative, neutral, positive)
            share         mean of |score| / sum of |scores| of the sentence
            agreement     share of words whose score has the sign of their valence; also for polarity "both"
            separation    polarity "both": mean of positive words less that of negative words
            order         polarity "both": how often a positive word scores above a negative one; 0.5 is chance

            The baseline need not be neutral to a classifier, and then all words lean to one side: `agreement` sees
            that, `separation` and `order` do not.

        translations: …, source, target (both "all" for the mean over pairs), measure, value, ci_low, ci_high, null
            (expected without a connection), count (pairs of words), n (sentences): over words of one concept in both
            versions of a sentence, `correlation` of their scores, and `same_sign`, the share with the same sign.
        words: score (mean), wrong (share of scores with the other sign; missing for neutral words), ids (sentences
            that have the word, joined by spaces); the most wrong first.
        coverage: polarity (or "all"), lemmas (in the lexicon), found (of them in the sentences), sentences (with a
            match), n (sentences in all).
        faithfulness: as in `attribute.Result`, empty without draws.
        systems: dev_score is the mean over seeds; missing for task models.
        matches: a column of `match_scores` each.
        sentences: those with a match; a column of `values`, `predicted` and `totals` each.
        match_scores: float32 (systems, matches), NaN for words beyond the limit.
        values: float32 (systems, sentences): what is explained.
        predicted: int (systems, sentences): class numbers.
        totals: float32 (systems, sentences): sum of |scores| of all words.
        meta: what was asked, labels, and `warnings`, sentences that a reader of the numbers should know.
    """

    scores: Table[Score]
    translations: Translations
    words: Words
    coverage: Coverage
    faithfulness: Faithfulness
    systems: Table[Literal[System, "dev_score"]]
    matches: Matches
    sentences: Table[Literal["language", "id", "text"]]
    match_scores: np.ndarray
    values: np.ndarray
    predicted: np.ndarray
    totals: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the models, the task, the corpus and the lexicon."""
    common = {"corpus": corpora.fingerprint(spec.corpus), "lexicon": lexicons.fingerprint(spec.lexicon)}
    if spec.classifiers:
        return {**common, **{f"model {name}": models.fingerprint(name) for name in spec.classifiers}}
    return {**common, "model": models.fingerprint(spec.model), "task": labelled.fingerprint(spec.task)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Find the lexicon's words, score the sentences that have any, and compare.

    Raises:
        ValueError: a model, the task, the corpus, the lexicon, a language, a label or a setting is not usable; or no
            sentence has a word of the lexicon. The message says which.
    """
    models.find_method(spec.method)
    if spec.random_words < 0:
        raise ValueError(f"random_words={spec.random_words} draws cannot be made: use 0 for none, or more.")
    lexicon = lexicons.opened(spec.lexicon)
    corpus, left_out = matched_words.in_both(corpora.opened(spec.corpus), lexicon, spec.languages, spec.limit)
    found = matched_words.matches(corpus, lexicon, spec.stem)
    sentences = found[["language", "id", "row"]].drop_duplicates(ignore_index=True)
    sentences.insert(
        2, "text", [corpus[code][row] for code, row in zip(sentences["language"], sentences["row"], strict=True)]
    )
    table = scored_words.Table.of(
        _benches(spec, span(progress, 0.0, TRAINED)),
        len(spec.classifiers) or 1,
        partial(_asked, spec),
        sentences,
        found,
        spec.draws,
        spec.erased,
        spec.random_words,
        spec.seed,
        span(progress, TRAINED, SCORED),
    )
    weights = possible_weights(len(corpus), spec.resamples, spec.seed)
    numbers = word_statistics.Numbering.of(sentences, found, weights)
    frame = systems.frame_of(table.systems)
    progress(SCORED, "Resampling sentences")
    return Result(
        scores=systems.named(
            frame, word_statistics.scores(numbers, found, table.match_scores, table.totals, table.in_place)
        ),
        translations=systems.named(frame, word_statistics.translations(numbers, found, table.match_scores)),
        words=systems.named(frame, word_statistics.words(found, table.match_scores)),
        coverage=matched_words.coverage(corpus, lexicon, found),
        faithfulness=table.faithfulness(frame, numbers, sentences),
        systems=frame,
        matches=found.drop(columns="row"),
        sentences=sentences.drop(columns="row"),
        match_scores=table.match_scores,
        values=table.values,
        predicted=table.predicted,
        totals=table.totals,
        meta=_meta(spec, corpus, lexicon, table, left_out),
    )


def _benches(spec: Spec, progress: Progress) -> Iterator[Bench]:
    if spec.classifiers:
        for name in dict.fromkeys(spec.classifiers):
            progress(0.0, f"Loading the model {name}")
            yield systems.task_model_bench(name)
        return
    task = labelled.opened(spec.task, spec.source_language, 0.0)
    if task.kind != "sentence":
        raise ValueError(f"{task.name} does not label single sentences: choose a sentiment task.")
    _asked(spec, task.labels)  # before the training, not after
    if not spec.seeds or not spec.fusions:
        raise ValueError("seeds and fusions must name at least one each: there is nothing to train otherwise.")
    progress(0.0, f"Loading the model {spec.model}")
    encoder = models.Encoder.from_pretrained(spec.model, dtype="float32")
    n_layers = encoder.n_states - 1
    plans = dict.fromkeys(
        plan_of(fusion, layer, spec.weight, seed, n_layers)
        for fusion in spec.fusions
        for layer in layers_of(fusion, spec.layers, n_layers)
        for seed in spec.seeds
    )
    usual = {"reduction": 4, "norm": "batch", "batch_size": 32, "max_length": 128}
    recipe = FrozenRecipe(**usual, epochs=spec.epochs, patience=spec.patience, lr=spec.lr)
    yield systems.heads_bench(encoder, task, list(plans), recipe, progress)


def _asked(spec: Spec, labels: Sequence[str]) -> Asked:
    """With the labels that stand for good and bad."""
    target, against = spec.target, spec.against
    if not target and not against:
        folded = {label.casefold(): label for label in labels}
        known = next(((good, bad) for good, bad in POLES if good in folded and bad in folded), None)
        if known is None:
            raise ValueError(
                f"None of the labels {', '.join(labels)} is known to mean good or bad: "
                "name them with target and against."
            )
        target, against = (folded[name] for name in known)
    return Asked(
        spec.method, spec.layer, target, against, spec.baseline, spec.steps or None, spec.max_length, spec.seed
    )


def _meta(
    spec: Spec, corpus: ParallelCorpus, lexicon: Lexicon, table: scored_words.Table, left_out: Sequence[str]
) -> dict[str, Any]:
    return {
        "model": spec.model if not spec.classifiers else "",
        "classifiers": list(spec.classifiers),
        "task": "" if spec.classifiers else spec.task,
        "source_language": "" if spec.classifiers else find(spec.source_language).code,
        "seeds": [] if spec.classifiers else list(spec.seeds),
        "labels": list(table.labels),
        "target": table.asked.target,
        "against": table.asked.against,
        "method": spec.method,
        "method_label": models.find_method(spec.method).label,
        "layer": spec.layer,
        "baseline": ", ".join(dict.fromkeys(table.baselines)),
        "baselines": list(table.baselines),
        "leans": list(table.leans),
        "corpus": spec.corpus,
        "corpus_name": corpus.name,
        "lexicon": spec.lexicon,
        "lexicon_name": lexicon.name,
        "licence": f"{corpus.name}: {corpus.licence}; {lexicon.name}: {lexicon.licence}",
        "languages": list(corpus.languages),
        "n": len(corpus),
        "stem": [code for code in corpus.languages if spec.stem and can_stem(code)],
        "truncated": table.truncated,
        "warnings": [
            *corpus.notes,
            *lexicon.notes,
            *_cautions(spec, corpus, table, left_out),
        ],
    }


def _cautions(spec: Spec, corpus: ParallelCorpus, table: scored_words.Table, left_out: Sequence[str]) -> Iterator[str]:
    if left_out:
        yield f"The lexicon has no words in {', '.join(find(code).name for code in left_out)}: left out."
    yield from cautions.truncated_sentences(table.truncated, len(corpus), spec.max_length)
    for name in dict.fromkeys(spec.classifiers or (spec.model,)):
        yield from cautions.unseen_languages(name, corpus.languages)
    if not spec.classifiers and spec.task == "sentiment:sample" and spec.corpus == "sample":
        yield (
            f"The heads learnt on the {find(spec.source_language).name} version of some of these very sentences: read "
            "that language, and to a degree all, as seen."
        )
    if spec.resamples and len(corpus) < FEWEST_SENTENCES:
        yield f"{len(corpus)} sentences are too few for intervals: they are left out."
