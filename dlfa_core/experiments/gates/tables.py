"""The tables of a gates result over all models, and what was looked at."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dlfa_core import models
from dlfa_core.data.words import kind_of
from dlfa_core.experiments.gates import groups
from dlfa_core.experiments.gates.gate_statistics import GateStatistics
from dlfa_core.experiments.gates.sentences import BETWEEN, Chosen
from dlfa_core.experiments.sources import cautions
from dlfa_core.languages import find
from dlfa_core.measures.intervals import FEWEST_SENTENCES, bootstrap_weights
from dlfa_core.tables import led_by

if TYPE_CHECKING:
    from dlfa_core.experiments.gates import Spec


def check_alike(first_name: str, first: GateStatistics, name: str, other: GateStatistics) -> None:
    """Several models are shown one above the other: they must see the same words, and be as wide."""
    keys = ["language", "id", "position", "start"]
    if not first.words[keys].equals(other.words[keys]) or first.dimensions.shape != other.dimensions.shape:
        raise ValueError(
            f"{name!r} and {first_name!r} cut the sentences into other words, or differ in width: look at models of "
            "the same encoder together, and at others one by one."
        )


def classes_of(chosen: Chosen, seen: Sequence[GateStatistics]) -> tuple[list[str], str]:
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
        keys = zip(words["language"], words["id"], words["position"], strict=True)
        found, source = [known[code, sent_id][position] for code, sent_id, position in keys], "treebank"
    elif tagger is not None:
        kinds = {label: label.removeprefix("B-").removeprefix("I-") for label in tagger.reader.labels}
        is_iob = "O" in kinds and all(label == "O" or label[:2] in ("B-", "I-") for label in kinds)
        found = [kinds[label] if is_iob else label for label in tagger.words["label"]]
        source = tagger.reader.name
    else:
        found, source = [kind_of(word) for word in words["word"]], "characters"
    return found * len(seen), source


def weights_of(chosen: Chosen, spec: "Spec") -> np.ndarray | None:
    """Resamples of the sentences; none for a handful of sentences, or those of one language only each."""
    n = len(chosen.languages[0].ids)
    if spec.texts or not spec.resamples or n < FEWEST_SENTENCES:
        return None
    return bootstrap_weights(n, spec.resamples, spec.seed)


def means_of(words: pd.DataFrame, chosen: Chosen, weights: np.ndarray | None, spec: "Spec") -> pd.DataFrame:
    """`Result.means`, from the words of all models."""
    ids = list(dict.fromkeys(sent_id for part in chosen.languages for sent_id in part.ids))
    frames = []
    for name, rows in words.groupby("model", sort=False):
        frame = groups.group_means(rows.reset_index(drop=True), ids, weights)
        frames.append(led_by(frame, model=name, layer=rows["layer"].iloc[0]).astype({"layer": "Int64"}))
    return pd.concat(frames, ignore_index=True).assign(seed=spec.seed)


def shown(words: pd.DataFrame, chosen: Chosen, spec: "Spec") -> pd.DataFrame:
    """`Result.words`: those of the sentences that stay."""
    if spec.shown and not spec.texts:
        words = words[words["id"].isin(chosen.languages[0].ids[: spec.shown])]
    order = ["model", "layer", "language", "id", "position", "start", "word", "word_class", "subwords", "gate"]
    order += [*groups.SPREAD_COLUMNS, *groups.MEASURES[1:]]
    numbers = words.select_dtypes([np.floating]).columns
    return words[order].astype(dict.fromkeys(numbers, np.float32)).reset_index(drop=True)


def meta_of(spec: "Spec", chosen: Chosen, seen: Sequence[GateStatistics], classes: str) -> dict[str, Any]:
    """`Result.meta`; `classes` says where the classes of words are from."""
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
                "below": each.reader.fusion.lower_said(each.reader.layer, each.reader.n_layers),
                "is_share": each.reader.fusion.is_share(each.reader.config.weight),
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
            *(f"{each.reader.name}: {each.reader.fusion.gate_shown}" for each in seen if each.reader.fusion.gate_shown),
            *cautions.truncated_sentences(first.truncated, n, spec.max_length),
            *cautions.unknown_subwords(first.unknown),
        ],
    }


def _single(chosen: Chosen, seen: Sequence[GateStatistics]) -> list[str]:
    """Models of pairs that read single texts."""
    names = [each.reader.name for each in seen if each.reader.reads_pairs and not chosen.paired]
    return [
        f"{name} was trained on pairs of texts and reads single ones here, as it never did before. To see a pair, type "
        f"both with {BETWEEN} between them."
        for name in names
    ]


def _few(n: int, spec: "Spec") -> list[str]:
    if spec.texts or not spec.resamples or n >= FEWEST_SENTENCES:
        return []
    return [f"{n} sentences are too few for intervals, which need {FEWEST_SENTENCES}: raise the limit."]
