"""What a training reads: subwords, text and translations, and from them what each step learns from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from dlfa_core import models
from dlfa_core.data.pools import Aligned, Mixture
from dlfa_core.data.sources import open_corpus
from dlfa_core.data.text import TextFolder, TextTable, open_text
from dlfa_core.experiments.pretrain.augmenting import Controlled, Reader
from dlfa_core.experiments.pretrain.prepared_text import PreparedText, pool_of, prepare_text, set_apart
from dlfa_core.languages import find
from dlfa_core.runtime.experiment import made_from
from dlfa_core.runtime.progress import span

if TYPE_CHECKING:
    from dlfa_core.experiments.pretrain import Spec

POSITIONS = 256  # the most subwords of a text that the model can read, special tokens counted
VOCABULARY_TEXT = 400_000  # characters of each language that subwords are learnt from, and
VOCABULARY_SHARE = 200  # times the square root of its characters on top


@dataclass(frozen=True, eq=False)
class Material:
    """What a training reads, and what it goes on from."""

    model: Any  # transformers.BertForMaskedLM to go on from, or None
    tokenizer: Any  # transformers.BertTokenizerFast
    text: PreparedText
    mixture: Mixture
    aligned: Aligned
    reader: Reader


def material_of(spec: "Spec", folder: Path, progress: Callable[[float, str], None]) -> Material:
    """Subwords, text and translations, as an earlier run left them in `folder` or anew.

    Raises:
        ValueError: the rank layer is no block of the model, or there is no text to train on.
    """
    text = open_text(spec.text, spec.languages)
    corpora = [_aligned_texts(source, spec.languages) for source in spec.parallel]
    model, tokenizer = models.continue_from(spec.start) if spec.start else (None, None)
    n_layers = spec.layers if model is None else model.config.num_hidden_layers
    if not 0 <= spec.rank_layer <= n_layers:
        raise ValueError(
            f"rank_layer={spec.rank_layer} is no block of a model with {n_layers}: choose 1 to {n_layers}, or 0."
        )
    progress(0.0, "Learning subwords" if model is None else f"Going on from {spec.start}")
    tokenizer = tokenizer or _tokenizer(spec, folder, text, corpora)
    prepared = prepare_text(tokenizer, text, folder, spec.text_limit, spec.dev_sentences, span(progress, 0.3, 0.9))
    progress(0.9, "Cutting translations into subwords")
    aligned = Aligned([{code: pool_of(tokenizer, texts) for code, texts in corpus.items()} for corpus in corpora])
    mixture = Mixture(prepared.train, spec.exponent)
    progress(1.0, "Text is ready")
    reader = Reader(made_from(spec, Controlled), tokenizer, mixture, _sentences(spec, text), spec.seed)
    return Material(model, tokenizer, prepared, mixture, aligned, reader)


def _sentences(spec: "Spec", text: TextFolder | TextTable) -> dict[str, list[str]]:
    """Return what is trained on as it is written; a lexicon's methods look for words in it."""
    if not (spec.methods or spec.teacher):
        return {}
    lines = {code: list(islice(text.lines(code), spec.text_limit or None)) for code in text.languages}
    return {code: set_apart(own, spec.dev_sentences)[0] for code, own in lines.items()}


def _aligned_texts(source: str, languages: tuple[str, ...]) -> dict[str, list[str]]:
    corpus = open_corpus(source)
    wanted = {find(language).code for language in languages} or set(corpus.languages)
    return {code: list(corpus[code]) for code in corpus.languages if code in wanted}


def _tokenizer(spec: "Spec", folder: Path, text: TextFolder | TextTable, corpora: list[dict[str, list[str]]]) -> Any:
    """The one in the folder, so that a resumed run keeps its subword ids, or a new one."""
    if (folder / "tokenizer.json").exists():
        return models.read_tokenizer(folder)
    subwords = models.learn_vocabulary(_balanced(text, corpora, spec.seed), spec.vocab_size)
    tokenizer = models.cased_tokenizer(subwords, POSITIONS)
    tokenizer.save_pretrained(folder)
    return tokenizer


def _balanced(text: TextFolder | TextTable, corpora: list[dict[str, list[str]]], seed: int) -> Iterator[str]:
    """Sentences to learn subwords from: all translations, and of each language's text about the square root."""
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


def untrained(spec: "Spec", material: Material) -> Any:
    """A model that begins anew, with vectors of what stands where in the text."""
    subwords = len(material.tokenizer)
    texts = {code: [pool] for code, pool in material.mixture.pools.items()}
    for corpus in material.aligned.corpora:
        for code, pool in corpus.items():
            texts.setdefault(code, []).append(pool)
    vectors = models.start_vectors(material.aligned.sentences(), texts, subwords, spec.hidden_size, spec.seed)
    counts = sum(np.bincount(pool.ids, minlength=subwords) for pool in material.mixture.pools.values())
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


def step_of(spec: "Spec", material: Material, step: int) -> "models.Step":
    """Return what step number `step` learns from: nothing but the spec and the number decide it."""
    left, right = material.aligned.draw(spec.pairs, spec.seed, step) if spec.rank_layer else ([], [])
    translated = np.random.default_rng([spec.seed, step, 1]).random() < spec.translated
    valued = material.reader.valued(step)
    if not translated or not spec.parallel:
        read = material.reader.read(spec.tokens, step)
        return models.Step(read.ids, False, left, right, read.words, valued, read.texts if spec.teacher else None)
    rows = max(1, spec.tokens // (2 * material.aligned.longest))
    pairs = zip(*material.aligned.draw(rows, spec.seed + 1, step), strict=True)
    return models.Step(list(pairs), True, left, right, valued=valued)
