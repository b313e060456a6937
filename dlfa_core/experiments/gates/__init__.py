"""What does AIF let through?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.words import kind_of
from dlfa_core.experiments.gates import closeness, groups, sentences
from dlfa_core.experiments.gates.looks import Seen, reader_of, see
from dlfa_core.experiments.gates.sentences import BETWEEN, Chosen
from dlfa_core.experiments.sources import cautions
from dlfa_core.languages import find
from dlfa_core.measures import bootstrap_weights
from dlfa_core.measures.intervals import FEWEST_SENTENCES
from dlfa_core.runtime.progress import Progress, silent, span

__all__ = ["BETWEEN", "VERSION", "Result", "Spec", "inputs", "run"]

VERSION = 1


@dataclass(frozen=True)
class Spec:
    """Look into the gates of fusion models, word by word.

    Attributes:
        models: fusion models: demo-pos, demo-sentiment, demo-ner, demo-xnli, folders or hub ids; several of one
            encoder, such as one for each layer, are shown one above the other.
        corpus: `sample`, a path, or a kind and a place: table:PATH, folder:PATH, pud:PATH, tatoeba:PATH,
            hub:NAME. Words of a PUD treebank come with their parts of speech.
        texts: sentences to look at instead of the corpus, such as "eng:Good day!" "arb:نهارك سعيد"; for a model of
            pairs both of their texts, such as "eng:It rains. ||| It is wet."
        languages: ISO codes or names; all of the corpus if none are given.
        limit: sentences to take, drawn at random; 0 takes all.
        shown: sentences whose words stay in the result, the first ones; 0 keeps all. Means are over all.
        pivot: language that the others' closeness is measured to.
        max_length: pieces after which a sentence is cut, special tokens counted.
        resamples: of the sentences, for the intervals; 0 leaves them out.
        seed: of the resamples.
    """

    models: tuple[str, ...] = ("demo-pos",)
    corpus: str = "sample"
    texts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    limit: int = 1000
    shown: int = 60
    pivot: str = "eng"
    max_length: int = 256
    resamples: int = 500
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Result:
    """What the gates of each model do to the words of each sentence. Layer is the fused one, missing for `extra`.

    A word's numbers are means over its pieces and then over dimensions: gate in (0, 1), with p05 to p95 over its
    dimensions; weight, what multiplies the lower state (the gate, or W * gate); change, |hidden - last| / |last|;
    global_logit and local_logit, what both branches say before the sigmoid; local_share, the local branch's share
    of the variance of their sum over the word's dimensions (its covariance with the sum; shares add up to 1).

    Attributes:
        words: model, layer, language, id, place (of the word in its sentence), start (in characters), word,
            word_class, pieces, gate, p05, p25, p50, p75, p95, weight, change, global_logit, local_logit, local_share.
        means: model, layer, level, group, word_class, measure, value, ci_low, ci_high, p05 to p95 (over words),
            n_words, n, seed. Level is all, family, language, class, or class_language.
        shares: model, layer, language, value, ci_low, ci_high, n, seed: the local branch's share of what differs
            from word to word in the same dimension.
        close: model, layer, language, pivot, measure, value, n: how close languages are at the fused layer;
            for `extra`, at the last.
        correlations: model, over (languages, layers), word_measure, measure, value, ci_low, ci_high, n.
        dimensions: float32 (models, languages, hidden): the mean gate of each dimension over words.
        meta: what was looked at, and `warnings`, sentences that a reader of the numbers should know.
    """

    words: pd.DataFrame
    means: pd.DataFrame
    shares: pd.DataFrame
    close: pd.DataFrame
    correlations: pd.DataFrame
    dimensions: np.ndarray
    meta: dict[str, Any]


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the models and of the sentences."""
    corpus = {} if spec.texts else sentences.fingerprint(spec.corpus)
    return {f"model {place}": models.fingerprint(name) for place, name in enumerate(spec.models)} | corpus


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Read every sentence with every model, and look.

    Raises:
        ValueError: a model, the corpus, a language, a text or a setting is not usable; the message says which.
    """
    if not spec.models or len(set(spec.models)) < len(spec.models):
        raise ValueError(f"models={spec.models!r} must name at least one fusion model, each once.")
    progress(0.0, "Reading the sentences")
    chosen = sentences.typed(spec.texts) if spec.texts else sentences.chosen(spec.corpus, spec.languages, spec.limit)
    seen: list[Seen] = []
    for place, name in enumerate(spec.models):
        report = span(progress, place / len(spec.models), (place + 1) / len(spec.models))
        report(0.0, f"Loading the model {name}")
        reader = reader_of(name, models.fingerprint(name))
        pivot = None if spec.texts else find(spec.pivot).code
        seen.append(see(reader, chosen, spec.max_length, pivot, span(report, 0.05, 0.95)))
        _check_alike(spec.models[0], seen[0], name, seen[-1])
    words = pd.concat([each.words for each in seen], ignore_index=True)
    words["word_class"], source = _classes(chosen, seen)
    weights = _weights(chosen, spec)
    means = _means(words, chosen, weights, spec)
    close = closeness.listed([each.close for each in seen])
    return Result(
        words=_shown(words, chosen, spec),
        means=means,
        shares=pd.concat([each.shares(weights, spec.seed) for each in seen], ignore_index=True),
        close=close,
        correlations=closeness.correlations(means, close, spec.resamples, spec.seed),
        dimensions=np.stack([each.dimensions for each in seen]),
        meta=_meta(spec, chosen, seen, source),
    )


def _check_alike(first_name: str, first: Seen, name: str, other: Seen) -> None:
    """Several models are shown one above the other: they must see the same words, and be as wide."""
    same = first.words[["language", "id", "place", "start"]].equals(other.words[["language", "id", "place", "start"]])
    if not same or first.dimensions.shape != other.dimensions.shape:
        raise ValueError(
            f"{name!r} and {first_name!r} cut the sentences into other words, or differ in width: look at models of "
            "the same encoder together, and at others one by one."
        )


def _classes(chosen: Chosen, seen: Sequence[Seen]) -> tuple[list[str], str]:
    """The class of every word of every model, and where it is from: "treebank", the tagger's name, or "characters".

    A tagger's class is its label; of names in the IOB scheme, that of the whole name.
    """
    words = seen[0].words
    tagger = next((each for each in seen if each.reader.tags_tokens), None)
    if chosen.tagged:
        known = {
            (part.language, sent_id): classes
            for part in chosen.languages
            for sent_id, classes in zip(part.ids, part.classes, strict=True)
        }
        keys = zip(words["language"], words["id"], words["place"], strict=True)
        found, source = [known[code, sent_id][place] for code, sent_id, place in keys], "treebank"
    elif tagger is not None:
        kinds = {label: label.removeprefix("B-").removeprefix("I-") for label in tagger.reader.labels}
        is_iob = "O" in kinds and all(label == "O" or label[:2] in ("B-", "I-") for label in kinds)
        found = [kinds[label] if is_iob else label for label in tagger.words["label"]]
        source = tagger.reader.name
    else:
        found, source = [kind_of(word) for word in words["word"]], "characters"
    return found * len(seen), source


def _weights(chosen: Chosen, spec: Spec) -> np.ndarray | None:
    """Resamples of the sentences; none for a handful of sentences, or those of one language only each."""
    n = len(chosen.languages[0].ids)
    if spec.texts or not spec.resamples or n < FEWEST_SENTENCES:
        return None
    return bootstrap_weights(n, spec.resamples, spec.seed)


def _means(words: pd.DataFrame, chosen: Chosen, weights: np.ndarray | None, spec: Spec) -> pd.DataFrame:
    ids = list(dict.fromkeys(sent_id for part in chosen.languages for sent_id in part.ids))
    frames = []
    for name, rows in words.groupby("model", sort=False):
        frame = groups.group_means(rows.reset_index(drop=True), ids, weights)
        frame.insert(0, "model", name)
        frame.insert(1, "layer", rows["layer"].iloc[0])
        frames.append(frame.astype({"layer": "Int64"}))
    return pd.concat(frames, ignore_index=True).assign(seed=spec.seed)


def _shown(words: pd.DataFrame, chosen: Chosen, spec: Spec) -> pd.DataFrame:
    if spec.shown and not spec.texts:
        words = words[words["id"].isin(chosen.languages[0].ids[: spec.shown])]
    order = ["model", "layer", "language", "id", "place", "start", "word", "word_class", "pieces", "gate"]
    order += [*groups.SPREAD_COLUMNS, *groups.MEASURES[1:]]
    numbers = words.select_dtypes("floating").columns
    return words[order].astype(dict.fromkeys(numbers, np.float32)).reset_index(drop=True)


def _meta(spec: Spec, chosen: Chosen, seen: Sequence[Seen], classes: str) -> dict[str, Any]:
    languages = [part.language for part in chosen.languages]
    n = max(len(part.ids) for part in chosen.languages)
    first = seen[0]
    return {
        "models": [
            {
                "name": each.reader.name,
                "fingerprint": models.fingerprint(each.reader.name),
                "fusion": each.reader.config.fusion,
                "layer": each.reader.layer,
                "weight": each.reader.config.weight,
                "n_layers": each.reader.n_layers,
                "encoder": each.reader.config.encoder_name,
                "trained_on": each.reader.config.trained_on,
            }
            for each in seen
        ],
        "hidden_size": first.reader.hidden_size,
        "typed": bool(spec.texts),
        "corpus": "" if spec.texts else spec.corpus,
        "corpus_name": chosen.name,
        "licence": chosen.licence,
        "languages": languages,
        "n": n,
        "classes": classes,
        "pivot": find(spec.pivot).code,
        "truncated": first.truncated,
        "unknown": first.unknown,
        "unread": first.unread,
        "warnings": [
            *chosen.notes,
            *_few(n, spec),
            *_single(chosen, seen),
            *cautions.truncated_sentences(first.truncated, n, spec.max_length),
            *cautions.unknown_pieces(first.unknown),
        ],
    }


def _single(chosen: Chosen, seen: Sequence[Seen]) -> list[str]:
    """Models of pairs that read single texts."""
    names = [each.reader.name for each in seen if each.reader.reads_pairs and not chosen.paired]
    return [
        f"{name} was trained on pairs of texts and reads single ones here, as it never did before. To see a pair, type "
        f"both with {BETWEEN} between them."
        for name in names
    ]


def _few(n: int, spec: Spec) -> list[str]:
    if spec.texts or not spec.resamples or n >= FEWEST_SENTENCES:
        return []
    return [f"{n} sentences are too few for intervals, which need {FEWEST_SENTENCES}: raise the limit."]
