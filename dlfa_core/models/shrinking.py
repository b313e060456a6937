"""A smaller model of the same states: the subwords that texts need, and the rows of the weights that belong to them.

After Abdaoui, Pradel & Sigel (2020), Load What You Need: Smaller Versions of Multilingual BERT. The vectors of subwords
are most of a multilingual encoder (92 of mBERT's 178 million weights), and a subword that no text uses changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from transformers import PreTrainedTokenizerBase

from dlfa_core.languages import find
from dlfa_core.models.loading import checked_tokenizer, quiet, read_config
from dlfa_core.models.source import ModelError, locate, weight_files
from dlfa_core.models.subword_choice import Choice, choose
from dlfa_core.models.subword_counts import Text, character_counts, subword_counts, word_count
from dlfa_core.models.tokenizer_cut import Vocabulary, save_tokenizer
from dlfa_core.models.weights_cut import cut_rows, read_whole, start_head, token_ids

Progress = Callable[[float, str], None]
ALL_SEEN = Choice()


@dataclass(frozen=True)
class Size:
    """How large a model is: subwords, parameters, and bytes of its weight files."""

    subwords: int
    parameters: int
    bytes: int


@dataclass(frozen=True, eq=False)
class Shrunk:
    """A smaller model in a folder, and what it lost.

    Attributes:
        kept: int64 (n,) the id that each of its subwords had before.
        texts: a row a text, with its `language`, `words`, and numbers of `tokens`: before; of them those whose subword
            is `kept`, and `unknown` ones; and `tokens_after` and `unknown_after` by the smaller tokenizer.
        before: size of the model with all subwords, without weights that are not kept for other reasons.
        after: size of the smaller model.
        new_head: whether a masked language model head was started.
    """

    kept: np.ndarray
    texts: pd.DataFrame
    before: Size
    after: Size
    new_head: bool


def shrink(
    name_or_path: str,
    texts: Sequence[Text],
    out: str | Path,
    choice: Choice = ALL_SEEN,
    head: bool = False,
    half: bool = False,
    progress: Progress = lambda fraction, message: None,
) -> Shrunk:
    """Write a model that knows only the subwords which texts need, as a folder that transformers loads.

    Where a text loses none of its subwords, it has the states of the full model. Encoder, pooler and masked language
    model head are written where the checkpoint has them; other heads, and what sentence-transformers puts behind an
    encoder, are not.

    Args:
        name_or_path: `demo`, a folder, or a hub id of an encoder with a Unigram or WordPiece tokenizer.
        texts: what to choose subwords from; read twice.
        out: folder to write; made if need be.
        choice: how much is kept.
        head: start a masked language model head where there is none, so that training can go on; see `start_head`.
        half: write float16.
        progress: told how far the work is.

    Raises:
        ModelError: the model is missing, damaged, no encoder, or has another kind of tokenizer.
        ValueError: the texts are empty, `out` is the model's own folder, or `choice` cannot be met.
    """
    name, folder, out = str(name_or_path), locate(name_or_path), Path(out).expanduser()
    if out.resolve() == folder.resolve():
        raise ValueError(f"out={out} is the folder of the model itself, which would be lost: name another folder.")
    tokenizer, full = _opened(name, folder)
    words, characters = [], Counter()
    for index, text in enumerate(texts):
        progress(0.2 * index / len(texts), f"Counting words in {find(text.language).name}")
        words.append(word_count(text.lines()))
        characters.update(character_counts(text.lines()))
    counts = _counted(full, texts, lambda fraction, message: progress(0.2 + 0.4 * fraction, message))
    smaller, keep = full.cut(_chosen(full, texts, counts, characters, choice))
    recounted = _counted(smaller, texts, lambda fraction, message: progress(0.6 + 0.3 * fraction, message))
    progress(0.9, f"Cutting the weights of {name}")
    with quiet():
        model, new_head = read_whole(name, folder, head)
        before = Size(len(full.subwords), (model.base_model if new_head else model).num_parameters(), _bytes(folder))
        cut_rows(model, keep)
        if new_head:
            start_head(model, sum(recounted))
        out.mkdir(parents=True, exist_ok=True)
        (model.half() if half else model).save_pretrained(out)
    save_tokenizer(smaller, tokenizer, out)
    progress(1.0, f"Written to {out}")
    lost = _lost(texts, words, full, counts, smaller, recounted, keep)
    return Shrunk(keep, lost, before, Size(len(keep), model.num_parameters(), _bytes(out)), new_head)


def _opened(name: str, folder: Path) -> tuple[PreTrainedTokenizerBase, Vocabulary]:
    """The tokenizer, and what it knows; all that the configuration names is special."""
    with quiet():
        config = read_config(name, folder)
        tokenizer = checked_tokenizer(name, folder, config)
    full = Vocabulary.of(name, tokenizer)
    named = token_ids(config)
    if (padding := named.get("pad_token_id")) not in (None, *full.subwords):
        raise ModelError(
            f"The configuration of {name!r} has pad_token_id={padding}, which its tokenizer lacks: put the tokenizer "
            "that the model was trained with beside it."
        )
    return tokenizer, replace(full, special=full.special | (set(named.values()) & full.subwords.keys()))


def _chosen(
    full: Vocabulary, texts: Sequence[Text], counts: Sequence[np.ndarray], characters: Counter[str], choice: Choice
) -> set[int]:
    """The ids that are kept; characters count as the texts have them and as normalisation leaves them."""
    if not any(count.sum() for count in counts):
        raise ValueError("The texts are empty, and no subword can be chosen from them: give texts with words in them.")
    frequent = {
        character
        for found in (characters, full.characters(sum(counts)))
        for character, number in found.items()
        if number >= choice.character_count
    }
    return choose(counts, [text.weight for text in texts], full.required(frequent), choice)


def _counted(vocabulary: Vocabulary, texts: Sequence[Text], progress: Progress) -> list[np.ndarray]:
    tokenizer, counts = vocabulary.tokenizer(), []
    for index, text in enumerate(texts):
        progress(index / len(texts), f"Cutting {find(text.language).name} into {len(vocabulary.subwords):,} subwords")
        counts.append(subword_counts(tokenizer, text.lines(), vocabulary.length))
    return counts


def _lost(
    texts: Sequence[Text],
    words: Sequence[int],
    full: Vocabulary,
    counts: Sequence[np.ndarray],
    smaller: Vocabulary,
    recounted: Sequence[np.ndarray],
    keep: np.ndarray,
) -> pd.DataFrame:
    """The table of `Shrunk`."""
    rows = [
        {
            "language": text.language,
            "words": n_words,
            "tokens": before.sum(),
            "kept": before[keep].sum(),
            "unknown": _of_unknown(full, before),
            "tokens_after": after.sum(),
            "unknown_after": _of_unknown(smaller, after),
        }
        for text, n_words, before, after in zip(texts, words, counts, recounted, strict=True)
    ]
    return pd.DataFrame(rows)


def _of_unknown(vocabulary: Vocabulary, counts: np.ndarray) -> int:
    return 0 if vocabulary.unknown is None else int(counts[vocabulary.unknown])


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in weight_files(folder))
