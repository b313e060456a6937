"""Text cut into subwords once, and kept beside the model that is trained on it.

A run that was stopped finds every language that was cut before in its folder; subword ids are read from disk as they
are drawn, so that memory does not grow with the text.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dlfa_core.data.pools import Pool
from dlfa_core.data.text import TextFolder, TextTable
from dlfa_core.languages import find

FOLDER = "prepared-text"
CHUNK = 10_000  # sentences that are cut at a time


@dataclass(frozen=True, eq=False)
class PreparedText:
    """Sentences of every language in subwords, without special tokens.

    Attributes:
        train: to train on, by ISO 639-3 code.
        dev: to measure on, never trained on; empty pools where none were set apart.
    """

    train: dict[str, Pool]
    dev: dict[str, Pool]


def prepare_text(
    tokenizer: Any,
    text: TextFolder | TextTable,
    folder: Path,
    limit: int,
    dev_sentences: int,
    progress: Callable[[float, str], None],
) -> PreparedText:
    """Cut each language's sentences into subwords, or read what an earlier run left in `folder`.

    Args:
        tokenizer: fast.
        text: what to read.
        folder: of the model; what is cut lies in a folder of its own below it.
        limit: sentences of each language, its first ones; 0 takes all.
        dev_sentences: of these, evenly spaced, that are set apart.
        progress: told the share of languages that are done.

    Raises:
        ValueError: a language has no text but for what is set apart.
    """
    home = folder / FOLDER
    key = _key(tokenizer, text, limit, dev_sentences)
    if home.exists() and _noted(home) != key:
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / "key.json").write_text(json.dumps(key), encoding="utf-8")
    train, dev = {}, {}
    for done, language in enumerate(text.languages):
        progress(done / len(text.languages), f"Cutting {find(language).name} into subwords")
        if not (home / f"{language}.train.ends.npy").exists():
            trained, held = set_apart(list(islice(text.lines(language), limit or None)), dev_sentences)
            _write(home, f"{language}.dev", pool_of(tokenizer, held))
            _write(home, f"{language}.train", pool_of(tokenizer, trained))
        train[language], dev[language] = _read(home, f"{language}.train"), _read(home, f"{language}.dev")
        if not len(train[language].ids):
            raise ValueError(
                f"There is no text to train on in {find(language).name} ({language}): {len(dev[language]):,} of its "
                f"sentences are set apart, and none with a subword is left. Add text, or leave the language out."
            )
    return PreparedText(train, dev)


def forget_prepared_text(folder: Path) -> None:
    """Delete what `prepare_text` kept in a model's folder."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def set_apart(lines: Sequence[str], dev_sentences: int) -> tuple[list[str], list[str]]:
    """Sentences to train on, and `dev_sentences` evenly spaced ones (or all there are) to measure on."""
    held = set(np.linspace(0, len(lines) - 1, min(dev_sentences, len(lines))).round().astype(int).tolist())
    return [line for row, line in enumerate(lines) if row not in held], [lines[row] for row in sorted(held)]


def pool_of(tokenizer: Any, sentences: Sequence[str]) -> Pool:
    """Sentences in subwords, without special tokens."""
    rows: list[Any] = list(_cut(tokenizer, sentences))
    return Pool.of(rows)


def _cut(tokenizer: Any, sentences: Sequence[str]) -> Iterator[np.ndarray]:
    for first in range(0, len(sentences), CHUNK):
        part = list(sentences[first : first + CHUNK])
        for encoding in tokenizer.backend_tokenizer.encode_batch_fast(part, add_special_tokens=False):
            yield np.array(encoding.ids, np.int32)


def _key(tokenizer: Any, text: TextFolder | TextTable, limit: int, dev_sentences: int) -> dict[str, Any]:
    subwords = hashlib.sha256(tokenizer.backend_tokenizer.to_str().encode()).hexdigest()
    return {"tokenizer": subwords, "text": text.digest, "limit": limit, "dev_sentences": dev_sentences}


def _noted(home: Path) -> Any:
    try:
        return json.loads((home / "key.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _write(home: Path, name: str, pool: Pool) -> None:
    """Both arrays of a pool; a name stands only once its file is whole, the ends last."""
    for part in ("ids", "ends"):
        path = home / f"{name}.{part}.npy"
        with path.with_suffix(".partial").open("wb") as file:
            np.save(file, getattr(pool, part), allow_pickle=False)
        path.with_suffix(".partial").replace(path)


def _read(home: Path, name: str) -> Pool:
    ends = np.load(home / f"{name}.ends.npy", allow_pickle=False)
    return Pool(np.load(home / f"{name}.ids.npy", mmap_mode="r" if len(ends) else None, allow_pickle=False), ends)
