"""How is a small multilingual encoder trained from text files and some translations?

Vocabulary and start come from the text itself (`models.vocabulary`, `models.start`); then every step adds up two
losses: hidden words (in a sentence, or in a sentence beside its translation) and translation ranking on the mean state
of a middle block. The blocks above serve the hidden words alone. Data, their order and all chance are functions of the
seed and the step, so that a run that was stopped goes on as if it had not been.

Instead of starting anew, training may go on from a model (`start`), and a lexicon may take part in it (`methods`, see
`experiments.augmenting`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from dlfa_core import measures, models
from dlfa_core.data.parallel import ParallelCorpus
from dlfa_core.data.pools import Aligned, Mixture, Pool
from dlfa_core.data.sources import open_corpus
from dlfa_core.data.text import TextFolder, TextTable, open_text
from dlfa_core.experiments import lexicons
from dlfa_core.experiments.augmenting import KINDS, Augmenting, Reader, check
from dlfa_core.languages import find
from dlfa_core.runtime.progress import silent, span

VERSION = 3
LATEST = "latest"  # subfolder of the model as it is, beside the best one so far
POSITIONS = 256  # the most pieces of a text that the model can read, special tokens counted
VOCABULARY_TEXT = 400_000  # characters of each language that word pieces are learnt from, and
VOCABULARY_SHARE = 200  # times the square root of its characters on top


@dataclass(frozen=True, kw_only=True)
class Spec(Augmenting):
    """Train a small 12-layer BERT, or go on training one.

    Attributes:
        out: folder for the model, and for what is needed to go on after a stop.
        text: folder of text files named by language (`en.txt.xz`), one sentence a line, also in subfolders; or
            `sample`, the sentences of the sample corpus that its task is not tested on.
        start: `demo`, a folder or a hub id of a BERT to go on from, with its word pieces; empty to begin anew.
        parallel: corpora of aligned sentences, such as `table:ntrex128.tsv`.
        languages: to train on; all that have text or translations if none are named.
        text_limit: sentences of each language's text, its first ones; 0 takes all.
        watch: aligned corpus on which retrieval is measured while training; never trained on. If empty, nothing is
            measured, and the last model is kept instead of the best.
        watch_limit: sentences of it that are used.
        vocab_size: word pieces to learn; this and the next four play no part where training goes on from a model.
        hidden_size: width of a state.
        layers: blocks.
        heads: attention heads of a block.
        intermediate_size: width of the feed-forward part.
        rank_layer: block on which translations are ranked; 0 leaves ranking out.
        rank_weight: of the ranking loss beside that of hidden words.
        steps: optimiser steps.
        tokens: tokens of a step's hidden-word batch, padding counted.
        pairs: translation pairs of a step's ranking batch.
        lr: highest learning rate; rises over the first 5 % of the steps, then falls as a cosine.
        mask_rate: share of tokens that are hidden.
        translated: share of the steps that hide words in a sentence beside its translation.
        exponent: smoothing of the languages' shares; 1 as the text is, 0 all alike.
        check_every: steps between measurements and between safe points.
        seed: of everything random.
    """

    out: str
    text: str
    start: str = ""
    parallel: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    text_limit: int = 0
    watch: str = "sample"
    watch_limit: int = 300
    vocab_size: int = 40_000
    hidden_size: int = 192
    layers: int = 12
    heads: int = 3
    intermediate_size: int = 512
    rank_layer: int = 8
    rank_weight: float = 1.0
    steps: int = 2_000
    tokens: int = 1_536
    pairs: int = 40
    lr: float = 1.5e-3
    mask_rate: float = 0.15
    translated: float = 0.3
    exponent: float = 0.5
    check_every: int = 100
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Result:
    """What happened on the way; the model itself lies in `folder`."""

    history: (
        pd.DataFrame
    )  # step, tokens, seconds, hidden_word_loss, ranking_loss, valence_loss (means since the row before)
    retrieval: pd.DataFrame  # step, layer, value: centred top-1 retrieval from English, mean over languages
    folder: str
    parameters: int


def inputs(spec: Spec) -> dict[str, str]:
    """Digests of the text and of every corpus, and of model and lexicon where there are any."""
    corpora = {source: open_corpus(source).digest for source in (*spec.parallel, spec.watch) if source}
    start = {"start": models.fingerprint(spec.start)} if spec.start else {}
    lexicon = {"lexicon": lexicons.fingerprint(spec.lexicon)} if spec.lexicon else {}
    return {"text": open_text(spec.text, spec.languages).digest, **corpora, **start, **lexicon}


def intact(result: Result) -> bool:
    """Whether the model that the result tells of is still where it was written."""
    return (Path(result.folder) / "model.safetensors").is_file()


def run(spec: Spec, progress: Callable[[float, str], None] = silent) -> Result:
    """Train, or go on training, and leave the best model so far in `spec.out`.

    Best is the highest retrieval at any layer, measured every `check_every` steps.

    Raises:
        ValueError: the rank layer is no block of the model, or the text holds none of the languages.
    """
    check(spec)
    if spec.rank_layer and not spec.parallel:
        raise ValueError(f"rank_layer={spec.rank_layer} ranks translations, but parallel names none: set rank_layer=0.")
    folder = Path(spec.out)
    material = _prepare(spec, folder, span(progress, 0.0, 0.1))
    training = models.Training(
        model=material.model or _untrained(spec, material),
        tokenizer=material.tokenizer,
        recipe=models.Recipe(
            steps=spec.steps,
            lr=spec.lr,
            mask_rate=spec.mask_rate,
            rank_layer=spec.rank_layer,
            rank_weight=spec.rank_weight,
            seed=spec.seed,
            word_rate=spec.word_rate,
            valence_weight=spec.valence_weight,
            valence_outputs=KINDS[spec.valence_kind] if "valence" in spec.methods else 0,
        ),
    )
    training.resume(folder)
    report = span(progress, 0.1, 1.0)
    while training.step < spec.steps:
        training.advance(_batch(spec, material, training.step))
        report(training.step / spec.steps, training.describe())
        if training.step % spec.check_every == 0 or training.step == spec.steps:
            training.keep(folder, _exported(training, spec))
    return Result(
        history=pd.DataFrame(training.history),
        retrieval=pd.DataFrame(training.measurements),
        folder=str(folder),
        parameters=sum(weight.numel() for weight in training.model.parameters()),
    )


def _exported(training: "models.Training", spec: Spec) -> list[dict[str, float]]:
    """Write the model where it belongs, and say what was measured on it."""
    folder = Path(spec.out)
    if not spec.watch:
        training.export(folder)
        return []
    training.export(folder / LATEST)
    measured = _measure(folder / LATEST, spec)
    if _score(measured) >= max(map(_score, _by_step(training.measurements)), default=0.0):
        training.export(folder)
    return measured


def forget_safe_point(spec: Spec) -> None:
    """Delete what a finished run kept to go on from; it is several times as large as the model."""
    (Path(spec.out) / models.SAFE_POINT).unlink(missing_ok=True)


@dataclass(frozen=True, eq=False)
class _Material:
    model: Any  # transformers.BertForMaskedLM to go on from, or None
    tokenizer: Any  # transformers.BertTokenizerFast
    text: Mixture
    aligned: Aligned
    reader: Reader


def _prepare(spec: Spec, folder: Path, progress: Callable[[float, str], None]) -> _Material:
    text = open_text(spec.text, spec.languages)
    corpora = [_aligned_texts(source, spec.languages) for source in spec.parallel]
    model, tokenizer = models.continue_from(spec.start) if spec.start else (None, None)
    n_layers = spec.layers if model is None else model.config.num_hidden_layers
    if not 0 <= spec.rank_layer <= n_layers:
        raise ValueError(
            f"rank_layer={spec.rank_layer} is no block of a model with {n_layers}: choose 1 to {n_layers}, or 0."
        )
    progress(0.0, "Learning word pieces" if model is None else f"Going on from {spec.start}")
    tokenizer = tokenizer or _tokenizer(spec, folder, text, corpora)
    pools, sentences = {}, {}
    for done, language in enumerate(text.languages):
        progress(0.3 + 0.6 * done / len(text.languages), f"Cutting {find(language).name} into word pieces")
        lines = list(islice(text.lines(language), spec.text_limit or None))
        pools[language] = _pool(tokenizer, lines)
        if spec.methods:
            sentences[language] = lines
    aligned = Aligned([{code: _pool(tokenizer, texts) for code, texts in corpus.items()} for corpus in corpora])
    mixture = Mixture(pools, spec.exponent)
    settings = Augmenting(**{field.name: getattr(spec, field.name) for field in fields(Augmenting)})
    progress(1.0, "Text is ready")
    return _Material(model, tokenizer, mixture, aligned, Reader(settings, tokenizer, mixture, sentences, spec.seed))


def _aligned_texts(source: str, languages: tuple[str, ...]) -> dict[str, list[str]]:
    corpus = open_corpus(source)
    wanted = {find(language).code for language in languages} or set(corpus.languages)
    return {code: list(corpus[code]) for code in corpus.languages if code in wanted}


def _tokenizer(spec: Spec, folder: Path, text: TextFolder | TextTable, corpora: list[dict[str, list[str]]]) -> Any:
    """The one in the folder, so that a resumed run keeps its piece ids, or a new one."""
    if (folder / "tokenizer.json").exists():
        return models.read_tokenizer(folder)
    pieces = models.learn_vocabulary(_balanced(text, corpora, spec.seed), spec.vocab_size)
    tokenizer = models.cased_tokenizer(pieces, POSITIONS)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _balanced(text: TextFolder | TextTable, corpora: list[dict[str, list[str]]], seed: int) -> Iterator[str]:
    """Sentences to learn word pieces from: all translations, and of each language's text about the square root."""
    for corpus in corpora:
        for sentences in corpus.values():
            yield from sentences
    for language in text.languages:
        lines = list(text.lines(language))
        Random(seed).shuffle(lines)
        budget = VOCABULARY_TEXT + VOCABULARY_SHARE * sum(map(len, lines)) ** 0.5
        for line in lines:
            if (budget := budget - len(line)) < 0:
                break
            yield line


def _pool(tokenizer: Any, sentences: list[str]) -> Pool:
    return Pool.of([encoding.ids for encoding in _encode(tokenizer, sentences)])


def _encode(tokenizer: Any, sentences: list[str], chunk: int = 10_000) -> Iterator[Any]:
    for first in range(0, len(sentences), chunk):
        part = sentences[first : first + chunk]
        yield from tokenizer.backend_tokenizer.encode_batch_fast(part, add_special_tokens=False)


def _untrained(spec: Spec, material: _Material) -> Any:
    pieces = len(material.tokenizer)
    texts = {code: [pool] for code, pool in material.text.pools.items()}
    for corpus in material.aligned.corpora:
        for code, pool in corpus.items():
            texts.setdefault(code, []).append(pool)
    vectors = models.start_vectors(material.aligned.sentences(), texts, pieces, spec.hidden_size, spec.seed)
    counts = sum(np.bincount(pool.ids, minlength=pieces) for pool in material.text.pools.values())
    return models.start_from(
        vectors,
        counts,
        spec.seed,
        num_hidden_layers=spec.layers,
        num_attention_heads=spec.heads,
        intermediate_size=spec.intermediate_size,
        max_position_embeddings=POSITIONS,
        pad_token_id=material.tokenizer.pad_token_id,
    )


def _batch(spec: Spec, material: _Material, step: int) -> "models.Step":
    """What step number `step` learns from: nothing but the spec and the number decide it."""
    left, right = material.aligned.draw(spec.pairs, spec.seed, step) if spec.rank_layer else ([], [])
    translated = np.random.default_rng([spec.seed, step, 1]).random() < spec.translated
    valued = material.reader.valued(step)
    if not translated or not spec.parallel:
        read = material.reader.read(spec.tokens, step)
        return models.Step(read.ids, False, left, right, read.words, valued)
    rows = max(1, spec.tokens // (2 * material.aligned.longest))
    pairs = zip(*material.aligned.draw(rows, spec.seed + 1, step), strict=True)
    return models.Step(list(pairs), True, left, right, valued=valued)


def _measure(folder: Path, spec: Spec) -> list[dict[str, float]]:
    """Centred top-1 retrieval from English per layer, mean over the other languages of the watched corpus."""
    corpus = open_corpus(spec.watch).select(limit=spec.watch_limit, seed=spec.seed)
    encoder = models.Encoder.from_pretrained(str(folder), dtype="float32")
    english, *others = (encoder.encode(corpus[code]).vectors for code in ("eng", *_not_english(corpus)))
    return [
        {"layer": layer, "value": float(np.mean([_retrieval(english[layer], other[layer]) for other in others]))}
        for layer in range(encoder.n_states)
    ]


def _not_english(corpus: ParallelCorpus) -> list[str]:
    return [code for code in corpus.languages if code != "eng"]


def _retrieval(english: np.ndarray, other: np.ndarray) -> float:
    return measures.retrieval_accuracy(english, other, score="centred")


def _score(rows: Iterable[Mapping[str, float]]) -> float:
    return max(row["value"] for row in rows)


def _by_step(measurements: list[dict[str, float]]) -> list[list[dict[str, float]]]:
    return [list(rows) for _, rows in groupby(measurements, key=itemgetter("step"))]
