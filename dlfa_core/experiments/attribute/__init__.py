"""Which words does a classifier's answer come from?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from dlfa_core import markup, models
from dlfa_core.experiments.attribute import baselines, faithfulness
from dlfa_core.experiments.sources import SAMPLE_SEED, cautions, corpora
from dlfa_core.languages import find
from dlfa_core.measures.intervals import possible_weights
from dlfa_core.runtime.progress import Progress, silent, span
from dlfa_core.tables import Interval, Table, highest

__all__ = [
    "VERSION",
    "Baselines",
    "Faithful",
    "Result",
    "Spec",
    "Text",
    "Words",
    "baselines",
    "faithfulness",
    "inputs",
    "marks_of",
    "page_of",
    "run",
]

VERSION = 2
EXPLAINING_SHARE = 0.8  # of the progress bar, where faithfulness is measured too
LARGE_DELTA = 0.05
SETTINGS = ("method", "layer", "target", "against", "output", "tolerance", "max_length", "seed")


@dataclass(frozen=True)
class Spec:
    """Score every word of some texts, or of the sentences of a corpus.

    Attributes:
        model: `demo-sentiment`, or a folder or hub id of a classifier of texts: a fusion model, or any checkpoint for
            sequence classification, such as nlptown/bert-base-multilingual-uncased-sentiment.
        texts: what to explain; the corpus is left alone then.
        seconds: of pairs of texts, the second ones, one for each text.
        corpus: `sample`, a path, or a kind and a place: table:PATH, tmx:PATH, folder:PATH,
            moses:PATH, pud:PATH, tatoeba:PATH, hub:NAME.
        languages: of the corpus, all if none are given; of texts, one for each or one for all.
        limit: sentences of the corpus in each language, drawn at random; 0 takes all.
        method: integrated_gradients, input_x_gradient, deep_lift, gradient_shap, occlusion, or shapley.
        layer: the state at which scores are given, 0 (embedding output) to L; at the subwords themselves if not given.
            For methods with gradients.
        target: label, or its number, whose output is explained; the predicted one if not given.
        against: label whose output is taken away from that.
        output: logit, or probability.
        baseline: what a text is held against: pad, mask or zero in place of its subwords; auto takes the one of which
            the model says least.
        compared: texts, drawn at random, that are held against the other baselines, too, to say how much the scores
            depend on it; 0 leaves it out.
        steps: of the method; 0 for its default.
        tolerance: what integrated gradients may miss, as a share of the sum of |scores|, before they take more steps
            where they miss most; 0 leaves them.
        draws: random rankings of the words to measure faithfulness against; 0 leaves it out.
        max_length: subwords after which a text is cut, special tokens counted.
        resamples: of the sentences, for intervals of faithfulness.
        seed: of what is drawn.
        dtype: what the model computes in: float32, or bfloat16, which at the size of multilingual BERT is three times
            as fast where the device has it, and some per cent off; auto takes it there.
    """

    model: str = "demo-sentiment"
    texts: tuple[str, ...] = ()
    seconds: tuple[str, ...] = ()
    corpus: str = "sample"
    languages: tuple[str, ...] = ()
    limit: int = 20
    method: str = "integrated_gradients"
    layer: int | None = None
    target: str = ""
    against: str = ""
    output: str = "logit"
    baseline: str = "auto"
    compared: int = 20
    steps: int = 0
    tolerance: float = 0.02
    draws: int = 0
    max_length: int = 256
    resamples: int = 200
    seed: int = 0
    dtype: str = "float32"


Faithful = Literal["group", "measure", "share", Interval, "random", "gain", "gain_low", "gain_high", "n"]
Words = Table[Literal["id", "language", "word", "form", "segment", "start", "stop", "subwords", "score"]]
Explained = Literal[
    "predicted", "target", "against", "value", "baseline_value", "difference", "delta", "relative_delta"
]
Baselines = Table[Literal["baseline", "lean", "same_sign", "correlation", "words", "texts"]]
Text = Literal["id", "language", "text", "second", Explained, "special", "steps", "truncated"]


@dataclass(frozen=True, eq=False)
class Result:
    """Scores of words and subwords. A text is named by its id and language; typed texts have the ids 1, 2, 3 …

    Attributes:
        words: word (its number), segment (1 in the second text of a pair), start, stop (in characters). A word that
            was cut off has no subwords and no score.
        tokens: word is -1 for special tokens.
        texts: second ("" where there is none), value (what is explained), difference (what scores add up to), delta
            (by how much they miss it), relative_delta (|delta| / sum of |scores|, the convergence error), special (the
            sum over special tokens).
        baselines: lean (what the model says of texts without content that are made of it: of two labels, how much more
            of the one; of all, how far their probabilities are from equal ones, in nats; 0 is neutral), and, held
            against the scores of the baseline that was used, same_sign (share of words), correlation, words and texts
            (how many); the last four are missing, or 0, where nothing was compared.
        faithfulness: group ("all", or a language), measure (comprehensiveness, sufficiency), share of the words,
            random (the mean with random rankings), gain (how much better than that); empty without draws.
        meta: model, labels, n_layers, method, method_label, layer, baseline (that was used), lean (of it), leans (of
            all), output, corpus, languages, n,
            and `warnings`, sentences that a reader of the numbers should know.
    """

    words: Words
    tokens: Table[Literal["id", "language", "position", "token", "word", "score"]]
    texts: Table[Text]
    faithfulness: Table[Faithful]
    baselines: Baselines
    meta: dict[str, Any]

    def to_html(self, path: str | Path, title: str = "Which words the answer comes from") -> Path:
        """Write a page that needs no network: every text with its words coloured, and as a table."""
        path = Path(path)
        path.write_text(page_of([self], title), encoding="utf-8")
        return path

    def _sections(self) -> Iterator[markup.Section]:
        words = dict(iter(self.words.groupby(["language", "id"], sort=False)))
        for row in self.texts.to_dict("records"):
            own = words[(row["language"], row["id"])]
            parts = (row["text"], row["second"]) if row["second"] else (row["text"],)
            marks = tuple(marks_of(own[own["segment"] == number]) for number in range(len(parts)))
            sides = f"{row['target']} against {row['against']}" if row["against"] else row["target"]
            note = f"{self.meta['output']} of {sides}: {row['value']:+.3f}, baseline {row['baseline_value']:+.3f}."
            cut = ["The text was cut: words struck through were not read."] if row["truncated"] else []
            title = f"{row['id']}: {row['predicted']}"
            yield markup.Section(title, parts, marks, row["language"] or None, (note, *cut))


def page_of(results: Sequence[Result], title: str = "Which words the answer comes from") -> str:
    """A page that needs no network and runs no script, with the texts of all results one below the other."""
    about = (f"{each.meta['method_label']} of {each.meta['model']}, {_where(each.meta['layer'])}." for each in results)
    sides = pd.concat([each.texts.copy()[["target", "against"]] for each in results]).drop_duplicates()
    key = markup.legend(*sides.iloc[0]) if len(sides) == 1 else markup.legend("the label above")
    sections = (section for each in results for section in each._sections())
    return markup.document(title, sections, " ".join(dict.fromkeys(about)), key)


def marks_of(words: Words) -> tuple[markup.Mark, ...]:
    """Rows of `Result.words`, of one text and segment, for `markup.marked`."""
    return tuple(markup.Mark(row["start"], row["stop"], row["score"]) for row in words.to_dict("records"))


def inputs(spec: Spec) -> dict[str, str]:
    """Fingerprints of the model, and of the corpus where one is explained."""
    model = {"model": models.fingerprint(spec.model)}
    return model if spec.texts else {**model, "corpus": corpora.fingerprint(spec.corpus)}


def run(spec: Spec, progress: Progress = silent) -> Result:
    """Explain every text, whose scores do not depend on the others.

    Raises:
        ValueError: the model labels no texts; a text is empty; a language, method, layer, label, baseline or setting is
            not usable. The message says which.
    """
    models.find_method(spec.method)
    if spec.draws < 0:
        raise ValueError(f"draws={spec.draws} random rankings cannot be drawn: use 0 for none, or more.")
    if spec.compared < 0:
        raise ValueError(f"compared={spec.compared} texts cannot be compared: use 0 for none, or more.")
    rows = _rows(spec)
    progress(0.0, f"Loading the model {spec.model}")
    explainer = explainer_of(spec.model, models.fingerprint(spec.model), spec.dtype)
    leans = explainer.leans(explainer.question(spec.target, spec.against, spec.output))
    held_against = baselines.chosen(spec.baseline, leans)

    def explain(some: Sequence[_Row], baseline: str, progress: Progress) -> "models.Explanations":
        return explainer.explain(
            [row.content for row in some],
            **{name: getattr(spec, name) for name in SETTINGS},
            baseline=baseline,
            steps=spec.steps or None,
            progress=progress,
        )

    drawn = baselines.drawn(len(rows), spec.compared, spec.seed)
    explained = 0.02 + (EXPLAINING_SHARE if spec.draws else 1.0) * 0.98 * len(rows) / (len(rows) + 2 * len(drawn))
    found = explain(rows, held_against, span(progress, 0.02, explained))
    others = {
        name: explain([rows[number] for number in drawn], name, span(progress, explained, EXPLAINING_SHARE))
        for name in leans
        if len(drawn) and name != held_against
    }
    keys = pd.DataFrame({"id": [row.id for row in rows], "language": [row.language for row in rows]})
    texts = _keyed(keys, found.to_texts())
    texts.insert(2, "text", [row.parts[0] for row in rows])
    texts.insert(3, "second", [row.parts[1] if len(row.parts) > 1 else "" for row in rows])
    last = span(progress, EXPLAINING_SHARE, 1.0)
    faithful = _faithfulness(replace(spec, baseline=held_against), explainer, found, keys, last)
    return Result(
        words=_keyed(keys, found.to_words()),
        tokens=_keyed(keys, found.to_frame()),
        texts=texts,
        faithfulness=faithful,
        baselines=baselines.frame_of(leans, [found[number] for number in drawn], others),
        meta=_meta(spec, explainer, texts) | baselines.described(held_against, leans),
    )


def get_ready(spec: Spec) -> None:
    """Load the model and judge its baselines, so that the next text need not wait for that."""
    explainer = explainer_of(spec.model, models.fingerprint(spec.model), spec.dtype)
    explainer.leans(explainer.question(spec.target, spec.against, spec.output))


@lru_cache(maxsize=2)  # two models beside each other on the page
def explainer_of(model: str, fingerprint: str, dtype: str) -> "models.Explainer":
    """The explainer of a model, loaded again only when its files have changed."""
    return models.Explainer.from_pretrained(model, dtype=dtype)


@dataclass(frozen=True)
class _Row:
    """One text, or pair of texts, to explain."""

    id: str
    language: str  # "" where it is not known
    parts: tuple[str, ...]

    @property
    def content(self) -> str | tuple[str, ...]:
        return self.parts[0] if len(self.parts) == 1 else self.parts


def _rows(spec: Spec) -> list[_Row]:
    if spec.texts:
        codes = _codes_of_texts(spec.languages, len(spec.texts))
        if spec.seconds and len(spec.seconds) != len(spec.texts):
            raise ValueError(f"{len(spec.texts)} texts but {len(spec.seconds)} second ones: give one for each text.")
        columns = (spec.texts, spec.seconds) if spec.seconds else (spec.texts,)
        parts = zip(*columns, strict=True)
        return [_Row(str(number), code, own) for number, (code, own) in enumerate(zip(codes, parts, strict=True), 1)]
    if spec.seconds:
        raise ValueError("There are second texts but no first ones: give texts, too.")
    corpus = corpora.opened(spec.corpus).select(spec.languages, spec.limit, SAMPLE_SEED)
    return [
        _Row(name, code, (text,))
        for code in corpus.languages
        for name, text in zip(corpus.ids, corpus[code], strict=True)
    ]


def _codes_of_texts(languages: Sequence[str], n: int) -> list[str]:
    if not languages:
        return [""] * n
    codes = [find(language).code for language in languages]
    if len(codes) not in (1, n):
        raise ValueError(f"{n} texts but {len(codes)} languages: give one for each text, or one for all.")
    return codes if len(codes) == n else codes * n


def _keyed(keys: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with id and language in place of the number of the text."""
    named = keys.iloc[frame["text"]].reset_index(drop=True)
    return pd.concat([named, frame.drop(columns=["text", "language"])], axis=1)


def _faithfulness(
    spec: Spec, explainer: "models.Explainer", found: Any, keys: pd.DataFrame, progress: Progress
) -> pd.DataFrame:
    if not spec.draws:
        return pd.DataFrame(columns=faithfulness.COLUMNS)
    question = explainer.question(spec.target, spec.against, spec.output)
    ahead = [1.0 if not spec.against or each.value >= 0 else -1.0 for each in found]  # words for the answer come first
    drops = faithfulness.probability_drops_of(
        explainer,
        [each.reading for each in found],
        [sign * each.word_scores[None] for sign, each in zip(ahead, found, strict=True)],
        question,
        spec.baseline,
        spec.draws,
        spec.seed,
        progress,
    )
    ids = list(dict.fromkeys(keys["id"]))
    sentences = keys["id"].map({name: number for number, name in enumerate(ids)}).to_numpy()
    weights = possible_weights(len(ids), spec.resamples, spec.seed)
    return next(faithfulness.frame_of(drops, sentences, keys["language"].to_numpy(), weights))


def _meta(spec: Spec, explainer: "models.Explainer", texts: pd.DataFrame) -> dict[str, Any]:
    corpus = None if spec.texts else corpora.opened(spec.corpus)
    return {
        "model": spec.model,
        "fingerprint": models.fingerprint(spec.model),
        "labels": list(explainer.labels),
        "n_layers": explainer.n_layers,
        "method": spec.method,
        "method_label": models.find_method(spec.method).label,
        "layer": spec.layer,
        "output": spec.output,
        "corpus": "" if corpus is None else spec.corpus,
        "corpus_name": "" if corpus is None else corpus.name,
        "licence": "" if corpus is None else corpus.licence,
        "languages": list(dict.fromkeys(code for code in texts["language"] if code)),
        "n": int(texts["id"].nunique()),
        "warnings": [*(() if corpus is None else corpus.notes), *_cautions(spec, explainer, texts)],
    }


def _cautions(spec: Spec, explainer: "models.Explainer", texts: Table[Text]) -> Iterator[str]:
    if explainer.reads_pairs and not spec.seconds:
        yield f"{spec.model} was trained on pairs of texts and reads single ones here: give the others as seconds."
    if cut := int(texts["truncated"].sum()):
        yield (
            f"{cut} of {len(texts)} texts were cut at {spec.max_length} subwords, or at the model's own limit: words "
            "beyond have no score."
        )
    large = texts["relative_delta"] > LARGE_DELTA
    if large.any():
        worst = highest(texts, texts["relative_delta"])
        advice = models.delta_advice(spec.method, float(worst["relative_delta"]), int(worst["steps"]))
        yield f"{int(large.sum())} of {len(texts)} texts, at worst {worst['id']}: {advice}"
    yield from cautions.unseen_languages(spec.model, dict.fromkeys(code for code in texts["language"] if code))


def _where(layer: int | None) -> str:
    return "at the subwords" if layer is None else f"at layer {layer}"
